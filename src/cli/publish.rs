//! The flags that say what is published, shared by `run` and `report`.

use std::{path::PathBuf, sync::Arc};

use clap::{Args, ValueEnum};

use super::{logging::LoggingArgs, output, render::RenderArgs};
use crate::{
    app::{
        compare::StateRequest,
        publish::{IssueRequest, PublishRequest, Published},
        surroundings::Surroundings,
    },
    error::{Error, ErrorKind, Result},
    publish::{
        Permission, When as IssueWhen,
        github::{
            ClientSettings, ClosedIssue, Credentials, IssueSettings, Labels, RepositoryName,
            SecretString,
        },
        when_allowed,
    },
    render::{
        Templates,
        issue::{Detail, IssueOptions},
    },
    report::Report,
};

#[derive(Args, Clone, Debug)]
pub(super) struct PublishArgs {
    /// Writes the job summary [default: auto, which means in GitHub Actions].
    #[arg(long, value_enum, value_name = "WHEN", num_args = 0..=1, require_equals = true,
          default_missing_value = "always", env = "TAZUNA_DRIFT_SUMMARY", help_heading = PUBLISHING)]
    summary: Option<When>,
    /// Prints annotations at the lines of tazuna.yaml [default: auto].
    #[arg(long, value_enum, value_name = "WHEN", num_args = 0..=1, require_equals = true,
          default_missing_value = "always", env = "TAZUNA_DRIFT_ANNOTATIONS", help_heading = PUBLISHING)]
    annotations: Option<When>,
    /// Writes step outputs [default: auto].
    #[arg(long, value_enum, value_name = "WHEN", num_args = 0..=1, require_equals = true,
          default_missing_value = "always", env = "TAZUNA_DRIFT_OUTPUTS", help_heading = PUBLISHING)]
    outputs: Option<When>,
    /// Also writes the JSON report to this file.
    #[arg(long, value_name = "FILE", env = "TAZUNA_DRIFT_REPORT_FILE", help_heading = PUBLISHING)]
    report_file: Option<PathBuf>,
    /// Also writes the Markdown report to this file.
    #[arg(long, value_name = "FILE", env = "TAZUNA_DRIFT_MARKDOWN_FILE", help_heading = PUBLISHING)]
    markdown_file: Option<PathBuf>,

    /// Keeps the issue [default: auto, which means in GitHub Actions with a token, on
    /// schedules, manual runs and pushes to the default branch].
    #[arg(long, value_enum, value_name = "WHEN", num_args = 0..=1, require_equals = true,
          default_missing_value = "always", env = "TAZUNA_DRIFT_ISSUE", help_heading = ISSUE)]
    issue: Option<When>,
    /// Repository of the issue [default: GITHUB_REPOSITORY].
    #[arg(long, value_name = "OWNER/NAME", env = "TAZUNA_DRIFT_ISSUE_REPO", help_heading = ISSUE)]
    issue_repo: Option<String>,
    /// Login whose issues are trusted besides bots and people with write access.
    #[arg(long, value_name = "LOGIN", env = "TAZUNA_DRIFT_ISSUE_AUTHOR", help_heading = ISSUE)]
    issue_author: Option<String>,
    /// How much the issue tells of a failed Manifest.
    #[arg(long, value_enum, default_value_t = DetailName::Full, env = "TAZUNA_DRIFT_ISSUE_DETAIL", help_heading = ISSUE)]
    issue_detail: DetailName,
    /// Labels of the issue. It is found by the first one; the first one with `:removed` is
    /// there while anything is removed.
    #[arg(long, value_name = "LABEL,…", value_delimiter = ',', default_value = "drift",
          env = "TAZUNA_DRIFT_ISSUE_LABELS", help_heading = ISSUE)]
    issue_labels: Vec<String>,
    /// Logins that a new issue is assigned to.
    #[arg(long, value_name = "LOGIN,…", value_delimiter = ',', env = "TAZUNA_DRIFT_ISSUE_ASSIGNEES", help_heading = ISSUE)]
    issue_assignees: Vec<String>,
    /// Template of the issue's title.
    #[arg(long, value_name = "TEMPLATE", env = "TAZUNA_DRIFT_ISSUE_TITLE", help_heading = ISSUE)]
    issue_title: Option<String>,
    /// What becomes of a closed issue when drift is back.
    #[arg(long, value_enum, default_value_t = ClosedIssueName::Reopen, env = "TAZUNA_DRIFT_CLOSED_ISSUE", help_heading = ISSUE)]
    closed_issue: ClosedIssueName,
    /// Prints what would be written to the issue instead of writing it.
    #[arg(long, env = "TAZUNA_DRIFT_DRY_RUN", help_heading = ISSUE)]
    dry_run: bool,
    /// Id of a GitHub App that writes the issue instead of GITHUB_TOKEN.
    #[arg(long, value_name = "ID", env = "TAZUNA_DRIFT_GITHUB_APP_ID", help_heading = ISSUE)]
    github_app_id: Option<u64>,
    /// File with the App's private key (PEM); or the key itself in the environment
    /// variable TAZUNA_DRIFT_GITHUB_APP_PRIVATE_KEY.
    #[arg(long, value_name = "FILE", env = "TAZUNA_DRIFT_GITHUB_APP_PRIVATE_KEY_FILE", help_heading = ISSUE)]
    github_app_private_key_file: Option<PathBuf>,
}

const PUBLISHING: &str = "Publishing";
const ISSUE: &str = "The issue";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum When {
    /// Not at all.
    Never,
    /// Where it makes sense.
    Auto,
    /// In any case.
    Always,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DetailName {
    /// One line a reason.
    Full,
    /// Names alone.
    Names,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ClosedIssueName {
    /// It is opened again.
    Reopen,
    /// A new one is created that links the old.
    Recreate,
}

impl PublishArgs {
    /// Where `run` publishes: in GitHub Actions everywhere, elsewhere where it is asked to.
    pub(super) fn request(
        &self,
        surroundings: &Surroundings,
        render: &RenderArgs,
        templates: &Arc<Templates>,
        state: Option<StateRequest>,
    ) -> Result<PublishRequest> {
        self.request_by(surroundings, render, templates, state, When::Auto)
    }

    /// Where `report` publishes: only where it is asked to; `None` where it is not.
    pub(super) fn request_asked(
        &self,
        surroundings: &Surroundings,
        render: &RenderArgs,
        templates: &Arc<Templates>,
    ) -> Result<Option<PublishRequest>> {
        let request = self.request_by(surroundings, render, templates, None, When::Never)?;
        let nothing = request.issue.is_none()
            && request.issue_skipped.is_none()
            && request.summary.is_none()
            && request.outputs.is_none()
            && !request.annotations
            && request.report_file.is_none()
            && request.markdown_file.is_none();
        Ok((!nothing).then_some(request))
    }

    fn request_by(
        &self,
        surroundings: &Surroundings,
        render: &RenderArgs,
        templates: &Arc<Templates>,
        state: Option<StateRequest>,
        default: When,
    ) -> Result<PublishRequest> {
        let on = |when: Option<When>| match when.unwrap_or(default) {
            When::Never => false,
            When::Auto => surroundings.in_actions,
            When::Always => true,
        };
        let file = |when: Option<When>, variable: &str, flag: &str| -> Result<Option<PathBuf>> {
            match (on(when), environment(variable)) {
                (false, _) => Ok(None),
                (true, Some(path)) => Ok(Some(path.into())),
                (true, None) if when != Some(When::Always) => Ok(None),
                (true, None) => Err(Error::new(
                    ErrorKind::Usage,
                    format!("{flag} writes to the file that {variable} names, and it names none"),
                )
                .hint("GitHub Actions sets it; elsewhere set it yourself, or use --markdown-file")),
            }
        };
        let (issue, issue_skipped) =
            self.issue(surroundings, render, templates, state, self.issue.unwrap_or(default))?;
        Ok(PublishRequest {
            issue,
            issue_skipped,
            summary: file(self.summary, "GITHUB_STEP_SUMMARY", "--summary")?,
            outputs: file(self.outputs, "GITHUB_OUTPUT", "--outputs")?,
            annotations: on(self.annotations),
            report_file: self.report_file.clone(),
            markdown_file: self.markdown_file.clone(),
        })
    }

    /// How the issue is kept, or why it is not.
    fn issue(
        &self,
        surroundings: &Surroundings,
        render: &RenderArgs,
        templates: &Arc<Templates>,
        state: Option<StateRequest>,
        when: When,
    ) -> Result<(Option<IssueRequest>, Option<String>)> {
        if when == When::Never || (when == When::Auto && !surroundings.in_actions) {
            return Ok((None, None));
        }
        if when == When::Auto {
            let run = surroundings.run.as_ref();
            let event = run.and_then(|run| run.event.as_deref());
            let git_ref = surroundings.repository.as_ref().and_then(|r| r.git_ref.as_deref());
            let default_branch = surroundings.default_branch.as_deref();
            let permission = when_allowed(IssueWhen::Auto, event, git_ref, default_branch);
            if let Permission::Skipped(reason) = permission {
                return Ok((None, Some(reason)));
            }
        }
        let Some(credentials) = self.credentials()? else {
            if when == When::Auto {
                let reason = "The issue was not touched: there is no token".to_owned();
                return Ok((None, Some(reason)));
            }
            return Err(Error::new(ErrorKind::Usage, "keeping the issue needs a token")
                .hint("set GITHUB_TOKEN, or give --github-app-id with its private key"));
        };
        let here = surroundings.repository.as_ref().and_then(|r| r.name.clone());
        let here = here.or_else(|| environment("GITHUB_REPOSITORY"));
        let Some(repository) = self.issue_repo.clone().or(here) else {
            return Err(Error::new(
                ErrorKind::Usage,
                "nothing says which repository the issue is in",
            )
            .hint("name it with --issue-repo owner/name"));
        };
        let repository: RepositoryName = repository.parse()?;
        let names = |names: &[String]| -> Vec<String> {
            let names = names.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
            names.map(str::to_owned).collect()
        };
        let settings = IssueSettings {
            repository,
            author: self.issue_author.clone(),
            labels: Labels::from_names(&self.issue_labels)?,
            assignees: names(&self.issue_assignees),
            closed_issue: match self.closed_issue {
                ClosedIssueName::Reopen => ClosedIssue::Reopen,
                ClosedIssueName::Recreate => ClosedIssue::Recreate,
            },
            dry_run: self.dry_run,
            words: IssueOptions {
                detail: match self.issue_detail {
                    DetailName::Full => Detail::Full,
                    DetailName::Names => Detail::Names,
                },
                commands: render.commands(),
                title: self.issue_title.clone(),
                templates: Arc::clone(templates),
                ..IssueOptions::default()
            },
        };
        let client = ClientSettings::new(credentials).with_environment(environment);
        Ok((Some(IssueRequest { client, settings, state }), None))
    }

    fn credentials(&self) -> Result<Option<Credentials>> {
        let Some(id) = self.github_app_id else {
            let token = environment("GITHUB_TOKEN").or_else(|| environment("GH_TOKEN"));
            return Ok(token.map(|token| Credentials::Token(SecretString::from(token))));
        };
        let key = match &self.github_app_private_key_file {
            Some(path) => Some(std::fs::read_to_string(path).map_err(|error| {
                Error::new(ErrorKind::Usage, format!("cannot read {}", path.display()))
                    .hint("it should hold the App's private key (PEM)")
                    .caused_by(error)
            })?),
            None => environment("TAZUNA_DRIFT_GITHUB_APP_PRIVATE_KEY"),
        };
        let Some(key) = key else {
            return Err(Error::new(ErrorKind::Usage, "--github-app-id needs the App's private key")
                .hint("name its file with --github-app-private-key-file, or set TAZUNA_DRIFT_GITHUB_APP_PRIVATE_KEY"));
        };
        Ok(Some(Credentials::App { id, private_key: SecretString::from(key) }))
    }
}

/// A variable of the environment that is there and not empty.
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Tells what came of publishing one Report, and whether any place failed.
pub(super) fn tell(published: &Published, report: &Report, logging: &LoggingArgs) -> Result<bool> {
    logging.tell(report);
    output::to_stdout(&published.printed)?;
    for (place, error) in &published.failures {
        tracing::error!("{place}: {}", error.explain());
    }
    Ok(!published.failures.is_empty())
}
