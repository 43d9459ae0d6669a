//! Takes a Report to where people read it: job summary, step outputs, annotations and the
//! GitHub issue.

pub mod annotations;
pub mod github;
pub mod outputs;
pub mod summary;
mod when;

pub use when::{Permission, When, when_allowed};
