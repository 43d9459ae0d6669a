//! From tazuna.yaml and State, or from Tazuna's own output, to a Report.

mod native;
mod phases;
mod request;
mod unstable;

use native::native;
use phases::Phases;
pub use request::{CompareRequest, SourceRequest, StateRequest, TazunaRequest};

use super::surroundings::Surroundings;
use crate::{
    build::Progress,
    error::{Error, ErrorKind, Result},
    project::{self, LoadRequest, Manifest, Project, Selected},
    report::{
        ClusterContext, Generator, Report, SCHEMA_VERSION, Selection, Source, SourceKind, Target,
        Totals, Warning,
    },
    repository::{self, Discovery},
    source::{self, SavedOutput},
    state::cluster::{Cluster, ClusterOptions},
};

/// Compares and reports.
///
/// A context that `context_matches` refuses gives a Report with [`Report::refused`] set
/// and nothing compared.
///
/// # Errors
/// Whatever makes the run fail as a whole: tazuna.yaml, State or saved output that cannot
/// be read. What concerns one Manifest stands in the Report instead.
pub async fn compare(
    request: &CompareRequest,
    surroundings: &Surroundings,
    progress: &dyn Progress,
) -> Result<Report> {
    let mut phases = Phases::default();
    let project = phases.time("project", || load(request))?;
    let selected = select(request, project.as_ref())?;
    let git = project.as_ref().map(|project| repository::discover(&project.file));
    let git = git.unwrap_or_default();
    let mut report = begin(request, surroundings, project.as_ref(), &selected, &git);

    match (&request.source, &project) {
        (SourceRequest::Native { state, build }, Some(project)) => {
            let plan =
                native::Plan { request, project, selected: &selected, git: git.repo.as_ref() };
            native(&plan, state, build, progress, &mut report, &mut phases).await?;
        }
        (SourceRequest::Tazuna(options), Some(project)) => {
            tazuna(request, project, &selected, options, &mut report, &mut phases).await?;
        }
        (SourceRequest::Output { text, .. }, project) => {
            let saved = source::output::parse(text)?;
            take_saved(saved, project.as_ref(), &selected, &mut report);
        }
        (_, None) => return Err(no_file()),
    }

    report.totals = Totals::of(&report.manifests);
    report.phases = phases.finish();
    Ok(report)
}

/// Lets the tazuna CLI compare. It follows the kubeconfig's current context.
async fn tazuna(
    request: &CompareRequest,
    project: &Project,
    selected: &Selected<'_>,
    options: &TazunaRequest,
    report: &mut Report,
    phases: &mut Phases,
) -> Result<()> {
    let which = ClusterOptions { context: None, context_name: request.context_name.clone() };
    match Cluster::connect(&which) {
        Ok(cluster) => report.context = cluster.context().clone(),
        // Tazuna will say itself that it finds no cluster.
        Err(error) => report.warnings.push(Warning::new("unknown-context", error.to_string())),
    }
    check_context(request, project, report)?;
    if report.refused.is_some() {
        return Ok(());
    }
    let options = source::tazuna::TazunaOptions {
        file: project.file.clone(),
        environment: request.environment.clone(),
        command: options.command.clone(),
        timeout: options.timeout,
        search_path: options.search_path.clone(),
    };
    let run = phases.time_async("tazuna", source::tazuna::state_diff(&options)).await?;
    for line in &run.log {
        tracing::debug!("tazuna: {line}");
    }
    report.tools.push(run.tool);
    take_saved(run.saved, Some(project), selected, report);
    Ok(())
}

/// Makes Manifests of a Report out of what Tazuna said, with the selection made here:
/// `tazuna state diff` knows no tags.
fn take_saved(
    mut saved: SavedOutput,
    project: Option<&Project>,
    selected: &Selected<'_>,
    report: &mut Report,
) {
    if let Some(project) = project {
        let declared: Vec<&Manifest> = project.manifests.iter().collect();
        saved.select(&declared, &selected.manifests);
        for name in saved.undeclared(&declared) {
            report.warnings.push(
                Warning::new(
                    "undeclared-manifest",
                    format!("the output names `{name}`, which this tazuna.yaml does not declare"),
                )
                .about(name),
            );
        }
    }
    let declared = project.map(|_| selected.manifests.as_slice());
    report.manifests = source::report_manifests(saved, declared);
}

/// Reads tazuna.yaml. Saved output needs none: it is read only where it was named.
fn load(request: &CompareRequest) -> Result<Option<Project>> {
    let file = match (&request.file, &request.source) {
        (Some(file), _) => file.clone(),
        (None, SourceRequest::Output { .. }) => return Ok(None),
        (None, _) => request::DEFAULT_FILE.into(),
    };
    project::load(&LoadRequest { file, environment: request.environment.clone() }).map(Some)
}

fn no_file() -> Error {
    Error::new(ErrorKind::Usage, "there is no tazuna.yaml to compare").hint("name it with -f")
}

fn select<'a>(request: &CompareRequest, project: Option<&'a Project>) -> Result<Selected<'a>> {
    match project {
        Some(project) => Ok(project.select(&request.tags)),
        None if request.tags.is_empty() => {
            Ok(Selected { manifests: Vec::new(), not_selected: 0, warnings: Vec::new() })
        }
        None => Err(Error::new(
            ErrorKind::Usage,
            "--tags selects Manifests of a tazuna.yaml, and saved output alone has none",
        )
        .hint("name the tazuna.yaml with -f")),
    }
}

/// The Report before anything is compared.
fn begin(
    request: &CompareRequest,
    surroundings: &Surroundings,
    project: Option<&Project>,
    selected: &Selected<'_>,
    git: &Discovery,
) -> Report {
    let repo = git.repo.as_ref();
    let repository_path = repo.map(|repo| repo.path.clone());
    let mut tags = request.tags.clone();
    tags.sort_unstable();
    tags.dedup();
    let derived = repository_path
        .as_deref()
        // A folder of exported State says nothing about which cluster it came from.
        .filter(|_| request.source.tells_cluster())
        .map(|path| repository::target_id(path, request.environment.as_deref(), &tags));
    let named = request.target.as_deref().map(repository::named_target);
    let mut warnings = project.map(|project| project.warnings.clone()).unwrap_or_default();
    warnings.extend(selected.warnings.iter().cloned());
    warnings.extend(git.warning.clone());
    Report {
        schema_version: SCHEMA_VERSION,
        generator: Generator::this(),
        target: Target { named: named.is_some(), id: named.or(derived) },
        generated_at: surroundings.now,
        context: ClusterContext { name: request.context_name.clone(), server: None },
        selection: Selection {
            file: project.map(|project| project.file.display().to_string()),
            repository_path,
            environment: request.environment.clone(),
            tags,
            not_selected: selected.not_selected,
        },
        repository: surroundings.complete(repo.map(|repo| repo.facts.clone())),
        run: surroundings.run.clone(),
        source: Source {
            kind: match &request.source {
                SourceRequest::Native { .. } => SourceKind::Native,
                SourceRequest::Tazuna(_) => SourceKind::Tazuna,
                SourceRequest::Output { .. } => SourceKind::Output,
            },
            input: match &request.source {
                SourceRequest::Output { input, .. } => Some(input.clone()),
                SourceRequest::Native { .. } | SourceRequest::Tazuna(_) => None,
            },
            state: None,
        },
        tools: Vec::new(),
        refused: None,
        manifests: Vec::new(),
        totals: Totals::default(),
        history: None,
        warnings,
        phases: Vec::new(),
    }
}

/// Checks the context against `context_matches`, which `tazuna state diff` does not:
/// pointed at the wrong cluster it calls everything `added`.
fn check_context(request: &CompareRequest, project: &Project, report: &mut Report) -> Result<()> {
    let Some(rule) = &project.context_rule else {
        return Ok(());
    };
    let Some(name) = report.context.name.clone() else {
        report.warnings.push(
            Warning::new(
                "context-not-checked",
                "context_matches was not checked: this run has no context name",
            )
            .hint("name it with --context-name"),
        );
        return Ok(());
    };
    let Some(mut refusal) = rule.refusal(&name)? else {
        return Ok(());
    };
    if request.allow_context_mismatch {
        report.warnings.push(Warning::new("context-mismatch", refusal.message));
    } else {
        let hint = refusal.hint.get_or_insert_default();
        hint.push_str("; --allow-context-mismatch overrides");
        report.refused = Some(refusal);
    }
    Ok(())
}
