//! The words of the GitHub issue: title, body and comments, within GitHub's limits.

use crate::{error::Result, report::Report};

/// What the words depend on besides the Report.
#[derive(Clone, Debug)]
pub struct IssueOptions {
    /// `--issue-detail`.
    pub detail: Detail,
    /// `--tazuna-commands`.
    pub commands: TazunaCommands,
    /// `--issue-title`: a template of the user's.
    pub title: Option<String>,
    /// Most UTF-16 units the visible body may have.
    pub budget: usize,
}

/// How much of the reasons the issue tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// One scrubbed line a reason.
    #[default]
    Full,
    /// Names alone.
    Names,
}

/// Which generation of Tazuna's commands is advised first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TazunaCommands {
    /// `tazuna apply --sync [--prune]`.
    #[default]
    ApplySync,
    /// `tazuna state sync`.
    StateSync,
}

/// What a comment is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// Something is new, newly removed, changed again, cleared or unverified.
    News,
    /// Everything is clear; the issue closes.
    Clear,
    /// The issue was closed and drift is back.
    Reopened,
    /// Another issue of the same target is kept.
    Duplicate {
        /// Number of the issue that is kept.
        kept: u64,
    },
}

/// The title, at most 256 characters.
///
/// # Errors
/// A user's title template that cannot be rendered.
pub fn title(report: &Report, _options: &IssueOptions) -> Result<String> {
    let totals = report.totals;
    Ok(format!(
        "Drift: {} removed, {} modified, {} added",
        totals.removed, totals.modified, totals.added
    ))
}

/// The visible body; the publisher adds the hidden marker and state.
pub fn body(report: &Report, _options: &IssueOptions) -> String {
    format!("{} entries of drift.\n", report.totals.drift)
}

/// A comment: one short paragraph.
pub fn comment(report: &Report, occasion: &Occasion, _options: &IssueOptions) -> String {
    format!("{occasion:?}: {} entries of drift.\n", report.totals.drift)
}
