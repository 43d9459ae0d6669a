//! Who pulls: the Manifest's `auth`, else docker's config.json with its helpers, else nobody.

use std::{ffi::OsStr, fmt, path::Path, time::Duration};

use base64::Engine as _;
use serde::Deserialize;

use crate::{
    process::{self, Invocation, Outcome},
    project::OrasAuth,
    report::{Reason, ReasonCode},
};

/// How long a helper may take.
const HELPER_TIMEOUT: Duration = Duration::from_secs(30);

/// What a registry is told, and where it comes from.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Credentials {
    pub(super) secret: Secret,
    /// For people.
    pub(super) origin: String,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Secret {
    None,
    Basic {
        username: String,
        password: String,
    },
    /// A token for the registry itself.
    Bearer(String),
    /// A token that only an OAuth2 exchange turns into one for the registry.
    Identity,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl Credentials {
    fn none(origin: impl Into<String>) -> Self {
        Self { secret: Secret::None, origin: origin.into() }
    }

    /// Those that the Manifest declares, where it declares any.
    pub(super) fn declared(auth: Option<&OrasAuth>) -> Option<Self> {
        let auth = auth.filter(|auth| !(auth.username.is_empty() && auth.password.is_empty()))?;
        let secret =
            Secret::Basic { username: auth.username.clone(), password: auth.password.clone() };
        Some(Self { secret, origin: "`oras.auth`".to_owned() })
    }

    /// Those that docker would use for this host. `search_path` is where helpers are.
    pub(super) async fn of_docker(
        registry: &str,
        config: Option<&Path>,
        search_path: Option<&OsStr>,
    ) -> Result<Self, Reason> {
        let Some(config) = config else { return Ok(Self::none("no docker config.json")) };
        let text = match std::fs::read(config) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::none("no docker config.json"));
            }
            Err(error) => return Err(unreadable(&error.kind().to_string())),
        };
        // The parser's own words may quote the file.
        let config: Config = serde_json::from_slice(&text).map_err(|error| {
            unreadable(&format!("line {} is not what docker writes", error.line()))
        })?;
        match config.helper(registry) {
            Some(helper) => ask(helper, registry, search_path).await,
            None => Ok(config.stored(registry)),
        }
    }
}

fn unreadable(problem: &str) -> Reason {
    Reason::new(ReasonCode::PullFailed, format!("docker's config.json cannot be read: {problem}"))
        .hint("mend it, or point DOCKER_CONFIG to another folder")
}

/// docker's config.json, as far as it is about registries.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Config {
    auths: std::collections::BTreeMap<String, Auth>,
    creds_store: Option<String>,
    cred_helpers: std::collections::BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Auth {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

/// The names that docker keeps a registry's credentials under. Docker Hub has several.
fn names(registry: &str) -> Vec<&str> {
    match registry {
        "docker.io" | "index.docker.io" | "registry-1.docker.io" => {
            vec!["https://index.docker.io/v1/", "index.docker.io", "docker.io", registry]
        }
        registry => vec![registry],
    }
}

/// The host of a key such as `https://ghcr.io/v2/`.
fn host(key: &str) -> &str {
    let key = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    key.split('/').next().unwrap_or_default()
}

impl Config {
    /// A registry's own helper comes first, then the one for all.
    fn helper(&self, registry: &str) -> Option<&str> {
        let own = names(registry).into_iter().find_map(|name| self.cred_helpers.get(name));
        own.or(self.creds_store.as_ref()).map(String::as_str).filter(|name| !name.is_empty())
    }

    fn stored(&self, registry: &str) -> Credentials {
        let names = names(registry);
        let exact = names.iter().find_map(|name| self.auths.get(*name));
        let alike = || self.auths.iter().find(|(key, _)| names.contains(&host(key)));
        let Some(auth) = exact.or_else(|| alike().map(|(_, auth)| auth)) else {
            return Credentials::none("nothing in docker's config.json for this registry");
        };
        Credentials { secret: auth.secret(), origin: "docker's config.json".to_owned() }
    }
}

impl Auth {
    fn secret(&self) -> Secret {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        if let Some(token) = given(&self.registrytoken) {
            return Secret::Bearer(token);
        }
        if given(&self.identitytoken).is_some() {
            return Secret::Identity;
        }
        let decoded = given(&self.auth).and_then(|text| {
            let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
            let text = String::from_utf8(bytes).ok()?;
            let (username, password) = text.split_once(':')?;
            // docker pads with NULs.
            Some((username.to_owned(), password.trim_end_matches('\0').to_owned()))
        });
        let plain = || Some((given(&self.username)?, self.password.clone().unwrap_or_default()));
        match decoded.or_else(plain) {
            Some((username, password)) => Secret::Basic { username, password },
            None => Secret::None,
        }
    }
}

/// What a helper answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(default)]
    username: String,
    secret: String,
}

/// Asks `docker-credential-<helper>`. One that knows nothing of the registry ends with an
/// error, so that an error means the same as no credentials.
async fn ask(
    helper: &str,
    registry: &str,
    search_path: Option<&OsStr>,
) -> Result<Credentials, Reason> {
    let is_plain = helper.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    let program = format!("docker-credential-{helper}");
    let found = if is_plain { process::find(&program, search_path) } else { None };
    let Some(found) = found else {
        let program = process::scrub(&program);
        let message = format!("docker's config.json names `{program}`, which is not on PATH");
        return Err(Reason::new(ReasonCode::ToolMissing, message)
            .hint("install it, or log in with a config.json that needs no helper"));
    };
    let name = names(registry)[0];
    let mut invocation = Invocation::new(found, ["get"], HELPER_TIMEOUT);
    invocation.stdin = Some(name.as_bytes().to_vec());
    invocation.stdout_limit = 1024 * 1024;
    match process::run(&invocation).await {
        Outcome::Done { stdout, .. } => match serde_json::from_slice::<Answer>(&stdout) {
            Ok(answer) if answer.username == "<token>" => {
                Ok(Credentials { secret: Secret::Identity, origin: format!("`{program}`") })
            }
            Ok(answer) => {
                let secret = Secret::Basic { username: answer.username, password: answer.secret };
                Ok(Credentials { secret, origin: format!("`{program}`") })
            }
            Err(_) => {
                let message = format!("`{program}` answered with something else than credentials");
                Err(Reason::new(ReasonCode::ToolFailed, message))
            }
        },
        Outcome::Failed { ended, .. } => {
            Ok(Credentials::none(format!("`{program}` gave none: it {ended}")))
        }
        Outcome::TimedOut { .. } => {
            let seconds = HELPER_TIMEOUT.as_secs();
            let message = format!("`{program}` took longer than {seconds} s");
            Err(Reason::new(ReasonCode::TimedOut, message)
                .hint("a helper that asks a person for something does not work here"))
        }
        Outcome::NotFound | Outcome::NotStarted { .. } | Outcome::TooMuchOutput => {
            let message = format!("`{program}` cannot be used");
            Err(Reason::new(ReasonCode::ToolFailed, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(config: &str, registry: &str) -> Secret {
        serde_json::from_str::<Config>(config).unwrap().stored(registry).secret
    }

    fn basic(username: &str, password: &str) -> Secret {
        Secret::Basic { username: username.to_owned(), password: password.to_owned() }
    }

    #[test]
    fn a_registrys_credentials_are_found_under_every_name_that_docker_writes() {
        let bot = "{\"auth\": \"Ym90OmFfYjpj\"}"; // bot:a_b:c
        for key in ["ghcr.io", "https://ghcr.io", "https://ghcr.io/v2/"] {
            let config = format!("{{\"auths\": {{\"{key}\": {bot}}}}}");
            assert!(stored(&config, "ghcr.io") == basic("bot", "a_b:c"), "{key}");
            assert!(stored(&config, "cr.io") == Secret::None, "{key}");
            assert!(stored(&config, "ghcr.io:443") == Secret::None, "{key}");
        }
        let hub = format!("{{\"auths\": {{\"https://index.docker.io/v1/\": {bot}}}}}");
        assert!(stored(&hub, "docker.io") == basic("bot", "a_b:c"));
        let port = format!("{{\"auths\": {{\"127.0.0.1:5000\": {bot}}}}}");
        assert!(stored(&port, "127.0.0.1:5000") == basic("bot", "a_b:c"));
    }

    #[test]
    fn every_form_of_credentials_is_told_apart() {
        let of = |auth: &str| stored(&format!("{{\"auths\": {{\"r\": {auth}}}}}"), "r");
        assert!(of(r#"{"username": "u", "password": "p"}"#) == basic("u", "p"));
        assert!(of(r#"{"auth": "dTpwAAA=", "username": "x"}"#) == basic("u", "p"));
        assert!(of(r#"{"auth": "", "identitytoken": "t"}"#) == Secret::Identity);
        assert!(of(r#"{"registrytoken": "t"}"#) == Secret::Bearer("t".to_owned()));
        assert!(of(r#"{"auth": "%%"}"#) == Secret::None);
        assert!(of("{}") == Secret::None);
    }

    #[test]
    fn a_registrys_own_helper_comes_before_the_one_for_all() {
        let config: Config = serde_json::from_str(
            r#"{"credsStore": "desktop", "credHelpers": {"ghcr.io": "gh"}, "auths": {}}"#,
        )
        .unwrap();
        assert_eq!(config.helper("ghcr.io"), Some("gh"));
        assert_eq!(config.helper("quay.io"), Some("desktop"));
        assert_eq!(Config::default().helper("quay.io"), None);
    }

    #[test]
    fn credentials_do_not_show_in_debug_output() {
        let auth = OrasAuth { username: "bot".to_owned(), password: "hunter2".to_owned() };
        let credentials = Credentials::declared(Some(&auth)).unwrap();
        assert!(!format!("{auth:?}{credentials:?}").contains("hunter2"));
        let empty = OrasAuth { username: String::new(), password: String::new() };
        assert!(Credentials::declared(Some(&empty)).is_none());
    }
}
