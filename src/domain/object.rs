//! From a Build's text to objects, reduced to State key and ContentHash. Pure.

use std::{collections::BTreeMap, fmt};

use super::{ContentHash, KeyParts, StateKey, canonical};
use crate::yaml::{self, Key, Mark, Node, Value, YamlError};

/// An object that a Manifest declares, reduced to what is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltObject {
    /// Its State key.
    pub key: StateKey,
    /// Its ContentHash; `None` for an always-sync object, which is never fetched.
    pub hash: Option<ContentHash>,
}

/// Why a Build's text gives no objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObjectError {
    /// It is not what Go's decoder accepts.
    Decode(YamlError),
    /// An object's `metadata` is neither a mapping nor null.
    Metadata(Mark),
}

impl fmt::Display for ObjectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decode(error) => error.fmt(f),
            Self::Metadata(at) => {
                write!(f, "line {}, column {}: metadata is not a mapping", at.line, at.column)
            }
        }
    }
}

impl std::error::Error for ObjectError {}

impl From<YamlError> for ObjectError {
    fn from(error: YamlError) -> Self {
        Self::Decode(error)
    }
}

/// Fields of `metadata` that a server sets; they do not count (Tazuna).
const SERVER_FIELDS: [&str; 6] =
    ["resourceVersion", "uid", "creationTimestamp", "generation", "managedFields", "selfLink"];

/// The objects in a Build's text, sorted by State key. Where a key occurs twice the last
/// object stays. `default_namespace` fills `metadata.namespace` where it is null or absent.
///
/// # Errors
/// As Tazuna's: one bad document fails the Manifest.
pub fn from_output(
    manifest: &str,
    text: &[u8],
    default_namespace: Option<&str>,
) -> Result<Vec<BuiltObject>, ObjectError> {
    let mut objects = Objects::new(manifest, default_namespace);
    for document in yaml::documents(text) {
        objects.add(document?)?;
    }
    Ok(objects.finish())
}

/// Collects the objects of one Manifest, document by document, so that only one tree is in
/// memory at a time.
#[derive(Debug)]
pub struct Objects<'a> {
    manifest: &'a str,
    default_namespace: Option<&'a str>,
    found: BTreeMap<StateKey, ContentHash>,
    json: Vec<u8>,
}

impl<'a> Objects<'a> {
    /// Nothing yet.
    pub fn new(manifest: &'a str, default_namespace: Option<&'a str>) -> Self {
        Self { manifest, default_namespace, found: BTreeMap::new(), json: Vec::new() }
    }

    /// Adds a document: nothing where it has no `kind`, the items of a `List`, else itself.
    ///
    /// # Errors
    /// [`ObjectError::Metadata`].
    pub fn add(&mut self, document: Node) -> Result<(), ObjectError> {
        let Value::Map(mut fields) = document.value else { return Ok(()) };
        let Some(kind) = value_of(&fields, "kind") else { return Ok(()) };
        let is_list = matches!(kind, Value::String(kind) if kind == "List");
        if is_list && let Some(Value::List(items)) = value_of_mut(&mut fields, "items") {
            for item in std::mem::take(items) {
                if let Value::Map(fields) = item.value {
                    self.add_object(fields)?;
                }
            }
            return Ok(());
        }
        self.add_object(fields)
    }

    /// The objects, sorted by State key.
    pub fn finish(self) -> Vec<BuiltObject> {
        let found = self.found.into_iter();
        found.map(|(key, hash)| BuiltObject { key, hash: Some(hash) }).collect()
    }

    fn add_object(&mut self, mut fields: Vec<(Key, Node)>) -> Result<(), ObjectError> {
        fields.retain(|(key, _)| key.name != "status");
        let metadata = match fields.iter().position(|(key, _)| key.name == "metadata") {
            Some(at) => at,
            None => {
                fields.push(entry("metadata", Value::Null));
                fields.len() - 1
            }
        };
        let (_, node) = &mut fields[metadata];
        if node.value == Value::Null {
            node.value = Value::Map(Vec::new());
        }
        let at = node.at;
        let Value::Map(metadata) = &mut node.value else { return Err(ObjectError::Metadata(at)) };
        metadata.retain(|(key, _)| !SERVER_FIELDS.contains(&key.name.as_str()));
        if let Some(namespace) = self.default_namespace {
            let namespace = Value::String(namespace.to_owned());
            match value_of_mut(metadata, "namespace") {
                Some(null @ Value::Null) => *null = namespace,
                Some(_) => {}
                None => metadata.push(entry("namespace", namespace)),
            }
        }
        let key = state_key(self.manifest, &fields);
        self.json.clear();
        canonical::write_map(&mut self.json, &mut fields);
        self.found.insert(key, ContentHash::of(&self.json));
        Ok(())
    }
}

fn entry(name: &str, value: Value) -> (Key, Node) {
    let at = Mark::default();
    (Key { name: name.to_owned(), at }, Node { value, at })
}

fn value_of<'a>(fields: &'a [(Key, Node)], name: &str) -> Option<&'a Value> {
    fields.iter().find(|(key, _)| key.name == name).map(|(_, node)| &node.value)
}

fn value_of_mut<'a>(fields: &'a mut [(Key, Node)], name: &str) -> Option<&'a mut Value> {
    fields.iter_mut().find(|(key, _)| key.name == name).map(|(_, node)| &mut node.value)
}

/// The key as apimachinery's Unstructured gives its parts: what is no string is empty, and
/// an `apiVersion` with more than one `/` leaves group, version and kind empty.
fn state_key(manifest: &str, fields: &[(Key, Node)]) -> StateKey {
    let text = |fields: &[(Key, Node)], name| match value_of(fields, name) {
        Some(Value::String(text)) => text.clone(),
        _ => String::new(),
    };
    let api_version = text(fields, "apiVersion");
    let kind = text(fields, "kind");
    let (group, version, kind) = match api_version.matches('/').count() {
        0 => ("", api_version.as_str(), kind.as_str()),
        1 => {
            let (group, version) = api_version.split_once('/').unwrap_or_default();
            (group, version, kind.as_str())
        }
        _ => ("", "", ""),
    };
    let metadata = match value_of(fields, "metadata") {
        Some(Value::Map(metadata)) => metadata.as_slice(),
        _ => &[],
    };
    StateKey::new(KeyParts {
        manifest,
        group,
        version,
        kind,
        namespace: Some(&text(metadata, "namespace")),
        name: &text(metadata, "name"),
    })
}
