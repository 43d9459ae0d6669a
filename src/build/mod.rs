//! Manifest → objects: one backend a type, in parallel, failing per Manifest.

use std::time::Duration;

use crate::{
    domain::{ContentHash, StateKey},
    report::Reason,
};

/// An object that a Manifest declares, reduced to what is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltObject {
    /// Its State key.
    pub key: StateKey,
    /// Its ContentHash; `None` for an always-sync object, which is never fetched.
    pub hash: Option<ContentHash>,
}

/// What building one Manifest gave. Where a State key occurs twice the last object
/// stays; `objects` is sorted by key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// The objects or the reason why there are none.
    pub objects: Result<Vec<BuiltObject>, Reason>,
    /// How long it took.
    pub took: Duration,
}
