//! Every rendering of a Report.

mod escape;
mod json;
mod text;
