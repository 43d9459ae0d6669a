//! Report → text, Markdown, JSON. Pure; escaping lives here only.

pub mod escape;
pub mod issue;
mod json;
mod text;

pub use json::{json, read_json, schema};
pub use text::{problems, text};
