//! State: what was applied last, one ConfigMap a Manifest; read from a cluster or a folder.

use std::collections::BTreeMap;

use crate::{
    domain::{ContentHash, StateKey},
    report::{ClusterContext, StateMetadata, StateSource},
};

/// All State of one cluster.
#[derive(Clone, Debug)]
pub struct State {
    /// Where it was read.
    pub source: StateSource,
    /// The cluster, as far as it is known.
    pub context: ClusterContext,
    /// By Manifest name (the ConfigMap's name without `tazuna-state-`).
    pub manifests: BTreeMap<String, ManifestState>,
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
