//! The block `oras`: which artifact, who may pull it, and what builds its contents.

use std::fmt;

use super::{
    Helmfile,
    document::{field, text},
};
use crate::{
    report::{Reason, ReasonCode},
    yaml::{Node, Value},
};

/// The block `oras`.
#[derive(Clone, Debug, PartialEq)]
pub struct Oras {
    /// `registry/repository:tag` or `registry/repository@digest`, as declared.
    pub reference: String,
    /// The folder or file in the artifact; empty for all of it.
    pub target: String,
    /// Whether the registry speaks HTTP without TLS.
    pub plain_http: bool,
    /// Whether any certificate will do.
    pub insecure_skip_verify: bool,
    /// Who pulls.
    pub auth: Option<OrasAuth>,
    /// What builds the contents.
    pub delegate: Delegate,
}

/// The block `oras.auth`. Its debug form holds no password.
#[derive(Clone, PartialEq, Eq)]
pub struct OrasAuth {
    /// May be empty.
    pub username: String,
    /// May be empty.
    pub password: String,
}

impl fmt::Debug for OrasAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrasAuth").finish_non_exhaustive()
    }
}

/// The block `oras.delegate`.
#[derive(Clone, Debug, PartialEq)]
pub enum Delegate {
    /// `type: kustomize`. Its `defaultNamespace` is left out: `tazuna state diff` does not
    /// apply it to what an artifact holds.
    Kustomize,
    /// `type: helmfile`.
    Helmfile(Helmfile),
}

/// Reads the block, or says why it cannot be used.
pub(super) fn read(block: Option<&Node>) -> Result<Oras, Reason> {
    let invalid = |message: String| Reason::new(ReasonCode::InvalidDeclaration, message);
    let block = block
        .ok_or_else(|| invalid("a Manifest of `type: oras` needs a block `oras`".to_owned()))?;
    let reference = text(block, "reference").ok_or_else(|| {
        invalid("`oras.reference` is missing: the artifact's tag or digest".to_owned())
    })?;
    let delegate = field(block, "delegate");
    let delegate = match delegate.and_then(|block| text(block, "type")) {
        Some("kustomize") => Delegate::Kustomize,
        Some("helmfile") => {
            Delegate::Helmfile(Helmfile::read(delegate.and_then(|block| field(block, "helmfile"))))
        }
        Some(other) => {
            return Err(invalid(format!(
                "`oras.delegate.type` must be `helmfile` or `kustomize`, not `{other}`"
            )));
        }
        None => {
            return Err(invalid(
                "`oras.delegate.type` is missing; it is `helmfile` or `kustomize`".to_owned(),
            ));
        }
    };
    let flag = |name| field(block, name).is_some_and(|node| node.value == Value::Bool(true));
    let words = |node: &Node, name| text(node, name).unwrap_or_default().to_owned();
    Ok(Oras {
        reference: reference.to_owned(),
        target: words(block, "target"),
        plain_http: flag("plainHTTP"),
        insecure_skip_verify: flag("insecureSkipVerify"),
        auth: field(block, "auth").map(|auth| OrasAuth {
            username: words(auth, "username"),
            password: words(auth, "password"),
        }),
        delegate,
    })
}
