//! The GitHub issue of a target: the only user of octocrab.
//!
//! `find` looks for the issue, [`crate::history`] compares, `plan` decides (pure), `apply`
//! writes; `lifecycle` is the order of these.

mod api;
mod apply;
mod body;
mod client;
mod connect;
mod errors;
mod find;
pub mod hidden;
mod labels;
mod lifecycle;
pub mod marker;
mod model;
mod plan;
mod preview;
mod rights;
mod settings;
mod wire;

pub use client::GithubClient;
pub use connect::{ClientSettings, Credentials, Proxies, Retry};
pub use lifecycle::{IssueResult, LookUp, NoCluster, publish_issue};
pub use octocrab::secrecy::SecretString;
pub use plan::IssueAction;
pub use rights::RepositoryRights;
pub use settings::{ClosedIssue, IssueSettings, Labels, RepositoryName};
