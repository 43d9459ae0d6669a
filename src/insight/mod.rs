//! What is added to a Report by looking at its parts together. Pure.

pub mod orphans;
