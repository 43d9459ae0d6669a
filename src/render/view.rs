//! The Report prepared for the templates: grouped, counted, dated and cut to size, so that
//! the logic is here and the templates are only words.

mod counts;
mod limits;
mod rows;
mod words;

use std::{collections::HashMap, slice};

use serde::Serialize;

use self::{
    counts::CountTable,
    rows::{Applied, Group, List, NotCompared, Note, Orphan, Past, Row, Took},
};
pub(super) use self::{
    limits::{Costs, Limits},
    words::{Link, Width, day, manifest_name, minute, resource},
};
use super::{
    advice::Advice,
    escape::cut,
    issue::{Detail, TazunaCommands},
};
use crate::{
    domain::DiffType,
    report::{ManifestOutcome, Report, Totals},
};

/// Who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Style {
    /// The Markdown report and the job summary: of this run.
    Summary,
    /// The issue: of the target, until a fact changes.
    Issue,
}

/// What a view depends on besides the Report.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choices {
    pub(super) style: Style,
    pub(super) detail: Detail,
    pub(super) commands: TazunaCommands,
}

/// A group of this many rows stays unfolded.
const OPEN_ROWS: usize = 12;
/// And only while no more rows than this are unfolded.
const OPEN_ROWS_IN_ALL: usize = 40;

/// All a template may use. Every text is one line and of bounded length.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct View {
    style: Style,
    /// `refused`, `no-state`, `clear`, `drift`, `incomplete` or `untracked`.
    verdict: &'static str,
    cluster: Option<String>,
    server: Option<String>,
    target: Option<String>,
    file: Option<String>,
    environment: Option<String>,
    tags: Vec<String>,
    not_selected: usize,
    commit: Option<Link>,
    run: Option<Link>,
    made: String,
    generator: String,
    tools: Vec<String>,
    source: &'static str,
    totals: ViewTotals,
    refused: Option<Note>,
    counts: CountTable,
    removed: List<Row>,
    keys: List<String>,
    orphans: List<Orphan>,
    untracked: List<Past>,
    unknown: List<Past>,
    groups: Vec<Group>,
    /// Entries of drift, other than `removed`, without a row.
    hidden_entries: usize,
    not_compared: List<NotCompared>,
    always_sync: List<Row>,
    warnings: List<Note>,
    phases: Vec<Took>,
    advice: Advice,
    drift_since: Option<String>,
    clear_since: Option<String>,
    /// Whether anything is not shown.
    is_cut: bool,
}

/// Counts as the words need them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct ViewTotals {
    manifests: usize,
    compared: usize,
    not_compared: usize,
    orphaned_states: usize,
    objects: usize,
    added: usize,
    modified: usize,
    removed: usize,
    /// `removed` of Manifests that are still declared.
    removed_declared: usize,
    always_sync: usize,
    live_drifted: usize,
    live_missing: usize,
    live: usize,
    /// `added` and `modified`.
    pending: usize,
    drift: usize,
}

impl View {
    /// Prepares a Report. Goes through its entries once.
    pub(super) fn of(report: &Report, limits: &Limits, choices: Choices) -> Self {
        let counts: Vec<Totals> =
            report.manifests.iter().map(|manifest| Totals::of(slice::from_ref(manifest))).collect();
        let verdict = verdict(report);
        let says_rows = verdict != "no-state";
        let lists = if says_rows { entries(report, &counts, limits) } else { Lists::default() };
        let history = report.history.as_ref();
        let past = |list: Option<&Vec<_>>, most| {
            List::of(list.map(Vec::as_slice).unwrap_or_default(), most, Past::of)
        };
        let selection = &report.selection;
        let text = |text: &Option<String>| text.as_ref().map(|text| cut(text, 160));
        let table = CountTable::of(report, &counts, limits.counts);
        let repository = report.repository.as_ref();
        let mut view = Self {
            style: choices.style,
            verdict,
            cluster: text(&report.context.name).or_else(|| text(&report.context.server)),
            server: text(&report.context.server),
            target: text(&report.target.id),
            file: text(&selection.repository_path).or_else(|| text(&selection.file)),
            environment: text(&selection.environment),
            tags: selection.tags.iter().take(20).map(|tag| cut(tag, 60)).collect(),
            not_selected: selection.not_selected,
            commit: repository
                .and_then(|repository| repository.commit.as_ref())
                .map(|commit| Link::commit(report, commit)),
            run: Link::run(report),
            made: minute(report.generated_at),
            generator: cut(&format!("{} {}", report.generator.name, report.generator.version), 60),
            tools: tools(report),
            source: match report.source.kind {
                crate::report::SourceKind::Native => "native",
                crate::report::SourceKind::Tazuna => "tazuna",
                crate::report::SourceKind::Output => "output",
            },
            totals: totals(report, &counts),
            refused: report.refused.as_ref().map(|refusal| Note {
                about: None,
                message: cut(&refusal.message, 400),
                hint: refusal.hint.as_ref().map(|hint| cut(hint, 300)),
            }),
            is_cut: table.hidden > 0,
            counts: table,
            removed: lists.removed,
            keys: rows::keys(report, if says_rows { limits.keys } else { 0 }),
            orphans: lists.orphans,
            untracked: past(history.map(|history| &history.untracked), limits.untracked),
            unknown: past(history.map(|history| &history.unknown), limits.unknown),
            groups: lists.groups,
            hidden_entries: lists.hidden,
            not_compared: not_compared(report, limits.not_compared, choices.detail),
            always_sync: lists.always_sync,
            warnings: List::of(&report.warnings, limits.warnings, Note::of),
            phases: rows::phases(report, choices.style),
            advice: Advice::of(report, choices.commands),
            drift_since: history.and_then(|history| history.drift_since).map(day),
            clear_since: history.and_then(|history| history.clear_since).map(minute),
        };
        view.is_cut |= view.removed.hidden + view.orphans.hidden + view.hidden_entries > 0
            || view.keys.hidden
                + view.not_compared.hidden
                + view.untracked.hidden
                + view.unknown.hidden
                > 0
            || view.orphans.rows.iter().any(|orphan| orphan.removed.hidden > 0);
        view
    }

    /// The same facts, found by nobody at no time: what differs between two runs that saw
    /// the same must not decide what fits.
    pub(super) fn without_run(mut self) -> Self {
        self.run = None;
        self.made = String::new();
        self
    }
}

fn verdict(report: &Report) -> &'static str {
    let untracked = report.history.as_ref().is_some_and(|history| !history.untracked.is_empty());
    if report.refused.is_some() {
        "refused"
    } else if report.lacks_state() && report.has_drift() {
        "no-state"
    } else if report.has_drift() || report.totals.orphaned_states > 0 {
        "drift"
    } else if untracked {
        "untracked"
    } else if report.is_clear() {
        "clear"
    } else {
        "incomplete"
    }
}

/// What has a row per entry.
#[derive(Default)]
struct Lists {
    removed: List<Row>,
    orphans: List<Orphan>,
    groups: Vec<Group>,
    always_sync: List<Row>,
    hidden: usize,
}

fn entries(report: &Report, counts: &[Totals], limits: &Limits) -> Lists {
    let mut lists = Lists::default();
    let (mut removed, mut modified, mut added, mut open) = (0, 0, 0, 0);
    for (manifest, counts) in report.manifests.iter().zip(counts) {
        if manifest.orphaned_state.is_some() {
            let shown = limits.removed.saturating_sub(removed).min(counts.removed);
            if lists.orphans.rows.len() < limits.orphans {
                removed += shown;
                lists.orphans.total += 1;
                lists.orphans.rows.extend(Orphan::of(report, manifest, shown, limits.width));
                continue;
            }
            // Without a paragraph of its own its rows stand among the others.
            lists.orphans.total += 1;
            lists.orphans.hidden += 1;
        }
        let mut rows = Vec::new();
        let mut hidden = 0;
        for entry in &manifest.entries {
            let row = || Row::of(manifest, entry, limits.width);
            let (taken, most) = match entry.diff_type {
                DiffType::Removed => {
                    lists.removed.push(removed < limits.removed, row);
                    removed += 1;
                    continue;
                }
                DiffType::AlwaysSync => {
                    let shown = lists.always_sync.rows.len() < limits.always_sync;
                    lists.always_sync.push(shown, row);
                    continue;
                }
                DiffType::Added => (&mut added, limits.added),
                _ => (&mut modified, limits.modified),
            };
            if *taken < most {
                *taken += 1;
                rows.push(row());
            } else {
                hidden += 1;
            }
        }
        lists.hidden += hidden;
        if !rows.is_empty() {
            // Worst first; Tazuna's own order has `added` at the top.
            rows.sort_by_key(|row| row.diff_type == "added");
            let fits = rows.len() <= OPEN_ROWS && open + rows.len() <= OPEN_ROWS_IN_ALL;
            open += if fits { rows.len() } else { 0 };
            lists.groups.push(Group {
                name: manifest_name(&manifest.name, Width::Full),
                counts: (*counts).into(),
                applied: Applied::of(report, manifest.state.as_ref()),
                rows,
                hidden,
                open: fits,
            });
        }
    }
    lists
}

fn not_compared(report: &Report, most: usize, detail: Detail) -> List<NotCompared> {
    let mut unknown: HashMap<&str, usize> = HashMap::new();
    for entry in report.history.iter().flat_map(|history| &history.unknown) {
        *unknown.entry(entry.key.manifest()).or_default() += 1;
    }
    let open = report.manifests.iter().filter(|m| m.outcome != ManifestOutcome::Compared);
    List::of(open, most, |manifest| {
        let unknown = unknown.get(manifest.name.as_str()).copied().unwrap_or(0);
        NotCompared::of(manifest, detail, unknown)
    })
}

fn tools(report: &Report) -> Vec<String> {
    let name = |tool: &crate::report::Tool| match &tool.version {
        Some(version) => cut(&format!("{} {version}", tool.name), 60),
        None => cut(&tool.name, 60),
    };
    report.tools.iter().take(10).map(name).collect()
}

fn totals(report: &Report, counts: &[Totals]) -> ViewTotals {
    let totals = report.totals;
    let declared = report.manifests.iter().zip(counts).filter(|(m, _)| m.orphaned_state.is_none());
    ViewTotals {
        manifests: totals.manifests,
        compared: totals.compared,
        not_compared: totals.failed + totals.skipped,
        orphaned_states: totals.orphaned_states,
        objects: totals.objects,
        added: totals.added,
        modified: totals.modified,
        removed: totals.removed,
        removed_declared: declared.map(|(_, counts)| counts.removed).sum(),
        always_sync: totals.always_sync,
        live_drifted: totals.live_drifted,
        live_missing: totals.live_missing,
        live: totals.live_drifted + totals.live_missing,
        pending: totals.added + totals.modified,
        drift: totals.drift,
    }
}
