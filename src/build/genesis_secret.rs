//! `type: genesissecret`: which Secret it writes. The secrets themselves are never fetched.

use std::path::Path;

use serde_yaml::Value;

use super::BuiltObject;
use crate::{
    domain::{KeyParts, StateKey},
    process,
    report::{Reason, ReasonCode},
};

/// The Secret of the file's first output, without a hash; nothing when that is
/// `stdout`. `path` is the file, relative to `root`.
pub(super) fn build(root: &Path, path: &str, manifest: &str) -> Result<Vec<BuiltObject>, Reason> {
    let text = std::fs::read_to_string(root.join(path)).map_err(|error| {
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
    let invalid = |problem: &str| {
        Reason::new(ReasonCode::InvalidDeclaration, format!("{path}: {problem}")).hint(
            "a genesissecret is `spec: {provider, secrets, outputs: [{kubernetesSecret: \
             {namespace, name}}]}`",
        )
    };
    let document: Value = serde_yaml::from_str(text).map_err(|error| {
        let line = error.location().map_or(1, |at| at.line());
        // The library's words may quote the file, and the file may hold secrets.
        let words = process::scrub(&error.to_string());
        let words = words.lines().next().unwrap_or_default();
        Reason::new(ReasonCode::InvalidDeclaration, format!("{path}:{line}: not YAML: {words}"))
    })?;
    let spec = field(&document, "spec").ok_or_else(|| invalid("there is no `spec`"))?;
    let outputs = field(spec, "outputs").and_then(Value::as_sequence);
    let output = outputs
        .and_then(|outputs| outputs.first())
        .ok_or_else(|| invalid("`spec.outputs` lists no output"))?;
    let Some(secret) = field(output, "kubernetesSecret") else {
        return match has(output, "stdout") {
            true => Ok(Vec::new()),
            false => Err(invalid("`spec.outputs[0]` is neither a `kubernetesSecret` nor `stdout`")),
        };
    };
    if !secret.is_mapping() {
        return Err(invalid("`spec.outputs[0].kubernetesSecret` is not a mapping"));
    }
    let name = text_of(secret, "name")
        .map_err(|()| invalid("`spec.outputs[0].kubernetesSecret.name` is not a string"))?
        .filter(|name| !name.is_empty())
        .ok_or_else(|| invalid("`spec.outputs[0].kubernetesSecret` has no `name`"))?;
    let namespace = text_of(secret, "namespace")
        .map_err(|()| invalid("`spec.outputs[0].kubernetesSecret.namespace` is not a string"))?;
    let parts = KeyParts { manifest, group: "", version: "v1", kind: "Secret", namespace, name };
    Ok(vec![BuiltObject { key: StateKey::new(parts), hash: None }])
}

/// A field that is there and not null. As in Go's encoding/json the exact name comes
/// first, then one that differs in case.
fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let map = value.as_mapping()?;
    let named = |same: fn(&str, &str) -> bool| {
        map.iter().find(|(key, _)| key.as_str().is_some_and(|key| same(key, name)))
    };
    let (_, value) = named(|a, b| a == b).or_else(|| named(str::eq_ignore_ascii_case))?;
    (!value.is_null()).then_some(value)
}

fn has(value: &Value, name: &str) -> bool {
    let keys = value.as_mapping().into_iter().flat_map(|map| map.keys());
    keys.filter_map(Value::as_str).any(|key| key.eq_ignore_ascii_case(name))
}

fn text_of<'a>(value: &'a Value, name: &str) -> Result<Option<&'a str>, ()> {
    field(value, name).map(|value| value.as_str().ok_or(())).transpose()
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
    fn standard_output_is_no_object() {
        for output in ["stdout: {}", "stdout:", "stdout: true"] {
            let text = format!("spec:\n  outputs:\n  - {output}\n");
            assert_eq!(read(&text, "s.yaml", "m").unwrap(), [], "{output}");
        }
    }

    #[test]
    fn a_bad_file_is_named_with_what_is_wrong_and_without_its_contents() {
        for (text, want) in [
            ("a: [", "s.yaml:"),
            ("", "no `spec`"),
            ("spec: {outputs: []}", "lists no output"),
            ("spec: {outputs: [{file: x}]}", "neither"),
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
