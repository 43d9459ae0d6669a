//! Where the API server keeps a kind: the path that its objects are under.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures::{StreamExt, stream};
use kube::Client;
use serde::Deserialize;

use super::{
    list::escaped,
    look_up::{AT_A_TIME, Presence, presence_after},
    request::{self, JSON, Patience},
};

/// For one request of a look-up: it answers a question aside, and others come after it.
pub(super) const PATIENCE: Patience = Patience { tries: 3, waiting: Duration::from_secs(10) };

/// Group, version and kind.
pub(super) type Kind<'k> = (&'k str, &'k str, &'k str);

/// What serves a kind.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    /// `/api/v1`, `/apis/apps/v1`.
    pub(super) root: String,
    /// The last segment before the object's name, such as `deployments`.
    pub(super) plural: String,
    /// Whether its objects are in namespaces.
    pub(super) namespaced: bool,
}

#[derive(Deserialize)]
struct GroupList {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    name: String,
    versions: Vec<GroupVersion>,
}

#[derive(Deserialize)]
struct GroupVersion {
    version: String,
}

#[derive(Deserialize)]
struct ResourceList {
    resources: Vec<ListedResource>,
}

#[derive(Deserialize)]
struct ListedResource {
    name: String,
    kind: String,
    #[serde(default)]
    namespaced: bool,
}

/// What the API server serves, as far as it was asked: each group and version once.
pub(super) struct Discovery {
    /// Versions by group; the core group is the empty one.
    groups: Result<BTreeMap<String, Vec<String>>, Presence>,
    lists: BTreeMap<(String, String), Result<Vec<ListedResource>, Presence>>,
}

impl Discovery {
    /// Asks for what these kinds need.
    pub(super) async fn of(client: &Client, kinds: &BTreeSet<Kind<'_>>) -> Self {
        let core = ("", "v1");
        let groups = if kinds.iter().all(|(group, ..)| group.is_empty()) {
            Ok(BTreeMap::new())
        } else {
            list_groups(client).await
        };
        let groups = groups.map(|mut groups| {
            groups.insert(core.0.to_owned(), vec![core.1.to_owned()]);
            groups
        });
        let mut discovery = Self { groups, lists: BTreeMap::new() };
        let own = kinds.iter().map(|(group, version, _)| (*group, *version)).collect();
        discovery.fetch(client, own).await;
        // An object outlives the version it was applied with: look in the others.
        let others: BTreeSet<_> = kinds
            .iter()
            .filter(|kind| discovery.find(**kind).is_none())
            .flat_map(|(group, ..)| {
                discovery.versions(group).iter().map(|version| (*group, version.as_str()))
            })
            .map(|(group, version)| (group.to_owned(), version.to_owned()))
            .collect();
        let others = others.iter().map(|(g, v)| (g.as_str(), v.as_str())).collect();
        discovery.fetch(client, others).await;
        discovery
    }

    /// Where a kind is served, or what it means for its objects that it is not.
    pub(super) fn resolve(&self, kind: Kind<'_>) -> Result<Resource, Presence> {
        if let Err(presence) = &self.groups {
            return Err(presence.clone());
        }
        self.find(kind).unwrap_or_else(|| Err(no_longer_served(kind)))
    }

    fn versions(&self, group: &str) -> &[String] {
        self.groups.as_ref().ok().and_then(|groups| groups.get(group)).map_or(&[], Vec::as_slice)
    }

    /// Its own version first, then the others in the API server's order; `None` where
    /// no version that was asked for serves it.
    fn find(&self, (group, version, kind): Kind<'_>) -> Option<Result<Resource, Presence>> {
        let others = self.versions(group).iter().map(String::as_str).filter(|it| *it != version);
        let mut failed = None;
        for version in std::iter::once(version).chain(others) {
            match self.lists.get(&(group.to_owned(), version.to_owned())) {
                Some(Ok(list)) => {
                    // `deployments/scale` and the like are parts of a resource.
                    let is_it = |it: &&ListedResource| it.kind == kind && !it.name.contains('/');
                    if let Some(listed) = list.iter().find(is_it) {
                        return Some(Ok(Resource {
                            root: root(group, version),
                            plural: listed.name.clone(),
                            namespaced: listed.namespaced,
                        }));
                    }
                }
                Some(Err(presence)) => failed = failed.or(Some(Err(presence.clone()))),
                None => {}
            }
        }
        failed
    }

    /// Lists the kinds of those groups and versions that are served and not known yet.
    async fn fetch(&mut self, client: &Client, wanted: BTreeSet<(&str, &str)>) {
        let wanted = wanted
            .into_iter()
            .map(|(group, version)| (group.to_owned(), version.to_owned()))
            .filter(|(group, version)| self.versions(group).contains(version))
            .filter(|wanted| !self.lists.contains_key(wanted))
            .collect::<Vec<_>>();
        let lists: Vec<_> = stream::iter(wanted)
            .map(|(group, version)| async move {
                let path = root(&group, &version);
                let list =
                    request::get::<ResourceList>(client, &path, JSON, &mut PATIENCE.clone()).await;
                let list = list.map(|list| list.resources).map_err(|f| presence_after(&f));
                ((group, version), list)
            })
            .buffered(AT_A_TIME)
            .collect()
            .await;
        self.lists.extend(lists);
    }
}

async fn list_groups(client: &Client) -> Result<BTreeMap<String, Vec<String>>, Presence> {
    let list = request::get::<GroupList>(client, "/apis", JSON, &mut PATIENCE.clone()).await;
    let groups = list.map_err(|failure| presence_after(&failure))?.groups;
    let versions = |group: Group| group.versions.into_iter().map(|it| it.version).collect();
    Ok(groups.into_iter().map(|group| (group.name.clone(), versions(group))).collect())
}

fn root(group: &str, version: &str) -> String {
    if group.is_empty() {
        format!("/api/{}", escaped(version))
    } else {
        format!("/apis/{}/{}", escaped(group), escaped(version))
    }
}

/// What becomes of objects whose kind is served in no version.
///
/// A CustomResourceDefinition takes its objects with it. Kubernetes itself moves kinds to
/// other groups (`extensions` to `apps` and `networking.k8s.io`), where they live on; its
/// groups have no dot or end in `.k8s.io`.
fn no_longer_served((group, version, kind): Kind<'_>) -> Presence {
    if group.contains('.') && !group.ends_with(".k8s.io") {
        return Presence::Gone;
    }
    let group_version =
        if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    Presence::Unknown(format!("the API server does not serve {kind} of {group_version}"))
}
