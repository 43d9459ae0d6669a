//! State from exported ConfigMaps: a folder of YAML or JSON files, or one such file.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fs, io,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_yaml::Value;

use super::{NAMESPACE, State, config_map};
use crate::{
    error::{Error, ErrorKind, Result},
    report::{ClusterContext, StateKind, StateSource, Warning},
};

/// Reads State from `path`.
///
/// A folder is read one level deep: every `*.yaml`, `*.yml` and `*.json` in it, sorted by
/// name. A file may hold one ConfigMap, several documents, or a `List` as
/// `kubectl get configmaps -n tazuna -o yaml` prints it. Objects that are no State
/// ConfigMap are ignored; State ConfigMaps of another namespace too, with a warning.
///
/// # Errors
///
/// `Config` where the path does not exist, a file is not readable or not YAML or JSON,
/// a ConfigMap's `data` has no strings, or a ConfigMap is there twice.
pub fn read(path: &Path) -> Result<State> {
    let mut found = Found::default();
    for file in files(path)? {
        found.add_file(&file)?;
    }
    let mut warnings = found.warnings;
    if found.config_maps.is_empty() {
        warnings.push(Warning::new("no-state", format!("{} holds no State", path.display())).hint(
            "it should hold what `kubectl get configmaps -n tazuna -o yaml` prints; \
                 before the first apply there is none",
        ));
    }
    Ok(State {
        source: StateSource {
            kind: StateKind::Folder,
            path: Some(path.display().to_string()),
            config_maps: found.config_maps.len(),
        },
        context: ClusterContext::default(),
        manifests: found
            .config_maps
            .into_iter()
            .filter_map(|(name, found)| {
                let manifest = config_map::manifest_of(&name)?.to_owned();
                Some((manifest, config_map::parse(&name, &found.data)))
            })
            .collect(),
        warnings,
    })
}

fn files(path: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = |error: io::Error| {
        let message = format!("cannot read State from {}", path.display());
        let hint = if error.kind() == io::ErrorKind::NotFound {
            "export it with `kubectl get configmaps -n tazuna -o yaml > state.yaml`, \
             or leave --state-dir out to read it from the cluster"
        } else {
            "it must be a readable folder or file"
        };
        Error::new(ErrorKind::Config, message).caused_by(error).hint(hint)
    };
    if !fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        let of_interest =
            file.extension().is_some_and(|ext| ext == "yaml" || ext == "yml" || ext == "json");
        if of_interest && file.is_file() {
            files.push(file);
        }
    }
    files.sort_unstable();
    Ok(files)
}

#[derive(Default)]
struct Found {
    config_maps: BTreeMap<String, FoundConfigMap>,
    warnings: Vec<Warning>,
}

struct FoundConfigMap {
    file: PathBuf,
    data: BTreeMap<String, String>,
}

impl Found {
    fn add_file(&mut self, file: &Path) -> Result<()> {
        let text = fs::read_to_string(file).map_err(|error| {
            Error::new(ErrorKind::Config, format!("cannot read {}", file.display()))
                .caused_by(error)
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        for object in documents(file, text)? {
            self.add_object(file, object, false)?;
        }
        Ok(())
    }

    fn add_object(&mut self, file: &Path, object: Value, in_config_maps: bool) -> Result<()> {
        let Value::Mapping(mut object) = object else { return Ok(()) };
        let kind = object.get("kind").and_then(Value::as_str).unwrap_or_default();
        let api_version = object.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
        match (api_version, kind) {
            ("v1", "List" | "ConfigMapList") => {
                // The API leaves kind and apiVersion out of a typed list's items.
                let of_config_maps = kind == "ConfigMapList";
                let Some(Value::Sequence(items)) = object.remove("items") else { return Ok(()) };
                items.into_iter().try_for_each(|item| self.add_object(file, item, of_config_maps))
            }
            ("v1", "ConfigMap") => self.add_config_map(file, &Value::Mapping(object)),
            ("", "") if in_config_maps => self.add_config_map(file, &Value::Mapping(object)),
            _ => Ok(()),
        }
    }

    fn add_config_map(&mut self, file: &Path, object: &Value) -> Result<()> {
        let metadata = object.get("metadata");
        let text =
            |field| metadata.and_then(|metadata| metadata.get(field)).and_then(Value::as_str);
        let Some(name) = text("name") else { return Ok(()) };
        if config_map::manifest_of(name).is_none() {
            return Ok(());
        }
        let namespace = text("namespace").unwrap_or(NAMESPACE);
        if namespace != NAMESPACE {
            self.warnings.push(
                Warning::new(
                    "other-namespace",
                    format!(
                        "{}: ConfigMap {name} is of the namespace {namespace} and was ignored",
                        file.display()
                    ),
                )
                .hint("Tazuna keeps State in the namespace tazuna only"),
            );
            return Ok(());
        }
        let data = data_of(object.get("data")).map_err(|problem| {
            Error::new(
                ErrorKind::Config,
                format!("{}: ConfigMap {name}: {problem}", file.display()),
            )
            .hint("export it again; no cluster accepts such a ConfigMap")
        })?;
        match self.config_maps.entry(name.to_owned()) {
            Entry::Vacant(place) => {
                place.insert(FoundConfigMap { file: file.to_owned(), data });
                Ok(())
            }
            Entry::Occupied(first) => {
                let first = first.get().file.display();
                Err(Error::new(
                    ErrorKind::Config,
                    format!("ConfigMap {name} is in {first} and again in {}", file.display()),
                )
                .hint("keep the one that was exported last"))
            }
        }
    }
}

fn data_of(data: Option<&Value>) -> Result<BTreeMap<String, String>, String> {
    let mapping = match data {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Mapping(mapping)) => mapping,
        Some(_) => return Err("`data` is not a mapping".to_owned()),
    };
    mapping
        .iter()
        .map(|(key, value)| match (key.as_str(), value.as_str()) {
            (Some(key), Some(value)) => Ok((key.to_owned(), value.to_owned())),
            (Some(key), None) => Err(format!("`data.{key}` is not a string")),
            (None, _) => Err("`data` has a key that is not a string".to_owned()),
        })
        .collect()
}

/// The documents of a file. JSON is tried first where the text may be JSON, because not
/// all JSON is YAML (tabs).
fn documents(file: &Path, text: &str) -> Result<Vec<Value>> {
    let is_json = file.extension().is_some_and(|ext| ext == "json");
    if is_json || text.trim_start().starts_with('{') {
        let json = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        match json.collect::<Result<Vec<_>, _>>() {
            Ok(documents) => return Ok(documents),
            Err(error) if is_json => return Err(not_readable(file, "JSON", &error)),
            Err(_) => {}
        }
    }
    serde_yaml::Deserializer::from_str(text)
        .map(Value::deserialize)
        .collect::<Result<_, _>>()
        .map_err(|error| not_readable(file, "YAML", &error))
}

fn not_readable(file: &Path, format: &str, error: &dyn std::error::Error) -> Error {
    Error::new(ErrorKind::Config, format!("{} is not {format}: {error}", file.display()))
        .hint("export State with `kubectl get configmaps -n tazuna -o yaml`")
}
