//! This Report against the last one of the same target: first seen, new, changed,
//! cleared, unknown. Pure.
//!
//! What must be looked up in the cluster is asked for as data ([`to_look_up`]) and comes
//! back as data ([`Presence`]); nothing here talks to anything.

mod compare;
mod fingerprint;
mod past;

pub use compare::{News, compare, remember, to_look_up};
pub use fingerprint::fingerprint;
pub use past::{Past, PastManifest, Remembered, Summary};

/// Most State keys that one run asks the cluster for.
pub const MOST_LOOK_UPS: usize = 50;

/// Whether the object behind a `removed` entry that left State is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is in the cluster, and State does not hold it.
    Running,
    /// It is not in the cluster.
    Gone,
    /// State holds it and the Manifest declares it again: it is not `removed` any more.
    Tracked,
    /// The credentials may not look.
    NotAllowed,
    /// The question could not be answered now; it is asked again next time.
    Unknown,
}
