//! What goes wrong at GitHub, and what people can do about it.

use std::time::Duration;

use http::{HeaderMap, Method, StatusCode, Uri, header};
use jiff::Timestamp;
use serde_json::Value;

use super::client::asked_pause;
use crate::error::{Error, ErrorKind};

/// Why a request failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// GitHub answered, and not with success.
    Refused(Box<Refused>),
    /// No connection: nothing was sent.
    Unreachable(String),
    /// The connection broke: nobody knows whether GitHub did it.
    Broken(String),
    /// No complete answer in time: nobody knows whether GitHub did it.
    Slow(Duration),
    /// An answer that is none of GitHub's.
    Unreadable(String),
    /// Another failure, after so many tries.
    After(u32, Box<Failure>),
}

/// An answer that is no success.
#[derive(Debug)]
pub(super) struct Refused {
    pub status: StatusCode,
    headers: HeaderMap,
    json: Value,
}

impl Refused {
    pub(super) fn new(status: StatusCode, headers: HeaderMap, json: Value) -> Self {
        Self { status, headers, json }
    }

    /// GitHub's own words, as one short line.
    fn words(&self) -> String {
        let mut words = self.json["message"].as_str().unwrap_or_default().to_owned();
        for error in self.json["errors"].as_array().into_iter().flatten() {
            let part = |name: &str| error[name].as_str();
            let said = match (part("message"), error.as_str()) {
                (Some(message), _) | (None, Some(message)) => message.to_owned(),
                _ => [part("resource"), part("field"), part("code")]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(" "),
            };
            words = format!("{words}; {said}");
        }
        let plain = words.chars().map(|c| if c.is_control() { ' ' } else { c });
        plain.take(300).collect::<String>().trim().to_owned()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// 429, or 403 with the signs of a rate limit.
    fn is_rate_limit(&self) -> bool {
        let words = self.json["message"].as_str().unwrap_or_default().to_lowercase();
        self.status == StatusCode::TOO_MANY_REQUESTS
            || (self.status == StatusCode::FORBIDDEN
                && (asked_pause(&self.headers).is_some() || words.contains("rate limit")))
    }

    /// Whether GitHub complains about this field.
    fn is_about(&self, field: &str) -> bool {
        self.words().to_lowercase().contains(field)
    }
}

impl Failure {
    /// Takes octocrab's error apart.
    #[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
    pub(super) fn of(error: octocrab::Error) -> Self {
        // Only getting an installation's token fails with this one.
        if let octocrab::Error::GitHub { source, .. } = &error {
            let json = serde_json::json!({ "message": source.message });
            return Self::Refused(Box::new(Refused::new(
                source.status_code,
                HeaderMap::new(),
                json,
            )));
        }
        let (mut connecting, mut words) = (false, Vec::<String>::new());
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(error) = cause {
            if let Some(client) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
                connecting |= client.is_connect();
            }
            words.push(error.to_string());
            cause = error.source();
        }
        // The innermost says most, and the outer ones carry backtraces.
        let words = words.pop().unwrap_or_default();
        if connecting { Self::Unreachable(words) } else { Self::Broken(words) }
    }

    pub(super) fn after(self, tries: u32) -> Self {
        if tries > 1 { Self::After(tries, Box::new(self)) } else { self }
    }

    fn inner(&self) -> &Self {
        match self {
            Self::After(_, inner) => inner.inner(),
            other => other,
        }
    }

    fn refused(&self) -> Option<&Refused> {
        match self.inner() {
            Self::Refused(refused) => Some(refused),
            _ => None,
        }
    }

    pub(super) fn status(&self) -> Option<u16> {
        self.refused().map(|refused| refused.status.as_u16())
    }

    /// Whether trying again may help.
    pub(super) fn may_pass(&self) -> bool {
        match self.inner() {
            Self::Refused(refused) => refused.status.is_server_error() || refused.is_rate_limit(),
            Self::Unreachable(_) | Self::Broken(_) | Self::Slow(_) => true,
            Self::Unreadable(_) | Self::After(..) => false,
        }
    }

    /// Whether GitHub surely did not do what was asked.
    pub(super) fn did_nothing(&self) -> bool {
        match self.inner() {
            Self::Refused(refused) => !refused.status.is_server_error(),
            Self::Unreachable(_) => true,
            Self::Broken(_) | Self::Slow(_) | Self::Unreadable(_) | Self::After(..) => false,
        }
    }

    pub(super) fn asks_to_wait(&self) -> Option<Duration> {
        asked_pause(&self.refused()?.headers)
    }

    /// Where the request should go instead: reads follow every redirect, writes only
    /// those that promise to keep method and body. Never to another server.
    pub(super) fn redirect(&self, method: &Method) -> Option<String> {
        let refused = self.refused()?;
        let kept = matches!(refused.status.as_u16(), 307 | 308);
        let moved = matches!(refused.status.as_u16(), 301 | 302);
        let followed = kept || (moved && method == Method::GET);
        if !followed {
            return None;
        }
        let target: Uri = refused.header(header::LOCATION.as_str())?.parse().ok()?;
        // Scheme and server are left out: they stay what they were.
        target.path_and_query().map(ToString::to_string)
    }

    /// Whether an issue's assignees are what GitHub refuses.
    pub(super) fn refuses_assignees(&self) -> bool {
        self.refused().is_some_and(|refused| {
            refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.is_about("assignee")
        })
    }

    /// Whether a comment is refused because the issue is locked.
    pub(super) fn is_locked(&self) -> bool {
        self.refused().is_some_and(|refused| {
            refused.status == StatusCode::FORBIDDEN && refused.is_about("locked")
        })
    }

    /// Whether the reason of a closing is one that this server does not know.
    pub(super) fn refuses_contents(&self) -> bool {
        self.status() == Some(422)
    }

    /// Whether a label to be created is there already.
    pub(super) fn already_exists(&self) -> bool {
        self.refused().is_some_and(|refused| {
            refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.is_about("already_exists")
        })
    }

    /// The error that people read. `what` says what was tried, such as `listing the issues
    /// of acme/infra`.
    pub(super) fn about(&self, what: &str) -> Error {
        let tries = match self {
            Self::After(tries, _) => format!(" {tries} times"),
            _ => String::new(),
        };
        let fail =
            |why: String| Error::new(ErrorKind::Publish, format!("{what} failed{tries}: {why}"));
        match self.inner() {
            Self::Refused(refused) => refused.about(fail),
            Self::Unreachable(words) => fail(format!("GitHub cannot be reached ({words})")).hint(
                "check GITHUB_API_URL, HTTPS_PROXY/NO_PROXY and, for a private CA, SSL_CERT_FILE",
            ),
            Self::Broken(words) => fail(format!("the connection broke ({words})"))
                .hint("the next run tries again; nothing is written twice"),
            Self::Slow(limit) => fail(format!("no answer within {} s", limit.as_secs_f32()))
                .hint("the next run tries again; nothing is written twice"),
            Self::Unreadable(words) => fail(format!("the answer cannot be read ({words})"))
                .hint("check that GITHUB_API_URL is GitHub's API, such as https://api.github.com"),
            Self::After(..) => fail("it was tried too often".to_owned()),
        }
    }

    /// The same for what a GitHub App does before it is an installation.
    pub(super) fn about_app(&self, what: &str) -> Error {
        let error = self.about(what);
        match self.status() {
            Some(404) => Error::new(ErrorKind::Publish, error.to_string())
                .hint("install the GitHub App in this repository, with the permission Issues: read and write"),
            Some(401) => Error::new(ErrorKind::Publish, error.to_string())
                .hint("the App's id and private key must belong together, and this machine's clock must be right"),
            _ => error,
        }
    }
}

impl Refused {
    fn about(&self, fail: impl Fn(String) -> Error) -> Error {
        let status = self.status.as_u16();
        let words = match self.words() {
            words if words.is_empty() => String::new(),
            words => format!(": {words}"),
        };
        let answered = |meaning: &str| fail(format!("{meaning} ({status}{words})"));
        if self.is_rate_limit() {
            let until = self
                .header("x-ratelimit-reset")
                .and_then(|seconds| Timestamp::from_second(seconds.parse().ok()?).ok())
                .map(|time| format!(" until {time}"))
                .or_else(|| Some(format!(" for {} s", self.header("retry-after")?)))
                .unwrap_or_default();
            return answered(&format!("the rate limit is used up{until}"))
                .hint("the next run tries again; run less often, or use a GitHub App, which has a limit of its own");
        }
        match status {
            401 => answered("GitHub does not accept the credentials")
                .hint("the token is wrong, expired or revoked; in a workflow pass `${{ github.token }}`")
                .hint("for a GitHub App check its id, its private key and the clock"),
            403 if self.header("x-github-sso").is_some() => {
                answered("the token is not authorized for this organization")
                    .hint("authorize the token for SAML single sign-on, or use `${{ github.token }}`")
            }
            403 if self.is_about("locked") => answered("the issue is locked")
                .hint("unlock it, or let an account with write access comment"),
            403 => {
                let needs = self
                    .header("x-accepted-github-permissions")
                    .map(|needs| format!(" (GitHub asks for {})", plain(needs)))
                    .unwrap_or_default();
                answered("the credentials may not do that")
                    .hint(format!("give the job `permissions: {{contents: read, issues: write}}`{needs}; a token of another kind needs Issues: read and write"))
                    .hint("a pull request from a fork only gets a token that reads: publish from the default branch")
            }
            404 => answered("there is no such repository or issue, or the credentials may not see it")
                .hint("check the repository's name (--issue-repo) and that the token covers it, with `issues: write`"),
            410 => answered("issues are switched off in this repository, or this one was deleted")
                .hint("switch them on (Settings, General, Features, Issues), or publish elsewhere with --issue-repo owner/name"),
            422 => answered("GitHub refuses the contents")
                .hint("check --issue-title, --issue-labels and --issue-assignees"),
            301 | 302 | 307 | 308 => {
                answered("the repository was renamed or the issue was transferred")
                    .hint("name where it is now with --issue-repo owner/name; the next run looks again")
            }
            500.. => answered("GitHub has trouble of its own")
                .hint("the next run tries again; see the status page of GitHub"),
            _ => answered("GitHub refuses"),
        }
    }
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || " =_,;-".contains(*c)).take(100).collect()
}
