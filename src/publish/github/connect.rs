//! Builds the HTTP client: proxy, certificates, credentials.

use std::{path::PathBuf, sync::Arc, time::Duration};

use http::{HeaderName, HeaderValue, Uri, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::{
        legacy::{
            Client,
            connect::{Connect, HttpConnector, proxy::Tunnel},
        },
        proxy::matcher::{Builder, Matcher},
    },
    rt::TokioExecutor,
};
use octocrab::{
    AuthState, Octocrab, OctocrabBuilder,
    auth::AppAuth,
    secrecy::{ExposeSecret, SecretString},
    service::middleware::{base_uri::BaseUriLayer, extra_headers::ExtraHeadersLayer},
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};

use crate::error::{Error, ErrorKind, Result};

/// Who speaks to GitHub.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// `GITHUB_TOKEN`, or another token.
    Token(SecretString),
    /// A GitHub App; its installation is found by the repository.
    App {
        /// The App's id.
        id: u64,
        /// Its private key, PEM.
        private_key: SecretString,
    },
}

/// What the way to GitHub depends on.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// `GITHUB_API_URL`, such as `https://api.github.com`.
    pub api_url: String,
    /// Who speaks.
    pub credentials: Credentials,
    /// Proxies.
    pub proxies: Proxies,
    /// `SSL_CERT_FILE`: certificates (PEM) to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// `SSL_CERT_DIR`: the same as a folder.
    pub ca_dir: Option<PathBuf>,
    /// How long one request may take.
    pub timeout: Duration,
    /// When and how often a request is repeated.
    pub retry: Retry,
}

/// Values of the usual variables, as curl reads them.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    /// `HTTPS_PROXY`.
    pub https: Option<String>,
    /// `HTTP_PROXY`.
    pub http: Option<String>,
    /// `ALL_PROXY`.
    pub all: Option<String>,
    /// `NO_PROXY`.
    pub none: Option<String>,
}

/// When and how often a request is repeated.
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    /// Most tries, the first one included.
    pub tries: u32,
    /// Pause before the first repetition; doubles each time.
    pub pause: Duration,
    /// Longest pause; where GitHub asks for a longer one, the run gives up.
    pub longest_pause: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { tries: 4, pause: Duration::from_secs(1), longest_pause: Duration::from_secs(120) }
    }
}

impl ClientSettings {
    /// Settings for a token at `https://api.github.com` without proxies.
    pub fn new(credentials: Credentials) -> Self {
        Self {
            api_url: "https://api.github.com".to_owned(),
            credentials,
            proxies: Proxies::default(),
            ca_file: None,
            ca_dir: None,
            timeout: Duration::from_secs(30),
            retry: Retry::default(),
        }
    }

    /// Takes API address, proxies and certificates from variables; `variable` gives a
    /// variable's value.
    #[must_use]
    pub fn with_environment(mut self, variable: impl Fn(&str) -> Option<String>) -> Self {
        let value = |name: &str| variable(name).filter(|value| !value.is_empty());
        let either = |name: &str| value(name).or_else(|| value(&name.to_lowercase()));
        if let Some(url) = value("GITHUB_API_URL") {
            self.api_url = url;
        }
        self.proxies = Proxies {
            https: either("HTTPS_PROXY"),
            http: either("HTTP_PROXY"),
            all: either("ALL_PROXY"),
            none: either("NO_PROXY"),
        };
        self.ca_file = value("SSL_CERT_FILE").map(PathBuf::from);
        self.ca_dir = value("SSL_CERT_DIR").map(PathBuf::from);
        self
    }
}

/// Builds the client. For a GitHub App it speaks as the App, not yet as its installation.
pub(super) fn octocrab(settings: &ClientSettings) -> Result<Octocrab> {
    let base = address(&settings.api_url)?;
    let auth = authentication(&settings.credentials)?;
    let tls = tls(settings, base.scheme_str() == Some("https"))?;
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_connect_timeout(Some(settings.timeout));
    let Some(proxy) = matcher(&settings.proxies).intercept(&base) else {
        return Ok(assemble(https(tls, http), &base, auth));
    };
    let basic = proxy.basic_auth().cloned();
    match proxy.uri().scheme_str() {
        Some("http") => {
            let tunnel = with_basic(Tunnel::new(proxy.uri().clone(), http), basic);
            Ok(assemble(https(tls, tunnel), &base, auth))
        }
        Some("https") => {
            let to_proxy = https(tls.clone(), http);
            let tunnel = with_basic(Tunnel::new(proxy.uri().clone(), to_proxy), basic);
            Ok(assemble(https(tls, tunnel), &base, auth))
        }
        _ => Err(Error::new(ErrorKind::Usage, "the proxy for GitHub is neither http nor https")
            .hint("set HTTPS_PROXY to an http:// or https:// address, or add GitHub to NO_PROXY")),
    }
}

fn address(api_url: &str) -> Result<Uri> {
    let parsed = api_url.trim_end_matches('/').parse::<Uri>().ok();
    let plain =
        |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some();
    parsed.filter(plain).ok_or_else(|| {
        // The text is not repeated: credentials may stand in it.
        Error::new(ErrorKind::Usage, "GITHUB_API_URL is no address")
            .hint("it looks like https://api.github.com or https://github.example.com/api/v3")
    })
}

fn with_basic<C>(tunnel: Tunnel<C>, basic: Option<HeaderValue>) -> Tunnel<C> {
    match basic {
        Some(basic) => tunnel.with_auth(basic),
        None => tunnel,
    }
}

fn matcher(proxies: &Proxies) -> Matcher {
    let mut builder = Matcher::builder();
    for (value, set) in [
        (&proxies.all, Builder::all as fn(Builder, String) -> Builder),
        (&proxies.http, Builder::http),
        (&proxies.https, Builder::https),
        (&proxies.none, Builder::no),
    ] {
        if let Some(value) = value {
            builder = set(builder, value.clone());
        }
    }
    builder.build()
}

fn https<C>(tls: ClientConfig, connector: C) -> HttpsConnector<C> {
    HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .wrap_connector(connector)
}

fn tls(settings: &ClientSettings, needed: bool) -> Result<ClientConfig> {
    let named = settings.ca_file.is_some() || settings.ca_dir.is_some();
    let found = if named {
        rustls_native_certs::load_certs_from_paths(
            settings.ca_file.as_deref(),
            settings.ca_dir.as_deref(),
        )
    } else {
        rustls_native_certs::load_native_certs()
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() && needed {
        let mut error = Error::new(ErrorKind::Publish, "no certificate is there to know GitHub by")
            .hint(if named {
                "SSL_CERT_FILE and SSL_CERT_DIR must name certificates in PEM form"
            } else {
                "install the system's CA certificates, or name them with SSL_CERT_FILE"
            });
        if let Some(cause) = found.errors.into_iter().next() {
            error = error.caused_by(cause);
        }
        return Err(error);
    }
    Ok(ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring speaks TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth())
}

fn authentication(credentials: &Credentials) -> Result<AuthState> {
    match credentials {
        Credentials::Token(token) => {
            let text = token.expose_secret().trim();
            // The value would end up in a header; GitHub's tokens are plain words.
            if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(Error::new(ErrorKind::Usage, "the GitHub token is no token")
                    .hint("pass GITHUB_TOKEN, in a workflow `${{ github.token }}`"));
            }
            Ok(AuthState::AccessToken { token: SecretString::from(text) })
        }
        Credentials::App { id, private_key } => {
            let key = octocrab::EncodingKey::from_rsa_pem(private_key.expose_secret().as_bytes())
                .map_err(|_| {
                Error::new(ErrorKind::Usage, "the GitHub App's private key cannot be read")
                    .hint("it is the PEM file that GitHub gives, with its first and last line")
            })?;
            Ok(AuthState::App(AppAuth { app_id: (*id).into(), key }))
        }
    }
}

fn assemble<C>(connector: C, base: &Uri, auth: AuthState) -> Octocrab
where
    C: Connect + Clone + Send + Sync + 'static,
{
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let headers = vec![
        (
            header::USER_AGENT,
            HeaderValue::from_static(concat!("tazuna-drift/", env!("CARGO_PKG_VERSION"))),
        ),
        (header::ACCEPT, HeaderValue::from_static("application/vnd.github+json")),
        (HeaderName::from_static("x-github-api-version"), HeaderValue::from_static("2022-11-28")),
    ];
    let built = OctocrabBuilder::new_empty()
        .with_service(client)
        .with_layer(&ExtraHeadersLayer::new(Arc::new(headers)))
        .with_layer(&BaseUriLayer::new(base.clone()))
        .with_auth(auth)
        .build();
    match built {
        Ok(octocrab) => octocrab,
        Err(never) => match never {},
    }
}
