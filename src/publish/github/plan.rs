//! Decides what is written: what is there and the Report give a list of actions. Pure.

use super::{
    api::{Change, NewIssue, NewState},
    body::{self, Body},
    hidden::{self, HiddenState, PendingEvent},
    labels,
    marker::{Marker, retire},
    model::Issue,
    settings::{ClosedIssue, IssueSettings},
};
use crate::{
    domain::DiffType,
    error::Result,
    history::{self, News},
    render::issue::{self, Occasion},
    report::Report,
};

/// One thing to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Creates a label where it is missing.
    EnsureLabel(String),
    Create(NewIssue),
    Change(u64, Change),
    Comment {
        number: u64,
        event: String,
        text: String,
    },
    AddLabel(u64, String),
    RemoveLabel(u64, String),
    /// Closes an issue that another one of the same target replaces.
    Retire {
        number: u64,
        kept: u64,
        body: String,
        text: String,
    },
}

/// What becomes of the issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssueAction {
    /// There was none, and there is none.
    Nothing,
    /// It was created.
    Created,
    /// A new one was created that links the closed one with this number.
    Recreated(u64),
    /// Its text or labels changed.
    Updated,
    /// Nothing changed.
    Unchanged,
    /// It was open again because drift is back.
    Reopened,
    /// It was closed because all is clear.
    Closed,
    /// It was closed by hand, and there is no news.
    StaysClosed,
    /// It was not touched, for this reason.
    Untouched(String),
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub actions: Vec<Action>,
    pub outcome: IssueAction,
}

/// All that the decision depends on, besides the issue.
pub(super) struct Scene<'a> {
    pub settings: &'a IssueSettings,
    /// After [`history::compare`].
    pub report: &'a Report,
    pub news: News,
    pub marker: &'a Marker,
}

/// The issue as it is.
pub(super) struct Before<'a> {
    pub issue: &'a Issue,
    pub state: &'a HiddenState,
    /// Whether the comment of a pending event is there.
    pub posted: bool,
}

impl Scene<'_> {
    /// Whether all was looked at, and there is no drift, nothing unknown and nothing that
    /// runs on unseen.
    pub(super) fn is_clear(&self) -> bool {
        let left =
            self.report.history.as_ref().is_some_and(|history| {
                !history.unknown.is_empty() || !history.untracked.is_empty()
            });
        self.report.is_clear() && !left
    }

    fn is_removed(&self) -> bool {
        self.report.totals.removed > 0
            || self.report.history.as_ref().is_some_and(|history| {
                !history.untracked.is_empty()
                    || history.unknown.iter().any(|entry| entry.diff_type == DiffType::Removed)
            })
    }

    fn fingerprint(&self) -> String {
        let advice = body::advice(&self.settings.words);
        let advice: Vec<&str> = advice.iter().map(String::as_str).collect();
        let messages = self.settings.words.detail == issue::Detail::Full;
        history::fingerprint(self.report, &advice, messages)
    }

    fn words(&self, occasion: &Occasion) -> String {
        body::comment_words(self.report, occasion, &self.settings.words)
    }

    fn body(&self, states: &[&HiddenState]) -> Body {
        Body::render(self.report, &self.settings.words, self.marker, states)
    }

    fn title(&self) -> Result<String> {
        issue::title(self.report, &self.settings.words)
    }

    /// A new issue, which may take up where a closed one ended.
    pub(super) fn create(&self, closed: Option<&Before<'_>>) -> Result<Plan> {
        let last = closed.map(|closed| &closed.state.past);
        let past = history::remember(self.report, last, self.fingerprint());
        let follows = closed.map(|closed| closed.issue.number);
        let state = HiddenState { past, follows, ..HiddenState::default() };
        let names = labels::of_new(&self.settings.labels, self.is_removed());
        let new = NewIssue {
            title: self.title()?,
            body: self.body(&[&state]).with(&state),
            labels: names.clone(),
            assignees: self.settings.assignees.clone(),
        };
        let mut actions: Vec<Action> = names.into_iter().map(Action::EnsureLabel).collect();
        actions.push(Action::Create(new));
        let outcome = follows.map_or(IssueAction::Created, IssueAction::Recreated);
        Ok(Plan { actions, outcome })
    }

    /// The issue is open.
    pub(super) fn open(&self, before: &Before<'_>) -> Result<Plan> {
        let number = before.issue.number;
        let mut plan = if self.is_clear() { self.close(before)? } else { self.update(before)? };
        let (wanted, removed) = (&self.settings.labels, self.is_removed());
        let mut marks = Vec::new();
        for name in labels::missing(wanted, before.issue, removed) {
            marks.push(Action::EnsureLabel(name.clone()));
            marks.push(Action::AddLabel(number, name));
        }
        marks.extend(
            labels::surplus(wanted, before.issue, removed)
                .map(|name| Action::RemoveLabel(number, name)),
        );
        if !marks.is_empty() && plan.outcome == IssueAction::Unchanged {
            plan.outcome = IssueAction::Updated;
        }
        // Before a comment wakes people up, the issue is as it should be.
        let place = plan
            .actions
            .iter()
            .position(|action| matches!(action, Action::Comment { .. }))
            .unwrap_or(plan.actions.len());
        plan.actions.splice(place..place, marks);
        Ok(plan)
    }

    fn update(&self, before: &Before<'_>) -> Result<Plan> {
        let (number, last) = (before.issue.number, before.state);
        let fingerprint = self.fingerprint();
        let changed = last.past.lost || last.closed || fingerprint != last.past.fingerprint;
        let state = self.next(last, fingerprint);
        let mut actions = self.late_comment(before);
        let outcome = if self.news.is_news() {
            actions.extend(self.announce(before, state, &Occasion::News, None)?);
            IssueAction::Updated
        } else if changed {
            let body = self.body(&[&state]).with(&state);
            actions.push(self.rewrite(before.issue, body, None)?);
            IssueAction::Updated
        } else if last.pending.is_some() {
            let settled = HiddenState { pending: None, ..last.clone() };
            let body = hidden::replace(before.issue.body(), &hidden::encode(&settled));
            actions.push(Action::Change(number, Change { body: Some(body), ..Change::default() }));
            IssueAction::Updated
        } else {
            IssueAction::Unchanged
        };
        Ok(Plan { actions, outcome })
    }

    fn close(&self, before: &Before<'_>) -> Result<Plan> {
        let (number, last) = (before.issue.number, before.state);
        let fingerprint = self.fingerprint();
        let same = !last.past.lost && fingerprint == last.past.fingerprint;
        let mut state = self.next(last, fingerprint);
        state.closed = true;
        let completed = Some(NewState::Completed);
        let actions = if same && last.closed {
            // Somebody opened it again; all is said already.
            vec![Action::Change(number, Change { state: completed, ..Change::default() })]
        } else if let Some(event) = last.pending.as_ref().filter(|event| same && event.closes) {
            let settled = HiddenState { pending: None, closed: true, ..last.clone() };
            let body = hidden::replace(before.issue.body(), &hidden::encode(&settled));
            let change = Change { body: Some(body), state: completed, title: None };
            let late = (!before.posted).then(|| self.posting(number, event, &Occasion::Clear));
            late.into_iter().chain([Action::Change(number, change)]).collect()
        } else {
            self.announce(before, state, &Occasion::Clear, completed)?
        };
        Ok(Plan { actions, outcome: IssueAction::Closed })
    }

    /// The issue is closed, and there is drift.
    pub(super) fn closed(&self, before: &Before<'_>) -> Result<Plan> {
        let (number, last) = (before.issue.number, before.state);
        let fingerprint = self.fingerprint();
        let by_hand = !last.closed && !last.past.lost;
        let mut state = self.next(last, fingerprint);
        if by_hand && !self.news.is_news() {
            let mut actions = Vec::new();
            if state.past.fingerprint != last.past.fingerprint {
                state.pending.clone_from(&last.pending);
                let body = self.body(&[&state]).with(&state);
                actions.push(self.rewrite(before.issue, body, None)?);
            }
            return Ok(Plan { actions, outcome: IssueAction::StaysClosed });
        }
        if self.settings.closed_issue == ClosedIssue::Recreate {
            return self.create(Some(before));
        }
        let mut actions = Vec::new();
        let (wanted, removed) = (&self.settings.labels, self.is_removed());
        let announced = self.announce(before, state, &Occasion::Reopened, None)?;
        let mut announced = announced.into_iter();
        actions.extend(announced.next());
        for name in labels::missing(wanted, before.issue, removed) {
            actions.push(Action::EnsureLabel(name.clone()));
            actions.push(Action::AddLabel(number, name));
        }
        actions.extend(
            labels::surplus(wanted, before.issue, removed)
                .map(|name| Action::RemoveLabel(number, name)),
        );
        actions.extend(announced);
        Ok(Plan { actions, outcome: IssueAction::Reopened })
    }

    /// An issue of the same target that has to go, because the one with the number `kept`
    /// is older.
    pub(super) fn retire(&self, issue: &Issue, kept: u64) -> Action {
        let words = self.words(&Occasion::Duplicate { kept });
        Action::Retire {
            number: issue.number,
            kept,
            body: retire(issue.body(), kept),
            text: body::comment(&words, &duplicate_event(kept)),
        }
    }

    fn next(&self, last: &HiddenState, fingerprint: String) -> HiddenState {
        HiddenState {
            past: history::remember(self.report, Some(&last.past), fingerprint),
            sequence: last.sequence,
            pending: None,
            closed: false,
            follows: last.follows,
        }
    }

    fn rewrite(&self, issue: &Issue, body: String, state: Option<NewState>) -> Result<Action> {
        let title = Some(self.title()?).filter(|title| *title != issue.title);
        Ok(Action::Change(issue.number, Change { title, body: Some(body), state }))
    }

    /// The body first, with the event's id; then the comment that carries the same id;
    /// then the body says that the event is told. A run that ends in between is taken up
    /// by the next one.
    fn announce(
        &self,
        before: &Before<'_>,
        mut state: HiddenState,
        occasion: &Occasion,
        finally: Option<NewState>,
    ) -> Result<Vec<Action>> {
        let number = before.issue.number;
        let words = self.words(occasion);
        let closes = finally.is_some();
        state.sequence = state.sequence.wrapping_add(1);
        let event = body::event(self.report, self.marker, state.sequence, &words, closes);
        let first = HiddenState { pending: Some(event.clone()), closed: false, ..state.clone() };
        let body = self.body(&[&first, &state]);
        let opened = (*occasion == Occasion::Reopened).then_some(NewState::Reopened);
        let settled = Change { title: None, body: Some(body.with(&state)), state: finally };
        Ok(vec![
            self.rewrite(before.issue, body.with(&first), opened)?,
            Action::Comment { number, text: body::comment(&words, &event.id), event: event.id },
            Action::Change(number, settled),
        ])
    }

    /// The comment that an earlier run owes; not one that says all is clear, as it is not.
    fn late_comment(&self, before: &Before<'_>) -> Vec<Action> {
        let owed = before.state.pending.as_ref().filter(|event| !before.posted && !event.closes);
        let post = |event| self.posting(before.issue.number, event, &Occasion::News);
        owed.map(post).into_iter().collect()
    }

    fn posting(&self, number: u64, event: &PendingEvent, occasion: &Occasion) -> Action {
        let words = event.text.clone().unwrap_or_else(|| self.words(occasion));
        Action::Comment { number, text: body::comment(&words, &event.id), event: event.id.clone() }
    }
}

/// The event that a retired issue's comment tells.
pub(super) fn duplicate_event(kept: u64) -> String {
    format!("duplicate-of-{kept}")
}
