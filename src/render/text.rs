//! The Report in Tazuna's own words: the table of `tazuna state diff`, byte for byte, and
//! what went wrong beside it, for stderr.

use std::fmt::Write;

use super::escape::visible;
use crate::{
    domain::{ContentHash, DiffType},
    report::{Entry, ManifestOutcome, ManifestReport, Report},
};

const HEADER: [&str; 3] = ["STATUS", "RESOURCE", "HASH"];

/// The Report as `tazuna state diff` prints it.
///
/// Orphaned States follow as further blocks. `No changes detected.` stands there only when
/// every selected Manifest was compared and there is no row; an incomplete Report without
/// rows is empty, and [`problems`] says why. Control characters are spelt out, so that no
/// name can steer a terminal.
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    for manifest in report.manifests.iter().filter(|manifest| !manifest.entries.is_empty()) {
        writeln!(out, "Manifest: {}", visible(&manifest.name)).expect(INFALLIBLE);
        row(&mut out, HEADER);
        for entry in &manifest.entries {
            let resource = entry.key.resource();
            let resource = visible(&resource);
            row(&mut out, [entry.diff_type.as_str(), &resource, &visible(&hash(entry))]);
        }
        out.push('\n');
    }
    if out.is_empty() && report.is_clear() {
        out.push_str("No changes detected.\n");
    }
    out
}

const INFALLIBLE: &str = "writing to a String cannot fail";

/// `"  %-14s %-60s %s"`; like Go's `%-60s`, `{:<60}` pads by characters.
fn row(out: &mut String, [status, resource, hash]: [&str; 3]) {
    writeln!(out, "  {status:<14} {resource:<60} {hash}").expect(INFALLIBLE);
}

fn hash(entry: &Entry) -> String {
    let show = |hash: &Option<ContentHash>| {
        hash.as_ref().map(ContentHash::as_str).unwrap_or_default().to_owned()
    };
    let (old, new) = (show(&entry.old_hash), show(&entry.new_hash));
    match entry.diff_type {
        DiffType::Added | DiffType::Modified => new,
        DiffType::Removed => format!("(was: {old})"),
        DiffType::AlwaysSync => "(not fetched)".to_owned(),
        DiffType::LiveDrifted => format!("{new} (stored: {old})"),
        DiffType::LiveMissing => format!("(stored: {old})"),
    }
}

/// What stderr says beside the table: what was refused, what could not be compared and
/// why, with the tools' own last lines, and the warnings. Empty when there is nothing.
pub fn problems(report: &Report) -> String {
    let mut out = String::new();
    let mut line = |indent: usize, word: &str, said: &str| {
        writeln!(out, "{:indent$}{word}{}", "", visible(said)).expect(INFALLIBLE);
    };
    if let Some(refused) = &report.refused {
        line(0, "refused: ", &refused.message);
        if let Some(hint) = &refused.hint {
            line(2, "hint: ", hint);
        }
    }
    for manifest in &report.manifests {
        let word = match manifest.outcome {
            ManifestOutcome::Compared => continue,
            ManifestOutcome::Failed => "failed: ",
            ManifestOutcome::Skipped => "skipped: ",
        };
        let (message, hint, detail) = match &manifest.reason {
            Some(reason) => (&*reason.message, reason.hint.as_deref(), &*reason.detail),
            None => ("no reason was given", None, &[][..]),
        };
        line(0, word, &format!("{}: {message}", subject(manifest)));
        for said in detail {
            line(2, "| ", said);
        }
        if let Some(hint) = hint {
            line(2, "hint: ", hint);
        }
    }
    for warning in &report.warnings {
        let about = match (&warning.location, &warning.manifest) {
            (Some(place), _) => format!("{}:{}: ", place.file, place.line),
            (None, Some(manifest)) => format!("{manifest}: "),
            (None, None) => String::new(),
        };
        line(0, "warning: ", &format!("{about}{}", warning.message));
        if let Some(hint) = &warning.hint {
            line(2, "hint: ", hint);
        }
    }
    out
}

/// The Manifest and where it is declared.
fn subject(manifest: &ManifestReport) -> String {
    let name = if manifest.name.is_empty() { "a Manifest without a name" } else { &manifest.name };
    match &manifest.declared_at {
        Some(place) => format!("{name} ({}:{})", place.file, place.line),
        None => name.to_owned(),
    }
}
