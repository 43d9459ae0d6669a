//! The block `helmfile` of a Manifest or of an oras delegate, typed.

use super::document::{as_text, field, items, text, texts};
use crate::yaml::{Node, Value};

/// The block `helmfile`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Helmfile {
    /// Whether the charts' `crds/` are part of the result.
    pub include_crds: bool,
    /// Fills `metadata.namespace` where it is null or absent.
    pub default_namespace: Option<String>,
    /// The Kubernetes version to render for; without it the cluster is asked.
    pub kube_version: Option<String>,
    /// Values files that win over those of every release; relative to the helmfile.
    pub extra_value_files: Vec<String>,
    /// What the helmfile's template sees, by name, in order of declaration.
    pub vars: Vec<(String, Variable)>,
}

/// One of `vars`. What is not given is `None`; whether that fits `from` is for the Build
/// to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variable {
    /// `env`, `static` or `op`.
    pub from: Option<String>,
    /// Name of an environment variable.
    pub env: Option<String>,
    /// A string.
    pub text: Option<String>,
    /// Strings.
    pub slice: Option<Vec<String>>,
    /// Strings by name.
    pub map: Option<Vec<(String, String)>>,
    /// Whether `op` is there with all that Tazuna needs of it.
    pub op: Option<bool>,
}

impl Helmfile {
    /// Reads the block in the schema's form; nothing gives the defaults.
    pub(crate) fn read(block: Option<&Node>) -> Self {
        let Some(block) = block else { return Self::default() };
        let optional = |name: &str| text(block, name).map(ToOwned::to_owned);
        let vars = match field(block, "vars").map(|vars| &vars.value) {
            Some(Value::Map(vars)) => {
                vars.iter().map(|(key, node)| (key.name.clone(), Variable::read(node))).collect()
            }
            _ => Vec::new(),
        };
        Self {
            include_crds: field(block, "includeCRDs")
                .is_some_and(|node| node.value == Value::Bool(true)),
            default_namespace: optional("defaultNamespace"),
            kube_version: optional("kubeVersion"),
            extra_value_files: texts(block, "extraValueFiles"),
            vars,
        }
    }
}

impl Variable {
    fn read(node: &Node) -> Self {
        // Unlike elsewhere, Go tells an empty string from none here.
        let given = |name: &str| field(node, name).and_then(as_text).map(ToOwned::to_owned);
        let map = match field(node, "staticMap").map(|map| &map.value) {
            Some(Value::Map(map)) => {
                let string = |node| as_text(node).unwrap_or_default().to_owned();
                Some(map.iter().map(|(key, node)| (key.name.clone(), string(node))).collect())
            }
            _ => None,
        };
        Self {
            from: text(node, "from").map(ToOwned::to_owned),
            env: given("env"),
            text: given("static"),
            slice: field(node, "staticSlice").map(|_| texts(node, "staticSlice")),
            map,
            op: field(node, "op").map(|op| {
                ["key", "vault", "item", "field"].iter().all(|name| text(op, name).is_some())
            }),
        }
    }
}

/// Helmfile's own file as far as Tazuna reads it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ReleaseFile {
    pub(crate) repositories: Vec<Repository>,
    pub(crate) releases: Vec<Release>,
}

/// One of `repositories`.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Repository {
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) oci: bool,
}

impl std::fmt::Debug for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repository").field("name", &self.name).finish_non_exhaustive()
    }
}

/// One of `releases`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Release {
    pub(crate) name: String,
    pub(crate) namespace: Option<String>,
    pub(crate) chart: String,
    pub(crate) version: Option<String>,
    pub(crate) values: Vec<Node>,
}

impl ReleaseFile {
    /// Reads the file in the schema's form.
    pub(crate) fn read(root: &Node) -> Self {
        let string = |node, name| text(node, name).unwrap_or_default().to_owned();
        let optional = |node, name| text(node, name).map(ToOwned::to_owned);
        let repositories = items(root, "repositories").iter().map(|node| Repository {
            name: string(node, "name"),
            url: string(node, "url"),
            username: optional(node, "username"),
            password: optional(node, "password"),
            oci: field(node, "oci").is_some_and(|node| node.value == Value::Bool(true)),
        });
        let releases = items(root, "releases").iter().map(|node| Release {
            name: string(node, "name"),
            namespace: optional(node, "namespace"),
            chart: string(node, "chart"),
            version: optional(node, "version"),
            values: items(node, "values").to_vec(),
        });
        Self { repositories: repositories.collect(), releases: releases.collect() }
    }
}
