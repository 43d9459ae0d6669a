//! Runs the program and its library at their borders; clusters and GitHub are faked at
//! the transport.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(unreachable_pub, reason = "one binary: there is nobody to reach")]

mod arbitrary;
mod build;
mod diff;
mod kustomize_agreement;
mod oras;
mod output;
mod program;
mod project;
mod publish;
mod readme;
mod render;
mod reports;
mod run;
mod source;
mod state;
mod tools;
mod vectors;
mod yaml;
