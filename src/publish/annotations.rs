//! Annotations: workflow commands that mark a Manifest's line in tazuna.yaml.

use crate::{
    domain::{DiffType, StateKey},
    error::Error,
    render::escape::{cut, workflow_data, workflow_property},
    report::{Entry, ManifestOutcome, ManifestReport, Ownership, Report},
};

/// GitHub shows this many of a kind a step.
pub const MOST_OF_A_KIND: usize = 10;
/// How many resources one message names.
const MOST_NAMES: usize = 5;
const MOST_NAME_UNITS: usize = 120;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Error,
    Warning,
}

struct Annotation<'a> {
    kind: Kind,
    title: &'static str,
    message: String,
    manifest: Option<&'a ManifestReport>,
}

/// The workflow commands, a line each: errors for what was removed, warnings for the rest,
/// at most [`MOST_OF_A_KIND`] of each.
pub fn commands(report: &Report) -> Vec<String> {
    let all = annotations(report);
    let mut lines = Vec::new();
    for kind in [Kind::Error, Kind::Warning] {
        let mine: Vec<_> = all.iter().filter(|annotation| annotation.kind == kind).collect();
        let shown = if mine.len() > MOST_OF_A_KIND { MOST_OF_A_KIND - 1 } else { mine.len() };
        lines.extend(mine[..shown].iter().map(|annotation| annotation.command(report)));
        if shown < mine.len() {
            let more = Annotation {
                kind,
                title: "Drift",
                message: format!(
                    "{} more like these: the job summary has them all",
                    mine.len() - shown
                ),
                manifest: None,
            };
            lines.push(more.command(report));
        }
    }
    lines
}

/// One error for a run that failed as a whole.
pub fn of_failure(error: &Error) -> String {
    let hint = error.hints().first().map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("::error title=Drift is not known::{}", workflow_data(&format!("{error}{hint}")))
}

fn annotations(report: &Report) -> Vec<Annotation<'_>> {
    if let Some(refusal) = &report.refused {
        let message = format!("Nothing was compared: {}", refusal.message);
        return vec![Annotation {
            kind: Kind::Error,
            title: "Nothing was compared",
            message,
            manifest: None,
        }];
    }
    if report.lacks_state() {
        return vec![Annotation {
            kind: Kind::Warning,
            title: "No State",
            message: "The cluster holds no State: nothing was applied with Tazuna yet, or this is \
                      another cluster"
                .to_owned(),
            manifest: None,
        }];
    }
    let mut all = Vec::new();
    for manifest in &report.manifests {
        all.extend(removed(manifest));
        all.extend(not_applied(manifest));
        all.extend(not_compared(manifest));
    }
    if let Some(history) = report.history.as_ref().filter(|history| !history.untracked.is_empty()) {
        let keys: Vec<&StateKey> = history.untracked.iter().map(|entry| &entry.key).collect();
        all.push(Annotation {
            kind: Kind::Error,
            title: "Untracked, still running",
            message: format!(
                "{} left State but still {}: {}",
                count(keys.len(), "resource"),
                if keys.len() == 1 { "runs" } else { "run" },
                names(&keys)
            ),
            manifest: None,
        });
    }
    all
}

fn removed(manifest: &ManifestReport) -> Option<Annotation<'_>> {
    let keys = keys(manifest, |entry| entry.diff_type == DiffType::Removed);
    if keys.is_empty() {
        return None;
    }
    let were = if keys.len() == 1 { "was" } else { "were" };
    let (subject, listed) = (count(keys.len(), "resource"), names(&keys));
    let foreign = manifest
        .orphaned_state
        .as_ref()
        .is_some_and(|orphaned| orphaned.ownership == Ownership::Foreign);
    let message = if manifest.orphaned_state.is_some() {
        format!(
            "State of {} is there, but no Manifest declares it; it holds {subject}: {listed}",
            name(manifest)
        )
    } else {
        format!(
            "{subject} of {} {were} removed from tazuna.yaml but {} still in State: {listed}",
            name(manifest),
            if keys.len() == 1 { "is" } else { "are" }
        )
    };
    Some(Annotation {
        kind: if foreign { Kind::Warning } else { Kind::Error },
        title: if manifest.orphaned_state.is_some() { "Orphaned State" } else { "Removed" },
        message,
        manifest: Some(manifest),
    })
}

fn not_applied(manifest: &ManifestReport) -> Option<Annotation<'_>> {
    let rest = |entry: &Entry| entry.diff_type.is_drift() && entry.diff_type != DiffType::Removed;
    let keys = keys(manifest, rest);
    if keys.is_empty() {
        return None;
    }
    let counts: Vec<String> = DiffType::ALL
        .into_iter()
        .filter(|diff_type| diff_type.is_drift() && *diff_type != DiffType::Removed)
        .map(|diff_type| (manifest.count(diff_type), diff_type))
        .filter(|(count, _)| *count > 0)
        .map(|(count, diff_type)| format!("{count} {diff_type}"))
        .collect();
    Some(Annotation {
        kind: Kind::Warning,
        title: "Drift",
        message: format!("{}: {} ({})", name(manifest), counts.join(", "), names(&keys)),
        manifest: Some(manifest),
    })
}

fn not_compared(manifest: &ManifestReport) -> Option<Annotation<'_>> {
    if manifest.outcome == ManifestOutcome::Compared {
        return None;
    }
    let reason = manifest.reason.as_ref().map_or("no reason is known", |reason| &reason.message);
    Some(Annotation {
        kind: Kind::Warning,
        title: "Not compared",
        message: format!("{} could not be compared: {reason}", name(manifest)),
        manifest: Some(manifest),
    })
}

impl Annotation<'_> {
    fn command(&self, report: &Report) -> String {
        let kind = match self.kind {
            Kind::Error => "error",
            Kind::Warning => "warning",
        };
        let place = self.manifest.and_then(|manifest| place(report, manifest)).unwrap_or_default();
        let title = workflow_property(self.title);
        format!("::{kind} {place}title={title}::{}", workflow_data(&self.message))
    }
}

/// File from the repository's root, and line; `None` where either is not known.
fn place(report: &Report, manifest: &ManifestReport) -> Option<String> {
    let location = manifest.declared_at.as_ref()?;
    let main = report.selection.repository_path.as_deref()?;
    let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder);
    let file = workflow_property(&joined(folder, &location.file)?);
    let column = location.column.map(|column| format!("col={column},")).unwrap_or_default();
    Some(format!("file={file},line={},{column}", location.line))
}

/// `None` where the path leaves the repository.
fn joined(folder: &str, file: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    if file.starts_with('/') {
        return None;
    }
    for part in folder.split('/').chain(file.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn keys(manifest: &ManifestReport, wanted: impl Fn(&Entry) -> bool) -> Vec<&StateKey> {
    manifest.entries.iter().filter(|entry| wanted(entry)).map(|entry| &entry.key).collect()
}

fn name(manifest: &ManifestReport) -> String {
    if manifest.name.is_empty() {
        "a Manifest without a name".to_owned()
    } else {
        cut(&manifest.name, MOST_NAME_UNITS)
    }
}

fn names(keys: &[&StateKey]) -> String {
    let shown: Vec<String> = keys.iter().take(MOST_NAMES).map(|key| short(key)).collect();
    match keys.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{}, and {more} more", shown.join(", ")),
    }
}

/// Kind, and namespace and name, as people call it.
fn short(key: &StateKey) -> String {
    let text = match key.parts() {
        Some(parts) => match parts.namespace {
            Some(namespace) => format!("{} {namespace}/{}", parts.kind, parts.name),
            None => format!("{} {}", parts.kind, parts.name),
        },
        None => key.to_string(),
    };
    cut(&text, MOST_NAME_UNITS)
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
