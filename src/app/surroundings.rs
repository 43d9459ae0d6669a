//! What the environment of a run says: time, CI and repository, read once at the border.

use jiff::Timestamp;

use crate::report::{Repository, WorkflowRun};

/// Facts from outside that a Report carries. The pure parts get them as values.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// When the run began.
    pub now: Timestamp,
    /// The workflow run, in GitHub Actions.
    pub run: Option<WorkflowRun>,
    /// What GitHub Actions says of the repository; see [`Surroundings::complete`].
    pub repository: Option<Repository>,
    /// The repository's default branch, as the event that started the workflow says it.
    pub default_branch: Option<String>,
    /// Whether this is a job of GitHub Actions.
    pub in_actions: bool,
}

impl Surroundings {
    /// Those of this process, now.
    pub fn of_process() -> Self {
        let variable = |name: &str| std::env::var(name).ok();
        let mut surroundings = Self::read(Timestamp::now(), variable);
        let event = variable("GITHUB_EVENT_PATH").and_then(|path| std::fs::read(path).ok());
        surroundings.default_branch = event.and_then(|event| default_branch(&event));
        surroundings
    }

    /// Reads them through `variable`, which answers as [`std::env::var`] would, with
    /// empty values as absent.
    ///
    /// Source of the names: GitHub's documentation of default environment variables.
    pub fn read(now: Timestamp, variable: impl Fn(&str) -> Option<String>) -> Self {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        if variable("GITHUB_ACTIONS").as_deref() != Some("true") {
            return Self {
                now,
                run: None,
                repository: None,
                default_branch: None,
                in_actions: false,
            };
        }
        let server_url =
            variable("GITHUB_SERVER_URL").map(|url| url.trim_end_matches('/').to_owned());
        let name = variable("GITHUB_REPOSITORY");
        let run = variable("GITHUB_RUN_ID").map(|id| WorkflowRun {
            url: server_url
                .as_ref()
                .zip(name.as_ref())
                .map(|(server, name)| format!("{server}/{name}/actions/runs/{id}")),
            id: variable("GITHUB_RUN_NUMBER").unwrap_or(id),
            event: variable("GITHUB_EVENT_NAME"),
            workflow: variable("GITHUB_WORKFLOW"),
        });
        let repository = Repository {
            name,
            server_url,
            commit: variable("GITHUB_SHA"),
            git_ref: variable("GITHUB_REF"),
            shallow: false,
        };
        Self { now, run, repository: Some(repository), default_branch: None, in_actions: true }
    }

    /// What git says, completed by what GitHub Actions says.
    ///
    /// The commit is git's: a workflow may check out another commit, or another
    /// repository, than the one that started it. So name and ref of the workflow count
    /// only where git's own remote does not say otherwise.
    pub fn complete(&self, git: Option<Repository>) -> Option<Repository> {
        let Some(mut git) = git else {
            return self.repository.clone();
        };
        if let Some(workflow) = &self.repository {
            let same = git.name.is_none() || git.name == workflow.name;
            if same {
                git.name = git.name.or_else(|| workflow.name.clone());
                git.server_url = workflow.server_url.clone().or(git.server_url);
                if git.commit.is_none() || git.commit == workflow.commit {
                    git.commit = git.commit.or_else(|| workflow.commit.clone());
                    git.git_ref = workflow.git_ref.clone().or(git.git_ref);
                }
            }
        }
        Some(git)
    }
}

/// `repository.default_branch` of a workflow event's payload.
fn default_branch(event: &[u8]) -> Option<String> {
    let event: serde_json::Value = serde_json::from_slice(event).ok()?;
    Some(event["repository"]["default_branch"].as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_actions(name: &str) -> Option<String> {
        let value = match name {
            "GITHUB_ACTIONS" => "true",
            "GITHUB_SERVER_URL" => "https://github.example.com",
            "GITHUB_REPOSITORY" => "acme/infra",
            "GITHUB_RUN_ID" => "99",
            "GITHUB_RUN_NUMBER" => "7",
            "GITHUB_EVENT_NAME" => "schedule",
            "GITHUB_SHA" => "aaaa",
            "GITHUB_REF" => "refs/heads/main",
            _ => "",
        };
        Some(value.to_owned())
    }

    #[test]
    fn a_workflow_run_is_named_by_its_number_and_linked_by_its_id() {
        let run = Surroundings::read(Timestamp::UNIX_EPOCH, in_actions).run.unwrap();
        assert_eq!(run.id, "7");
        assert_eq!(
            run.url.as_deref(),
            Some("https://github.example.com/acme/infra/actions/runs/99")
        );
        assert_eq!(run.workflow, None);
    }

    #[test]
    fn another_repository_checked_out_is_not_given_the_workflows_name() {
        let surroundings = Surroundings::read(Timestamp::UNIX_EPOCH, in_actions);
        let git = Repository {
            name: Some("acme/platform".into()),
            commit: Some("bbbb".into()),
            ..Repository::default()
        };
        let repository = surroundings.complete(Some(git)).unwrap();
        assert_eq!(repository.name.as_deref(), Some("acme/platform"));
        assert_eq!(repository.git_ref, None);

        let git = Repository { commit: Some("aaaa".into()), ..Repository::default() };
        let repository = surroundings.complete(Some(git)).unwrap();
        assert_eq!(repository.name.as_deref(), Some("acme/infra"));
        assert_eq!(repository.git_ref.as_deref(), Some("refs/heads/main"));
    }

    #[test]
    fn outside_of_actions_nothing_is_believed() {
        let variable = |name: &str| (name == "GITHUB_REPOSITORY").then(|| "acme/infra".to_owned());
        let surroundings = Surroundings::read(Timestamp::UNIX_EPOCH, variable);
        assert_eq!(surroundings.run, None);
        assert_eq!(surroundings.complete(None), None);
    }
}
