//! The words of the GitHub issue: title, body and comments, within GitHub's limits.

use std::sync::Arc;

use minijinja::{context, value::Serde};

use super::{
    comment,
    escape::{cut, units, visible},
    markdown::{Fit, fit},
    templates::{self, ISSUE, Rendered, Templates},
    view::{Choices, Style},
};
use crate::{
    error::{Error, ErrorKind, Result},
    report::Report,
};

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
    /// The built-in templates, or with the user's in their places.
    pub templates: Arc<Templates>,
}

/// GitHub takes 65,536 characters and does not say how it counts astral ones. This many
/// UTF-16 units for people, with the hidden state's 20,000, stay under 60,000.
pub const BODY_BUDGET: usize = 39_000;

impl Default for IssueOptions {
    fn default() -> Self {
        Self {
            detail: Detail::default(),
            commands: TazunaCommands::default(),
            title: None,
            budget: BODY_BUDGET,
            templates: Arc::new(Templates::built_in()),
        }
    }
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

/// GitHub's limit for a title, in characters; counted here in UTF-16 units.
const TITLE_LIMIT: usize = 256;

/// The title, at most 256 characters, in one line.
///
/// A template of the user's knows `cluster`, `context`, `server`, `target`, `environment`,
/// `file`, `tags` and `totals` (`removed`, `modified`, `added`, `live_missing`,
/// `live_drifted`, `drift`, `not_compared`), each text empty where it is not known, and
/// `summary`, which is what the built-in title says after `in …:`.
///
/// # Errors
/// A user's title template that cannot be rendered, or that renders to nothing.
pub fn title(report: &Report, options: &IssueOptions) -> Result<String> {
    let summary = title_summary(report);
    let title = match &options.title {
        Some(template) => user_title(report, template, &summary)?,
        None => match cluster(report) {
            Some(cluster) => format!("Drift in {}: {summary}", cut(cluster, 120)),
            None => format!("Drift: {summary}"),
        },
    };
    Ok(shorten(&visible(title.trim()), TITLE_LIMIT))
}

fn cluster(report: &Report) -> Option<&str> {
    let named = report.target.id.as_deref().filter(|_| report.target.named);
    report.context.name.as_deref().or(named).or(report.context.server.as_deref())
}

/// `2 removed, 3 modified, 1 added`: worst first, without zeros.
fn title_summary(report: &Report) -> String {
    let totals = report.totals;
    let untracked = report.history.as_ref().map_or(0, |history| history.untracked.len());
    let counts = [
        (totals.removed, "removed"),
        (untracked, "untracked"),
        (totals.live_missing, "live-missing"),
        (totals.modified, "modified"),
        (totals.live_drifted, "live-drifted"),
        (totals.added, "added"),
        (totals.failed + totals.skipped, "not compared"),
    ];
    let said: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    match said.as_slice() {
        [] if totals.orphaned_states > 0 => format!("{} orphaned", totals.orphaned_states),
        [] => "none".to_owned(),
        said => said.join(", "),
    }
}

fn user_title(report: &Report, template: &str, summary: &str) -> Result<String> {
    let totals = report.totals;
    let selection = &report.selection;
    let context = context! {
        summary,
        cluster => cluster(report).unwrap_or_default(),
        context => report.context.name.as_deref().unwrap_or_default(),
        server => report.context.server.as_deref().unwrap_or_default(),
        target => report.target.id.as_deref().unwrap_or_default(),
        environment => selection.environment.as_deref().unwrap_or_default(),
        file => selection.file.as_deref().unwrap_or_default(),
        tags => Serde(&selection.tags),
        totals => context! {
            removed => totals.removed,
            modified => totals.modified,
            added => totals.added,
            live_missing => totals.live_missing,
            live_drifted => totals.live_drifted,
            drift => totals.drift,
            not_compared => totals.failed + totals.skipped,
        },
    };
    let title = templates::bare()
        .render_named_str("--issue-title", template, context)
        .map_err(|error| templates::explain("--issue-title", &error))?;
    if title.trim().is_empty() {
        return Err(Error::new(ErrorKind::Config, "the title of --issue-title is empty")
            .hint("a title may use `{{ cluster }}`, `{{ environment }}` and `{{ summary }}`"));
    }
    Ok(title)
}

/// Cuts the end off.
fn shorten(text: &str, most: usize) -> String {
    if units(text) <= most {
        return text.to_owned();
    }
    let mut left = most - 1;
    let kept: String = text
        .chars()
        .take_while(|c| {
            let fits = c.len_utf16() <= left;
            left = left.saturating_sub(c.len_utf16());
            fits
        })
        .collect();
    format!("{kept}…")
}

/// The visible body; the publisher adds the hidden marker and state. At most
/// [`IssueOptions::budget`] UTF-16 units.
pub fn body(report: &Report, options: &IssueOptions) -> String {
    render_body(report, options).text
}

/// What is wrong with the user's templates of the issue: each was replaced by the built-in
/// one, so that the issue is right all the same.
pub fn problems(report: &Report, options: &IssueOptions) -> Vec<Error> {
    if options.templates.digest().is_empty() {
        return Vec::new();
    }
    let mut problems = render_body(report, options).warnings;
    problems.extend(comment::render(report, &Occasion::News, &options.templates).warnings);
    problems
}

fn render_body(report: &Report, options: &IssueOptions) -> Rendered {
    fit(
        report,
        &options.templates,
        &Fit {
            template: ISSUE,
            choices: Choices {
                style: Style::Issue,
                detail: options.detail,
                commands: options.commands,
            },
            budget: options.budget,
            size: units,
        },
    )
}

/// A comment: one short paragraph.
pub fn comment(report: &Report, occasion: &Occasion, options: &IssueOptions) -> String {
    comment::render(report, occasion, &options.templates).text
}
