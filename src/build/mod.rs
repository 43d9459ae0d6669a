//! Manifest → objects: one backend a type, in parallel, failing per Manifest.

use std::time::Duration;

pub use crate::domain::BuiltObject;
use crate::report::Reason;

/// What building one Manifest gave. Where a State key occurs twice the last object
/// stays; `objects` is sorted by key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// The objects or the reason why there are none.
    pub objects: Result<Vec<BuiltObject>, Reason>,
    /// How long it took.
    pub took: Duration,
}
