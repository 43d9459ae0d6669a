//! One Report to every place that is switched on. One place failing stops no other.

use std::path::{Path, PathBuf};

use futures::future::BoxFuture;

use super::compare::StateRequest;
use crate::{
    domain::StateKey,
    error::{Error, Result},
    history::{MOST_LOOK_UPS, Presence},
    publish::{
        annotations,
        github::{
            ClientSettings, GithubClient, IssueResult, IssueSettings, LookUp, NoCluster,
            publish_issue,
        },
        outputs, summary,
    },
    render::{self, MarkdownOptions, Templates},
    report::{Report, Warning},
    state::{
        cluster::{self, Cluster, ClusterOptions},
        folder,
    },
};

/// Where a Report goes.
#[derive(Clone, Debug)]
pub struct PublishRequest {
    /// The issue, where it is kept.
    pub issue: Option<IssueRequest>,
    /// Why the issue is not kept although it could be; stands in the summary.
    pub issue_skipped: Option<String>,
    /// The file GitHub Actions shows as the job summary.
    pub summary: Option<PathBuf>,
    /// The file GitHub Actions reads step outputs from.
    pub outputs: Option<PathBuf>,
    /// Whether annotations are printed.
    pub annotations: bool,
    /// Where the JSON report is kept.
    pub report_file: Option<PathBuf>,
    /// Where the Markdown report is kept.
    pub markdown_file: Option<PathBuf>,
}

/// How the issue is kept.
#[derive(Clone, Debug)]
pub struct IssueRequest {
    /// The way to GitHub.
    pub client: ClientSettings,
    /// What the issue is like.
    pub settings: IssueSettings,
    /// Where to ask about entries that are not `removed` any more: whether State holds them
    /// again, and whether their objects still run. `None` where nobody can be asked.
    pub state: Option<StateRequest>,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Published {
    /// What became of the issue.
    pub issue: Option<IssueResult>,
    /// What is to be printed: annotations, the preview of a dry run.
    pub printed: String,
    /// Each place that failed, with why.
    pub failures: Vec<(&'static str, Error)>,
    /// Whether a template of the user's was replaced by the built-in one.
    pub template_failed: bool,
}

/// Tells of a run that failed before there was a Report: in the job summary and as an
/// annotation, for whoever only sees those.
pub fn publish_failure(error: &Error, request: &PublishRequest) -> String {
    if let Some(path) = &request.summary
        && let Err(second) = summary::append(path, &render::failure(error))
    {
        tracing::error!("{}", second.explain());
    }
    if request.annotations { annotations::of_failure(error) + "\n" } else { String::new() }
}

/// Publishes. The issue comes first: what it remembers completes the Report.
///
/// `write` puts a text into a file that appears whole or not at all.
pub async fn publish(
    report: &mut Report,
    request: &PublishRequest,
    templates: &Templates,
    options: MarkdownOptions,
    write: impl Fn(&Path, &str) -> Result<()>,
) -> Published {
    let mut published = Published::default();
    if let Some(reason) = &request.issue_skipped {
        report.warnings.push(Warning::new("issue-not-kept", reason));
    }
    if let Some(issue) = &request.issue {
        match keep_issue(report, issue).await {
            Ok(result) => {
                for problem in render::issue::problems(report, &issue.settings.words) {
                    tracing::error!("{}", problem.explain());
                    published.template_failed = true;
                }
                report.warnings.extend(result.warnings.iter().cloned());
                published.printed.push_str(result.preview.as_deref().unwrap_or_default());
                published.issue = Some(result);
            }
            Err(error) => {
                let message = format!("the issue could not be written: {error}");
                report.warnings.push(Warning::new("issue-not-written", message));
                published.failures.push(("issue", error));
            }
        }
    }

    let rendered = render::markdown(report, templates, options);
    for problem in &rendered.warnings {
        tracing::error!("{}", problem.explain());
    }
    published.template_failed |= !rendered.warnings.is_empty();
    let mut attempt = |place: &'static str, result: Result<()>| {
        if let Err(error) = result {
            published.failures.push((place, error));
        }
    };
    if let Some(path) = &request.report_file {
        attempt("report file", write(path, &render::json(report)));
    }
    if let Some(path) = &request.markdown_file {
        attempt("markdown file", write(path, &rendered.text));
    }
    if let Some(path) = &request.summary {
        // Other commands of the step may have used up some of GitHub's room.
        let room = summary::room(path);
        let text = if rendered.text.len() <= room {
            rendered.text
        } else {
            let options = MarkdownOptions { budget: Some(room), ..options };
            render::markdown(report, templates, options).text
        };
        attempt("job summary", summary::append(path, &text));
    }
    if let Some(path) = &request.outputs {
        let (json, markdown) = (request.report_file.as_deref(), request.markdown_file.as_deref());
        let values = outputs::values(report, published.issue.as_ref(), json, markdown);
        attempt("step outputs", outputs::append(path, &values));
    }
    if request.annotations {
        for command in annotations::commands(report) {
            published.printed.push_str(&command);
            published.printed.push('\n');
        }
    }
    published
}

async fn keep_issue(report: &mut Report, request: &IssueRequest) -> Result<IssueResult> {
    let client = GithubClient::connect(&request.client, &request.settings.repository).await?;
    let asked = match &request.state {
        None => return publish_issue(&client, &request.settings, report, &NoCluster).await,
        Some(StateRequest::Folder(path)) => Asked::Folder(path.clone()),
        Some(StateRequest::Cluster { context }) => {
            let options = ClusterOptions { context: context.clone(), context_name: None };
            Asked::Cluster(Box::new(Cluster::connect(&options)?))
        }
    };
    publish_issue(&client, &request.settings, report, &asked).await
}

/// Where to ask about entries that are not `removed` any more. Nothing is read before a
/// question comes, and most runs have none.
enum Asked {
    Cluster(Box<Cluster>),
    Folder(PathBuf),
}

impl LookUp for Asked {
    fn presence<'a>(&'a self, keys: &'a [StateKey]) -> BoxFuture<'a, Vec<(StateKey, Presence)>> {
        Box::pin(async move {
            if keys.is_empty() {
                return Vec::new();
            }
            let state = match self {
                Self::Cluster(cluster) => cluster.read_state().await,
                Self::Folder(path) => folder::read(path),
            };
            let Ok(state) = state else {
                return keys.iter().map(|key| (key.clone(), Presence::Unknown)).collect();
            };
            // What State still holds is declared again, and no object has to be looked for.
            let held = |key: &StateKey| {
                let manifest = state.manifests.get(key.manifest());
                manifest
                    .is_some_and(|it| it.entries.as_ref().is_ok_and(|rows| rows.contains_key(key)))
            };
            let (tracked, left): (Vec<StateKey>, Vec<StateKey>) =
                keys.iter().cloned().partition(held);
            let mut answers: Vec<(StateKey, Presence)> =
                tracked.into_iter().map(|key| (key, Presence::Tracked)).collect();
            match self {
                Self::Folder(_) => {
                    answers.extend(left.into_iter().map(|key| (key, Presence::NotAllowed)));
                }
                Self::Cluster(cluster) => {
                    let found = cluster.look_up(&left, MOST_LOOK_UPS).await;
                    answers.extend(found.into_iter().map(|(key, is)| (key, translate(&is))));
                }
            }
            answers
        })
    }
}

/// The cluster's answer in the words of the history.
fn translate(presence: &cluster::Presence) -> Presence {
    match presence {
        cluster::Presence::Running => Presence::Running,
        cluster::Presence::Gone => Presence::Gone,
        cluster::Presence::NotAllowed => Presence::NotAllowed,
        cluster::Presence::Unknown(_) => Presence::Unknown,
    }
}
