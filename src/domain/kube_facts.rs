//! What a chart may ask of the cluster it is rendered for.

/// Kubernetes' version and what it serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubeFacts {
    /// As the API server says it, such as `v1.35.1`.
    pub version: String,
    /// `group/version` and `group/version/Kind` (core: `v1`, `v1/Pod`), sorted. Helm's own
    /// defaults come on top.
    pub api_versions: Vec<String>,
}

impl KubeFacts {
    /// The version charts are rendered for where there is no cluster to ask and the
    /// Manifest does not say: the one whose libraries Tazuna is built with.
    pub const ASSUMED_VERSION: &'static str = "v1.35.0";

    /// [`Self::ASSUMED_VERSION`] with nothing but what Helm assumes to be served.
    pub fn assumed() -> Self {
        Self { version: Self::ASSUMED_VERSION.to_owned(), api_versions: Vec::new() }
    }
}
