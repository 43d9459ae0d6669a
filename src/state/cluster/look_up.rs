//! Whether single objects are in the cluster.

use std::{collections::BTreeSet, time::Duration};

use futures::{StreamExt, stream};
use kube::Client;
use serde::de::IgnoredAny;
use tokio::time::{Instant, timeout_at};

use super::{
    discovery::{Discovery, Kind, PATIENCE, Resource},
    explain,
    list::escaped,
    request::{self, Failure},
};
use crate::domain::{KeyParts, StateKey};

/// Requests at a time: kind to the API server, and 100 objects take a second or two.
pub(super) const AT_A_TIME: usize = 8;

/// How long all looking may take; the run must not hang on it.
const TIME: Duration = Duration::from_secs(90);

/// Only the metadata; API servers that cannot do that send the whole.
const METADATA: &str =
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json;q=0.9";

/// Whether an object is in the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is there.
    Running,
    /// It is not there: the API server says so itself, or no longer knows its kind.
    Gone,
    /// The credentials may not look.
    NotAllowed,
    /// It could not be found out; one line on why.
    Unknown(String),
}

pub(super) async fn look_up(
    client: &Client,
    keys: &[StateKey],
    limit: usize,
) -> Vec<(StateKey, Presence)> {
    let deadline = Instant::now() + TIME;
    let (asked, left) = keys.split_at(limit.min(keys.len()));
    let kinds: BTreeSet<_> = asked.iter().filter_map(readable).map(kind_of).collect();
    let discovery = timeout_at(deadline, Discovery::of(client, &kinds)).await.ok();
    let discovery = discovery.as_ref();
    // Owned keys: a stream over borrowed ones gives a future that cannot be sent.
    let mut found: Vec<_> = stream::iter(asked.to_vec())
        .map(|key| async move {
            let looking = async {
                let Some(parts) = readable(&key) else {
                    return Presence::Unknown("its State key cannot be read".to_owned());
                };
                match discovery.map(|discovery| discovery.resolve(kind_of(parts))) {
                    Some(Ok(resource)) => find(client, &resource, parts).await,
                    Some(Err(presence)) => presence,
                    None => no_time(),
                }
            };
            let presence = timeout_at(deadline, looking).await;
            (key, presence.unwrap_or_else(|_| no_time()))
        })
        .buffered(AT_A_TIME)
        .collect()
        .await;
    found.extend(left.iter().map(|key| {
        (key.clone(), Presence::Unknown(format!("only {limit} objects are looked up in a run")))
    }));
    found
}

fn no_time() -> Presence {
    Presence::Unknown("there was no time left to look".to_owned())
}

/// The parts of a key that can name an object.
fn readable(key: &StateKey) -> Option<KeyParts<'_>> {
    key.parts().filter(|parts| {
        let never_a_name = |text: &str| matches!(text, "" | "." | "..");
        ![parts.version, parts.kind, parts.name].into_iter().any(never_a_name)
            && !parts.namespace.is_some_and(|namespace| matches!(namespace, "." | ".."))
    })
}

fn kind_of(parts: KeyParts<'_>) -> Kind<'_> {
    (parts.group, parts.version, parts.kind)
}

async fn find(client: &Client, resource: &Resource, parts: KeyParts<'_>) -> Presence {
    let Resource { root, plural, namespaced } = resource;
    // State writes `/` as `__`, so a `__` in a name reads back as the `/` that no name has.
    let name = parts.name.replace('/', "__");
    if *namespaced {
        return match parts.namespace {
            None | Some("") => Presence::Unknown("its State key names no namespace".to_owned()),
            Some(namespace) => {
                let namespace = escaped(namespace);
                get(client, &format!("{root}/namespaces/{namespace}/{plural}/{}", escaped(&name)))
                    .await
            }
        };
    }
    // Tazuna's default namespace is written to cluster-scoped objects too.
    let presence = get(client, &format!("{root}/{plural}/{}", escaped(&name))).await;
    match parts.namespace {
        // RBAC names may hold `__`: what reads as a namespace may be the name's beginning.
        Some(start) if presence == Presence::Gone && parts.group == RBAC => {
            get(client, &format!("{root}/{plural}/{}", escaped(&format!("{start}__{name}")))).await
        }
        _ => presence,
    }
}

const RBAC: &str = "rbac.authorization.k8s.io";

async fn get(client: &Client, path: &str) -> Presence {
    match request::get::<IgnoredAny>(client, path, METADATA, &mut PATIENCE.clone()).await {
        Ok(_) => Presence::Running,
        // A 404 of anything before the API server (a proxy, a load balancer) proves nothing.
        Err(Failure::Status(status)) if status.code == 404 && status.of_kubernetes => {
            Presence::Gone
        }
        Err(failure) => presence_after(&failure),
    }
}

/// What a failed request leaves to say.
pub(super) fn presence_after(failure: &Failure) -> Presence {
    match failure {
        Failure::Status(status) if status.code == 403 && status.of_kubernetes => {
            Presence::NotAllowed
        }
        failure => Presence::Unknown(explain::problem(failure)),
    }
}
