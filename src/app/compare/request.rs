//! What to compare, and how.

use std::{ffi::OsString, path::PathBuf, time::Duration};

use crate::{build::BuildOptions, insight::orphans::OrphanRule};

/// The name tazuna.yaml has where nobody says otherwise.
pub(super) const DEFAULT_FILE: &str = "tazuna.yaml";

/// What to compare, and how.
#[derive(Clone, Debug)]
pub struct CompareRequest {
    /// `-f/--file-path`, where it was given.
    pub file: Option<PathBuf>,
    /// `-e/--environment`.
    pub environment: Option<String>,
    /// `--tags`.
    pub tags: Vec<String>,
    /// `--target`.
    pub target: Option<String>,
    /// `--source` with what it needs.
    pub source: SourceRequest,
    /// `--context-name`: stands for the context's name where the kubeconfig gives none.
    pub context_name: Option<String>,
    /// `--allow-context-mismatch`.
    pub allow_context_mismatch: bool,
    /// `--orphans` and `--orphans-match`.
    pub orphans: OrphanRule,
}

/// Who compares.
#[derive(Clone, Debug)]
pub enum SourceRequest {
    /// This program.
    Native {
        /// Where State is.
        state: StateRequest,
        /// How Manifests are built.
        build: Box<BuildOptions>,
    },
    /// `tazuna state diff`.
    Tazuna(TazunaRequest),
    /// Saved output.
    Output {
        /// Its path, or `-` for standard input.
        input: String,
        /// What was read from there.
        text: Vec<u8>,
    },
}

impl SourceRequest {
    /// Whether a run of this source looks at the cluster itself, so that a target's id
    /// may be derived from where tazuna.yaml lies.
    pub(super) fn tells_cluster(&self) -> bool {
        match self {
            Self::Native { state, .. } => matches!(state, StateRequest::Cluster { .. }),
            Self::Tazuna(_) => true,
            Self::Output { .. } => false,
        }
    }
}

/// How the tazuna CLI is run.
#[derive(Clone, Debug)]
pub struct TazunaRequest {
    /// `--tazuna-command`.
    pub command: Option<String>,
    /// How long it may take.
    pub timeout: Duration,
    /// The value of PATH.
    pub search_path: Option<OsString>,
}

/// Where State is.
#[derive(Clone, Debug)]
pub enum StateRequest {
    /// In the cluster that a kubeconfig or a ServiceAccount leads to.
    Cluster {
        /// `--context`.
        context: Option<String>,
    },
    /// In exported ConfigMaps.
    Folder(PathBuf),
}
