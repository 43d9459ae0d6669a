//! One run's turn at the issue: find, compare, plan, write.

use futures::future::BoxFuture;

use super::{
    apply::Apply,
    client::GithubClient,
    find,
    hidden::{self, HiddenState},
    marker::Marker,
    model::Issue,
    plan::{Before, IssueAction, Plan, Scene},
    preview::preview,
    settings::IssueSettings,
};
use crate::{
    domain::StateKey,
    error::{Error, ErrorKind, Result},
    history::{self, Past, Presence},
    report::{Report, Warning},
};

/// Answers whether objects are still there: the cluster's room does, not this one.
pub trait LookUp: Sync {
    /// One answer a key; a missing one counts as [`Presence::Unknown`].
    fn presence<'a>(&'a self, keys: &'a [StateKey]) -> BoxFuture<'a, Vec<(StateKey, Presence)>>;
}

/// For a Report that is published where no cluster is: nobody may look.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCluster;

impl LookUp for NoCluster {
    fn presence<'a>(&'a self, keys: &'a [StateKey]) -> BoxFuture<'a, Vec<(StateKey, Presence)>> {
        let answers = keys.iter().map(|key| (key.clone(), Presence::NotAllowed)).collect();
        Box::pin(std::future::ready(answers))
    }
}

/// What became of the issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueResult {
    /// Its number, where there is one.
    pub number: Option<u64>,
    /// Its web address.
    pub url: Option<String>,
    /// What was done; with `--dry-run`, what would be.
    pub action: IssueAction,
    /// What people should know although it went well.
    pub warnings: Vec<Warning>,
    /// With `--dry-run`: what would be written, for a terminal.
    pub preview: Option<String>,
}

/// Makes the target's issue say what the Report says. The Report's history and its
/// entries' first-seen times are filled in from what the issue remembers, so publish the
/// issue before anything else is rendered.
///
/// # Errors
/// No target to publish for (kind usage), or a request that GitHub refuses or that does
/// not get through (kind publish). The issue may then be half written; the next run takes
/// up where this one ended.
pub async fn publish_issue(
    client: &GithubClient,
    settings: &IssueSettings,
    report: &mut Report,
    look_up: &dyn LookUp,
) -> Result<IssueResult> {
    if let Some(reason) = nothing_to_say(report) {
        return Ok(untouched(None, reason, Vec::new()));
    }
    let target = report.target.id.as_deref().filter(|id| !id.is_empty()).ok_or_else(|| {
        Error::new(ErrorKind::Usage, "nothing says which target the issue is about")
            .hint("name it with --target: the place of tazuna.yaml in a repository is not known")
    })?;
    let marker = Marker::new(target, &report.context);
    let mut found = find::open(client, &marker, settings).await?;
    if found.ours.is_empty() && found.other_cluster.is_none() && report.has_drift() {
        let earlier = find::earlier(client, &marker, settings).await?;
        found.other_cluster = earlier.other_cluster;
        found.ours = latest(earlier.ours);
        for warning in earlier.warnings {
            if !found.warnings.contains(&warning) {
                found.warnings.push(warning);
            }
        }
    }
    if found.ours.is_empty()
        && let Some((issue, its)) = &found.other_cluster
    {
        let reason = format!(
            "issue #{} is about the same target on another cluster ({}, this run looked at {})",
            issue.number,
            its.cluster(),
            marker.cluster()
        );
        found.warnings.push(
            Warning::new("other-cluster", format!("{reason}: nothing was published"))
                .hint("give each cluster its own --target"),
        );
        return Ok(untouched(Some(issue), reason, found.warnings));
    }
    let mut turn = Turn { client, settings, marker, warnings: found.warnings };
    turn.take(report, &found.ours, look_up).await
}

/// Why a Report says nothing about the target.
fn nothing_to_say(report: &Report) -> Option<String> {
    if let Some(refusal) = &report.refused {
        return Some(format!("nothing was compared: {}", refusal.message));
    }
    report.lacks_state().then(|| "the cluster holds no State at all".to_owned())
}

/// All open ones, or the closed one that was created last.
fn latest(issues: Vec<Issue>) -> Vec<Issue> {
    let (open, mut closed): (Vec<Issue>, Vec<Issue>) = issues.into_iter().partition(Issue::is_open);
    if open.is_empty() { closed.pop().into_iter().collect() } else { open }
}

fn untouched(issue: Option<&Issue>, reason: String, warnings: Vec<Warning>) -> IssueResult {
    IssueResult {
        number: issue.map(|issue| issue.number),
        url: issue.map(|issue| issue.html_url.clone()),
        action: IssueAction::Untouched(reason),
        warnings,
        preview: None,
    }
}

struct Turn<'a> {
    client: &'a GithubClient,
    settings: &'a IssueSettings,
    marker: Marker,
    warnings: Vec<Warning>,
}

impl Turn<'_> {
    async fn take(
        &mut self,
        report: &mut Report,
        issues: &[Issue],
        look_up: &dyn LookUp,
    ) -> Result<IssueResult> {
        let issue = issues.first();
        let state = issue.map(|issue| self.remembered(issue));
        if state.is_none() && !report.has_drift() {
            // Nobody was told of any drift, so nobody needs to hear that there is none.
            return self
                .write(Plan { actions: Vec::new(), outcome: IssueAction::Nothing }, &[])
                .await;
        }
        let past = state.as_ref().map(|state| &state.past);
        let presence = match past.map(|past| history::to_look_up(report, past)) {
            Some(keys) if !keys.is_empty() => look_up.presence(&keys).await,
            _ => Vec::new(),
        };
        let news = history::compare(report, past, &presence);
        let scene = Scene { settings: self.settings, report, news, marker: &self.marker };
        let (Some(issue), Some(state)) = (issue, &state) else {
            let plan = scene.create(None)?;
            return self.write(plan, &[]).await;
        };
        let posted = match &state.pending {
            Some(event) => find::is_posted(self.client, issue.number, event, self.settings).await?,
            None => false,
        };
        let before = Before { issue, state, posted };
        let mut plan =
            if issue.is_open() { scene.open(&before)? } else { scene.closed(&before)? };
        for other in &issues[1..] {
            plan.actions.push(scene.retire(other, issue.number));
            self.warnings.push(Warning::new(
                "duplicate-issue",
                format!("issue #{} was a duplicate of #{}", other.number, issue.number),
            ));
        }
        self.write(plan, issues).await
    }

    /// What the issue's hidden state says; afresh where it is damaged.
    fn remembered(&mut self, issue: &Issue) -> HiddenState {
        let why = match hidden::decode(issue.body()) {
            hidden::Found::State(state) => return *state,
            hidden::Found::Nothing => "it is gone",
            hidden::Found::Damaged(why) => why,
        };
        self.warnings.push(
            Warning::new(
                "hidden-state",
                format!(
                    "the hidden state of issue #{} cannot be read ({why}): times first seen \
                     start afresh",
                    issue.number
                ),
            )
            .hint("leave the hidden comments at the end of the issue's text as they are"),
        );
        HiddenState { past: Past::afresh(), ..HiddenState::default() }
    }

    async fn write(&mut self, plan: Plan, issues: &[Issue]) -> Result<IssueResult> {
        let issue = issues.first();
        let mut result = IssueResult {
            number: issue.map(|issue| issue.number),
            url: issue.map(|issue| issue.html_url.clone()),
            action: plan.outcome,
            warnings: std::mem::take(&mut self.warnings),
            preview: None,
        };
        if self.settings.dry_run {
            result.preview = Some(preview(&plan.actions, issues));
            return Ok(result);
        }
        let mut apply = Apply {
            client: self.client,
            settings: self.settings,
            marker: &self.marker,
            locked: issue.is_some_and(|issue| issue.locked),
            warnings: Vec::new(),
            created: None,
        };
        apply.all(plan.actions).await?;
        result.warnings.append(&mut apply.warnings);
        if let Some(created) = apply.created {
            result.number = Some(created.number);
            result.url = Some(created.html_url);
        }
        Ok(result)
    }
}
