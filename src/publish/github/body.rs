//! Puts an issue's body together: words for people, marker and state for the next run.

use sha2::{Digest, Sha256};

use super::{
    hidden::{self, HiddenState, PendingEvent},
    marker::{Marker, event_comment},
};
use crate::{
    render::issue::{self, IssueOptions, Occasion},
    report::Report,
};

/// GitHub takes 65,536 characters and does not say how it counts those outside the basic
/// plane; this many UTF-16 units are safe either way.
const MOST_UNITS: usize = 60_000;
/// Longer words of a pending comment are not kept in the hidden state.
const MOST_PENDING_BYTES: usize = 1_500;

/// The visible part of a body, and what comes after it.
pub(super) struct Body {
    visible: String,
    marker: String,
}

impl Body {
    /// Renders the visible part so that it fits beside `states`, the hidden states it will
    /// be written with.
    pub(super) fn render(
        report: &Report,
        words: &IssueOptions,
        marker: &Marker,
        states: &[&HiddenState],
    ) -> Self {
        let marker = marker.comment();
        let hidden = states.iter().map(|state| hidden::encode(state).len()).max().unwrap_or(0);
        let follows = states.iter().find_map(|state| state.follows);
        // The link below and the line ends need a little, too.
        let room = MOST_UNITS.saturating_sub(hidden + marker.len() + 100);
        let words = IssueOptions { budget: words.budget.min(room), ..words.clone() };
        let mut visible = issue::body(report, &words).trim_end().to_owned();
        if let Some(number) = follows {
            visible.push_str(&format!("\n\nContinues #{number}."));
        }
        Self { visible, marker }
    }

    /// The whole body.
    pub(super) fn with(&self, state: &HiddenState) -> String {
        format!("{}\n\n{}\n{}\n", self.visible, self.marker, hidden::encode(state))
    }
}

/// What the words depend on besides the Report, for the fingerprint.
pub(super) fn advice(words: &IssueOptions) -> [String; 4] {
    [
        format!("{:?}", words.detail),
        format!("{:?}", words.commands),
        words.title.clone().unwrap_or_default(),
        words.templates.digest().to_owned(),
    ]
}

/// A new event: its id is the same when the same run is repeated, and no other event of
/// the target has it.
pub(super) fn event(
    report: &Report,
    marker: &Marker,
    sequence: u32,
    text: &str,
    closes: bool,
) -> PendingEvent {
    let seed = format!("{}\n{sequence}\n{closes}\n{text}", marker.comment());
    let id = Sha256::digest(seed)[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let text = (text.len() <= MOST_PENDING_BYTES).then(|| text.to_owned());
    PendingEvent { id, text, at: report.generated_at, closes }
}

/// A comment that carries its event's id.
pub(super) fn comment(text: &str, id: &str) -> String {
    format!("{}\n\n{}\n", text.trim_end(), event_comment(id))
}

/// The words of a comment.
pub(super) fn comment_words(report: &Report, occasion: &Occasion, words: &IssueOptions) -> String {
    let words = IssueOptions { budget: words.budget.min(MOST_UNITS - 100), ..words.clone() };
    issue::comment(report, occasion, &words)
}
