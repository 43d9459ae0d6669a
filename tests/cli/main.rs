//! Runs the program and its library at their borders; clusters and GitHub are faked at
//! the transport.

mod arbitrary;
mod project;
mod readme;
mod render;
mod reports;
mod vectors;
//! The one integration binary: a module a topic.

mod build;
mod output;
mod source;
mod tools;
//! The one integration binary.

mod state;
