//! The words of the field as types: State key, ContentHash, Diff type. Pure.

mod content_hash;
mod diff_type;
mod state_key;

pub use content_hash::ContentHash;
pub use diff_type::DiffType;
pub use state_key::{KeyParts, StateKey};
