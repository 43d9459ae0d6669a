//! A failed request → what went wrong, on what, and what to do next. Pure.

use super::{
    credentials::Plugin,
    request::{ApiStatus, Failure},
};
use crate::{
    error::{Error, ErrorKind},
    report::ClusterContext,
};

/// What the messages name.
pub(super) struct Explain<'c> {
    pub(super) context: &'c ClusterContext,
    pub(super) plugin: Option<&'c Plugin>,
}

impl Explain<'_> {
    /// Why State could not be read.
    pub(super) fn error(&self, failure: &Failure) -> Error {
        let place = match (&self.context.name, &self.context.server) {
            (Some(name), Some(server)) => format!("{server} (context {name})"),
            (None, Some(server)) => server.clone(),
            (Some(name), None) => format!("context {name}"),
            (None, None) => "the cluster".to_owned(),
        };
        let message = format!("cannot read State from {place}: {}", problem(failure));
        let error = Error::new(ErrorKind::Cluster, message);
        self.hints(failure).into_iter().fold(error, Error::hint)
    }

    fn hints(&self, failure: &Failure) -> Vec<String> {
        match failure {
            Failure::Status(status) => self.status_hints(status),
            Failure::NotKubernetes(_) => vec![
                "something else answers at that address: check `server` and `proxy-url` in the \
                 kubeconfig, and HTTPS_PROXY"
                    .into(),
            ],
            Failure::Refused => vec![
                "is the cluster up, and is host and port in the kubeconfig right? A private API \
                 server needs a runner inside of its network"
                    .into(),
                self.kubectl("get --raw /readyz"),
            ],
            Failure::UnknownHost => vec![
                "is the cluster's host in the kubeconfig right? A private API server's name is \
                 known only inside of its network"
                    .into(),
            ],
            Failure::Tls(problem) => tls_hints(problem),
            Failure::Proxy(_) => vec![
                "HTTPS_PROXY (or `proxy-url` in the kubeconfig) must let this host and port \
                 through; name the host in NO_PROXY if it is reached directly"
                    .into(),
            ],
            Failure::TimedOut => vec![
                "does a firewall or the API server's list of allowed addresses let this machine \
                 through?"
                    .into(),
                "HTTPS_PROXY and NO_PROXY are read, if a proxy leads there".into(),
            ],
            Failure::Broken(_) => vec![self.kubectl("get --raw /readyz")],
            Failure::Credentials(_) => self.credential_hints(),
        }
    }

    fn status_hints(&self, status: &ApiStatus) -> Vec<String> {
        match status.code.as_u16() {
            401 => vec![
                "the token or certificate has expired, or belongs to another cluster: get a new \
                 kubeconfig in the step before"
                    .into(),
                self.kubectl("auth whoami"),
            ],
            403 if status.of_kubernetes => {
                let mut hints = rights(&status.message);
                hints.push(self.kubectl("auth can-i list configmaps -n tazuna"));
                hints
            }
            403 => vec![
                "not the API server but something before it refused: check HTTPS_PROXY, NO_PROXY \
                 and the list of allowed addresses"
                    .into(),
            ],
            404 => vec![
                "every Kubernetes API answers there: check `server` in the kubeconfig".into(),
                self.kubectl("version"),
            ],
            410 => vec![
                "pages were read slower than the API server keeps them (5 minutes by default): \
                 run again, nearer to it"
                    .into(),
            ],
            429 => vec![
                "the API server is busy: run again later, or give this user a priority level of \
                 its own (FlowSchema)"
                    .into(),
            ],
            _ => vec![self.kubectl("get --raw '/readyz?verbose'")],
        }
    }

    fn credential_hints(&self) -> Vec<String> {
        let Some(plugin) = self.plugin else {
            return vec![self.kubectl("auth whoami")];
        };
        let mut hints = vec![format!(
            "the kubeconfig runs `{}`: it must be installed, on PATH, and logged in",
            plugin.command
        )];
        if let Some(hint) = &plugin.install_hint {
            hints.push(format!("the kubeconfig says: {hint}"));
        }
        hints
    }

    /// A command that shows the same failure.
    fn kubectl(&self, what: &str) -> String {
        match &self.context.name {
            Some(name) => format!("try `kubectl --context {} {what}`", quoted(name)),
            None => format!("try `kubectl {what}`"),
        }
    }
}

/// The rights that reading State takes, as commands for whom the API server names.
fn rights(message: &str) -> Vec<String> {
    let user = message.split_once("User \"").and_then(|(_, rest)| Some(rest.split_once('"')?.0));
    let subject = match user {
        Some("system:anonymous") => {
            return vec!["no credentials were sent: the context's user has none".to_owned()];
        }
        Some(user) => match user.strip_prefix("system:serviceaccount:") {
            Some(account) => format!("--serviceaccount={}", quoted(account)),
            None => format!("--user={}", quoted(user)),
        },
        None => "--user=…".to_owned(),
    };
    vec![
        "it takes one rule in the namespace tazuna: \
         {apiGroups: [\"\"], resources: [configmaps], verbs: [get, list]}"
            .to_owned(),
        "`kubectl -n tazuna create role tazuna-drift --verb=get,list --resource=configmaps`"
            .to_owned(),
        format!(
            "`kubectl -n tazuna create rolebinding tazuna-drift --role=tazuna-drift {subject}`"
        ),
    ]
}

fn tls_hints(problem: &str) -> Vec<String> {
    if problem.contains("NotValidForName") {
        return vec![
            "the certificate is for other names: correct `server` in the kubeconfig, or name one \
             of them in `tls-server-name`"
                .into(),
        ];
    }
    if problem.contains("InvalidContentType") {
        return vec!["no TLS is spoken there: is it the right port?".into()];
    }
    vec![
        "a private authority belongs in `certificate-authority-data` of the kubeconfig's cluster, \
         or in a file that SSL_CERT_FILE names"
            .into(),
        "where a proxy opens TLS, name the API server's host in NO_PROXY".into(),
    ]
}

/// A word for a shell, quoted where it needs to be.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

pub(super) fn problem(failure: &Failure) -> String {
    match failure {
        Failure::Status(status) => status_problem(status),
        Failure::NotKubernetes(problem) => {
            format!("the answer is not one of the Kubernetes API ({problem})")
        }
        Failure::Refused => "the connection was refused".into(),
        Failure::UnknownHost => "the host's name is not known (DNS)".into(),
        Failure::Tls(problem) => format!("TLS failed: {problem}"),
        Failure::Proxy(problem) => format!("the proxy did not connect: {problem}"),
        Failure::TimedOut => "there was no answer in time".into(),
        Failure::Broken(problem) => format!("the connection broke: {problem}"),
        Failure::Credentials(problem) => format!("no credentials: {problem}"),
    }
}

fn status_problem(status: &ApiStatus) -> String {
    let code = status.code.as_u16();
    let what = match code {
        401 => "the API server does not accept the credentials",
        403 if status.of_kubernetes => "no right to do so",
        403 => "access was refused",
        404 => "there is no such API at this address",
        410 => "the list expired again and again while it was read",
        429 => "the API server has too many requests",
        500.. => "the API server is in trouble",
        _ => "the API server refused",
    };
    if status.message.is_empty() {
        format!("{what} ({code})")
    } else {
        format!("{what} ({code}): {}", status.message)
    }
}
