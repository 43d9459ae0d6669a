//! How many rows of each sort fit, when not all do.
//!
//! GitHub's limits are hard, so something gives way: first `added`, then `modified`, then
//! `removed` beyond [`REMOVED_KEPT`] rows. Sizes are estimated once per row, from above;
//! the caller measures what really came out.

use std::collections::BTreeMap;

use super::words::Width;
use crate::{
    domain::DiffType,
    render::escape::cost_of,
    report::{Entry, ManifestOutcome, ManifestReport, PastEntry, Report},
};

/// `removed` rows that stay whatever else goes.
pub(in crate::render) const REMOVED_KEPT: usize = 200;

/// How many rows of each sort are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::render) struct Limits {
    /// `removed` rows, those of orphaned States included.
    pub(in crate::render) removed: usize,
    /// Their whole State keys.
    pub(in crate::render) keys: usize,
    /// Rows `modified`, `live-drifted` and `live-missing`.
    pub(in crate::render) modified: usize,
    /// Rows `added`.
    pub(in crate::render) added: usize,
    /// Manifests in the table of counts.
    pub(in crate::render) counts: usize,
    /// Orphaned States that get their own paragraph and commands.
    pub(in crate::render) orphans: usize,
    /// Manifests that could not be compared.
    pub(in crate::render) not_compared: usize,
    /// Entries that left State while their objects run.
    pub(in crate::render) untracked: usize,
    /// Entries whose Manifest could not be compared.
    pub(in crate::render) unknown: usize,
    /// Rows `always-sync`.
    pub(in crate::render) always_sync: usize,
    /// Warnings.
    pub(in crate::render) warnings: usize,
    /// How long the texts of a row may be.
    pub(in crate::render) width: Width,
}

impl Limits {
    /// Everything.
    pub(in crate::render) const NONE: Self = Self::all(usize::MAX);
    /// Totals alone.
    pub(in crate::render) const TIGHTEST: Self = Self::all(0);

    const fn all(n: usize) -> Self {
        Self {
            removed: n,
            keys: n,
            modified: n,
            added: n,
            counts: n,
            orphans: n,
            not_compared: n,
            untracked: n,
            unknown: n,
            always_sync: n,
            warnings: n,
            width: Width::Full,
        }
    }
}

/// What each row may cost in UTF-16 units or bytes, in the order in which rows are taken.
#[derive(Debug, Default)]
pub(in crate::render) struct Costs {
    removed: Vec<usize>,
    keys: Vec<usize>,
    modified: Vec<usize>,
    added: Vec<usize>,
    counts: Vec<usize>,
    orphans: Vec<usize>,
    not_compared: Vec<usize>,
    untracked: Vec<usize>,
    unknown: Vec<usize>,
    always_sync: Vec<usize>,
    warnings: Vec<usize>,
}

impl Costs {
    /// Goes through the Report once.
    pub(in crate::render) fn of(report: &Report) -> Self {
        let mut costs = Self::default();
        for manifest in &report.manifests {
            costs.add(manifest);
        }
        if let Some(history) = &report.history {
            let past = |list: &[PastEntry]| list.iter().map(past).collect();
            costs.untracked = past(&history.untracked);
            costs.unknown = past(&history.unknown);
        }
        costs.warnings = report
            .warnings
            .iter()
            .map(|w| 40 + cost_of(&w.message, 300) + hint(w.hint.as_ref()) + 120)
            .collect();
        // The largest are shown when not all fit, so no order is known here: take the worst.
        costs.counts.sort_unstable_by(|a, b| b.cmp(a));
        costs
    }

    fn add(&mut self, manifest: &ManifestReport) {
        let name = cost_of(&manifest.name, 95);
        let mut counted = manifest.outcome != ManifestOutcome::Compared;
        if counted {
            let reason = manifest.reason.as_ref();
            let said = reason.map_or(0, |r| cost_of(&r.message, 300) + hint(r.hint.as_ref()));
            self.not_compared.push(name + 140 + said);
        }
        if manifest.orphaned_state.is_some() {
            // Two commands that repeat file and environment, and a dozen deletions.
            self.orphans.push(2400 + 6 * name + 12 * 260);
            counted = true;
        }
        let mut headed: BTreeMap<bool, ()> = BTreeMap::new();
        for entry in &manifest.entries {
            counted = true;
            // Each Manifest's first row carries the Manifest's heading.
            let mut heading = |added: bool| match headed.insert(added, ()) {
                None => 240 + name,
                Some(()) => 0,
            };
            let row = row(entry);
            match entry.diff_type {
                DiffType::Removed => {
                    self.removed.push(row + name);
                    self.keys.push(cost_of(entry.key.as_str(), 605));
                }
                DiffType::Added => self.added.push(row + heading(true)),
                DiffType::AlwaysSync => self.always_sync.push(row + name),
                _ => self.modified.push(row + heading(false)),
            }
        }
        if counted {
            self.counts.push(name + 45);
        }
    }

    /// What everything would cost.
    pub(in crate::render) fn total(&self) -> usize {
        [
            &self.removed,
            &self.keys,
            &self.modified,
            &self.added,
            &self.counts,
            &self.orphans,
            &self.not_compared,
            &self.untracked,
            &self.unknown,
            &self.always_sync,
            &self.warnings,
        ]
        .into_iter()
        .flatten()
        .sum()
    }

    /// The rows that fit into `room`.
    pub(in crate::render) fn fit(&self, room: usize) -> Limits {
        let mut left = room;
        // `share` keeps a long list from eating what the next one needs.
        let take = |left: &mut usize, costs: &[usize], share: usize| {
            let most = *left / 100 * share;
            let (mut taken, mut used) = (0, 0);
            for cost in costs {
                if used + cost > most {
                    break;
                }
                used += cost;
                taken += 1;
            }
            *left -= used;
            taken
        };
        let kept = self.removed.len().min(REMOVED_KEPT);
        let mut removed = take(&mut left, &self.removed[..kept], 100);
        let width = if removed == kept { Width::Full } else { Width::Narrow };
        if width == Width::Narrow {
            let narrow = |cost: &usize| (*cost).min(width.row());
            left = room;
            let costs: Vec<usize> = self.removed[..kept].iter().map(narrow).collect();
            removed = take(&mut left, &costs, 100);
        }
        let counts = take(&mut left, &self.counts, 65);
        let not_compared = take(&mut left, &self.not_compared, 50);
        let untracked = take(&mut left, &self.untracked, 50);
        let orphans = take(&mut left, &self.orphans, 40);
        let unknown = take(&mut left, &self.unknown, 40);
        let keys = take(&mut left, &self.keys[..removed], 70);
        let warnings = take(&mut left, &self.warnings, 30);
        let beyond = if removed == kept { take(&mut left, &self.removed[kept..], 90) } else { 0 };
        let modified = take(&mut left, &self.modified, 100);
        let added = take(&mut left, &self.added, 100);
        let always_sync = take(&mut left, &self.always_sync, 100);
        Limits {
            removed: removed + beyond,
            keys,
            modified,
            added,
            counts,
            orphans,
            not_compared,
            untracked,
            unknown,
            always_sync,
            warnings,
            width,
        }
    }
}

fn hint(hint: Option<&String>) -> usize {
    hint.map_or(0, |hint| cost_of(hint, 200))
}

fn row(entry: &Entry) -> usize {
    cost_of(&entry.key.resource(), 200) + 60
}

fn past(entry: &PastEntry) -> usize {
    cost_of(entry.key.as_str(), 290) + 80
}
