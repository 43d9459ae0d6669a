//! Does what the plan says, in its order.

use super::{
    api::NewIssue,
    client::GithubClient,
    errors::Failure,
    find, labels,
    marker::Marker,
    model::Issue,
    plan::{Action, duplicate_event},
    settings::IssueSettings,
};
use crate::{
    error::{Error, Result},
    report::Warning,
};

/// Most times that one creation or comment is tried whose answer got lost.
const MOST_TRIES: u32 = 3;

/// Carries actions out.
pub(super) struct Apply<'a> {
    pub client: &'a GithubClient,
    pub settings: &'a IssueSettings,
    pub marker: &'a Marker,
    /// The issue that comments go to is locked.
    pub locked: bool,
    pub warnings: Vec<Warning>,
    /// What was created.
    pub created: Option<Issue>,
}

impl Apply<'_> {
    /// Carries out all actions.
    ///
    /// # Errors
    /// The first write that fails; what comes after it is left to the next run.
    pub(super) async fn all(&mut self, actions: Vec<Action>) -> Result<()> {
        for action in actions {
            self.one(action).await?;
        }
        Ok(())
    }

    async fn one(&mut self, action: Action) -> Result<()> {
        let client = self.client;
        match action {
            Action::EnsureLabel(name) => {
                let done = self.ensure_label(&name).await;
                self.label_or_warn(&name, done);
            }
            Action::AddLabel(number, name) => {
                let done = client.add_label(number, &name).await;
                self.label_or_warn(&name, done);
            }
            Action::RemoveLabel(number, name) => {
                let done = client.remove_label(number, &name).await;
                self.label_or_warn(&name, done);
            }
            Action::Create(new) => self.created = Some(self.create(new).await?),
            Action::Change(number, change) => client
                .change(number, &change)
                .await
                .map_err(|failure| about_issue(&failure, &format!("changing issue #{number}")))?,
            Action::Comment { number, event, text } => self.comment(number, &event, &text).await?,
            Action::Retire { number, kept, body, text } => {
                self.retire(number, kept, body, &text).await?;
            }
        }
        Ok(())
    }

    async fn ensure_label(&self, name: &str) -> Result<(), Failure> {
        if self.client.has_label(name).await? {
            return Ok(());
        }
        let appearance = labels::appearance(&self.settings.labels, name);
        self.client.create_label(name, appearance).await
    }

    /// An issue without its label is still true; it is found by its author then.
    fn label_or_warn(&mut self, name: &str, done: Result<(), Failure>) {
        if let Err(failure) = done {
            let error = failure.about(&format!("setting the label `{}`", name.escape_debug()));
            let mut warning = Warning::new("label", error.to_string());
            warning.hint = error.hints().first().cloned();
            self.warnings.push(warning);
        }
    }

    async fn create(&mut self, mut new: NewIssue) -> Result<Issue> {
        let what = format!("creating an issue in {}", self.client.repository());
        let mut tries = 1;
        loop {
            let failure = match self.client.create(&new).await {
                Ok(issue) => return Ok(issue),
                Err(failure) => failure,
            };
            if failure.refuses_assignees() && !new.assignees.is_empty() {
                self.warnings.push(
                    Warning::new(
                        "assignees",
                        format!("GitHub refuses the assignees {}", quoted(&new.assignees)),
                    )
                    .hint("only people with access to the repository can be assigned: check --issue-assignees"),
                );
                new.assignees.clear();
                continue;
            }
            if failure.did_nothing() || tries >= MOST_TRIES {
                return Err(about_issue(&failure, &what));
            }
            // The answer got lost: two issues would be worse than a moment's wait.
            self.client.rest(tries).await;
            let mut found = find::open(self.client, self.marker, self.settings).await?.ours;
            if found.is_empty() {
                let earlier = find::earlier(self.client, self.marker, self.settings).await?;
                found.extend(earlier.ours.into_iter().filter(Issue::is_open));
            }
            if let Some(issue) = found.pop() {
                return Ok(issue);
            }
            tries += 1;
        }
    }

    async fn comment(&mut self, number: u64, event: &str, text: &str) -> Result<()> {
        let what = format!("commenting on issue #{number}");
        let mut tries = 1;
        loop {
            let Err(failure) = self.client.comment(number, text).await else { return Ok(()) };
            if failure.is_locked() || (self.locked && failure.status() == Some(403)) {
                self.warnings.push(
                    Warning::new(
                        "locked-issue",
                        format!("issue #{number} is locked: its body is up to date, but nobody was notified"),
                    )
                    .hint("unlock the issue, or let an account with write access publish"),
                );
                return Ok(());
            }
            if failure.did_nothing() || tries >= MOST_TRIES {
                return Err(about_issue(&failure, &what));
            }
            self.client.rest(tries).await;
            if self.is_told(number, event).await? {
                return Ok(());
            }
            tries += 1;
        }
    }

    async fn retire(&mut self, number: u64, kept: u64, body: String, text: &str) -> Result<()> {
        let event = duplicate_event(kept);
        // An earlier run may have ended between the comment and the closing.
        if !self.is_told(number, &event).await? {
            self.comment(number, &event, text).await?;
        }
        self.client
            .close_as_duplicate(number, body)
            .await
            .map_err(|failure| about_issue(&failure, &format!("closing issue #{number}")))
    }

    async fn is_told(&self, number: u64, event: &str) -> Result<bool> {
        let comments = self.client.comments(number, None).await.map_err(|failure| {
            about_issue(&failure, &format!("listing the comments of issue #{number}"))
        })?;
        Ok(find::tells(&comments, event, self.settings))
    }
}

fn about_issue(failure: &Failure, what: &str) -> Error {
    let error = failure.about(what);
    match failure.status() {
        Some(404 | 410) if what.contains('#') => error
            .hint("if the issue was deleted or transferred meanwhile, the next run creates one"),
        _ => error,
    }
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> =
        names.iter().map(|name| format!("`{}`", name.escape_debug())).collect();
    names.join(", ")
}
