//! The Diff type: how one object differs from State.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How an object differs. Declared in the order in which Tazuna sorts its rows.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum DiffType {
    /// In the Build, not in State.
    Added,
    /// In both, with different ContentHashes.
    Modified,
    /// In State, not in the Build: the object may still run. High priority.
    Removed,
    /// Object of a genesissecret Manifest: looked at every time, never drift.
    AlwaysSync,
    /// Only from `tazuna state drift`: the live object differs from State.
    LiveDrifted,
    /// Only from `tazuna state drift`: State holds it, the cluster does not.
    LiveMissing,
}

impl DiffType {
    /// All of them, in order.
    pub const ALL: [Self; 6] = [
        Self::Added,
        Self::Modified,
        Self::Removed,
        Self::AlwaysSync,
        Self::LiveDrifted,
        Self::LiveMissing,
    ];

    /// All of them, in the order in which people should look at them.
    pub const WORST_FIRST: [Self; 6] = [
        Self::Removed,
        Self::LiveMissing,
        Self::Modified,
        Self::LiveDrifted,
        Self::Added,
        Self::AlwaysSync,
    ];

    /// The word Tazuna prints in STATUS.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Modified => "modified",
            Self::Removed => "removed",
            Self::AlwaysSync => "always-sync",
            Self::LiveDrifted => "live-drifted",
            Self::LiveMissing => "live-missing",
        }
    }

    /// Reads the word Tazuna prints in STATUS.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|diff_type| diff_type.as_str() == word)
    }

    /// Whether it counts as drift: everything but always-sync.
    pub const fn is_drift(self) -> bool {
        !matches!(self, Self::AlwaysSync)
    }
}

impl fmt::Display for DiffType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
