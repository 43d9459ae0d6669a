//! The table of counts: Manifest × Diff type. It stays when rows go.

use std::cmp::Reverse;

use serde::Serialize;

use super::words::{Width, manifest_name};
use crate::{
    domain::DiffType,
    report::{ManifestOutcome, ManifestReport, Report, Totals},
};

/// Entries of one Manifest by Diff type, as templates name them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(in crate::render) struct Counts {
    pub(in crate::render) added: usize,
    pub(in crate::render) modified: usize,
    pub(in crate::render) removed: usize,
    pub(in crate::render) always_sync: usize,
    pub(in crate::render) live_drifted: usize,
    pub(in crate::render) live_missing: usize,
    pub(in crate::render) drift: usize,
}

impl From<Totals> for Counts {
    fn from(totals: Totals) -> Self {
        let Totals {
            added, modified, removed, always_sync, live_drifted, live_missing, drift, ..
        } = totals;
        Self { added, modified, removed, always_sync, live_drifted, live_missing, drift }
    }
}

/// One Manifest of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::render) struct CountRow {
    pub(in crate::render) name: String,
    /// `compared`, `failed`, `skipped`, `orphaned`.
    pub(in crate::render) outcome: &'static str,
    /// A number per column.
    pub(in crate::render) cells: Vec<usize>,
}

/// The table, with the Manifests it names and what it only sums up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(in crate::render) struct CountTable {
    pub(in crate::render) columns: Vec<&'static str>,
    pub(in crate::render) rows: Vec<CountRow>,
    /// Manifests with drift, or not compared, that are not named.
    pub(in crate::render) hidden: usize,
    /// Their entries of drift.
    pub(in crate::render) hidden_entries: usize,
    /// Manifests that were compared and have no entry.
    pub(in crate::render) quiet: usize,
}

impl CountTable {
    /// Names `most` Manifests: all in the Report's order, or those with the most `removed`,
    /// then the most drift.
    pub(in crate::render) fn of(report: &Report, counts: &[Totals], most: usize) -> Self {
        let columns: Vec<DiffType> = DiffType::WORST_FIRST
            .into_iter()
            .filter(|column| report.totals.count(*column) > 0)
            .collect();
        let is_named = |manifest: &ManifestReport, counts: &Totals| {
            counts.drift + counts.always_sync > 0
                || manifest.outcome != ManifestOutcome::Compared
                || manifest.orphaned_state.is_some()
        };
        let all = report.manifests.iter().zip(counts);
        let mut named: Vec<_> = all.filter(|(m, counts)| is_named(m, counts)).collect();
        let quiet = counts.len() - named.len();
        if named.len() > most {
            named.sort_by_key(|(_, counts)| Reverse((counts.removed, counts.drift)));
        }
        let (shown, rest) = named.split_at(named.len().min(most));
        Self {
            columns: columns.iter().map(|column| column.as_str()).collect(),
            rows: shown.iter().map(|(manifest, counts)| row(manifest, counts, &columns)).collect(),
            hidden: rest.len(),
            hidden_entries: rest.iter().map(|(_, counts)| counts.drift).sum(),
            quiet,
        }
    }
}

fn row(manifest: &ManifestReport, counts: &Totals, columns: &[DiffType]) -> CountRow {
    CountRow {
        name: manifest_name(&manifest.name, Width::Full),
        outcome: match manifest.outcome {
            _ if manifest.orphaned_state.is_some() => "orphaned",
            ManifestOutcome::Compared => "compared",
            ManifestOutcome::Failed => "failed",
            ManifestOutcome::Skipped => "skipped",
        },
        cells: columns.iter().map(|column| counts.count(*column)).collect(),
    }
}
