//! What a Report says about one Manifest.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{ContentHash, DiffType, StateKey};

/// One Manifest of tazuna.yaml, or one orphaned State.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ManifestReport {
    /// Name; empty for a Manifest that has none.
    pub name: String,
    /// `kustomize`, `helmfile`, `genesissecret`, `oras`, or what the file says instead;
    /// absent for orphaned State and for saved output.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub manifest_type: Option<String>,
    /// `path` as declared, relative to the folder of the main tazuna.yaml.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// `description` as declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `tags` as declared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Where it is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared_at: Option<Location>,
    /// Whether it was compared.
    pub outcome: ManifestOutcome,
    /// Why it was not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Set when State is there but no Manifest declares it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orphaned_state: Option<OrphanedState>,
    /// The artifact it was built from (`type: oras`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact: Option<Artifact>,
    /// How many objects the Build gave; absent where nobody counted (saved output).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<usize>,
    /// What State says of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<StateMetadata>,
    /// Differences, sorted by Diff type, then State key.
    pub entries: Vec<Entry>,
    /// Objects that the chart renders differently every time, sorted: they can never agree
    /// with State, so they are neither entries nor drift.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unstable: Vec<StateKey>,
    /// How long the Build took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build_millis: Option<u64>,
}

impl ManifestReport {
    /// A Manifest that was compared and of which nothing but its entries is known.
    pub fn compared(name: impl Into<String>, entries: Vec<Entry>) -> Self {
        Self {
            name: name.into(),
            manifest_type: None,
            path: None,
            description: None,
            tags: Vec::new(),
            declared_at: None,
            outcome: ManifestOutcome::Compared,
            reason: None,
            orphaned_state: None,
            artifact: None,
            objects: None,
            state: None,
            entries,
            unstable: Vec::new(),
            build_millis: None,
        }
    }

    /// How many entries have this Diff type.
    pub fn count(&self, diff_type: DiffType) -> usize {
        self.entries.iter().filter(|entry| entry.diff_type == diff_type).count()
    }

    /// Whether any entry is drift.
    pub fn has_drift(&self) -> bool {
        self.entries.iter().any(|entry| entry.diff_type.is_drift())
    }
}

/// How looking at a Manifest ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ManifestOutcome {
    /// Build and State were compared.
    Compared,
    /// It could not be built, or its State could not be read.
    Failed,
    /// Tazuna itself would not look at it.
    Skipped,
}

/// Why a Manifest was not compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reason {
    /// Stable word for scripts.
    pub code: ReasonCode,
    /// One scrubbed line for people; may stand in a public issue.
    pub message: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The tool's own last lines, scrubbed; for the log and the terminal only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub detail: Vec<String>,
}

impl Reason {
    /// A reason without further detail.
    pub fn new(code: ReasonCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, detail: Vec::new() }
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the tool's own last lines.
    #[must_use]
    pub fn detail(mut self, lines: Vec<String>) -> Self {
        self.detail = lines;
        self
    }
}

/// Why a Manifest was not compared, as a stable word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReasonCode {
    /// It has no name; `tazuna state diff` skips it.
    MissingName,
    /// Another Manifest has the same name.
    DuplicateName,
    /// Its `type` is none that Tazuna knows.
    UnknownType,
    /// A field that its type needs is missing or has the wrong form.
    InvalidDeclaration,
    /// Its `path` does not exist.
    PathNotFound,
    /// A tool that builds it is not installed.
    ToolMissing,
    /// The tool that builds it ended with an error.
    ToolFailed,
    /// The tool that builds it took too long.
    TimedOut,
    /// It needs the network and `--offline` forbids that.
    Offline,
    /// What was built cannot be read as Kubernetes objects.
    InvalidObjects,
    /// Its State holds something that Tazuna did not write.
    DamagedState,
    /// It needs a secret, and this program never fetches one.
    NeedsSecret,
    /// What it is built from could not be fetched from its registry.
    PullFailed,
    /// What was fetched is not what it should be: a wrong digest, more than one layer, an
    /// archive that must not be unpacked.
    InvalidArtifact,
    /// This version cannot build its type.
    NotSupported,
    /// A word of a newer version.
    #[serde(other)]
    Other,
}

/// The artifact that a Manifest of `type: oras` was built from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Artifact {
    /// `reference` as declared.
    pub reference: String,
    /// The digest that was compared.
    pub digest: String,
    /// Whether it was in the cache, so that its registry was not needed.
    pub from_cache: bool,
    /// The digest that the tag had when it was last pulled here, where that was another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<String>,
    /// The digest that the tag has in its registry now, where the cache's was compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<String>,
}

/// A line of tazuna.yaml or an included file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// File, relative to the folder of the main tazuna.yaml, with `/`.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
}

/// What a State ConfigMap says of itself (`_metadata`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StateMetadata {
    /// The commit that was applied; absent where State does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_commit_hash: Option<String>,
    /// When it was applied, RFC 3339 as State holds it; absent where State does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_synced_at: Option<String>,
}

/// State whose Manifest is declared nowhere in this tazuna.yaml.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrphanedState {
    /// Name of its ConfigMap in the namespace `tazuna`.
    pub config_map: String,
    /// Whose it is, as far as the evidence goes.
    pub ownership: Ownership,
}

/// Whether State belongs to this repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ownership {
    /// The commit it was applied from is in this repository.
    Ours,
    /// Nothing tells (no commit, no repository, or a shallow clone).
    Unknown,
    /// A full clone that knows the commits of all its own States does not know this one.
    Foreign,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The object.
    pub key: StateKey,
    /// How it differs.
    pub diff_type: DiffType,
    /// ContentHash in State.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_hash: Option<ContentHash>,
    /// ContentHash of the Build (of the live object for `live-drifted`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_hash: Option<ContentHash>,
    /// When this entry was first seen; added by the history stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub first_seen: Option<Timestamp>,
    /// Against the last Report; added by the history stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trend: Option<EntryTrend>,
}

/// An entry against the last Report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EntryTrend {
    /// Not there last time.
    New,
    /// There last time, with another Diff type or other hashes.
    Changed,
    /// The same as last time.
    Ongoing,
}
