//! What Tazuna's own output says, and the part of a Report that it becomes. Pure.

use std::collections::HashSet;

use crate::{
    project::{Fault, Manifest},
    report::{Entry, ManifestOutcome, ManifestReport},
};

/// What `tazuna state diff` or `tazuna state drift` said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedOutput {
    /// The Manifests that have rows, in order. Tazuna does not name the others.
    pub manifests: Vec<SavedManifest>,
}

/// One table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedManifest {
    /// Name of the Manifest.
    pub name: String,
    /// Its rows, sorted by Diff type, then State key.
    pub entries: Vec<Entry>,
}

impl SavedOutput {
    /// Leaves out the rows of Manifests that are declared and not selected, since
    /// `tazuna state diff` knows no `--tags`. Rows of Manifests that are declared nowhere
    /// stay: somebody must see that the output belongs to another tazuna.yaml.
    pub fn select(&mut self, declared: &[&Manifest], selected: &[&Manifest]) {
        let names = |manifests: &[&Manifest]| -> HashSet<String> {
            manifests.iter().map(|manifest| manifest.name.clone()).collect()
        };
        let (declared, selected) = (names(declared), names(selected));
        self.manifests.retain(|manifest| {
            selected.contains(&manifest.name) || !declared.contains(&manifest.name)
        });
    }

    /// Names in the output that no Manifest has.
    pub fn undeclared(&self, declared: &[&Manifest]) -> Vec<&str> {
        let declared: HashSet<&str> = declared.iter().map(|m| m.name.as_str()).collect();
        let names = self.manifests.iter().map(|manifest| manifest.name.as_str());
        names.filter(|name| !declared.contains(name)).collect()
    }
}

/// The Manifests of a Report.
///
/// With `declared` (the selected Manifests of a tazuna.yaml that is known) each of them
/// stands in the Report in that order; without rows it was compared and does not differ,
/// since Tazuna fails as a whole when it cannot build one. A Manifest whose declaration
/// alone tells that it cannot be looked at keeps that reason, unless Tazuna gave rows for it.
/// Manifests that only the output names follow. Without `declared` there are only those.
pub fn report_manifests(
    mut saved: SavedOutput,
    declared: Option<&[&Manifest]>,
) -> Vec<ManifestReport> {
    let mut reports: Vec<ManifestReport> = Vec::new();
    for manifest in declared.unwrap_or_default() {
        let at = saved.manifests.iter().position(|saved| saved.name == manifest.name);
        let rows = at.map(|at| saved.manifests.remove(at).entries);
        let (outcome, reason) = match (&manifest.fault, &rows) {
            (None, _) | (Some(_), Some(_)) => (ManifestOutcome::Compared, None),
            (Some(Fault::Failed(reason)), None) => (ManifestOutcome::Failed, Some(reason.clone())),
            (Some(Fault::Skipped(reason)), None) => {
                (ManifestOutcome::Skipped, Some(reason.clone()))
            }
        };
        let entries = rows.unwrap_or_default();
        reports.push(ManifestReport { outcome, reason, entries, ..manifest.declared() });
    }
    let undeclared = saved.manifests.into_iter();
    reports.extend(undeclared.map(|saved| ManifestReport::compared(saved.name, saved.entries)));
    reports
}
