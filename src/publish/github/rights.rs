//! What the credentials may do with the repository, as GitHub says it.

use http::Method;
use jiff::Timestamp;
use serde_json::Value;

use super::client::{GithubClient, Repeat};
use crate::error::Result;

/// What GitHub says of a repository and of who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryRights {
    /// Whether issues may be written. `None` where GitHub does not say: the token of a
    /// workflow has rights of its own.
    pub may_write: Option<bool>,
    /// Whether the repository has issues at all.
    pub has_issues: bool,
    /// Whether nobody may change it any more.
    pub archived: bool,
    /// Whether everybody sees it: then reports are public, and schedules end.
    pub public: bool,
    /// When it was last pushed to.
    pub pushed_at: Option<Timestamp>,
}

impl GithubClient {
    /// Asks GitHub; one request.
    ///
    /// # Errors
    /// `Publish`: no such repository, or the credentials may not see it.
    pub async fn rights(&self) -> Result<RepositoryRights> {
        let what = format!("looking at {}", self.repository());
        let reply = self.send(Method::GET, "", None, Repeat::Freely).await;
        Ok(read(&reply.map_err(|failure| failure.about(&what))?.json))
    }
}

fn read(json: &Value) -> RepositoryRights {
    let right = |name: &str| json["permissions"][name].as_bool();
    let rights = ["admin", "maintain", "push", "triage"].map(right);
    RepositoryRights {
        may_write: rights
            .iter()
            .any(Option::is_some)
            .then(|| rights.iter().any(|right| *right == Some(true))),
        has_issues: json["has_issues"].as_bool().unwrap_or(true),
        archived: json["archived"].as_bool().unwrap_or(false),
        public: !json["private"].as_bool().unwrap_or(false),
        pushed_at: json["pushed_at"].as_str().and_then(|text| text.parse().ok()),
    }
}
