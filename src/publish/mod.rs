//! Takes a Report to where people read it.

pub mod github;
