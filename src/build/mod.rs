//! Manifest → objects: one backend a type, in parallel, failing per Manifest.

mod driver;
mod genesis_secret;
mod helmfile;
pub mod kustomize;
pub mod oras;
mod variables;

use std::{ffi::OsString, num::NonZeroUsize, time::Duration};

pub use driver::build_all;
pub use variables::Variables;

pub use crate::domain::BuiltObject;
use crate::{
    domain::{KubeFacts, object},
    process,
    project::{Backend, Delegate, Helmfile, Manifest},
    report::{Artifact, Reason, ReasonCode, Tool, Warning},
};

/// What building one Manifest gave. Where a State key occurs twice the last object
/// stays; `objects` is sorted by key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// The objects or the reason why there are none.
    pub objects: Result<Vec<BuiltObject>, Reason>,
    /// How long it took.
    pub took: Duration,
    /// What a reader should know besides.
    pub extras: Extras,
}

/// What a Build tells besides objects, whether it succeeds or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// The artifact it was built from.
    pub artifact: Option<Artifact>,
    /// What changes no outcome.
    pub warnings: Vec<Warning>,
}

/// How Manifests are built.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    /// Most Manifests that are built at the same time.
    pub jobs: NonZeroUsize,
    /// How long one Manifest may take; its tools are ended then.
    pub timeout: Duration,
    /// `--kustomize-command`, such as `kubectl kustomize`; words as a POSIX shell splits them.
    pub kustomize_command: Option<String>,
    /// `--helm-command`; words as a POSIX shell splits them.
    pub helm_command: Option<String>,
    /// `-e/--environment`, for the templates of helmfiles.
    pub environment: Option<String>,
    /// What the environment holds, for `vars` of helmfiles.
    pub variables: Variables,
    /// What charts are rendered for where a Manifest does not say: the cluster's own
    /// version, or why it is not known. Without it [`KubeFacts::assumed`].
    pub kubernetes: Option<Result<KubeFacts, Reason>>,
    /// Whether nothing may be fetched.
    pub offline: bool,
    /// How artifacts are pulled.
    pub oras: oras::OrasSettings,
    /// The value of PATH, where tools are looked up.
    pub search_path: Option<OsString>,
}

impl BuildOptions {
    /// The tools' own names, on this PATH, and nothing else said.
    pub fn new(jobs: NonZeroUsize, timeout: Duration, search_path: Option<OsString>) -> Self {
        Self {
            jobs,
            timeout,
            kustomize_command: None,
            helm_command: None,
            environment: None,
            variables: Variables::default(),
            kubernetes: None,
            offline: false,
            oras: oras::OrasSettings::default(),
            search_path,
        }
    }
}

/// A tool's output as objects. `made` says whose, such as `kustomize built`.
fn objects_of(
    made: &str,
    manifest: &str,
    text: &[u8],
    default_namespace: Option<&str>,
) -> Result<Vec<BuiltObject>, Reason> {
    object::from_output(manifest, text, default_namespace).map_err(|error| {
        // The decoder may quote a scalar, and that may be a Secret's.
        let problem = process::scrub(&error.to_string());
        let problem = problem.lines().next().unwrap_or_default();
        let message = format!("what {made} cannot be read as Kubernetes objects: {problem}");
        Reason::new(ReasonCode::InvalidObjects, message)
    })
}

/// Whether building these asks for [`BuildOptions::kubernetes`].
pub fn needs_kubernetes(manifests: &[&Manifest]) -> bool {
    let asks = |block: &Helmfile| block.kube_version.is_none();
    manifests.iter().filter(|manifest| manifest.fault.is_none()).any(|manifest| {
        match &manifest.backend {
            Backend::Helmfile(block) => asks(block),
            Backend::Oras(Some(oras)) => {
                matches!(&oras.delegate, Delegate::Helmfile(block) if asks(block))
            }
            _ => false,
        }
    })
}

/// What building all Manifests gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildResults {
    /// One a Manifest, in the order of the Manifests.
    pub built: Vec<Built>,
    /// The external tools that took part.
    pub tools: Vec<Tool>,
}

/// Hears how the Builds get on; called from several of them in turn.
pub trait Progress: Sync {
    /// A Build begins.
    fn started(&self, manifest: &str);
    /// A Build is done.
    fn finished(&self, manifest: &str, ok: bool);
}

/// Nobody watches.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn started(&self, _manifest: &str) {}
    fn finished(&self, _manifest: &str, _ok: bool) {}
}
