//! The words of the field as types: State key, ContentHash, Diff type. Pure.

mod canonical;
mod content_hash;
mod diff_type;
pub mod object;
mod state_key;

pub use content_hash::ContentHash;
pub use diff_type::DiffType;
pub use object::BuiltObject;
pub use state_key::{KeyParts, StateKey};
