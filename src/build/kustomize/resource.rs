//! One resource of a kustomization: is it an object that kustomize passes on unchanged?

use super::references;
use crate::yaml::{Key, Node, Value, plain::NotPlain};

/// What must be known about an object once all are read.
#[derive(Debug)]
pub(super) struct Identity {
    /// Group, kind and name; kustomize knows two objects apart by these and the namespace.
    pub(super) object: (String, String, String),
    /// `default` where there is none.
    pub(super) namespace: String,
    /// Whether the object itself names a namespace.
    pub(super) has_namespace: bool,
    /// Names that the object refers to without a namespace. Where such a name is that of
    /// an object with a namespace, kustomize writes the namespace into the reference.
    pub(super) references: Vec<String>,
}

/// Kinds that kustomize knows to live in a namespace and that often share a name across
/// namespaces.
const NAMESPACED: [&str; 22] = [
    "ConfigMap",
    "CronJob",
    "DaemonSet",
    "Deployment",
    "Endpoints",
    "HorizontalPodAutoscaler",
    "Ingress",
    "Job",
    "Lease",
    "LimitRange",
    "NetworkPolicy",
    "PersistentVolumeClaim",
    "Pod",
    "PodDisruptionBudget",
    "PodTemplate",
    "ReplicaSet",
    "ResourceQuota",
    "Role",
    "RoleBinding",
    "Secret",
    "Service",
    "ServiceAccount",
];

/// Reads what identifies an object.
///
/// # Errors
/// Any trait for which kustomize changes, drops, expands or refuses an object.
pub(super) fn identify(object: &Node) -> Result<Identity, NotPlain> {
    let Value::Map(_) = object.value else { return Err("a document that is no mapping") };
    let api_version = string(object, "apiVersion").ok_or("an object without apiVersion")?;
    let kind = string(object, "kind").ok_or("an object without kind")?;
    let word = |text: &str, more: &[u8]| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
    };
    if !word(api_version, b"./-") || !word(kind, b"") || api_version.matches('/').count() > 1 {
        return Err("an unusual apiVersion or kind");
    }
    if kind.ends_with("List") {
        return Err("a kind that ends in List");
    }
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    if group.ends_with("kustomize.config.k8s.io") || group.ends_with("config.kubernetes.io") {
        return Err("an object of kustomize's own");
    }
    let metadata = object.get("metadata").ok_or("an object without metadata")?;
    let Value::Map(_) = metadata.value else { return Err("an object without metadata") };
    let name = string(metadata, "name").ok_or("an object without a name")?;
    let namespace = match metadata.get("namespace") {
        None => None,
        Some(_) => Some(string(metadata, "namespace").ok_or("an unusual namespace")?),
    };
    for field in ["labels", "annotations"] {
        check_strings(metadata.get(field))?;
    }
    Ok(Identity {
        object: (group.to_owned(), kind.to_owned(), name.to_owned()),
        namespace: namespace.unwrap_or("default").to_owned(),
        has_namespace: namespace.is_some(),
        references: references::incomplete(kind, object)?,
    })
}

/// Whether two objects of this group, kind and name in two namespaces are certainly two.
pub(super) fn may_share_a_name(kind: &str) -> bool {
    NAMESPACED.contains(&kind)
}

fn string<'a>(node: &'a Node, name: &str) -> Option<&'a str> {
    node.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// Labels and annotations: string values only, none of kustomize's own keys, not empty.
fn check_strings(node: Option<&Node>) -> Result<(), NotPlain> {
    let Some(node) = node else { return Ok(()) };
    let Value::Map(entries) = &node.value else { return Err("odd labels or annotations") };
    let own = ["config.kubernetes.io/", "config.k8s.io/", "kustomize"];
    let odd = |(key, node): &(Key, Node)| {
        node.as_str().is_none() || own.iter().any(|own| key.name.contains(own))
    };
    if entries.is_empty() || entries.iter().any(odd) {
        return Err("odd labels or annotations");
    }
    Ok(())
}
