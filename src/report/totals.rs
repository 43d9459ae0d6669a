//! Counts over all Manifests.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ManifestOutcome, ManifestReport};
use crate::domain::DiffType;

/// Counts over all Manifests of a Report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// Selected Manifests; orphaned States are not among them.
    pub manifests: usize,
    /// Selected Manifests that were compared.
    pub compared: usize,
    /// Selected Manifests that failed.
    pub failed: usize,
    /// Selected Manifests that were skipped.
    pub skipped: usize,
    /// States without a Manifest.
    pub orphaned_states: usize,
    /// Objects built.
    pub objects: usize,
    /// Entries `added`.
    pub added: usize,
    /// Entries `modified`.
    pub modified: usize,
    /// Entries `removed`, those of orphaned States included.
    pub removed: usize,
    /// Entries `always-sync`.
    pub always_sync: usize,
    /// Entries `live-drifted`.
    pub live_drifted: usize,
    /// Entries `live-missing`.
    pub live_missing: usize,
    /// All entries but `always-sync`.
    pub drift: usize,
}

impl Totals {
    /// Counts.
    pub fn of(manifests: &[ManifestReport]) -> Self {
        let mut totals = Self::default();
        for manifest in manifests {
            if manifest.orphaned_state.is_some() {
                totals.orphaned_states += 1;
            } else {
                totals.manifests += 1;
                match manifest.outcome {
                    ManifestOutcome::Compared => totals.compared += 1,
                    ManifestOutcome::Failed => totals.failed += 1,
                    ManifestOutcome::Skipped => totals.skipped += 1,
                }
            }
            totals.objects += manifest.objects.unwrap_or(0);
            for entry in &manifest.entries {
                *totals.slot(entry.diff_type) += 1;
                totals.drift += usize::from(entry.diff_type.is_drift());
            }
        }
        totals
    }

    /// How many entries have this Diff type.
    pub fn count(&self, diff_type: DiffType) -> usize {
        let mut totals = *self;
        *totals.slot(diff_type)
    }

    fn slot(&mut self, diff_type: DiffType) -> &mut usize {
        match diff_type {
            DiffType::Added => &mut self.added,
            DiffType::Modified => &mut self.modified,
            DiffType::Removed => &mut self.removed,
            DiffType::AlwaysSync => &mut self.always_sync,
            DiffType::LiveDrifted => &mut self.live_drifted,
            DiffType::LiveMissing => &mut self.live_missing,
        }
    }
}
