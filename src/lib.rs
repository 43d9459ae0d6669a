//! Reports drift of clusters managed with Tazuna.
//!
//! ARCHITECTURE.md is the map. The data flows one way: project → build, state → diff →
//! [`report::Report`] → insight → history → render → publish.

pub mod build;
pub mod diff;
pub mod domain;
pub mod error;
pub mod history;
pub mod project;
pub mod publish;
pub mod render;
pub mod report;
pub mod state;
pub mod yaml;
