//! The Report for a person at a terminal: one line an entry, worst first.

use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{
    advice::Advice,
    escape::visible,
    issue::TazunaCommands,
    view::{Width, day, manifest_name, resource},
};
use crate::{
    domain::{ContentHash, DiffType},
    report::{Entry, EntryTrend, ManifestOutcome, ManifestReport, Report},
};

const RED: &str = "1;31";
const YELLOW: &str = "33";
const GREEN: &str = "32";
const DIM: &str = "2";
const BOLD: &str = "1";

/// The Report in lines of at most `width` columns, `removed` first; the last line says what
/// to do next. `colour` adds ANSI colours, which take no columns.
pub fn terminal(report: &Report, width: usize, colour: bool) -> String {
    let mut screen = Screen { out: String::new(), width: width.max(20), colour };
    let (style, headline) = headline(report);
    screen.line(style, &headline);
    if report.refused.is_none() && !report.lacks_state() {
        screen.entries(report);
    }
    for manifest in report.manifests.iter().filter(|m| m.outcome != ManifestOutcome::Compared) {
        let word = if manifest.outcome == ManifestOutcome::Failed { "failed" } else { "skipped" };
        let why = manifest.reason.as_ref().map_or("no reason was given", |reason| &reason.message);
        let name = manifest_name(&manifest.name, Width::Full);
        screen.line(RED, &format!("{word:<12}  {name}: {}", visible(why)));
    }
    screen.out.push('\n');
    let totals = report.totals;
    let counts: Vec<String> = DiffType::WORST_FIRST
        .iter()
        .filter(|diff_type| totals.count(**diff_type) > 0)
        .map(|diff_type| format!("{} {diff_type}", totals.count(*diff_type)))
        .collect();
    let looked_at = format!("{} of {} Manifests compared", totals.compared, totals.manifests);
    let counts = if counts.is_empty() { "no entries".to_owned() } else { counts.join(", ") };
    screen.line(DIM, &format!("{counts}; {looked_at}"));
    // A command that is cut is worse than one that wraps.
    writeln!(screen.out, "{}", screen.paint(BOLD, &next(report))).expect(INFALLIBLE);
    screen.out
}

const INFALLIBLE: &str = "writing to a String cannot fail";

struct Screen {
    out: String,
    width: usize,
    colour: bool,
}

/// One entry as columns.
struct Columns<'a> {
    entry: &'a Entry,
    kind: String,
    name: String,
    manifest: String,
}

impl Screen {
    fn paint(&self, style: &str, text: &str) -> String {
        if self.colour && !style.is_empty() {
            format!("\u{1b}[{style}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// A line, cut to the width.
    fn line(&mut self, style: &str, text: &str) {
        let text = fitted(text, self.width);
        let line = self.paint(style, text.trim_end());
        self.out.push_str(&line);
        self.out.push('\n');
    }

    fn entries(&mut self, report: &Report) {
        let rows: Vec<Columns<'_>> = DiffType::WORST_FIRST
            .iter()
            .flat_map(|diff_type| report.entries_of(*diff_type))
            .map(|(manifest, entry)| columns(manifest, entry))
            .collect();
        if rows.is_empty() {
            return;
        }
        self.out.push('\n');
        let widest = |text: for<'c> fn(&'c Columns<'_>) -> &'c str, most: usize| {
            rows.iter().map(|row| text(row).width()).max().unwrap_or(0).min(most)
        };
        // The name gets what the others leave; a narrow terminal loses the hashes first.
        let kind = widest(|row| &row.kind, self.width / 4);
        let manifest = widest(|row| &row.manifest, self.width / 5);
        let name = widest(|row| &row.name, self.width.saturating_sub(kind + manifest + 20).max(8));
        for row in &rows {
            let style = match row.entry.diff_type {
                DiffType::Removed | DiffType::LiveMissing => RED,
                DiffType::Modified | DiffType::LiveDrifted => YELLOW,
                DiffType::Added => GREEN,
                DiffType::AlwaysSync => DIM,
            };
            let mut text = format!(
                "{:<12}  {}  {}  {}",
                row.entry.diff_type,
                padded(&row.kind, kind),
                padded(&row.name, name),
                padded(&row.manifest, manifest),
            );
            // What does not fit whole is left out: half a hash or a date tells nothing.
            for remark in remarks(row.entry) {
                if text.width() + 2 + remark.width() <= self.width {
                    text = format!("{text}  {remark}");
                }
            }
            self.line(style, &text);
        }
    }
}

fn columns<'a>(manifest: &'a ManifestReport, entry: &'a Entry) -> Columns<'a> {
    let (kind, name) = resource(&entry.key, Width::Full);
    let mut manifest_column = manifest_name(&manifest.name, Width::Full);
    if manifest.orphaned_state.is_some() {
        manifest_column.push_str(" (gone)");
    }
    Columns { entry, kind, name, manifest: manifest_column }
}

/// The hashes, and since when.
fn remarks(entry: &Entry) -> Vec<String> {
    let short = |hash: &Option<ContentHash>| {
        hash.as_ref().map_or(String::new(), |hash| visible(hash.short()).into_owned())
    };
    let hashes = match entry.diff_type {
        DiffType::Modified | DiffType::LiveDrifted => {
            Some(format!("{} → {}", short(&entry.old_hash), short(&entry.new_hash)))
        }
        DiffType::Added => Some(short(&entry.new_hash)),
        DiffType::AlwaysSync => Some("not fetched".to_owned()),
        DiffType::Removed | DiffType::LiveMissing => None,
    };
    let is_new = entry.trend == Some(EntryTrend::New);
    let new = if is_new { ", new" } else { "" };
    let since = match entry.first_seen {
        Some(since) => Some(format!("since {}{new}", day(since))),
        None => is_new.then(|| "new".to_owned()),
    };
    hashes.into_iter().chain(since).collect()
}

/// How bad, in one line.
fn headline(report: &Report) -> (&'static str, String) {
    let totals = report.totals;
    let place = report.context.name.as_ref().or(report.context.server.as_ref());
    let place = place.map_or(String::new(), |place| format!(" in {}", visible(place)));
    let open = totals.failed + totals.skipped;
    let pending = totals.drift - totals.removed;
    let many = |n: usize, one: &str, more: &str| format!("{n} {}", if n == 1 { one } else { more });
    if let Some(refused) = &report.refused {
        (RED, format!("Nothing was compared{place}: {}", visible(&refused.message)))
    } else if report.lacks_state() && report.has_drift() {
        (
            YELLOW,
            format!(
                "No State of Tazuna{place} at all: {} read added",
                many(totals.drift, "entry", "entries")
            ),
        )
    } else if totals.removed > 0 {
        let rest = if pending > 0 { format!("; {pending} more differ") } else { String::new() };
        let removed = many(totals.removed, "resource was", "resources were");
        (RED, format!("{removed} removed from Tazuna but may still run{place}{rest}"))
    } else if totals.drift > 0 {
        (
            YELLOW,
            format!("{} from State{place}", many(totals.drift, "entry differs", "entries differ")),
        )
    } else if report.is_clear() {
        (GREEN, format!("No drift{place}"))
    } else if open > 0 {
        let open = many(open, "Manifest", "Manifests");
        (RED, format!("{open} could not be looked at{place}; no drift among the others"))
    } else {
        let orphans = many(totals.orphaned_states, "empty State", "empty States");
        (YELLOW, format!("{orphans} without a Manifest{place}"))
    }
}

/// The one thing to do next.
fn next(report: &Report) -> String {
    let advice = Advice::of(report, TazunaCommands::ApplySync);
    if let Some(refused) = &report.refused {
        return format!(
            "next: {}",
            visible(refused.hint.as_deref().unwrap_or("choose the context"))
        );
    }
    if report.lacks_state() && report.has_drift() {
        return format!("next: is it the right cluster? {}", advice.list_state);
    }
    if let Some(prune) = advice.prune {
        return format!("next: put back what was not meant to go, then: {}", prune.command);
    }
    if report.totals.removed > 0 {
        return "next: put the Manifest back or delete what it left; `--format markdown` says how"
            .to_owned();
    }
    if let Some(sync) = advice.sync {
        return format!("next: {}", sync.command);
    }
    if report.is_clear() {
        return "next: nothing to do".to_owned();
    }
    "next: mend what could not be looked at, then run this again".to_owned()
}

/// Cut or filled to exactly `width` columns.
fn padded(text: &str, width: usize) -> String {
    let text = fitted(text, width);
    let fill = width.saturating_sub(text.width());
    format!("{text}{:fill$}", "")
}

/// Cut to at most `width` columns.
fn fitted(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut used = 1;
    let kept = text.chars().take_while(|c| {
        used += c.width().unwrap_or(0);
        used <= width
    });
    format!("{}…", kept.collect::<String>().trim_end())
}
