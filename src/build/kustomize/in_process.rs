//! The kustomizations that are built without kustomize: nothing but plain `resources`.
//!
//! Never wrong is the rule: whatever kustomize might change, drop or refuse is handed over
//! to it, so that its own result, or its own words, are what the user gets.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::{Component, Path, PathBuf},
};

use super::resource::{self, Identity};
use crate::{
    build::BuiltObject,
    domain::object::Objects,
    yaml::{
        Node, Value,
        plain::{self, NotPlain},
    },
};

/// What the in-process Build gave.
#[derive(Debug)]
pub enum InProcess {
    /// The objects, sorted by State key.
    Built(Vec<BuiltObject>),
    /// kustomize has to do it.
    HandOver(HandOver),
}

/// Why a kustomization is not built in process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOver {
    /// The file or folder in which it was found.
    pub path: PathBuf,
    /// What was found there.
    pub found: &'static str,
}

/// The names kustomize looks for.
const FILES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Builds the kustomization in a folder exactly as `kustomize build` with default options
/// does, or hands it over.
pub fn build(dir: &Path, manifest: &str, default_namespace: Option<&str>) -> InProcess {
    let mut build = Build {
        objects: Objects::new(manifest, default_namespace),
        known: HashMap::new(),
        with_namespace: HashSet::new(),
        references: HashSet::new(),
    };
    match build.root(dir) {
        Ok(()) => InProcess::Built(build.objects.finish()),
        Err(hand_over) => InProcess::HandOver(hand_over),
    }
}

struct Build<'a> {
    objects: Objects<'a>,
    /// Group, kind and name of all objects, with their namespaces.
    known: HashMap<(String, String, String), HashSet<String>>,
    with_namespace: HashSet<String>,
    references: HashSet<String>,
}

impl Build<'_> {
    fn root(&mut self, dir: &Path) -> Result<(), HandOver> {
        let root = dir.canonicalize().map_err(|_| at(dir)("a folder that cannot be read"))?;
        self.folder(&root, &mut Vec::new())?;
        if !self.references.is_disjoint(&self.with_namespace) {
            return Err(at(dir)("a reference that kustomize completes with a namespace"));
        }
        Ok(())
    }

    /// Adds the resources of one kustomization. `above` holds the folders that led here.
    fn folder(&mut self, folder: &Path, above: &mut Vec<PathBuf>) -> Result<(), HandOver> {
        // kustomize refuses a base that is one of the folders above or holds one of them.
        if above.iter().any(|above| above.starts_with(folder)) {
            return Err(at(folder)("a circle of bases"));
        }
        let mut files = FILES.iter().map(|name| folder.join(name)).filter(|file| file.exists());
        let (Some(file), None) = (files.next(), files.next()) else {
            return Err(at(folder)("no kustomization file, or several"));
        };
        let text = read_file(&file)?;
        let resources = resources(&text).map_err(at(&file))?;
        above.push(folder.to_owned());
        for resource in &resources {
            let path = local(folder, resource).map_err(at(&file))?;
            let real = path.canonicalize().map_err(|_| at(&path)("a file that cannot be read"))?;
            if real != path {
                return Err(at(&path)("a symbolic link"));
            }
            if path.is_dir() {
                self.folder(&path, above)?;
            } else if !path.starts_with(folder) {
                return Err(at(&path)("a file outside the folder of its kustomization"));
            } else {
                self.file(&path)?;
            }
        }
        above.pop();
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Result<(), HandOver> {
        let text = read_file(path)?;
        for document in documents(&text).map_err(at(path))? {
            let Some(object) = plain::read(document).map_err(at(path))? else { continue };
            if object.value == Value::Null {
                continue;
            }
            let identity = resource::identify(&object).map_err(at(path))?;
            self.register(identity).map_err(at(path))?;
            self.objects.add(object).map_err(|_| at(path)("an unusual object"))?;
        }
        Ok(())
    }

    fn register(&mut self, identity: Identity) -> Result<(), NotPlain> {
        if identity.has_namespace {
            self.with_namespace.insert(identity.object.2.clone());
        }
        self.references.extend(identity.references);
        let may_share = resource::may_share_a_name(&identity.object.1);
        let namespaces = self.known.entry(identity.object).or_default();
        if !namespaces.is_empty() && !may_share || !namespaces.insert(identity.namespace) {
            return Err("an object that occurs twice");
        }
        Ok(())
    }
}

fn at(path: &Path) -> impl Fn(&'static str) -> HandOver {
    let path = path.to_owned();
    move |found| HandOver { path: path.clone(), found }
}

fn read_file(path: &Path) -> Result<String, HandOver> {
    let meta = fs::symlink_metadata(path).map_err(|_| at(path)("a file that cannot be read"))?;
    if !meta.is_file() {
        return Err(at(path)("a symbolic link or no file"));
    }
    fs::read_to_string(path).map_err(|_| at(path)("a file that cannot be read"))
}

/// The `resources` of a kustomization that has nothing else.
fn resources(text: &str) -> Result<Vec<String>, NotPlain> {
    let Some(Node { value: Value::Map(fields), .. }) = plain::read(text)? else {
        return Err("an unusual kustomization");
    };
    let mut resources = Vec::new();
    for (key, node) in fields {
        match (key.name.as_str(), node.value) {
            ("apiVersion", Value::String(text)) if text == "kustomize.config.k8s.io/v1beta1" => {}
            ("kind", Value::String(text)) if text == "Kustomization" => {}
            ("resources", Value::List(items)) => {
                for item in items {
                    let Value::String(item) = item.value else {
                        return Err("an unusual kustomization");
                    };
                    resources.push(item);
                }
            }
            _ => return Err("a kustomization with more than resources"),
        }
    }
    if resources.is_empty() { Err("a kustomization without resources") } else { Ok(resources) }
}

/// The place of a resource, where its name can only be that of a local file or folder.
fn local(folder: &Path, resource: &str) -> Result<PathBuf, NotPlain> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
    let lower = resource.to_ascii_lowercase();
    if !resource.bytes().all(plain)
        || resource.contains("//")
        || ["github.com", ".git", "_git"].iter().any(|git| lower.contains(git))
    {
        return Err("a resource that may be remote");
    }
    let mut path = folder.to_owned();
    for component in Path::new(resource).components() {
        match component {
            Component::CurDir => {}
            Component::Normal(name) => path.push(name),
            Component::ParentDir if path.pop() => {}
            _ => return Err("an absolute path"),
        }
    }
    Ok(path)
}

/// Splits a file as kustomize does, at `\n---.*\n`; each document but the last gets its
/// line feed back.
fn documents(text: &str) -> Result<Vec<&str>, NotPlain> {
    let mut documents = Vec::new();
    let mut from = 0;
    let mut search = 0;
    while let Some(found) = text[search..].find("\n---") {
        let start = search + found;
        let after = start + "\n---".len();
        let Some(length) = text[after..].find('\n') else { return Err("a separator at the end") };
        let rest = text[after..after + length].trim();
        if !rest.is_empty() && !rest.starts_with('#') {
            return Err("an unusual separator");
        }
        documents.push(&text[from..=start]);
        from = after + length + 1;
        if text[from..].starts_with("---") {
            return Err("two separators in a row");
        }
        search = from;
    }
    documents.push(&text[from..]);
    Ok(documents)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBJECT: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n";

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let file = root.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        root
    }

    fn found(root: &Path) -> &'static str {
        match build(&root.join("app"), "m", None) {
            InProcess::Built(objects) => panic!("{objects:?}"),
            InProcess::HandOver(why) => why.found,
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_inside_are_handed_over_and_a_link_to_the_folder_is_followed() {
        use std::os::unix::fs::symlink;
        let files = [("app/kustomization.yaml", "resources: [r.yaml]"), ("away.yaml", OBJECT)];
        let root = folder(&files);
        symlink("../away.yaml", root.path().join("app/r.yaml")).unwrap();
        assert_eq!(found(root.path()), "a symbolic link");

        let root = folder(&[("app/r.yaml", OBJECT), ("away.yaml", "resources: [r.yaml]")]);
        symlink("../away.yaml", root.path().join("app/kustomization.yaml")).unwrap();
        assert_eq!(found(root.path()), "a symbolic link or no file");

        let files = [("real/kustomization.yaml", "resources: [r.yaml]"), ("real/r.yaml", OBJECT)];
        let root = folder(&files);
        symlink("real", root.path().join("app")).unwrap();
        let built = build(&root.path().join("app"), "m", None);
        assert!(matches!(built, InProcess::Built(objects) if objects.len() == 1));
    }

    #[test]
    fn what_lies_outside_or_goes_round_is_handed_over() {
        for (resource, want) in [
            ("../away.yaml", "a file outside the folder of its kustomization"),
            ("../app", "a circle of bases"),
            (".", "a circle of bases"),
            ("/etc", "an absolute path"),
            ("https://example.com/a", "a resource that may be remote"),
            ("missing.yaml", "a file that cannot be read"),
        ] {
            let kustomization = format!("resources: [{resource:?}]\n");
            let root = folder(&[("app/kustomization.yaml", &kustomization), ("away.yaml", OBJECT)]);
            assert_eq!(found(root.path()), want, "{resource}");
        }
    }
}
