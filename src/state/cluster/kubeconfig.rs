//! Which cluster and how to reach it: the kubeconfig rules of kubectl.

use std::{env, ffi::OsString, io::IsTerminal, path::PathBuf, time::Duration};

use http::Uri;
use kube::config::{
    AuthInfo, Cluster as ClusterEntry, Config, Context, ExecAuthCluster, Kubeconfig,
    KubeconfigError,
};
use rustls::pki_types::{CertificateDer, pem::PemObject};

use super::{
    ClusterOptions,
    credentials::{self, Plugin},
    proxy,
};
use crate::{
    error::{Error, ErrorKind, Result},
    report::ClusterContext,
};

/// How long to wait for a connection. A firewall that drops packets is told from a
/// slow network within that time.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What of the process's surroundings decides how a cluster is reached.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `KUBECONFIG`: one file, or several joined as in `PATH`.
    pub kubeconfig: Option<OsString>,
    /// The home folder, for `.kube/config`.
    pub home: Option<PathBuf>,
    /// `HTTPS_PROXY`.
    pub https_proxy: Option<String>,
    /// `NO_PROXY`.
    pub no_proxy: Option<String>,
    /// Whether this runs in a cluster, with its ServiceAccount.
    pub in_cluster: bool,
    /// Whether somebody may answer a credential plugin's question.
    pub terminal: bool,
}

impl Environment {
    /// The surroundings of this process.
    pub fn of_process() -> Self {
        let either = |upper: &str, lower: &str| {
            [upper, lower]
                .into_iter()
                .filter_map(|name| env::var(name).ok())
                .find(|v| !v.is_empty())
        };
        Self {
            kubeconfig: env::var_os("KUBECONFIG"),
            home: env::home_dir(),
            https_proxy: either("HTTPS_PROXY", "https_proxy"),
            no_proxy: either("NO_PROXY", "no_proxy"),
            in_cluster: env::var_os("KUBERNETES_SERVICE_HOST").is_some(),
            terminal: std::io::stdin().is_terminal(),
        }
    }

    /// The kubeconfig files to look for.
    fn files(&self) -> Vec<PathBuf> {
        let named: Vec<PathBuf> = self
            .kubeconfig
            .iter()
            .flat_map(env::split_paths)
            .filter(|path| !path.as_os_str().is_empty())
            .collect();
        if !named.is_empty() {
            return named;
        }
        self.home.iter().map(|home| home.join(".kube").join("config")).collect()
    }
}

/// A cluster that can be connected to.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) config: Config,
    pub(super) context: ClusterContext,
    pub(super) plugin: Option<Plugin>,
}

/// Finds the cluster: the named context, else the current one, else the ServiceAccount.
pub(super) fn locate(options: &ClusterOptions, environment: &Environment) -> Result<Place> {
    let files = environment.files();
    let kubeconfig = read(&files)?;
    let current = kubeconfig.current_context.clone().filter(|name| !name.is_empty());
    let (mut place, no_proxy) = match options.context.clone().or(current) {
        Some(name) => of_context(&kubeconfig, &name, &files, environment)?,
        None if environment.in_cluster => (of_service_account(options)?, false),
        None => return Err(nothing_found(&kubeconfig, &files)),
    };
    if !no_proxy {
        place.config.proxy_url = proxy::proxy_for(
            &place.config.cluster_url,
            environment.https_proxy.as_deref(),
            environment.no_proxy.as_deref(),
        )
        .map_err(|problem| {
            Error::new(ErrorKind::Usage, format!("HTTPS_PROXY cannot be used: {problem}"))
                .hint("name the API server's host in NO_PROXY if it is reached directly")
        })?;
    }
    place.config.connect_timeout = Some(CONNECT_TIMEOUT);
    // Requests are tried again here, where the bounds are known; kube would do so 15 times.
    place.config.default_retry = false;
    Ok(place)
}

/// Merges the files that exist; the first to set a thing wins. As in kubectl a missing
/// file is no error.
fn read(files: &[PathBuf]) -> Result<Kubeconfig> {
    files.iter().filter(|file| file.exists()).try_fold(Kubeconfig::default(), |merged, file| {
        Kubeconfig::read_from(file).and_then(|next| merged.merge(next)).map_err(|error| {
            let problem = match &error {
                // The parser's own message quotes the file, and that may be a token.
                KubeconfigError::Parse(error) => match error.location() {
                    Some(at) => format!("line {} column {} is not valid", at.line(), at.column()),
                    None => "it is not valid YAML".to_owned(),
                },
                KubeconfigError::ReadConfig(error, _) => error.to_string(),
                other => other.to_string(),
            };
            usage(format!("cannot read the kubeconfig {}: {problem}", file.display()))
                .hint("`kubectl config view` reads the same file")
        })
    })
}

/// The place a context names, and whether its own `proxy-url` settles the proxy.
fn of_context(
    kubeconfig: &Kubeconfig,
    name: &str,
    files: &[PathBuf],
    environment: &Environment,
) -> Result<(Place, bool)> {
    let Some(context) = find_context(kubeconfig, name) else {
        return Err(no_such_context(kubeconfig, name, files));
    };
    let cluster = kubeconfig
        .clusters
        .iter()
        .find(|cluster| cluster.name == context.cluster)
        .and_then(|cluster| cluster.cluster.clone())
        .ok_or_else(|| {
            usage(format!(
                "context {name:?} names the cluster {:?}, which the kubeconfig does not have",
                context.cluster
            ))
            .hint("`kubectl config get-clusters` lists those it has")
        })?;
    let cluster = without_empty(cluster);
    let broken = |problem: String| {
        usage(format!("cluster {:?} in the kubeconfig: {problem}", context.cluster))
    };
    let mut auth = auth_of(kubeconfig, context);
    let authority = ExecAuthCluster::try_from(&cluster).map_err(|e| broken(e.to_string()))?;
    let root_cert = match &authority.certificate_authority_data {
        Some(pem) => Some(certificates(pem).map_err(broken)?),
        None => None,
    };
    if let Some(exec) = &mut auth.exec
        && exec.provide_cluster_info
    {
        exec.cluster = Some(authority);
    }
    if !environment.terminal {
        credentials::without_terminal(&mut auth);
    }
    let server = cluster.server.as_deref().ok_or_else(|| broken("it has no `server`".into()))?;
    let secured = root_cert.is_some() || cluster.insecure_skip_tls_verify == Some(true);
    let url = server_url(server, secured).map_err(broken)?;
    let mut config = Config::new(url);
    config.root_cert = root_cert;
    if config.cluster_url.scheme_str() == Some("http") {
        // No certificate will be looked at, so a machine without any root is fine.
        config.root_cert = Some(Vec::new());
    }
    config.accept_invalid_certs = cluster.insecure_skip_tls_verify.unwrap_or(false);
    config.tls_server_name = cluster.tls_server_name.clone();
    let proxy = cluster.proxy_url.as_deref().map(proxy::parse_proxy).transpose();
    config.proxy_url = proxy.map_err(|problem| broken(format!("`proxy-url`: {problem}")))?;
    let settled = config.proxy_url.is_some();
    let plugin = Plugin::of(&auth);
    config.auth_info = auth;
    let context = ClusterContext {
        name: Some(name.to_owned()),
        server: Some(host_and_port(&config.cluster_url)),
    };
    Ok((Place { config, context, plugin }, settled))
}

fn find_context<'k>(kubeconfig: &'k Kubeconfig, name: &str) -> Option<&'k Context> {
    kubeconfig.contexts.iter().find(|context| context.name == name)?.context.as_ref()
}

/// The context's user; as in kubectl one that is not there is nobody.
fn auth_of(kubeconfig: &Kubeconfig, context: &Context) -> AuthInfo {
    context
        .user
        .as_ref()
        .and_then(|user| kubeconfig.auth_infos.iter().find(|named| &named.name == user))
        .and_then(|named| named.auth_info.clone())
        .unwrap_or_default()
}

/// kubectl takes an empty field for an absent one.
fn without_empty(mut cluster: ClusterEntry) -> ClusterEntry {
    for field in [
        &mut cluster.server,
        &mut cluster.certificate_authority,
        &mut cluster.certificate_authority_data,
        &mut cluster.proxy_url,
        &mut cluster.tls_server_name,
    ] {
        field.take_if(|text| text.is_empty());
    }
    cluster
}

fn certificates(pem: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let certificates = CertificateDer::pem_slice_iter(pem)
        .map(|certificate| certificate.map(|der| der.as_ref().to_vec()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| format!("its certificate authority is not PEM: {error}"))?;
    if certificates.is_empty() {
        return Err("its certificate authority holds no certificate".to_owned());
    }
    Ok(certificates)
}

/// Reads `server`; as in kubectl one without a scheme is https if TLS is configured.
fn server_url(server: &str, secured: bool) -> Result<Uri, String> {
    let with_scheme = match (server.contains("://"), secured) {
        (true, _) => server.to_owned(),
        (false, true) => format!("https://{server}"),
        (false, false) => format!("http://{server}"),
    };
    let url: Uri =
        with_scheme.parse().map_err(|error| format!("its `server` is not a URL: {error}"))?;
    match url.scheme_str() {
        Some("http" | "https") => Ok(url),
        _ => Err("its `server` must begin with https://".to_owned()),
    }
}

fn host_and_port(url: &Uri) -> String {
    let host = url.host().unwrap_or_default();
    url.port_u16().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn of_service_account(options: &ClusterOptions) -> Result<Place> {
    let config = Config::incluster().map_err(|error| {
        usage("cannot use the cluster this runs in").caused_by(error).hint(
            "the pod needs a ServiceAccount with `automountServiceAccountToken: true`, \
             or a kubeconfig",
        )
    })?;
    let context = ClusterContext {
        name: options.context_name.clone(),
        server: Some(host_and_port(&config.cluster_url)),
    };
    Ok(Place { config, context, plugin: None })
}

fn no_such_context(kubeconfig: &Kubeconfig, name: &str, files: &[PathBuf]) -> Error {
    let mut known: Vec<&str> = kubeconfig.contexts.iter().map(|c| c.name.as_str()).collect();
    known.sort_unstable();
    if known.is_empty() {
        return usage(format!("context {name:?} is not there: no kubeconfig was found"))
            .hint(looked_for(files));
    }
    let error = usage(format!("the kubeconfig has no context {name:?}"));
    let near = known.iter().find(|known| strsim::jaro_winkler(known, name) > 0.85);
    let error = match near {
        Some(near) => error.hint(format!("did you mean {near:?}?")),
        None => error,
    };
    error.hint(format!("it has: {}", known.join(", ")))
}

fn nothing_found(kubeconfig: &Kubeconfig, files: &[PathBuf]) -> Error {
    if kubeconfig.contexts.is_empty() {
        usage("no cluster to read State from: there is no kubeconfig, and this runs in no cluster")
            .hint(looked_for(files))
            .hint("set KUBECONFIG, or read exported State with --state-dir")
    } else {
        let known: Vec<&str> = kubeconfig.contexts.iter().map(|c| c.name.as_str()).collect();
        usage("the kubeconfig has no current context")
            .hint(format!("choose one with --context: {}", known.join(", ")))
    }
}

fn looked_for(files: &[PathBuf]) -> String {
    if files.is_empty() {
        return "KUBECONFIG is not set and there is no home folder".to_owned();
    }
    let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    format!("looked for {}", files.join(", "))
}

fn usage(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Usage, message)
}
