//! The Report: the one typed result that every renderer and publisher reads.
//!
//! Its JSON form is public and versioned ([`SCHEMA_VERSION`]); optional fields may be
//! added without a new version, so readers ignore what they do not know.

mod manifest;
mod origin;
mod totals;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use manifest::{
    Artifact, Entry, EntryTrend, Location, ManifestOutcome, ManifestReport, OrphanedState,
    Ownership, Reason, ReasonCode, StateMetadata,
};
pub use origin::{
    ClusterContext, Generator, Phase, Refusal, RefusalCode, Repository, Selection, Source,
    SourceKind, StateKind, StateSource, Target, Tool, WorkflowRun,
};
pub use totals::Totals;

use crate::domain::{DiffType, StateKey};

/// Version of the Report's JSON form. Raised only when an older reader would misread it.
pub const SCHEMA_VERSION: u32 = 1;

/// How far what `tazuna.yaml` would build now is from what was last applied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Version of this form; this program writes 1 and refuses newer ones.
    pub schema_version: u32,
    /// The program that made the Report.
    pub generator: Generator,
    /// What the run looked at: one issue belongs to it.
    pub target: Target,
    /// When it was made.
    #[schemars(with = "String")]
    pub generated_at: Timestamp,
    /// The cluster whose State was read.
    pub context: ClusterContext,
    /// The tazuna.yaml and what of it was selected.
    pub selection: Selection,
    /// The git repository around tazuna.yaml, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<Repository>,
    /// The workflow run that made the Report, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<WorkflowRun>,
    /// Where the comparison comes from.
    pub source: Source,
    /// External tools that took part, with their versions.
    #[serde(default)]
    pub tools: Vec<Tool>,
    /// Set when the run ended before anything was compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refusal>,
    /// Manifests in the order of tazuna.yaml, then orphaned States by name.
    pub manifests: Vec<ManifestReport>,
    /// Counts over all Manifests.
    pub totals: Totals,
    /// What this Report says against the last one; added by the history stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<History>,
    /// What a reader should know and what changes no outcome.
    #[serde(default)]
    pub warnings: Vec<Warning>,
    /// How long each phase took.
    #[serde(default)]
    pub phases: Vec<Phase>,
}

impl Report {
    /// Whether every selected Manifest was compared.
    pub fn is_complete(&self) -> bool {
        self.refused.is_none()
            && self.manifests.iter().all(|m| m.outcome == ManifestOutcome::Compared)
    }

    /// Whether there is any drift (always-sync is none).
    pub fn has_drift(&self) -> bool {
        self.totals.drift > 0
    }

    /// Whether "no drift" may be said: everything was compared, nothing differs and
    /// nothing is orphaned.
    pub fn is_clear(&self) -> bool {
        self.is_complete()
            && !self.has_drift()
            && self.manifests.iter().all(|m| m.orphaned_state.is_none())
    }

    /// Whether the cluster holds no State at all, so that everything reads `added`.
    /// That is said once instead of being reported row by row.
    pub fn lacks_state(&self) -> bool {
        self.source.state.as_ref().is_some_and(|state| state.config_maps == 0)
    }

    /// All entries of one Diff type with their Manifests, in the Report's order.
    pub fn entries_of(
        &self,
        diff_type: DiffType,
    ) -> impl Iterator<Item = (&ManifestReport, &Entry)> {
        self.manifests.iter().flat_map(move |manifest| {
            manifest
                .entries
                .iter()
                .filter(move |entry| entry.diff_type == diff_type)
                .map(move |entry| (manifest, entry))
        })
    }
}

/// What a reader should know and what changes no outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Warning {
    /// Stable word for scripts, such as `unknown-field`.
    pub code: String,
    /// One sentence for people, without secrets.
    pub message: String,
    /// The Manifest it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<String>,
    /// Where in tazuna.yaml or an included file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Warning {
    /// A warning about the run as a whole.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            manifest: None,
            location: None,
            hint: None,
        }
    }

    /// Names the Manifest.
    #[must_use]
    pub fn about(mut self, manifest: impl Into<String>) -> Self {
        self.manifest = Some(manifest.into());
        self
    }

    /// Names the place.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// This Report against the last one of the same target. Per-entry facts (first seen,
/// trend) stand at the entries themselves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct History {
    /// When drift of this target was first seen without a clear report since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub drift_since: Option<Timestamp>,
    /// Since when there has been no drift, once it is clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub clear_since: Option<Timestamp>,
    /// Entries of last time that are no longer there and were looked at.
    #[serde(default)]
    pub cleared: Vec<PastEntry>,
    /// Entries of last time whose Manifest could not be compared now.
    #[serde(default)]
    pub unknown: Vec<PastEntry>,
    /// `removed` entries that left State while the object still runs.
    #[serde(default)]
    pub untracked: Vec<PastEntry>,
    /// `removed` entries that left State and that nobody could look for.
    #[serde(default)]
    pub unverified: Vec<PastEntry>,
}

/// An entry of an earlier Report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PastEntry {
    /// Its State key.
    pub key: StateKey,
    /// Its Diff type then.
    pub diff_type: DiffType,
    /// When it was first seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub first_seen: Option<Timestamp>,
}
