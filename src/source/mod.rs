//! Where a Report comes from besides this program's own comparison: the tazuna CLI, saved output.

pub mod output;
mod saved;
pub mod tazuna;

pub use saved::{SavedManifest, SavedOutput, report_manifests};
