//! Runs the program and its library at their borders; clusters and GitHub are faked at
//! the transport.

#![allow(clippy::unwrap_used, reason = "what a test cannot go on without ends it")]

mod arbitrary;
mod build;
mod output;
mod project;
mod readme;
mod render;
mod reports;
mod source;
mod state;
mod tools;
mod vectors;
