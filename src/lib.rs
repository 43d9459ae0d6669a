//! Reports drift of clusters managed with Tazuna.
//!
//! ARCHITECTURE.md is the map. The data flows one way: project → build, state → diff →
//! [`report::Report`] → insight → history → render → publish.

pub mod app;
pub mod build;
pub mod cli;
pub mod diff;
pub mod domain;
pub mod error;
pub mod history;
pub mod insight;
pub mod process;
pub mod project;
pub mod publish;
pub mod render;
pub mod report;
pub mod repository;
pub mod source;
pub mod state;
pub mod yaml;
