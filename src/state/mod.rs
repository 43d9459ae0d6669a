//! State: what was applied last, one ConfigMap a Manifest; read from a cluster or a folder.

pub mod cluster;
pub mod config_map;
pub mod folder;

use std::{collections::BTreeMap, fmt};

use crate::{
    domain::{ContentHash, StateKey},
    report::{ClusterContext, StateMetadata, StateSource, Warning},
};

/// The namespace in which Tazuna keeps State.
pub const NAMESPACE: &str = "tazuna";

/// What the name of every State ConfigMap begins with; the Manifest's name follows.
pub const CONFIG_MAP_PREFIX: &str = "tazuna-state-";

/// All State of one cluster.
#[derive(Clone, Debug)]
pub struct State {
    /// Where it was read.
    pub source: StateSource,
    /// The cluster, as far as it is known.
    pub context: ClusterContext,
    /// By Manifest name (the ConfigMap's name without `tazuna-state-`).
    pub manifests: BTreeMap<String, ManifestState>,
    /// What a reader should know: no State at all (`no-state`, `no-namespace`), exported
    /// ConfigMaps of another namespace (`other-namespace`).
    pub warnings: Vec<Warning>,
}

/// State of one Manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestState {
    /// Name of the ConfigMap.
    pub config_map: String,
    /// Its `_metadata`.
    pub metadata: StateMetadata,
    /// What was applied, or the entry that cannot be read.
    pub entries: Result<BTreeMap<StateKey, ContentHash>, DamagedEntry>,
}

/// An entry of State that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedEntry {
    /// The ConfigMap's data key as it stands there.
    pub data_key: String,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for DamagedEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "State holds `{}`, which Tazuna did not write: {}", self.data_key, self.problem)
    }
}
