//! Whether everything a run needs is there: tools, tazuna.yaml, cluster, token, templates.

mod tools;

use std::{ffi::OsString, path::PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    error::Error,
    project::{self, LoadRequest, Project},
    publish::github::{ClientSettings, GithubClient, RepositoryName},
    render::Templates,
    state::{
        cluster::{Cluster, ClusterOptions},
        folder,
    },
};

/// What is looked at.
pub struct DoctorRequest {
    /// The tazuna.yaml.
    pub file: PathBuf,
    /// `-e/--environment`.
    pub environment: Option<String>,
    /// Where State is.
    pub state: StatePlace,
    /// `--kustomize-command`.
    pub kustomize_command: Option<String>,
    /// `--tazuna-command`.
    pub tazuna_command: Option<String>,
    /// `--template-dir`.
    pub template_dir: Option<PathBuf>,
    /// How GitHub is spoken to, and about which repository; `None` without a token.
    pub github: Option<(ClientSettings, RepositoryName)>,
    /// The value of PATH.
    pub search_path: Option<OsString>,
    /// The time.
    pub now: Timestamp,
}

/// Where State is.
pub enum StatePlace {
    /// In a cluster: one that was found, or why none was. The name is what
    /// `context_matches` looks at.
    Cluster(Result<Cluster, Error>),
    /// In exported ConfigMaps.
    Folder(PathBuf),
}

impl StatePlace {
    /// The cluster that kubectl's rules lead to.
    pub fn cluster(options: &ClusterOptions) -> Self {
        Self::Cluster(Cluster::connect(options))
    }
}

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// As it should be.
    Ok,
    /// A run works, but not in every way.
    Warn,
    /// A run fails.
    Fail,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// What was looked at, a stable word.
    pub part: &'static str,
    /// How it is.
    pub status: Health,
    /// What was seen.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Finding {
    fn new(part: &'static str, status: Health, message: impl Into<String>) -> Self {
        Self { part, status, message: message.into(), next: None }
    }

    fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    fn failed(part: &'static str, error: &Error) -> Self {
        let next = error.hints().first().cloned();
        Self { part, status: Health::Fail, message: error.to_string(), next }
    }
}

/// Looks at everything; nothing that is found keeps it from looking at the rest.
pub async fn doctor(request: &DoctorRequest) -> Vec<Finding> {
    let load = LoadRequest { file: request.file.clone(), environment: request.environment.clone() };
    let project = project::load(&load);
    let mut findings = tools::look(request, project.as_ref().ok()).await;
    findings.push(match &project {
        Ok(project) => config(project),
        Err(error) => Finding::failed("config", error),
    });
    state(request, project.as_ref().ok(), &mut findings).await;
    findings.push(github(request).await);
    findings.push(match Templates::load(request.template_dir.as_deref()) {
        Ok(_) => Finding::new("templates", Health::Ok, "every template loads"),
        Err(error) => Finding::failed("templates", &error),
    });
    findings
}

fn config(project: &Project) -> Finding {
    let count = project.manifests.len();
    let faults = project.manifests.iter().filter(|manifest| manifest.fault.is_some()).count();
    let file = project.file.display();
    if faults > 0 {
        let message = format!("{file}: {faults} of {count} Manifests cannot be compared");
        return Finding::new("config", Health::Warn, message)
            .next("`tazuna-drift diff --format json` says why for each");
    }
    if !project.warnings.is_empty() {
        let first = &project.warnings[0].message;
        let message = format!("{file} declares {count} Manifests, with warnings: {first}");
        return Finding::new("config", Health::Warn, message);
    }
    Finding::new("config", Health::Ok, format!("{file} declares {count} Manifests"))
}

async fn state(request: &DoctorRequest, project: Option<&Project>, findings: &mut Vec<Finding>) {
    let cluster = match &request.state {
        StatePlace::Folder(path) => {
            findings.push(match folder::read(path) {
                Ok(state) => found(state.manifests.len()),
                Err(error) => Finding::failed("state", &error),
            });
            return;
        }
        StatePlace::Cluster(Err(error)) => {
            findings.push(Finding::failed("cluster", error));
            return;
        }
        StatePlace::Cluster(Ok(cluster)) => cluster,
    };
    findings.push(context(cluster, project));
    match cluster.may_list_state().await {
        Ok(true) => {
            findings.push(Finding::new("cluster", Health::Ok, reached(cluster)));
            let message = "these credentials may list ConfigMaps in `tazuna`";
            findings.push(Finding::new("rights", Health::Ok, message));
        }
        Ok(false) => {
            findings.push(Finding::new("cluster", Health::Ok, reached(cluster)));
            let message = "these credentials may not list ConfigMaps in `tazuna`";
            findings.push(
                Finding::new("rights", Health::Fail, message)
                    .next("`kubectl apply -f deploy/rbac.yaml` gives a ServiceAccount the right"),
            );
            return;
        }
        Err(error) => {
            findings.push(Finding::failed("cluster", &error));
            return;
        }
    }
    findings.push(match cluster.read_state().await {
        Ok(state) => found(state.manifests.len()),
        Err(error) => Finding::failed("state", &error),
    });
}

fn reached(cluster: &Cluster) -> String {
    match &cluster.context().server {
        Some(server) => format!("{server} answers"),
        None => "the cluster answers".to_owned(),
    }
}

fn found(count: usize) -> Finding {
    if count == 0 {
        return Finding::new(
            "state",
            Health::Warn,
            "there is no State yet: all would read `added`",
        )
        .next("`tazuna apply --sync` writes it; if it should be there, check the cluster");
    }
    Finding::new("state", Health::Ok, format!("State of {count} Manifests can be read"))
}

fn context(cluster: &Cluster, project: Option<&Project>) -> Finding {
    let name = cluster.context().name.as_deref();
    let shown = name.unwrap_or("without a name");
    let Some(rule) = project.and_then(|project| project.context_rule.as_ref()) else {
        return Finding::new("context", Health::Ok, format!("the context is {shown}"));
    };
    let Some(name) = name else {
        let message = "context_matches cannot be checked: there is no context name here";
        return Finding::new("context", Health::Warn, message).next("name it with --context-name");
    };
    match rule.refusal(name) {
        Ok(None) => Finding::new("context", Health::Ok, format!("context_matches allows {name}")),
        Ok(Some(refusal)) => {
            Finding { next: refusal.hint, ..Finding::new("context", Health::Fail, refusal.message) }
        }
        Err(error) => Finding::failed("context", &error),
    }
}

/// A schedule of a public repository ends after 60 days without a push; so many days
/// before that is time to say so.
const QUIET_DAYS: i32 = 45;

async fn github(request: &DoctorRequest) -> Finding {
    let Some((settings, repository)) = &request.github else {
        let message = "no token and repository: no issue can be written from here";
        return Finding::new("github", Health::Warn, message)
            .next("set GITHUB_TOKEN and name the repository with --issue-repo owner/name");
    };
    let rights = async { GithubClient::connect(settings, repository).await?.rights().await };
    let rights = match rights.await {
        Ok(rights) => rights,
        Err(error) => return Finding::failed("github", &error),
    };
    let finding =
        |status, message: &str| Finding::new("github", status, format!("{repository}: {message}"));
    if rights.archived {
        return finding(Health::Fail, "it is archived, and nothing can be written")
            .next("name another repository with --issue-repo");
    }
    if !rights.has_issues {
        return finding(Health::Fail, "its issues are switched off")
            .next("switch them on in its settings, or name another one with --issue-repo");
    }
    if rights.may_write == Some(false) {
        return finding(Health::Warn, "the token sees it, and may not write issues as far as told")
            .next("in a workflow: `permissions: {issues: write}`");
    }
    let quiet = rights.pushed_at.map(|pushed| (request.now - pushed).get_hours() / 24);
    if rights.public && quiet.is_some_and(|days| days >= QUIET_DAYS) {
        return finding(Health::Warn, "no push for 45 days: GitHub ends schedules after 60")
            .next("push something, or switch the workflow on again once GitHub has ended it");
    }
    match rights.may_write {
        Some(_) => finding(Health::Ok, "the token may write issues"),
        None => finding(Health::Ok, "the token sees it; its rights show with the first run"),
    }
}
