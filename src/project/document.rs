//! One file of a project: read, rendered, parsed and brought into the schema's form.

use std::path::Path;

use super::{
    conform::{Remark, conform},
    schema,
    source_map::Place,
    template,
};
use crate::{
    error::{Error, ErrorKind, Result},
    report::{Location, Warning},
    yaml::{self, Mark, Node, Value},
};

/// One file of a project.
#[derive(Debug)]
pub(super) struct Document {
    /// Its content in the schema's form; places are those of the file itself.
    pub(super) root: Node,
    /// How it is called.
    pub(super) name: FileName,
    /// What people should know about it.
    pub(super) warnings: Vec<Warning>,
    /// Whether its template reads `.Environment`.
    pub(super) uses_environment: bool,
}

/// How a file is called.
#[derive(Clone, Debug)]
pub(super) struct FileName {
    /// In messages: as a shell in the current folder would name it.
    pub(super) shown: String,
    /// In the Report: relative to the folder of the main file, with `/`.
    pub(super) relative: String,
}

impl FileName {
    /// A place in this file, for the Report.
    pub(super) fn location(&self, at: Mark) -> Location {
        Location { file: self.relative.clone(), line: at.line, column: Some(at.column) }
    }

    /// A configuration error at a place in this file.
    pub(super) fn error(&self, at: Mark, message: &str) -> Error {
        let Mark { line, column } = at;
        Error::new(ErrorKind::Config, format!("{}:{line}:{column}: {message}", self.shown))
    }
}

impl Document {
    /// Reads the file at `path`. An error names file, line and column where they are
    /// known.
    pub(super) fn read(path: &Path, name: FileName, environment: &str) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|error| unreadable(&name, path, error))?;
        let text = String::from_utf8(bytes).map_err(|error| not_utf8(&name, &error))?;
        let rendered = template::render(&text, environment).map_err(|fault| {
            let error = match fault.at {
                Some(Place { line, column }) => name.error(Mark { line, column }, &fault.message),
                None => Error::new(ErrorKind::Config, format!("{}: {}", name.shown, fault.message)),
            };
            match fault.hint {
                Some(hint) => error.hint(hint),
                None => error,
            }
        })?;
        let mut tree = yaml::read_document(&rendered.text).map_err(|error| {
            let Place { line, column } = rendered.map.place(error.at.line, error.at.column);
            let told = name.error(Mark { line, column }, &format!("not YAML: {}", error.message));
            if rendered.map.is_identity() {
                told
            } else {
                told.hint("this is about the file as its template renders it")
            }
        })?;
        rendered.map.relocate(&mut tree);
        let (root, findings) = conform(&tree, schema::FILE);
        if let Some(mistake) = findings.mistakes.into_iter().next() {
            let error = name.error(mistake.at, &mistake.message);
            return Err(match mistake.hint {
                Some(hint) => error.hint(hint),
                None => error,
            });
        }
        let warnings =
            findings.remarks.into_iter().map(|remark| warning(&name, &root, remark)).collect();
        Ok(Self { root, name, warnings, uses_environment: rendered.uses_environment })
    }
}

fn warning(name: &FileName, root: &Node, remark: Remark) -> Warning {
    let mut warning = Warning::new(remark.code, remark.message).at(name.location(remark.at));
    warning.manifest = owner(root, &remark.path).map(ToOwned::to_owned);
    warning.hint = remark.hint;
    warning
}

/// The name of the Manifest that `path` lies in.
fn owner<'a>(root: &'a Node, path: &str) -> Option<&'a str> {
    let (index, _) = path.strip_prefix("spec.manifests[")?.split_once(']')?;
    let element = items(field(root, "spec")?, "manifests").get(index.parse::<usize>().ok()?)?;
    if items(element, "includes").is_empty() { text(element, "name") } else { None }
}

fn unreadable(name: &FileName, path: &Path, error: std::io::Error) -> Error {
    let shown = &name.shown;
    if path.is_dir() {
        return Error::new(ErrorKind::Config, format!("{shown} is a folder, not a file"))
            .hint(format!("did you mean {shown}/tazuna.yaml?"));
    }
    let (problem, hint) = match error.kind() {
        std::io::ErrorKind::NotFound => {
            ("does not exist", "name the file with `-f/--file-path`; the default is `tazuna.yaml`")
        }
        std::io::ErrorKind::PermissionDenied => {
            ("may not be read by this user", "check the owner and mode of the file and its folders")
        }
        _ => {
            return Error::new(ErrorKind::Config, format!("{shown} cannot be read"))
                .hint("check that it is a regular file")
                .caused_by(error);
        }
    };
    Error::new(ErrorKind::Config, format!("{shown} {problem}")).hint(hint)
}

fn not_utf8(name: &FileName, error: &std::string::FromUtf8Error) -> Error {
    let valid = error.utf8_error().valid_up_to();
    let before = String::from_utf8_lossy(&error.as_bytes()[..valid]);
    let Place { line, column } = Place::of(&before, before.len());
    name.error(Mark { line, column }, "this is not UTF-8")
        .hint("save the file as UTF-8 without other encodings in it")
}

/// The value of a field; `None` where it is absent or null.
pub(crate) fn field<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    let Value::Map(entries) = &node.value else { return None };
    let (_, value) = entries.iter().find(|(key, _)| key.name == name)?;
    (value.value != Value::Null).then_some(value)
}

/// A string field that is not empty; Go does not tell empty from absent.
pub(crate) fn text<'a>(node: &'a Node, name: &str) -> Option<&'a str> {
    field(node, name).and_then(as_text).filter(|text| !text.is_empty())
}

/// The string a node holds.
pub(crate) fn as_text(node: &Node) -> Option<&str> {
    match &node.value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// The elements of a list field; none where it is absent.
pub(crate) fn items<'a>(node: &'a Node, name: &str) -> &'a [Node] {
    match field(node, name).map(|node| &node.value) {
        Some(Value::List(items)) => items,
        _ => &[],
    }
}

/// The strings of a list field. A null element is an empty string, as in Go.
pub(crate) fn texts(node: &Node, name: &str) -> Vec<String> {
    items(node, name).iter().map(|item| as_text(item).unwrap_or_default().to_owned()).collect()
}
