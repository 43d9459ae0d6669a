//! What is said when an artifact cannot be had: no URL (they may be signed), no secret.

use std::error::Error;

use oci_client::errors::{OciDistributionError, OciErrorCode};

use super::{
    credentials::{Credentials, Secret},
    reference::Reference,
};
use crate::{
    process::scrub,
    report::{Reason, ReasonCode},
};

/// Most characters of a registry's own words.
const SAID: usize = 200;

/// Words about one artifact.
pub(super) struct Words<'a> {
    pub(super) reference: &'a Reference,
    pub(super) credentials: &'a Credentials,
}

impl Words<'_> {
    /// It could not be pulled.
    pub(super) fn pull(&self, problem: &str) -> Reason {
        let message = format!("`{}` cannot be pulled: {problem}", self.reference.text);
        Reason::new(ReasonCode::PullFailed, message)
    }

    /// It was pulled, and is none that can be used.
    pub(super) fn artifact(&self, problem: &str) -> Reason {
        artifact(self.reference, problem)
    }

    /// A token that this program cannot exchange.
    pub(super) fn identity_token(&self) -> Reason {
        let origin = &self.credentials.origin;
        self.pull(&format!("{origin} holds an identity token, and this program needs a password"))
            .hint("log in with a user name and a password or access token")
    }

    /// Why the registry did not give it.
    pub(super) fn explain(&self, error: &OciDistributionError) -> Reason {
        match error {
            OciDistributionError::AuthenticationFailure(_)
            | OciDistributionError::UnauthorizedError { .. } => self.denied(),
            OciDistributionError::RegistryError { envelope, .. } => {
                let Some(first) = envelope.errors.first() else {
                    return self.pull("its registry refuses without a word");
                };
                match &first.code {
                    OciErrorCode::Unauthorized | OciErrorCode::Denied => self.denied(),
                    OciErrorCode::ManifestUnknown
                    | OciErrorCode::NameUnknown
                    | OciErrorCode::NotFound => self.unknown(),
                    OciErrorCode::BlobUnknown => self.pull("its registry has lost its layer"),
                    OciErrorCode::Toomanyrequests => self.too_many(),
                    _ => self.pull(&format!("its registry says: {}", said(&first.message))),
                }
            }
            OciDistributionError::ServerError { code, .. } => match code {
                401 | 403 => self.denied(),
                404 => self.unknown(),
                429 => self.too_many(),
                code => self
                    .pull(&format!("its registry answers with HTTP status {code}"))
                    .hint("try again later, or ask who runs the registry"),
            },
            OciDistributionError::DigestError(_) => self.wrong_digest(),
            OciDistributionError::IoError(error) => {
                let inner = error.get_ref().map(ToString::to_string).unwrap_or_default();
                match inner.starts_with("Invalid digest") {
                    true => self.wrong_digest(),
                    false => self.pull("its layer broke off").hint("try again"),
                }
            }
            OciDistributionError::RequestError(error) => {
                if error.is_timeout() {
                    return self
                        .pull("its registry does not answer in time")
                        .hint("check that this machine may reach the registry, and HTTPS_PROXY");
                }
                let mut cause: &dyn Error = error;
                while let Some(source) = cause.source() {
                    cause = source;
                }
                let cause = said(&cause.to_string());
                let reason = self.pull(&cause);
                if cause.contains("certificate") {
                    return reason.hint(
                        "SSL_CERT_FILE names a file with the registry's own CA; \
                         `insecureSkipVerify` trusts any certificate",
                    );
                }
                reason.hint(
                    "check the host, that this machine may reach it, and HTTPS_PROXY; a registry \
                     without TLS needs `plainHTTP: true`",
                )
            }
            _ => self.pull("its registry does not answer as one does"),
        }
    }

    fn denied(&self) -> Reason {
        let origin = &self.credentials.origin;
        match self.credentials.secret {
            Secret::None => self
                .pull(&format!("its registry wants credentials, and there are none ({origin})"))
                .hint("log in with `docker login`, or declare `oras.auth`"),
            _ => self
                .pull(&format!("its registry refuses the credentials of {origin}"))
                .hint("check that they are valid and may pull from this repository"),
        }
    }

    fn unknown(&self) -> Reason {
        self.pull("its registry does not have it").hint(
            "check the spelling of repository and tag; some registries say this too when the \
             credentials are missing",
        )
    }

    fn too_many(&self) -> Reason {
        self.pull("its registry has had too many requests")
            .hint("try again later, or log in: anonymous pulls are limited first")
    }

    fn wrong_digest(&self) -> Reason {
        self.artifact("what its registry gave has another digest than it should")
    }
}

/// An artifact that is none that can be used.
pub(super) fn artifact(reference: &Reference, problem: &str) -> Reason {
    let message = format!("`{}` is no artifact for Tazuna: {problem}", reference.text);
    Reason::new(ReasonCode::InvalidArtifact, message)
        .hint("an artifact has one layer, a tar.gz, as `oras push … folder.tar.gz` makes it")
}

/// Foreign words on one line.
fn said(text: &str) -> String {
    scrub(text).lines().next().unwrap_or_default().chars().take(SAID).collect()
}
