//! One element of `spec.manifests`: its fields, and why it cannot be built.

use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind as IoErrorKind,
    path::{Path, PathBuf},
};

use super::{
    Backend, Fault, Helmfile, Kustomize, Manifest,
    document::{Document, field, text, texts},
    go_path, oras,
    schema::TYPES,
    suggestion::{closest, listed},
};
use crate::{
    report::{Location, Reason, ReasonCode},
    yaml::Node,
};

/// What reading an element needs besides the element.
pub(super) struct Surroundings<'a> {
    /// The file it stands in.
    pub(super) document: &'a Document,
    /// Folder of the main file.
    pub(super) root: &'a Path,
    /// Whether `-e/--environment` was given.
    pub(super) has_environment: bool,
}

/// Reads one element that has no `includes`.
pub(super) fn read(node: &Node, around: &Surroundings<'_>) -> Manifest {
    let type_name = text(node, "type").unwrap_or_default().to_owned();
    let mut manifest = Manifest {
        name: text(node, "name").unwrap_or_default().to_owned(),
        description: text(node, "description").map(ToOwned::to_owned),
        backend: backend(node, &type_name),
        type_name,
        path: text(node, "path").map(ToOwned::to_owned),
        tags: texts(node, "tags"),
        declared_at: around.document.name.location(node.at),
        fault: None,
    };
    manifest.fault = if manifest.name.is_empty() {
        Some(Fault::Skipped(nameless()))
    } else {
        reason(node, &manifest, around).map(Fault::Failed)
    };
    manifest
}

/// Fails every Manifest whose name another one has too: they share one State.
pub(super) fn fail_duplicates(manifests: &mut [Manifest]) {
    let mut places: BTreeMap<String, Vec<Location>> = BTreeMap::new();
    for manifest in manifests.iter().filter(|manifest| !manifest.name.is_empty()) {
        places.entry(manifest.name.clone()).or_default().push(manifest.declared_at.clone());
    }
    for manifest in manifests {
        let Some(places) = places.get(&manifest.name).filter(|places| places.len() > 1) else {
            continue;
        };
        let others: Vec<String> = places
            .iter()
            .filter(|place| **place != manifest.declared_at)
            .map(|place| format!("{}:{}", place.file, place.line))
            .collect();
        // The same file included twice gives the same place twice.
        let elsewhere = if others.is_empty() {
            "the same lines, included more than once".to_owned()
        } else {
            others.join(" and ")
        };
        let message = format!("the name `{}` is declared again at {elsewhere}", manifest.name);
        manifest.fault = Some(Fault::Failed(
            Reason::new(ReasonCode::DuplicateName, message)
                .hint("Manifests of one name overwrite each other's State: give each its own name"),
        ));
    }
}

fn backend(node: &Node, type_name: &str) -> Backend {
    match type_name {
        "kustomize" => Backend::Kustomize(Kustomize {
            default_namespace: field(node, "kustomize")
                .and_then(|block| text(block, "defaultNamespace"))
                .map(ToOwned::to_owned),
        }),
        "helmfile" => Backend::Helmfile(Helmfile::read(field(node, "helmfile"))),
        "genesissecret" => Backend::GenesisSecret,
        "oras" => Backend::Oras(oras::read(field(node, "oras")).ok().map(Box::new)),
        _ => Backend::Unknown,
    }
}

fn nameless() -> Reason {
    Reason::new(ReasonCode::MissingName, "the Manifest has no `name`; `tazuna state diff` skips it")
        .hint("give it a `name` that no other Manifest has")
}

fn reason(node: &Node, manifest: &Manifest, around: &Surroundings<'_>) -> Option<Reason> {
    match &manifest.backend {
        Backend::Unknown => Some(unknown_type(&manifest.type_name)),
        Backend::Oras(_) => oras::read(field(node, "oras")).err(),
        Backend::Kustomize(_) | Backend::Helmfile(_) | Backend::GenesisSecret => {
            path_reason(manifest, around)
        }
    }
}

fn unknown_type(type_name: &str) -> Reason {
    let known = listed(&TYPES);
    if type_name.is_empty() {
        let message = format!("`type` is missing; it is one of {known}");
        return Reason::new(ReasonCode::InvalidDeclaration, message)
            .hint("say how the Manifest is built, for example `type: kustomize`");
    }
    let reason = Reason::new(
        ReasonCode::UnknownType,
        format!("`{type_name}` is no type of Manifest; it must be one of {known}"),
    );
    if type_name.eq_ignore_ascii_case("parallel") {
        return reason.hint(
            "`parallel` with `children` went out of Tazuna: list the children as Manifests of \
             their own and order them with `dependsOn`",
        );
    }
    match closest(type_name, &TYPES) {
        Some(near) => reason.hint(format!("did you mean `{near}`?")),
        None => reason.hint("check the spelling, and that the file is for Tazuna"),
    }
}

fn path_reason(manifest: &Manifest, around: &Surroundings<'_>) -> Option<Reason> {
    let type_name = &manifest.type_name;
    let wanted = match manifest.backend {
        Backend::Kustomize(_) => "the folder of a kustomization",
        Backend::GenesisSecret => "a GenesisSecret file",
        _ => "a helmfile, or its folder",
    };
    let Some(path) = &manifest.path else {
        let message = format!("`path` is missing: {wanted}");
        return Some(Reason::new(ReasonCode::InvalidDeclaration, message).hint(
            "`path` is relative to the folder of the main tazuna.yaml, in included files too",
        ));
    };
    let full = go_path::join(around.root, path);
    let kind = match fs::metadata(&full) {
        Ok(found) => found,
        Err(error)
            if matches!(error.kind(), IoErrorKind::NotFound | IoErrorKind::NotADirectory) =>
        {
            let reason =
                Reason::new(ReasonCode::PathNotFound, format!("the path `{path}` does not exist"));
            return Some(reason.hint(missing_path_hint(&full, around)));
        }
        Err(error) => {
            let message = format!("the path `{path}` cannot be looked at: {}", error.kind());
            return Some(Reason::new(ReasonCode::InvalidDeclaration, message));
        }
    };
    let problem = match manifest.backend {
        Backend::Kustomize(_) if !kind.is_dir() => "is a file",
        Backend::GenesisSecret if !kind.is_file() => "is a folder",
        _ => return None,
    };
    let message = format!("the path `{path}` {problem}; `type: {type_name}` needs {wanted}");
    Some(Reason::new(ReasonCode::InvalidDeclaration, message))
}

fn missing_path_hint(full: &Path, around: &Surroundings<'_>) -> String {
    if around.document.uses_environment && !around.has_environment {
        return "`{{ .Environment }}` is empty because no environment was given: name it with `-e`"
            .to_owned();
    }
    match neighbour(full) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`path` is relative to the folder of the main tazuna.yaml, in included files too"
            .to_owned(),
    }
}

/// What lies beside the first part of a path that is not there, where it looks alike.
fn neighbour(full: &Path) -> Option<String> {
    let missing: PathBuf = full.ancestors().take_while(|path| !path.exists()).last()?.to_path_buf();
    let parent = missing.parent().filter(|parent| !parent.as_os_str().is_empty());
    let mut names: Vec<String> = fs::read_dir(parent.unwrap_or(Path::new(".")))
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    closest(missing.file_name()?.to_str()?, &names).map(ToOwned::to_owned)
}
