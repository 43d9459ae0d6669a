//! The Markdown report, which is also the job summary.

use minijinja::{Value, context, value::Serde};

use super::{
    issue::{Detail, TazunaCommands},
    templates::{Rendered, SUMMARY, Templates},
    view::{Choices, Costs, Limits, Style, View},
};
use crate::report::Report;

/// What a step summary may hold: GitHub allows 1,024 KiB a step; this leaves room for what
/// else the step writes.
pub const SUMMARY_BUDGET: usize = 1_000_000;

/// What the Markdown report depends on besides the Report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MarkdownOptions {
    /// `--tazuna-commands`.
    pub commands: TazunaCommands,
    /// Most bytes the text may have; [`SUMMARY_BUDGET`] for a job summary.
    pub budget: Option<usize>,
}

/// The Report as Markdown: removed first, then per Manifest what differs, what could not
/// be looked at, what to do and how to reproduce it.
pub fn markdown(report: &Report, templates: &Templates, options: MarkdownOptions) -> Rendered {
    let choices =
        Choices { style: Style::Summary, detail: Detail::Full, commands: options.commands };
    fit(
        report,
        templates,
        &Fit {
            template: SUMMARY,
            choices,
            budget: options.budget.unwrap_or(usize::MAX),
            size: str::len,
        },
    )
}

/// What to render, and how large it may become.
pub(super) struct Fit {
    pub(super) template: &'static str,
    pub(super) choices: Choices,
    pub(super) budget: usize,
    /// How the budget counts.
    pub(super) size: fn(&str) -> usize,
}

/// What the run's link and the time may take.
const RUN_ROOM: usize = 1000;
/// Estimates are corrected by what they led to this often.
const ATTEMPTS: usize = 4;
/// Filled well enough, in percent.
const FILLED: usize = 85;

/// Renders with as many rows as fit.
///
/// Sizes are estimated once; what decides is measured on a text without run and time, so
/// that two runs that saw the same show the same rows.
pub(super) fn fit(report: &Report, templates: &Templates, fit: &Fit) -> Rendered {
    let view = |limits: &Limits| View::of(report, limits, fit.choices);
    let render =
        |view: View| templates.render(fit.template, &context! { v => Value::from(Serde(&view)) });
    let costs = Costs::of(report);
    let measured = |limits: &Limits| (fit.size)(&render(view(limits).without_run()).text);
    let room = fit.budget.saturating_sub(RUN_ROOM);
    if costs.total() < room / 2 && measured(&Limits::NONE) <= room {
        return render(view(&Limits::NONE));
    }
    let tightest = measured(&Limits::TIGHTEST);
    let left = room.saturating_sub(tightest);
    let (mut rows, mut best) = (left, None);
    for _ in 0..ATTEMPTS {
        let limits = costs.fit(rows);
        let used = measured(&limits).saturating_sub(tightest).max(1);
        if used <= left {
            best = Some(limits);
            if used >= left / 100 * FILLED || rows >= costs.total() {
                break;
            }
        }
        // What would have fitted, were all rows as far from their estimates as these.
        rows = (rows as u128 * left as u128 / used as u128) as usize / 100 * 95;
    }
    if let Some(limits) = best {
        return render(view(&limits));
    }
    let mut rendered = render(view(&Limits::TIGHTEST));
    if (fit.size)(&rendered.text) > fit.budget {
        // Only a template of the user's can be as long as this without a row.
        let context = context! { v => Value::from(Serde(view(&Limits::TIGHTEST))) };
        rendered.text = templates.render_built_in(fit.template, &context);
    }
    rendered
}
