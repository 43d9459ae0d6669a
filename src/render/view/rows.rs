//! The lists of a view: entries, Manifests that were not compared, orphaned States.

use serde::Serialize;

use super::{
    Style,
    counts::Counts,
    words::{Link, Width, day, duration, manifest_name, resource, short, whole_key},
};
use crate::{
    domain::DiffType,
    render::{advice::OrphanAdvice, escape::cut, issue::Detail},
    report::{
        Entry, EntryTrend, ManifestOutcome, ManifestReport, Ownership, PastEntry, Report,
        StateMetadata, Warning,
    },
};

/// The first rows of a list, and how many there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::render) struct List<T> {
    pub(in crate::render) total: usize,
    pub(in crate::render) rows: Vec<T>,
    pub(in crate::render) hidden: usize,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { total: 0, rows: Vec::new(), hidden: 0 }
    }
}

impl<T> List<T> {
    /// Counts one more and shows it while `shown` allows.
    pub(in crate::render) fn push(&mut self, shown: bool, row: impl FnOnce() -> T) {
        self.total += 1;
        if shown {
            self.rows.push(row());
        } else {
            self.hidden += 1;
        }
    }

    pub(in crate::render) fn of<S>(
        items: impl IntoIterator<Item = S>,
        most: usize,
        mut row: impl FnMut(S) -> T,
    ) -> Self {
        let mut list = Self::default();
        for item in items {
            let shown = list.rows.len() < most;
            list.push(shown, || row(item));
        }
        list
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::render) struct Row {
    pub(in crate::render) diff_type: &'static str,
    pub(in crate::render) kind: String,
    pub(in crate::render) name: String,
    pub(in crate::render) manifest: String,
    pub(in crate::render) old: String,
    pub(in crate::render) new: String,
    pub(in crate::render) since: Option<String>,
    /// `new`, `changed`, `ongoing`.
    pub(in crate::render) trend: Option<&'static str>,
}

impl Row {
    pub(in crate::render) fn of(manifest: &ManifestReport, entry: &Entry, width: Width) -> Self {
        let (kind, name) = resource(&entry.key, width);
        Self {
            diff_type: entry.diff_type.as_str(),
            kind,
            name,
            manifest: manifest_name(&manifest.name, width),
            old: short(entry.old_hash.as_ref()),
            new: short(entry.new_hash.as_ref()),
            since: entry.first_seen.map(day),
            trend: entry.trend.map(|trend| match trend {
                EntryTrend::New => "new",
                EntryTrend::Changed => "changed",
                EntryTrend::Ongoing => "ongoing",
            }),
        }
    }
}

/// An entry of an earlier Report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::render) struct Past {
    pub(in crate::render) diff_type: &'static str,
    pub(in crate::render) kind: String,
    pub(in crate::render) name: String,
    pub(in crate::render) manifest: String,
    pub(in crate::render) key: String,
    pub(in crate::render) since: Option<String>,
}

impl Past {
    pub(in crate::render) fn of(entry: &PastEntry) -> Self {
        let (kind, name) = resource(&entry.key, Width::Full);
        Self {
            diff_type: entry.diff_type.as_str(),
            kind,
            name,
            manifest: manifest_name(entry.key.manifest(), Width::Full),
            key: cut(entry.key.as_str(), 250),
            since: entry.first_seen.map(day),
        }
    }
}

/// When and from which commit State was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::render) struct Applied {
    pub(in crate::render) on: Option<String>,
    pub(in crate::render) commit: Option<Link>,
}

impl Applied {
    pub(in crate::render) fn of(report: &Report, state: Option<&StateMetadata>) -> Option<Self> {
        let state = state?;
        let on = state.last_synced_at.as_ref().map(|text| match text.parse() {
            Ok(time) => day(time),
            Err(_) => cut(text, 40),
        });
        let commit = state.git_commit_hash.as_ref().map(|commit| Link::commit(report, commit));
        (on.is_some() || commit.is_some()).then_some(Self { on, commit })
    }
}

/// What drifted of one Manifest, apart from `removed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::render) struct Group {
    pub(in crate::render) name: String,
    pub(in crate::render) counts: Counts,
    pub(in crate::render) applied: Option<Applied>,
    pub(in crate::render) rows: Vec<Row>,
    pub(in crate::render) hidden: usize,
    /// Whether it stays unfolded: small enough to read at once.
    pub(in crate::render) open: bool,
}

/// A Manifest that could not be compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::render) struct NotCompared {
    pub(in crate::render) name: String,
    pub(in crate::render) place: Option<String>,
    pub(in crate::render) skipped: bool,
    /// The stable word of the reason.
    pub(in crate::render) code: Option<String>,
    /// Absent where the reader must not see more than names.
    pub(in crate::render) message: Option<String>,
    pub(in crate::render) hint: Option<String>,
    /// Entries of last time that are unknown for it.
    pub(in crate::render) unknown: usize,
}

impl NotCompared {
    pub(in crate::render) fn of(manifest: &ManifestReport, detail: Detail, unknown: usize) -> Self {
        let reason = manifest.reason.as_ref();
        let code = reason.and_then(|reason| serde_json::to_value(reason.code).ok());
        let told = reason.filter(|_| detail == Detail::Full);
        Self {
            name: manifest_name(&manifest.name, Width::Full),
            place: manifest
                .declared_at
                .as_ref()
                .map(|place| cut(&format!("{}:{}", place.file, place.line), 100)),
            skipped: manifest.outcome == ManifestOutcome::Skipped,
            code: code.and_then(|code| code.as_str().map(str::to_owned)),
            message: told.map(|reason| cut(&reason.message, 300)),
            hint: told.and_then(|reason| reason.hint.as_ref()).map(|hint| cut(hint, 200)),
            unknown,
        }
    }
}

/// A State whose Manifest is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::render) struct Orphan {
    pub(in crate::render) name: String,
    pub(in crate::render) config_map: String,
    /// `ours`, `unknown`, `foreign`.
    pub(in crate::render) ownership: &'static str,
    pub(in crate::render) applied: Option<Applied>,
    pub(in crate::render) removed: List<Row>,
    pub(in crate::render) advice: OrphanAdvice,
}

impl Orphan {
    /// `shown` of its entries get a row.
    pub(in crate::render) fn of(
        report: &Report,
        manifest: &ManifestReport,
        shown: usize,
        width: Width,
    ) -> Option<Self> {
        let orphan = manifest.orphaned_state.as_ref()?;
        let removed = manifest.entries.iter().filter(|e| e.diff_type == DiffType::Removed);
        Some(Self {
            name: manifest_name(&manifest.name, Width::Full),
            config_map: cut(&orphan.config_map, 120),
            ownership: match orphan.ownership {
                Ownership::Ours => "ours",
                Ownership::Unknown => "unknown",
                Ownership::Foreign => "foreign",
            },
            applied: Applied::of(report, manifest.state.as_ref()),
            removed: List::of(removed, shown, |entry| Row::of(manifest, entry, width)),
            advice: OrphanAdvice::of(report, manifest, orphan),
        })
    }
}

/// A warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::render) struct Note {
    pub(in crate::render) about: Option<String>,
    pub(in crate::render) message: String,
    pub(in crate::render) hint: Option<String>,
}

impl Note {
    pub(in crate::render) fn of(warning: &Warning) -> Self {
        let place = warning.location.as_ref().map(|at| format!("{}:{}", at.file, at.line));
        Self {
            about: place.or_else(|| warning.manifest.clone()).map(|about| cut(&about, 100)),
            message: cut(&warning.message, 300),
            hint: warning.hint.as_ref().map(|hint| cut(hint, 200)),
        }
    }
}

/// How long a phase took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::render) struct Took {
    pub(in crate::render) name: String,
    pub(in crate::render) time: String,
}

/// The phases; an issue has none, because they differ from run to run.
pub(in crate::render) fn phases(report: &Report, style: Style) -> Vec<Took> {
    let phases = report.phases.iter().filter(|_| style == Style::Summary).take(20);
    phases.map(|p| Took { name: cut(&p.name, 30), time: duration(p.millis) }).collect()
}

/// The `removed` keys that are shown whole.
pub(in crate::render) fn keys(report: &Report, most: usize) -> List<String> {
    List::of(report.entries_of(DiffType::Removed), most, |(_, entry)| whole_key(&entry.key))
}
