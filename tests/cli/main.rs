//! Runs the program and its library at their borders; clusters and GitHub are faked at
//! the transport.

mod arbitrary;
mod readme;
mod render;
mod reports;
//! Everything that is tested from outside, in one binary.

mod vectors;
//! The one integration binary: a module a topic.

mod build;
mod output;
mod source;
mod tools;
