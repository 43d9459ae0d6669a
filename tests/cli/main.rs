//! Runs the program and its library at their borders; clusters and GitHub are faked at
//! the transport.

mod arbitrary;
mod build;
mod diff;
mod output;
mod program;
mod project;
mod publish;
mod readme;
mod render;
mod reports;
mod source;
mod state;
mod tools;
mod vectors;
