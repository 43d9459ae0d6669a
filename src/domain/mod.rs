//! The words of the field as types: State key, ContentHash, Diff type. Pure.

mod canonical;
mod content_hash;
mod diff_type;
mod kube_facts;
pub mod object;
mod state_key;

pub use content_hash::ContentHash;
pub use diff_type::DiffType;
pub use kube_facts::KubeFacts;
pub use object::BuiltObject;
pub use state_key::{KeyParts, StateKey};
