//! Speaks to one repository at GitHub: sends, repeats within bounds, reads replies.

use std::time::Duration;

use http::{HeaderMap, Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Limited};
use jiff::{Timestamp, fmt::rfc2822};
use octocrab::Octocrab;
use serde_json::Value;

use super::{
    connect::{self, ClientSettings, Credentials, Retry},
    errors::{Failure, Refused},
    settings::RepositoryName,
};
use crate::error::Result;

/// A page of a hundred issues with full bodies is below 30 MB.
const MOST_REPLY_BYTES: usize = 64 * 1024 * 1024;
const MOST_REDIRECTS: usize = 3;

/// A connection to one repository at GitHub.
#[derive(Clone)]
pub struct GithubClient {
    octocrab: Octocrab,
    repository: RepositoryName,
    timeout: Duration,
    retry: Retry,
    /// Whose issues are looked through when the label is gone.
    pub(super) login: String,
}

/// Whether a request may be sent again when nobody knows if it arrived.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Twice is the same as once.
    Freely,
    /// Only when GitHub surely did nothing.
    IfRefused,
}

/// A reply that is no error.
pub(super) struct Reply {
    pub headers: HeaderMap,
    pub json: Value,
}

impl GithubClient {
    /// Prepares the connection. A token costs no request; for a GitHub App its
    /// installation in the repository is looked up.
    ///
    /// # Errors
    /// Credentials, address, proxy or certificates that cannot be used; an App that is not
    /// installed in the repository.
    pub async fn connect(settings: &ClientSettings, repository: &RepositoryName) -> Result<Self> {
        let mut client = Self {
            octocrab: connect::octocrab(settings)?,
            repository: repository.clone(),
            timeout: settings.timeout,
            retry: settings.retry,
            login: "github-actions[bot]".to_owned(),
        };
        if let Credentials::App { .. } = settings.credentials {
            client.become_installation().await?;
        }
        Ok(client)
    }

    /// The repository.
    pub fn repository(&self) -> &RepositoryName {
        &self.repository
    }

    async fn become_installation(&mut self) -> Result<()> {
        let what = format!("finding the GitHub App's installation in {}", self.repository);
        let reply = self
            .send(Method::GET, "/installation", None, Repeat::Freely)
            .await
            .map_err(|failure| failure.about_app(&what))?;
        let id = reply.json["id"].as_u64().ok_or_else(|| {
            Failure::Unreadable("it names no installation".to_owned()).about(&what)
        })?;
        if let Some(slug) = reply.json["app_slug"].as_str() {
            self.login = format!("{slug}[bot]");
        }
        self.octocrab = self
            .octocrab
            .installation(id.into())
            .map_err(|error| Failure::of(error).about(&what))?;
        Ok(())
    }

    /// Sends a request about the repository; `path` comes after `/repos/{owner}/{repo}`.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        repeat: Repeat,
    ) -> Result<Reply, Failure> {
        let mut place = format!("/repos/{}{path}", self.repository);
        let (mut tries, mut redirects) = (1, 0);
        loop {
            let failure = match self.try_once(&method, &place, body).await {
                Ok(reply) => return Ok(reply),
                Err(failure) => failure,
            };
            if let Some(target) = failure.redirect(&method).filter(|_| redirects < MOST_REDIRECTS) {
                redirects += 1;
                place = target;
                continue;
            }
            let Some(pause) = self.pause(&failure, tries, repeat) else {
                return Err(failure.after(tries));
            };
            tracing::debug!(%method, path, tries, ?pause, "GitHub: trying again");
            tokio::time::sleep(pause).await;
            tries += 1;
        }
    }

    /// Waits before a lost creation or comment is looked for.
    pub(super) async fn rest(&self, tries: u32) {
        let pause = self.retry.pause.saturating_mul(1 << (tries - 1).min(16));
        tokio::time::sleep(pause.min(self.retry.longest_pause)).await;
    }

    /// How long to wait before the next try; `None` to give up.
    fn pause(&self, failure: &Failure, tries: u32, repeat: Repeat) -> Option<Duration> {
        if tries >= self.retry.tries || !failure.may_pass() {
            return None;
        }
        if repeat == Repeat::IfRefused && !failure.did_nothing() {
            return None;
        }
        let growing = self.retry.pause.saturating_mul(1 << (tries - 1).min(16));
        let pause = match failure.asks_to_wait() {
            Some(asked) if asked > self.retry.longest_pause => return None,
            Some(asked) => asked.max(self.retry.pause),
            None => growing,
        };
        Some(pause.min(self.retry.longest_pause))
    }

    async fn try_once(
        &self,
        method: &Method,
        place: &str,
        body: Option<&Value>,
    ) -> Result<Reply, Failure> {
        let mut request = Request::builder().method(method).uri(
            place.parse::<Uri>().map_err(|_| Failure::Unreadable("a wrong address".to_owned()))?,
        );
        let text = body.map(Value::to_string).unwrap_or_default();
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request =
            request.body(text).map_err(|_| Failure::Unreadable("a wrong request".to_owned()))?;
        let reply = async {
            let response = self.octocrab.execute(request).await.map_err(Failure::of)?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, MOST_REPLY_BYTES)
                .collect()
                .await
                .map_err(|error| Failure::Broken(error.to_string()))?;
            Ok::<_, Failure>((parts, body.to_bytes()))
        };
        let (parts, bytes) = tokio::time::timeout(self.timeout, reply)
            .await
            .map_err(|_| Failure::Slow(self.timeout))??;
        let json = serde_json::from_slice(&bytes);
        if parts.status.is_success() {
            let json = match json {
                Ok(json) => json,
                Err(_) if bytes.is_empty() || parts.status == StatusCode::NO_CONTENT => Value::Null,
                Err(error) => return Err(Failure::Unreadable(error.to_string())),
            };
            return Ok(Reply { headers: parts.headers, json });
        }
        Err(Failure::Refused(Box::new(Refused::new(
            parts.status,
            parts.headers,
            json.unwrap_or(Value::Null),
        ))))
    }
}

/// How long a reply asks to wait: `retry-after`, or until `x-ratelimit-reset` when nothing
/// remains. GitHub's own clock counts where the reply tells it.
pub(super) fn asked_pause(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok();
    if let Some(seconds) = number("retry-after") {
        return Some(Duration::from_secs(seconds.max(0).unsigned_abs()));
    }
    if number("x-ratelimit-remaining") != Some(0) {
        return None;
    }
    let now = headers
        .get(header::DATE)
        .and_then(|date| date.to_str().ok())
        .and_then(|date| rfc2822::parse(date).ok())
        .map_or_else(Timestamp::now, |date| date.timestamp());
    let left = number("x-ratelimit-reset")?.saturating_sub(now.as_second());
    // One second more: both ends are rounded.
    Some(Duration::from_secs(left.max(0).unsigned_abs().saturating_add(u64::from(left > 0))))
}
