//! Where a Report comes from: target, cluster, selection, repository, source, tools.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The program that made the Report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Generator {
    /// `tazuna-drift`.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl Generator {
    /// This program.
    pub fn this() -> Self {
        Self { name: env!("CARGO_PKG_NAME").into(), version: env!("CARGO_PKG_VERSION").into() }
    }
}

/// What one run looks at. One issue belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// Made of repository-relative path, environment and selection, or named by
    /// `--target`; only `[A-Za-z0-9._~/=,;:+%@-]` without `--`, so that it fits in an HTML
    /// comment. Absent where neither is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Whether `--target` named it.
    #[serde(default)]
    pub named: bool,
}

/// The cluster whose State was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClusterContext {
    /// Name of the kubeconfig context, or `--context-name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// API server, `host` or `host:port`, without scheme, path or credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
}

/// The tazuna.yaml and what of it was selected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Selection {
    /// The main tazuna.yaml as it was named; absent for saved output without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The same relative to the root of its git repository, with `/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository_path: Option<String>,
    /// `-e/--environment`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// `--tags`, sorted, without repeats.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Declared Manifests that `--tags` left out.
    #[serde(default)]
    pub not_selected: usize,
}

/// The git repository around tazuna.yaml.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Repository {
    /// `owner/name` at the server, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Web address of the server without a trailing `/`, such as `https://github.com`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_url: Option<String>,
    /// Commit that was built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Ref that was built, such as `refs/heads/main`.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub git_ref: Option<String>,
    /// Whether the clone lacks history.
    #[serde(default)]
    pub shallow: bool,
}

impl Repository {
    /// Web address of a commit, where name and server are known.
    pub fn commit_url(&self, commit: &str) -> Option<String> {
        let (server, name) = (self.server_url.as_ref()?, self.name.as_ref()?);
        Some(format!("{server}/{name}/commit/{commit}"))
    }
}

/// The workflow run that made the Report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkflowRun {
    /// Number people see, or the run's id.
    pub id: String,
    /// Web address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Event that started it, such as `schedule`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Name of the workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
}

/// Where the comparison comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// Who compared.
    pub kind: SourceKind,
    /// The saved output that was read (`-` for standard input).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Where State was read; absent unless this program compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<StateSource>,
}

/// Who compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// This program.
    Native,
    /// `tazuna state diff`, run by this program.
    Tazuna,
    /// Saved output of `tazuna state diff` or `tazuna state drift`.
    Output,
}

/// Where State was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StateSource {
    /// Cluster or files.
    pub kind: StateKind,
    /// The folder or file of exported ConfigMaps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// How many State ConfigMaps there are.
    pub config_maps: usize,
}

/// Where State was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StateKind {
    /// ConfigMaps in the cluster's namespace `tazuna`.
    Cluster,
    /// Exported ConfigMaps.
    Folder,
}

/// An external tool that took part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    /// Its name, such as `kustomize`.
    pub name: String,
    /// Its version as it says it; absent where it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Why the run ended before anything was compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// Stable word for scripts.
    pub code: RefusalCode,
    /// One sentence for people.
    pub message: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// Why the run ended before anything was compared, as a stable word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalCode {
    /// `context_matches` does not allow this context.
    ContextMismatch,
    /// A word of a newer version.
    #[serde(other)]
    Other,
}

/// How long a phase took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Phase {
    /// `project`, `state`, `build`, `diff`, …
    pub name: String,
    /// Wall time in milliseconds.
    pub millis: u64,
}
