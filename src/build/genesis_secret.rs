//! `type: genesissecret`: which Secret it writes. The secrets themselves are never fetched.

use std::{borrow::Cow, path::Path};

use super::BuiltObject;
use crate::{
    domain::{KeyParts, StateKey},
    process, project,
    report::{Reason, ReasonCode},
    yaml::{self, Key, Node, Value},
};

/// The Secret of the file's first output, without a hash; nothing when that is
/// `stdout`. `path` is the file, relative to `root`.
pub(super) fn build(root: &Path, path: &str, manifest: &str) -> Result<Vec<BuiltObject>, Reason> {
    let text = std::fs::read_to_string(project::locate(root, path)).map_err(|error| {
        use std::io::ErrorKind;
        let (code, problem) = match error.kind() {
            ErrorKind::NotFound => (ReasonCode::PathNotFound, "does not exist".to_owned()),
            ErrorKind::IsADirectory => {
                (ReasonCode::PathNotFound, "is a folder; a genesissecret is a file".to_owned())
            }
            ErrorKind::InvalidData => (ReasonCode::InvalidDeclaration, "is not UTF-8".to_owned()),
            _ => (ReasonCode::PathNotFound, format!("cannot be read: {error}")),
        };
        Reason::new(code, format!("the path `{path}` {problem}"))
    })?;
    read(&text, path, manifest)
}

/// Reads the file's text. Pure.
fn read(text: &str, path: &str, manifest: &str) -> Result<Vec<BuiltObject>, Reason> {
    let invalid = |at: &Node, problem: &str| {
        let line = at.at.line.max(1);
        let message = format!("{path}:{line}: {problem}");
        Reason::new(ReasonCode::InvalidDeclaration, message).hint(
            "a genesissecret is `spec: {provider, secrets, outputs: [{kubernetesSecret: \
             {namespace, name}}]}`",
        )
    };
    let document = yaml::read_document(text).map_err(|error| {
        // The words may quote the file, and the file may hold secrets.
        let words = process::scrub(&error.message);
        let words = words.lines().next().unwrap_or_default();
        let line = error.at.line.max(1);
        Reason::new(ReasonCode::InvalidDeclaration, format!("{path}:{line}: not YAML: {words}"))
    })?;
    let spec = field(&document, "spec").ok_or_else(|| invalid(&document, "there is no `spec`"))?;
    let outputs = field(spec, "outputs").ok_or_else(|| invalid(spec, "`spec` has no `outputs`"))?;
    let output = match &outputs.value {
        Value::List(items) => items.first(),
        _ => None,
    };
    let output = output.ok_or_else(|| invalid(outputs, "`spec.outputs` lists no output"))?;
    let Some(secret) = field(output, "kubernetesSecret") else {
        return match has(output, "stdout") {
            true => Ok(Vec::new()),
            false => Err(invalid(
                output,
                "`spec.outputs[0]` is neither a `kubernetesSecret` nor `stdout`",
            )),
        };
    };
    if !matches!(secret.value, Value::Map(_)) {
        return Err(invalid(secret, "`spec.outputs[0].kubernetesSecret` is not a mapping"));
    }
    let text_of = |name: &str| match field(secret, name) {
        None => Ok(None),
        Some(node) => match as_text(&node.value) {
            Some(text) => Ok(Some(text)),
            None => {
                let problem = format!("`{name}` of the kubernetesSecret is not a string");
                Err(invalid(node, &problem))
            }
        },
    };
    let name = text_of("name")?
        .filter(|name| !name.is_empty())
        .ok_or_else(|| invalid(secret, "the kubernetesSecret has no `name`"))?;
    let namespace = text_of("namespace")?;
    let parts = KeyParts {
        manifest,
        group: "",
        version: "v1",
        kind: "Secret",
        namespace: namespace.as_deref(),
        name: &name,
    };
    Ok(vec![BuiltObject { key: StateKey::new(parts), hash: None }])
}

/// A scalar where a string belongs, as sigs.k8s.io/yaml converts it: `no` is `false`.
fn as_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.into()),
        Value::Bool(truth) => Some(truth.to_string().into()),
        Value::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            Some(format!("{number:.0}").into())
        }
        _ => None,
    }
}

/// A field that is there and not null. As in Go's encoding/json the exact name comes
/// first, then one that differs in case.
fn field<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    let named =
        |same: fn(&str, &str) -> bool| entries(node).iter().find(|(k, _)| same(&k.name, name));
    let (_, found) = named(|a, b| a == b).or_else(|| named(str::eq_ignore_ascii_case))?;
    (found.value != Value::Null).then_some(found)
}

fn has(node: &Node, name: &str) -> bool {
    entries(node).iter().any(|(key, _)| key.name.eq_ignore_ascii_case(name))
}

fn entries(node: &Node) -> &[(Key, Node)] {
    match &node.value {
        Value::Map(entries) => entries,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "
spec:
  provider: default-op
  secrets: [{key: a, vault: v}]
  outputs:
  - kubernetesSecret: {namespace: shop, name: token, type: Opaque}
  - stdout: {}
";

    #[test]
    fn the_first_output_names_the_secret_and_nothing_else_is_looked_at() {
        let objects = read(PLAIN, "s.yaml", "secrets").unwrap();
        assert_eq!(objects.len(), 1);
        assert_eq!(objects[0].key.as_str(), "secrets//v1/Secret/shop/token");
        assert_eq!(objects[0].hash, None);
    }

    #[test]
    fn names_that_yaml_does_not_take_for_strings_are_what_tazuna_makes_of_them() {
        let text = "spec: {outputs: [{kubernetesSecret: {namespace: no, name: 12}}]}";
        assert_eq!(read(text, "s.yaml", "m").unwrap()[0].key.as_str(), "m//v1/Secret/false/12");
    }

    #[test]
    fn standard_output_is_no_object() {
        for output in ["stdout: {}", "stdout:", "stdout: true"] {
            let text = format!("spec:\n  outputs:\n  - {output}\n");
            assert_eq!(read(&text, "s.yaml", "m").unwrap(), [], "{output}");
        }
    }

    #[test]
    fn a_bad_file_is_named_with_what_is_wrong_and_without_its_contents() {
        for (text, want) in [
            ("a: b\nc: [", "s.yaml:2: not YAML"),
            ("", "s.yaml:1: there is no `spec`"),
            ("spec: {}", "no `outputs`"),
            ("spec:\n  outputs: []", "s.yaml:2: `spec.outputs` lists no output"),
            ("spec:\n  outputs:\n  - file: x", "s.yaml:3: `spec.outputs[0]` is neither"),
            ("spec: {outputs: [{kubernetesSecret: {namespace: a}}]}", "no `name`"),
            ("spec: {outputs: [{kubernetesSecret: {name: [x]}}]}", "not a string"),
            ("spec: {outputs: [{kubernetesSecret: name}]}", "not a mapping"),
        ] {
            let reason = read(text, "s.yaml", "m").unwrap_err();
            assert_eq!(reason.code, ReasonCode::InvalidDeclaration);
            assert!(reason.message.contains(want), "{text:?} gave {}", reason.message);
        }
        let text = "spec:\n  static:\n    password: hunter2\n   x: [\n";
        assert!(!read(text, "s.yaml", "m").unwrap_err().message.contains("hunter2"));
    }
}
