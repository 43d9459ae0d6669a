//! Which Kubernetes a cluster is and what it serves, in three requests.

use kube::Client;
use serde::{Deserialize, Deserializer};

use super::{
    discovery::PATIENCE,
    request::{self, Failure, JSON},
};
use crate::domain::KubeFacts;

/// Aggregated discovery: all groups, versions and kinds in one answer (Kubernetes 1.27).
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
     application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServerVersion {
    git_version: String,
}

#[derive(Deserialize)]
struct Groups {
    kind: String,
    #[serde(default, deserialize_with = "null_is_none")]
    items: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    metadata: Metadata,
    #[serde(default, deserialize_with = "null_is_none")]
    versions: Vec<Version>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct Version {
    version: String,
    #[serde(default)]
    freshness: String,
    #[serde(default, deserialize_with = "null_is_none")]
    resources: Vec<Resource>,
}

/// A resource or a subresource of one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    response_kind: Option<Kind>,
    #[serde(default, deserialize_with = "null_is_none")]
    subresources: Vec<Resource>,
}

#[derive(Deserialize)]
struct Kind {
    #[serde(default)]
    kind: String,
}

/// Go writes an empty list as null.
fn null_is_none<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Asks for `/version`, `/api` and `/apis`.
pub(super) async fn discover(client: &Client) -> Result<KubeFacts, Failure> {
    let version = async {
        request::get::<ServerVersion>(client, "/version", JSON, &mut PATIENCE.clone()).await
    };
    let (version, core, groups) =
        futures::try_join!(version, groups(client, "/api"), groups(client, "/apis"))?;
    let mut api_versions: Vec<String> = core.iter().chain(&groups).flat_map(served).collect();
    api_versions.sort_unstable();
    api_versions.dedup();
    Ok(KubeFacts { version: version.git_version, api_versions })
}

async fn groups(client: &Client, path: &str) -> Result<Vec<Group>, Failure> {
    let groups = request::get::<Groups>(client, path, AGGREGATED, &mut PATIENCE.clone()).await?;
    if groups.kind == "APIGroupDiscoveryList" {
        return Ok(groups.items);
    }
    Err(Failure::NotKubernetes(format!(
        "{path} gave {} and no aggregated discovery, which Kubernetes has since 1.27",
        request::one_line(&groups.kind)
    )))
}

/// What a group serves, as client-go sees it: a version that is stale is not there, and a
/// subresource has a kind like any other.
fn served(group: &Group) -> Vec<String> {
    let mut served = Vec::new();
    for version in group.versions.iter().filter(|version| version.freshness != "Stale") {
        let group_version = match group.metadata.name.as_str() {
            "" => version.version.clone(),
            name => format!("{name}/{}", version.version),
        };
        let kinds = version.resources.iter().flat_map(|resource| {
            std::iter::once(resource).chain(&resource.subresources).filter_map(|it| {
                let kind = &it.response_kind.as_ref()?.kind;
                (!kind.is_empty()).then(|| format!("{group_version}/{kind}"))
            })
        });
        served.extend(kinds);
        served.push(group_version);
    }
    served
}
