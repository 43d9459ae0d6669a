//! The fields that kustomize follows from one object to another's name. Nothing is renamed
//! here, so a reference stays as it is, unless kustomize completes it or trips over it.

use crate::yaml::{Node, Value, plain::NotPlain};

/// Where kinds hold the spec of a pod.
const POD_SPECS: [(&str, &str); 9] = [
    ("CronJob", "spec/jobTemplate/spec/template/spec"),
    ("DaemonSet", "spec/template/spec"),
    ("Deployment", "spec/template/spec"),
    ("Job", "spec/template/spec"),
    ("Pod", "spec"),
    ("PodTemplate", "template/spec"),
    ("ReplicaSet", "spec/template/spec"),
    ("ReplicationController", "spec/template/spec"),
    ("StatefulSet", "spec/template/spec"),
];

/// References below the spec of a pod (kustomize 5.8, `namereference.go`).
const IN_POD_SPEC: [&str; 16] = [
    "containers/env/valueFrom/configMapKeyRef/name",
    "containers/env/valueFrom/secretKeyRef/name",
    "containers/envFrom/configMapRef/name",
    "containers/envFrom/secretRef/name",
    "imagePullSecrets/name",
    "initContainers/env/valueFrom/configMapKeyRef/name",
    "initContainers/env/valueFrom/secretKeyRef/name",
    "initContainers/envFrom/configMapRef/name",
    "initContainers/envFrom/secretRef/name",
    "priorityClassName",
    "serviceAccountName",
    "volumes/configMap/name",
    "volumes/persistentVolumeClaim/claimName",
    "volumes/projected/sources/configMap/name",
    "volumes/projected/sources/secret/name",
    "volumes/secret/secretName",
];

/// All other references that end in a name.
const NAMES: [(&str, &str); 24] = [
    ("APIService", "spec/service/name"),
    ("ClusterRole", "rules/resourceNames"),
    ("ClusterRoleBinding", "roleRef/name"),
    ("HorizontalPodAutoscaler", "spec/scaleTargetRef/name"),
    ("Ingress", "spec/backend/serviceName"),
    ("Ingress", "spec/defaultBackend/service/name"),
    ("Ingress", "spec/ingressClassName"),
    ("Ingress", "spec/rules/http/paths/backend/service/name"),
    ("Ingress", "spec/rules/http/paths/backend/serviceName"),
    ("Ingress", "spec/tls/secretName"),
    ("PersistentVolume", "spec/azureFile/secretName"),
    ("PersistentVolume", "spec/storageClassName"),
    ("PersistentVolumeClaim", "spec/storageClassName"),
    ("PersistentVolumeClaim", "spec/volumeName"),
    ("Role", "rules/resourceNames"),
    ("RoleBinding", "roleRef/name"),
    ("Service", "spec/template/spec/containers/env/valueFrom/secretKeyRef/name"),
    ("ServiceAccount", "imagePullSecrets/name"),
    ("StatefulSet", "spec/serviceName"),
    ("StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"),
    ("StorageClass", "parameters/adminSecretName"),
    ("StorageClass", "parameters/secretName"),
    ("StorageClass", "parameters/secretRef"),
    ("StorageClass", "parameters/userSecretName"),
];

/// References that are mappings with a name **and** a namespace.
const MAPPINGS: [(&str, &str); 5] = [
    ("ClusterRoleBinding", "subjects"),
    ("MutatingWebhookConfiguration", "webhooks/clientConfig/service"),
    ("Node", "spec/configSource/configMap"),
    ("RoleBinding", "subjects"),
    ("ValidatingWebhookConfiguration", "webhooks/clientConfig/service"),
];

/// The names that an object refers to by a mapping without a namespace. Where an object
/// with a namespace has such a name, kustomize writes that namespace into the mapping.
///
/// # Errors
/// A shape that kustomize cannot follow.
pub(super) fn incomplete(kind: &str, object: &Node) -> Result<Vec<String>, NotPlain> {
    let of_kind = |(of, path): &(&'static str, &'static str)| (*of == kind).then_some(*path);
    for spec in POD_SPECS.iter().filter_map(of_kind) {
        follow(object, spec, &mut |spec| {
            IN_POD_SPEC.iter().try_for_each(|path| follow(spec, path, &mut name))
        })?;
    }
    for path in NAMES.iter().filter_map(of_kind) {
        follow(object, path, &mut name)?;
    }
    let mut found = Vec::new();
    for path in MAPPINGS.iter().filter_map(of_kind) {
        follow(object, path, &mut |node| mapping(node, &mut found))?;
    }
    if kind == "RoleBinding" || kind == "ClusterRoleBinding" {
        let role = object.get("roleRef").ok_or("a binding without roleRef")?;
        if ["apiGroup", "kind", "name"].iter().any(|field| text(role, field).is_none()) {
            return Err("a binding with an unusual roleRef");
        }
    }
    Ok(found)
}

/// Calls `found` for each node at the end of a path; lists on the way are gone through.
fn follow(
    node: &Node,
    path: &str,
    found: &mut dyn FnMut(&Node) -> Result<(), NotPlain>,
) -> Result<(), NotPlain> {
    match &node.value {
        Value::Null => Ok(()),
        Value::List(items) => items.iter().try_for_each(|item| follow(item, path, found)),
        Value::Map(_) => {
            let (first, rest) = path.split_once('/').unwrap_or((path, ""));
            match node.get(first) {
                None => Ok(()),
                Some(next) if !rest.is_empty() => follow(next, rest, found),
                Some(Node { value: Value::List(items), .. }) => items.iter().try_for_each(found),
                Some(end) => found(end),
            }
        }
        _ => Err("a reference of unusual shape"),
    }
}

fn name(node: &Node) -> Result<(), NotPlain> {
    match node.value {
        Value::String(_) | Value::Null => Ok(()),
        _ => Err("a reference of unusual shape"),
    }
}

fn mapping(node: &Node, found: &mut Vec<String>) -> Result<(), NotPlain> {
    let name = text(node, "name").ok_or("a reference without a name")?;
    match node.get("namespace") {
        None => found.push(name.to_owned()),
        Some(_) if text(node, "namespace").is_some() => {}
        Some(_) => return Err("a reference with an unusual namespace"),
    }
    Ok(())
}

fn text<'a>(node: &'a Node, field: &str) -> Option<&'a str> {
    node.get(field)?.as_str().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read_document;

    fn of(kind: &str, text: &str) -> Result<Vec<String>, NotPlain> {
        incomplete(kind, &read_document(text).unwrap())
    }

    #[test]
    fn references_without_a_namespace_are_found() {
        let role = "roleRef: {apiGroup: a, kind: Role, name: r}\n";
        let subjects =
            "subjects: [{kind: User, name: a}, {kind: User, name: b, namespace: shop}]\n";
        assert_eq!(of("RoleBinding", &format!("{role}{subjects}")).unwrap(), ["a"]);
        let hook = "webhooks: [{clientConfig: {service: {name: a}}}, {clientConfig: {url: u}}]";
        assert_eq!(of("ValidatingWebhookConfiguration", hook).unwrap(), ["a"]);
        assert!(of("ConfigMap", &format!("{role}{subjects}")).unwrap().is_empty());
    }

    #[test]
    fn shapes_that_kustomize_cannot_follow_are_not_plain() {
        for (kind, text) in [
            ("RoleBinding", "subjects: []"),
            ("RoleBinding", "roleRef: {apiGroup: a, kind: Role}"),
            (
                "ClusterRoleBinding",
                "roleRef: {apiGroup: a, kind: b, name: c}\nsubjects: [{name: 1}]",
            ),
            ("Deployment", "spec: {template: {spec: {serviceAccountName: 1}}}"),
            ("Deployment", "spec: text"),
            ("Pod", "spec: {volumes: [{configMap: {name: [a, {b: c}]}}]}"),
        ] {
            assert!(of(kind, text).is_err(), "{kind}: {text}");
        }
    }

    #[test]
    fn usual_references_pass() {
        let text = "spec: {template: {spec: {serviceAccountName: a, volumes: [{configMap: {name: b}}, \
                    {emptyDir: {}}], containers: [{env: [{name: A, value: x}]}]}}}";
        assert!(of("Deployment", text).unwrap().is_empty());
        assert!(of("Role", "rules: [{resourceNames: [a, b]}]").unwrap().is_empty());
    }
}
