//! Publishing: the life against a GitHub that remembers, and everything around it.

#![allow(clippy::unwrap_used, reason = "what a test sets up must be there")]

mod annotations;
mod connect;
mod errors;
mod fake;
mod found;
mod hidden;
mod history;
mod life;
mod outputs;
mod stage;
mod trouble;
