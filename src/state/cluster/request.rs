//! One GET to the API server: how it can fail, and when it is tried again.

use std::{error::Error as StdError, io, time::Duration};

use http::{HeaderMap, Request, StatusCode, header};
use kube::{
    Client,
    client::{AuthError, Body},
};
use serde::{Deserialize, de::DeserializeOwned};
use tokio::time::{sleep, timeout};

/// How long one request may take, its body included. A page of State has at most some
/// 30 MiB, which a line of 4 Mbit/s carries in that time.
pub(super) const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

const FIRST_BACKOFF: Duration = Duration::from_millis(500);

/// Why a GET gave nothing.
#[derive(Clone, Debug)]
pub(super) enum Failure {
    /// The API server, or something before it, answered with an error.
    Status(ApiStatus),
    /// An answer that is none of the Kubernetes API's.
    NotKubernetes(String),
    /// Nothing listens at that address.
    Refused,
    /// The host's name is not known.
    UnknownHost,
    /// The server's certificate is not trusted, or TLS failed otherwise.
    Tls(String),
    /// The proxy did not let the connection through.
    Proxy(String),
    /// No answer in time.
    TimedOut,
    /// The connection was reset or cut.
    Broken(String),
    /// The credentials could not be had: a plugin or file of the kubeconfig failed.
    Credentials(String),
}

/// An error the API server answered with.
#[derive(Clone, Debug)]
pub(super) struct ApiStatus {
    pub(super) code: StatusCode,
    /// The server's own words; empty where it gave none.
    pub(super) message: String,
    /// Whether the body was a Kubernetes `Status`, so that the server itself said this.
    pub(super) of_kubernetes: bool,
    pub(super) retry_after: Option<Duration>,
}

impl Failure {
    /// Whether the same request may work a moment later.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::Status(status) => matches!(status.code.as_u16(), 429 | 500 | 502 | 503 | 504),
            Self::Broken(_) => true,
            _ => false,
        }
    }

    pub(super) fn code(&self) -> Option<u16> {
        match self {
            Self::Status(status) => Some(status.code.as_u16()),
            _ => None,
        }
    }
}

/// How often and how long to try again. One of it bounds a whole reading, however many
/// requests that takes.
#[derive(Clone, Debug)]
pub(super) struct Patience {
    /// Tries of one request, the first included.
    pub(super) tries: u32,
    /// What is left of the time to spend on waiting.
    pub(super) waiting: Duration,
}

impl Patience {
    /// Waits before try number `tried + 1`, or says that it is not worth it.
    async fn wait(&mut self, tried: u32, failure: &Failure) -> bool {
        if tried >= self.tries || !failure.is_transient() {
            return false;
        }
        let asked = match failure {
            Failure::Status(status) => status.retry_after,
            _ => None,
        };
        let pause = asked.unwrap_or(FIRST_BACKOFF * 2u32.saturating_pow(tried.min(10) - 1));
        let Some(left) = self.waiting.checked_sub(pause) else { return false };
        self.waiting = left;
        tracing::debug!(?failure, ?pause, tried, "the API server is asked again");
        sleep(pause).await;
        true
    }
}

/// GETs `path` (with query) and reads the JSON it answers with.
pub(super) async fn get<T: DeserializeOwned>(
    client: &Client,
    path: &str,
    accept: &str,
    patience: &mut Patience,
) -> Result<T, Failure> {
    let mut tried = 0;
    loop {
        tried += 1;
        match timeout(REQUEST_TIMEOUT, try_once(client, path, accept)).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(failure)) if patience.wait(tried, &failure).await => {}
            Ok(Err(failure)) => return Err(failure),
            Err(_) => return Err(Failure::TimedOut),
        }
    }
}

/// What a GET of State and discovery accepts.
pub(super) const JSON: &str = "application/json";

async fn try_once<T: DeserializeOwned>(
    client: &Client,
    path: &str,
    accept: &str,
) -> Result<T, Failure> {
    let request = Request::get(path)
        .header(header::ACCEPT, accept)
        .body(Body::empty())
        .map_err(|error| Failure::Broken(error.to_string()))?;
    answer(client, request).await
}

/// Sends a request once and reads the JSON it is answered with.
pub(super) async fn answer<T: DeserializeOwned>(
    client: &Client,
    request: Request<Body>,
) -> Result<T, Failure> {
    let answer = client.send(request).await.map_err(|error| of_transport(&error))?;
    let (parts, body) = answer.into_parts();
    let body = body.collect_bytes().await.map_err(|error| of_transport(&error))?;
    if !parts.status.is_success() {
        return Err(of_status(parts.status, &parts.headers, &body));
    }
    serde_json::from_slice(&body).map_err(|error| Failure::NotKubernetes(error.to_string()))
}

fn of_status(code: StatusCode, headers: &HeaderMap, body: &[u8]) -> Failure {
    #[derive(Deserialize)]
    struct Status {
        kind: String,
        #[serde(default)]
        message: String,
    }
    let status = serde_json::from_slice::<Status>(body).ok().filter(|it| it.kind == "Status");
    let retry_after = headers
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs);
    Failure::Status(ApiStatus {
        code,
        of_kubernetes: status.is_some(),
        message: status.map(|status| one_line(&status.message)).unwrap_or_default(),
        retry_after,
    })
}

/// A foreign message as one short line.
pub(super) fn one_line(text: &str) -> String {
    const LONGEST: usize = 300;
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = line.trim();
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// Sorts what kube and the layers below it report.
fn of_transport(error: &kube::Error) -> Failure {
    let mut last = String::new();
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(failure) = of_cause(error) {
            return failure;
        }
        last = error.to_string();
        cause = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            // `source` of such an error leaves the error inside of it out.
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    Failure::Broken(one_line(&last))
}

fn of_cause(error: &(dyn StdError + 'static)) -> Option<Failure> {
    if let Some(error) = error.downcast_ref::<AuthError>() {
        return Some(Failure::Credentials(super::credentials::describe(error)));
    }
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        return Some(Failure::Tls(one_line(&error.to_string())));
    }
    if let Some(error) = error.downcast_ref::<io::Error>() {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => return Some(Failure::Refused),
            io::ErrorKind::TimedOut => return Some(Failure::TimedOut),
            _ => {}
        }
    }
    // These layers have no type of their own that could be asked.
    let text = error.to_string();
    if text.starts_with("dns error") {
        return Some(Failure::UnknownHost);
    }
    text.strip_prefix("tunnel error: ").map(|problem| Failure::Proxy(one_line(problem)))
}

/// Sorts what can fail before anything is sent.
pub(super) fn of_setup(error: &kube::Error) -> Failure {
    match error {
        kube::Error::RustlsTls(error) => Failure::Tls(one_line(&error.to_string())),
        kube::Error::InferKubeconfig(error) => Failure::Credentials(one_line(&error.to_string())),
        error => match of_transport(error) {
            Failure::Broken(problem) => Failure::Credentials(problem),
            failure => failure,
        },
    }
}
