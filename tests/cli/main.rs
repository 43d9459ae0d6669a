//! Runs the program and its library at their borders; clusters and GitHub are faked at
//! the transport.

mod arbitrary;
mod build;
mod output;
mod project;
mod readme;
mod render;
mod reports;
mod source;
mod tools;
mod vectors;
