//! Values of a release: files and inline maps, merged as Helm merges them.

use std::path::Path;

use crate::{
    project,
    report::{Reason, ReasonCode},
    yaml::{self, Key, Mark, Node, Value},
};

/// A mapping.
type Map = Vec<(Key, Node)>;

/// The values of a release: its `values` in order, then what wins over them.
///
/// # Errors
/// A file that is not there or holds no mapping.
pub(super) fn of_release(base: &Path, values: &[Node], extra: &Map) -> Result<Node, Reason> {
    let mut merged = Map::new();
    for entry in values {
        let more = match &entry.value {
            Value::String(file) => read(base, file)?,
            Value::Map(map) => map.clone(),
            Value::Null => Map::new(),
            _ => {
                let message = "an element of `values` is neither a file nor a mapping";
                return Err(Reason::new(ReasonCode::InvalidDeclaration, message));
            }
        };
        merged = merge(merged, &more);
    }
    Ok(Node { value: Value::Map(merge(merged, extra)), at: Mark::default() })
}

/// The files of `extraValueFiles`, merged.
///
/// # Errors
/// As [`of_release`].
pub(super) fn of_files(base: &Path, files: &[String]) -> Result<Map, Reason> {
    files.iter().try_fold(Map::new(), |merged, file| Ok(merge(merged, &read(base, file)?)))
}

/// A file of values, relative to the helmfile's folder.
fn read(base: &Path, file: &str) -> Result<Map, Reason> {
    let path = within(base, file);
    let content = std::fs::read_to_string(path).map_err(|error| {
        let (code, problem) = match error.kind() {
            std::io::ErrorKind::NotFound => (ReasonCode::PathNotFound, "does not exist"),
            std::io::ErrorKind::InvalidData => (ReasonCode::InvalidDeclaration, "is not UTF-8"),
            std::io::ErrorKind::IsADirectory => (ReasonCode::PathNotFound, "is a folder"),
            _ => (ReasonCode::PathNotFound, "cannot be read"),
        };
        Reason::new(code, format!("the values file `{file}` {problem}"))
            .hint("values files are relative to the helmfile's folder")
    })?;
    // What is wrong is not quoted: the file may hold secrets.
    let invalid = |line: u32, problem: &str| {
        let message = format!("the values file `{file}`, line {}: {problem}", line.max(1));
        Reason::new(ReasonCode::InvalidDeclaration, message)
    };
    let tree = yaml::read_document(&content).map_err(|error| invalid(error.at.line, "not YAML"))?;
    match tree.value {
        Value::Map(map) => Ok(map),
        Value::Null => Ok(Map::new()),
        _ => Err(invalid(tree.at.line, "not a mapping")),
    }
}

/// A path of a helmfile: an absolute one is taken as it is, another is relative to the
/// helmfile's folder.
pub(super) fn within(base: &Path, path: &str) -> std::path::PathBuf {
    if path.starts_with('/') { path.into() } else { project::locate(base, path) }
}

/// Mappings are merged at every depth; anything else, null too, replaces what was there.
fn merge(mut into: Map, more: &Map) -> Map {
    for (key, value) in more {
        match into.iter_mut().find(|(known, _)| known.name == key.name) {
            None => into.push((key.clone(), value.clone())),
            Some((_, known)) => {
                known.value = match (std::mem::replace(&mut known.value, Value::Null), &value.value)
                {
                    (Value::Map(known), Value::Map(more)) => Value::Map(merge(known, more)),
                    (_, value) => value.clone(),
                }
            }
        }
    }
    into
}

#[cfg(test)]
mod tests {
    use super::{super::literal::json, *};

    fn values(values: &str, extra: &[&str]) -> Result<String, Reason> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.yaml"), "a: {b: 1, c: 2}\nl: [1]\n").unwrap();
        std::fs::write(folder.path().join("b.yaml"), "a: {c: 3}\nl: [2]\nz: null\n").unwrap();
        std::fs::write(folder.path().join("empty.yaml"), "# nothing\n").unwrap();
        std::fs::write(folder.path().join("list.yaml"), "- hunter2\n").unwrap();
        std::fs::write(folder.path().join("bad.yaml"), "\nhunter2: [\n").unwrap();
        let Value::List(values) = yaml::read_document(values).unwrap().value else { panic!() };
        let extra: Vec<String> = extra.iter().map(|file| (*file).to_owned()).collect();
        let extra = of_files(folder.path(), &extra)?;
        Ok(json(&of_release(folder.path(), &values, &extra)?))
    }

    #[test]
    fn later_values_win_at_every_depth_and_null_is_a_value() {
        assert_eq!(
            values("[a.yaml, {a: {d: 4}, l: null}, ./b.yaml, null]", &[]).unwrap(),
            r#"{"a": {"b": 1,"c": 3,"d": 4},"l": [2],"z": null}"#
        );
        assert_eq!(values("[{a: {b: null}}, empty.yaml]", &[]).unwrap(), r#"{"a": {"b": null}}"#);
    }

    #[test]
    fn extra_files_win_over_all() {
        assert_eq!(
            values("[{a: 1}]", &["a.yaml", "b.yaml"]).unwrap(),
            r#"{"a": {"b": 1,"c": 3},"l": [2],"z": null}"#
        );
    }

    #[test]
    fn a_bad_file_is_named_without_its_contents() {
        for (list, want) in [
            ("[none.yaml]", "the values file `none.yaml` does not exist"),
            ("[list.yaml]", "the values file `list.yaml`, line 1: not a mapping"),
            ("[bad.yaml]", "the values file `bad.yaml`, line 2: not YAML"),
            ("[1]", "an element of `values` is neither a file nor a mapping"),
        ] {
            let message = values(list, &[]).unwrap_err().message;
            assert!(message.starts_with(want) || message == want, "{message}");
            assert!(!message.contains("hunter2"));
        }
    }
}
