//! tazuna.yaml: Go template, YAML 1.1, includes, environments, tags → [`Project`].

pub(crate) mod conform;
mod context_rule;
pub(crate) mod document;
mod go_path;
mod gotmpl_gaps;
pub(crate) mod helmfile;
mod load;
mod manifest;
mod names;
mod oras;
pub(crate) mod schema;
mod select;
mod source_map;
mod suggestion;
mod template;

use std::path::{Path, PathBuf};

pub use context_rule::ContextRule;
pub use helmfile::{Helmfile, Variable};
pub use load::{LoadRequest, load};
pub use oras::{Delegate, Oras, OrasAuth};
pub use select::Selected;

use crate::report::{Location, ManifestReport, Reason, Warning};

/// A tazuna.yaml with its included files, read as Tazuna reads it.
#[derive(Clone, Debug)]
pub struct Project {
    /// The main file as it was named.
    pub file: PathBuf,
    /// Folder of the main file: every `path` is relative to it.
    pub root: PathBuf,
    /// Manifests in order, those of included files in the place of their `includes`.
    pub manifests: Vec<Manifest>,
    /// What `context_matches` demands of the kubeconfig context.
    pub context_rule: Option<ContextRule>,
    /// What Tazuna only warns about, and fields nobody knows.
    pub warnings: Vec<Warning>,
}

impl Project {
    /// Where a `path` of this project lies; see [`locate`].
    pub fn locate(&self, path: &str) -> PathBuf {
        locate(&self.root, path)
    }
}

/// Where the `path` of a Manifest lies when `root` is the folder of the main file: joined
/// as Go's `filepath.Join` does it, so that an absolute `path` counts from `root` too and
/// `a/../b` is `b` whatever `a` is.
pub fn locate(root: &Path, path: &str) -> PathBuf {
    go_path::join(root, path)
}

/// One element of `spec.manifests`.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// Name; empty where there is none.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// How it is built.
    pub backend: Backend,
    /// `type` as the file says it.
    pub type_name: String,
    /// `path` as declared; relative to [`Project::root`].
    pub path: Option<String>,
    /// For `--tags`.
    pub tags: Vec<String>,
    /// Where its element begins.
    pub declared_at: Location,
    /// Why it cannot be built, known from the declaration alone.
    pub fault: Option<Fault>,
}

impl Manifest {
    /// What the declaration alone tells a Report; everything else is still to be found out.
    pub fn declared(&self) -> ManifestReport {
        ManifestReport {
            manifest_type: Some(self.type_name.clone()),
            path: self.path.clone(),
            description: self.description.clone(),
            tags: self.tags.clone(),
            declared_at: Some(self.declared_at.clone()),
            ..ManifestReport::compared(&self.name, Vec::new())
        }
    }
}

/// Why a Manifest cannot be looked at, known from its declaration alone.
#[derive(Clone, Debug)]
pub enum Fault {
    /// It fails: the reader must mend something.
    Failed(Reason),
    /// Tazuna itself skips it (no name).
    Skipped(Reason),
}

/// How a Manifest is built, with the fields of its type.
#[derive(Clone, Debug)]
pub enum Backend {
    /// `type: kustomize`.
    Kustomize(Kustomize),
    /// `type: helmfile`.
    Helmfile(Helmfile),
    /// `type: genesissecret`.
    GenesisSecret,
    /// `type: oras`; without a block that can be used it comes with a [`Fault`].
    Oras(Option<Box<Oras>>),
    /// Any other `type`; comes with a [`Fault`].
    Unknown,
}

/// The block `kustomize`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kustomize {
    /// Fills `metadata.namespace` where it is null or absent.
    pub default_namespace: Option<String>,
}
