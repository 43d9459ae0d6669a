//! The one LIST of State, in pages.

use std::{collections::BTreeMap, fmt::Write, time::Duration};

use kube::Client;
use serde::{Deserialize, de::IgnoredAny};

use super::{
    super::{ManifestState, NAMESPACE, State, config_map},
    request::{self, Failure, JSON, Patience},
};
use crate::report::{ClusterContext, StateKind, StateSource, Warning};

/// ConfigMaps a page. One holds up to 1 MiB, and its `managedFields` repeat the data
/// keys, so a page stays below some 30 MiB; 100 Manifests still take but five requests.
const PAGE: usize = 20;

/// How often the LIST is begun again when the API server has dropped the snapshot that
/// a page token belongs to (after five minutes, by default).
const RESTARTS: u32 = 3;

const PATIENCE: Patience = Patience { tries: 5, waiting: Duration::from_secs(120) };

#[derive(Deserialize)]
struct Page {
    metadata: ListMetadata,
    #[serde(default)]
    items: Option<Vec<Item>>,
}

/// A ConfigMap of which only State is kept, already while its page is read: a page's raw
/// strings are then never there all at once beside its bytes.
#[derive(Deserialize)]
#[serde(from = "ConfigMap")]
struct Item {
    state: Option<(String, ManifestState)>,
}

impl From<ConfigMap> for Item {
    fn from(found: ConfigMap) -> Self {
        let name = &found.metadata.name;
        let state = config_map::manifest_of(name).map(|manifest| {
            (manifest.to_owned(), config_map::parse(name, &found.data.unwrap_or_default()))
        });
        Self { state }
    }
}

#[derive(Deserialize)]
struct ListMetadata {
    #[serde(rename = "continue", default)]
    next: Option<String>,
}

#[derive(Deserialize)]
struct ConfigMap {
    metadata: Metadata,
    #[serde(default)]
    data: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
}

/// What is kept of the pages read so far.
#[derive(Default)]
struct Collected {
    manifests: BTreeMap<String, ManifestState>,
    /// All ConfigMaps of the namespace, State or not.
    seen: usize,
}

pub(super) async fn read_state(
    client: &Client,
    context: &ClusterContext,
) -> Result<State, Failure> {
    let mut patience = PATIENCE;
    let Collected { manifests, seen } = list(client, &mut patience).await?;
    let mut warnings = Vec::new();
    if manifests.is_empty() {
        warnings.push(why_empty(client, seen, &mut patience).await);
    }
    Ok(State {
        source: StateSource { kind: StateKind::Cluster, path: None, config_maps: manifests.len() },
        context: context.clone(),
        manifests,
        warnings,
    })
}

async fn list(client: &Client, patience: &mut Patience) -> Result<Collected, Failure> {
    let mut restarts = 0;
    'from_the_start: loop {
        let mut collected = Collected::default();
        let mut token: Option<String> = None;
        loop {
            match request::get::<Page>(client, &page_path(token.as_deref()), JSON, patience).await {
                Ok(page) => {
                    token = page.metadata.next.clone().filter(|token| !token.is_empty());
                    collected.add(page);
                }
                // Pages of two snapshots do not make one State.
                Err(failure) if failure.code() == Some(410) && restarts < RESTARTS => {
                    restarts += 1;
                    continue 'from_the_start;
                }
                Err(failure) => return Err(failure),
            }
            if token.is_none() {
                return Ok(collected);
            }
        }
    }
}

impl Collected {
    fn add(&mut self, page: Page) {
        let items = page.items.unwrap_or_default();
        self.seen += items.len();
        self.manifests.extend(items.into_iter().filter_map(|item| item.state));
    }
}

/// No `resourceVersion` is asked for: then the answer is what was last written, and the
/// limit holds.
fn page_path(token: Option<&str>) -> String {
    let path = format!("/api/v1/namespaces/{NAMESPACE}/configmaps?limit={PAGE}");
    match token {
        Some(token) => format!("{path}&continue={}", escaped(token)),
        None => path,
    }
}

/// A segment of a path or a query's value, percent-encoded.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte));
            }
            _ => write!(escaped, "%{byte:02X}").expect("writing to a String cannot fail"),
        }
    }
    escaped
}

/// Tells a cluster that Tazuna has never written to from one without State.
async fn why_empty(client: &Client, seen: usize, patience: &mut Patience) -> Warning {
    let path = format!("/api/v1/namespaces/{NAMESPACE}");
    let namespace = match seen {
        0 => Some(request::get::<IgnoredAny>(client, &path, JSON, patience).await),
        _ => None,
    };
    match namespace {
        Some(Err(failure)) if failure.code() == Some(404) => Warning::new(
            "no-namespace",
            "the cluster has no namespace tazuna: Tazuna has never recorded State here",
        )
        .hint("is it the right cluster? `tazuna apply --sync` records State"),
        Some(Err(_)) => Warning::new(
            "no-state",
            "the cluster holds no State; whether the namespace tazuna exists could not be seen",
        )
        .hint("is it the right cluster? `tazuna apply --sync` records State"),
        Some(Ok(_)) | None => Warning::new(
            "no-state",
            "the cluster holds no State: the namespace tazuna has no ConfigMap tazuna-state-*",
        )
        .hint("is it the right cluster? `tazuna apply --sync` records State"),
    }
}
