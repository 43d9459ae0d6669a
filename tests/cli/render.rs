//! Every rendering of a Report.

mod escape;
mod json;
mod markdown;
mod templates;
mod text;
