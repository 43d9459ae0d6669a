//! Report → text, Markdown, JSON. Pure; escaping lives here only.

pub mod issue;
