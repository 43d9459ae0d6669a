//! Report → text, Markdown, JSON. Pure; escaping lives here only.

mod advice;
mod comment;
pub mod escape;
mod failure;
pub mod issue;
mod json;
mod markdown;
mod templates;
mod terminal;
mod text;
mod view;

pub use failure::failure;
pub use json::{json, read_json, schema};
pub use markdown::{MarkdownOptions, SUMMARY_BUDGET, markdown};
pub use templates::{BUILT_IN, COMMENT, ISSUE, MACROS, Rendered, SUMMARY, Templates};
pub use terminal::terminal;
pub use text::{problems, text};
