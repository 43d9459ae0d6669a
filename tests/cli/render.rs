//! Every rendering of a Report.

mod budget;
mod escape;
mod issue;
mod json;
mod markdown;
mod templates;
mod terminal;
mod text;
