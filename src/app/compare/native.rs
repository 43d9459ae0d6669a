//! The comparison this program makes itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use super::{CompareRequest, Phases, StateRequest, check_context, unstable};
use crate::{
    build::{BuildOptions, Built, Progress, build_all, needs_kubernetes},
    diff::diff,
    domain::KubeFacts,
    error::Result,
    insight::orphans,
    project::{Fault, Manifest, Project, Selected},
    report::{ManifestOutcome, ManifestReport, Ownership, Reason, ReasonCode, Report, Warning},
    repository::{self, Repo},
    state::{
        ManifestState, State,
        cluster::{Cluster, ClusterOptions},
        folder,
    },
};

/// What is compared.
pub(super) struct Plan<'a> {
    pub(super) request: &'a CompareRequest,
    pub(super) project: &'a Project,
    pub(super) selected: &'a Selected<'a>,
    pub(super) git: Option<&'a Repo>,
}

/// Reads State while the Manifests build, then compares.
pub(super) async fn native(
    plan: &Plan<'_>,
    state: &StateRequest,
    build: &BuildOptions,
    progress: &dyn Progress,
    report: &mut Report,
    phases: &mut Phases,
) -> Result<()> {
    let cluster = match state {
        StateRequest::Folder(_) => None,
        StateRequest::Cluster { context } => {
            let options = ClusterOptions {
                context: context.clone(),
                context_name: plan.request.context_name.clone(),
            };
            let cluster = Cluster::connect(&options)?;
            report.context = cluster.context().clone();
            Some(cluster)
        }
    };
    check_context(plan.request, plan.project, report)?;
    if report.refused.is_some() {
        return Ok(());
    }

    let read_state = async {
        let begun = Instant::now();
        let state = match (&cluster, state) {
            (Some(cluster), _) => cluster.read_state().await?,
            (None, StateRequest::Folder(path)) => folder::read(path)?,
            (None, StateRequest::Cluster { .. }) => unreachable!("a cluster is connected above"),
        };
        Ok((state, begun.elapsed()))
    };
    let manifests = &plan.selected.manifests;
    let root = &plan.project.root;
    let build = async {
        let begun = Instant::now();
        let mut options = build.clone();
        if needs_kubernetes(manifests) {
            options.kubernetes = kubernetes(cluster.as_ref()).await;
        }
        let results = build_all(root, manifests, &options, progress).await;
        Ok((results, options, begun.elapsed()))
    };
    // State that cannot be read ends the run at once; dropping the Build ends its tools.
    let ((state, state_took), (built, options, build_took)) = tokio::try_join!(read_state, build)?;
    phases.add("state", state_took);
    phases.add("build", build_took);

    phases.time("diff", || {
        let pairs = manifests.iter().zip(&built.built);
        report.manifests =
            pairs.map(|(manifest, built)| compare_one(manifest, built, &state)).collect();
    });
    let begun = Instant::now();
    let reports = &mut report.manifests;
    if unstable::set_apart(root, manifests, &options, &built.built, reports).await {
        phases.add("unstable", begun.elapsed());
        report.warnings.extend(unstable::warnings(reports));
    }
    add_orphans(plan, &state, report);
    if cluster.is_none() && needs_kubernetes(manifests) {
        report.warnings.push(assumed_kubernetes());
    }
    report.warnings.extend(built.built.iter().flat_map(|built| built.extras.warnings.clone()));
    report.tools = built.tools;
    report.source.state = Some(state.source);
    report.warnings.extend(state.warnings);
    Ok(())
}

/// What charts are rendered for; `None` where there is no cluster to ask.
async fn kubernetes(cluster: Option<&Cluster>) -> Option<Result<KubeFacts, Reason>> {
    let known = cluster?.discover().await.map_err(|problem| {
        let message = format!("the cluster does not say which Kubernetes it is: {problem}");
        Reason::new(ReasonCode::Other, message).hint(
            "every user may ask that by default (ClusterRole system:discovery); \
             `helmfile.kubeVersion` makes it unnecessary",
        )
    });
    Some(known)
}

fn assumed_kubernetes() -> Warning {
    let version = KubeFacts::ASSUMED_VERSION;
    let message = format!(
        "without a cluster, charts were rendered for Kubernetes {version} and the API versions \
         that Helm assumes"
    );
    Warning::new("assumed-kubernetes", message)
        .hint("charts that ask for versions may differ; `helmfile.kubeVersion` says which to use")
}

fn compare_one(manifest: &Manifest, built: &Built, state: &State) -> ManifestReport {
    let state = state.manifests.get(&manifest.name);
    let (outcome, reason, objects, entries) = match (&manifest.fault, &built.objects, state) {
        (Some(Fault::Skipped(reason)), ..) => {
            (ManifestOutcome::Skipped, Some(reason.clone()), None, Vec::new())
        }
        (Some(Fault::Failed(reason)), ..) | (None, Err(reason), _) => {
            (ManifestOutcome::Failed, Some(reason.clone()), None, Vec::new())
        }
        (None, Ok(objects), Some(ManifestState { entries: Err(damage), .. })) => {
            let reason = Reason::new(ReasonCode::DamagedState, damage.to_string()).hint(
                "apply this Manifest again with `tazuna apply --sync`, which rewrites its State",
            );
            (ManifestOutcome::Failed, Some(reason), Some(objects.len()), Vec::new())
        }
        (None, Ok(objects), Some(ManifestState { entries: Ok(entries), .. })) => {
            (ManifestOutcome::Compared, None, Some(objects.len()), diff(objects, entries))
        }
        (None, Ok(objects), None) => {
            let entries = diff(objects, &BTreeMap::new());
            (ManifestOutcome::Compared, None, Some(objects.len()), entries)
        }
    };
    ManifestReport {
        outcome,
        reason,
        artifact: built.extras.artifact.clone(),
        objects,
        state: state.map(|state| state.metadata.clone()),
        entries,
        build_millis: manifest
            .fault
            .is_none()
            .then(|| u64::try_from(built.took.as_millis()).unwrap_or(u64::MAX)),
        ..manifest.declared()
    }
}

/// Adds the State that no Manifest declares, judged by the commits this repository knows.
fn add_orphans(plan: &Plan<'_>, state: &State, report: &mut Report) {
    let declared: BTreeSet<&str> =
        plan.project.manifests.iter().map(|manifest| manifest.name.as_str()).collect();
    let (own, alien): (Vec<_>, Vec<_>) =
        state.manifests.iter().partition(|(name, _)| declared.contains(name.as_str()));
    if alien.is_empty() {
        return;
    }
    let commit = |(_, state): &(&String, &'_ ManifestState)| state.metadata.git_commit_hash.clone();
    let own: Vec<String> = own.iter().filter_map(commit).collect();
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let alien: Vec<String> = alien.iter().filter_map(commit).collect();
    let asked: Vec<&str> = own.iter().copied().chain(alien.iter().map(String::as_str)).collect();
    let known = plan.git.map(|repo| repo.knows_commits(&asked)).unwrap_or_default();
    let shallow = plan.git.is_some_and(|repo| repo.facts.shallow);
    let ownership = |commit: Option<&str>| -> Ownership {
        repository::ownership(commit, &known, &own, shallow, plan.git.is_some())
    };
    let orphans = orphans::find(state, &declared, &plan.request.orphans, ownership);
    report.manifests.extend(orphans.reports);
    report.warnings.extend(orphans.warnings);
}
