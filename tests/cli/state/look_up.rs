//! Whether objects still run, asked one by one.

use serde_json::{Value, json};
use tazuna_drift::{
    domain::StateKey,
    state::cluster::{Cluster, Presence},
};

use super::fake_api::{
    Answer::{self, Html, Json, Refusal, Reset},
    cluster,
};

fn groups(groups: &[(&str, &[&str])]) -> Answer {
    let groups: Vec<Value> = groups
        .iter()
        .map(|(name, versions)| {
            let versions: Vec<_> = versions.iter().map(|v| json!({"version": v})).collect();
            json!({"name": name, "versions": versions})
        })
        .collect();
    Json(json!({"kind": "APIGroupList", "groups": groups}))
}

fn kinds(kinds: &[(&str, &str, bool)]) -> Answer {
    let resources: Vec<Value> = kinds
        .iter()
        .map(|(name, kind, namespaced)| {
            json!({"name": name, "kind": kind, "namespaced": namespaced})
        })
        .collect();
    Json(json!({"kind": "APIResourceList", "resources": resources}))
}

fn object() -> Answer {
    Json(json!({"kind": "PartialObjectMetadata", "metadata": {"name": "x"}}))
}

fn core() -> (&'static str, Answer) {
    let core = [
        ("services", "Service", true),
        ("services/status", "Service", true),
        ("configmaps", "ConfigMap", true),
        ("namespaces", "Namespace", false),
    ];
    ("/api/v1", kinds(&core))
}

async fn ask(cluster: &Cluster, keys: &[&str], limit: usize) -> Vec<Presence> {
    let keys: Vec<_> = keys.iter().map(|key| StateKey::from_text(*key)).collect();
    let found = cluster.look_up(&keys, limit).await;
    assert!(found.iter().map(|(key, _)| key).eq(&keys), "the order of the keys is kept");
    found.into_iter().map(|(_, presence)| presence).collect()
}

fn unknown(presence: &Presence) -> &str {
    match presence {
        Presence::Unknown(reason) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_object_is_one_request_and_each_group_version_one() {
    let (cluster, api) = cluster([
        core(),
        ("/apis", groups(&[("apps", &["v1"])])),
        (
            "/apis/apps/v1",
            kinds(&[
                ("deployments/scale", "Deployment", true),
                ("deployments", "Deployment", true),
            ]),
        ),
        ("/api/v1/namespaces/ns/services/a", object()),
        ("/api/v1/namespaces/ns/configmaps/b", Refusal(404, "configmaps \"b\" not found")),
        ("/api/v1/namespaces/ns", Refusal(403, "namespaces \"ns\" is forbidden")),
        ("/apis/apps/v1/namespaces/ns/deployments/c", Html(404)),
    ]);
    let keys = [
        "m//v1/Service/ns/a",
        "m//v1/ConfigMap/ns/b",
        "m//v1/Namespace/ns",
        "m/apps/v1/Deployment/ns/c",
    ];
    let found = ask(&cluster, &keys, 10).await;
    assert_eq!(api.requests(cluster).await.len(), 7);
    assert_eq!(found[..3], [Presence::Running, Presence::Gone, Presence::NotAllowed]);
    assert!(unknown(&found[3]).contains("404"), "a 404 that is not Kubernetes' proves nothing");
}

#[tokio::test]
async fn no_more_than_the_limit_is_asked_for() {
    let (cluster, api) = cluster([core(), ("/api/v1/namespaces/ns/services/a", object())]);
    let keys = ["m//v1/Service/ns/a", "m//v1/Service/ns/b", "m/apps/v1/Deployment/ns/c"];
    let found = ask(&cluster, &keys, 1).await;
    assert_eq!(api.requests(cluster).await.len(), 2);
    assert_eq!(found[0], Presence::Running);
    assert!(unknown(&found[1]).contains("only 1"));
    assert!(unknown(&found[2]).contains("only 1"));
}

#[tokio::test]
async fn an_object_is_found_in_a_newer_version_of_its_group() {
    let (cluster, api) = cluster([
        ("/apis", groups(&[("batch", &["v1"])])),
        ("/apis/batch/v1", kinds(&[("cronjobs", "CronJob", true)])),
        ("/apis/batch/v1/namespaces/ns/cronjobs/a", object()),
    ]);
    assert_eq!(ask(&cluster, &["m/batch/v1beta1/CronJob/ns/a"], 9).await, [Presence::Running]);
    api.requests(cluster).await;
}

#[tokio::test]
async fn a_definition_that_was_deleted_took_its_objects_with_it() {
    let (cluster, api) = cluster([
        ("/apis", groups(&[("cert-manager.io", &["v1"])])),
        ("/apis/cert-manager.io/v1", kinds(&[("issuers", "Issuer", true)])),
    ]);
    let keys = [
        "m/cert-manager.io/v1/Certificate/ns/a",
        "m/example.com/v1/Widget/ns/a",
        "m/extensions/v1beta1/Ingress/ns/a",
    ];
    let found = ask(&cluster, &keys, 9).await;
    api.requests(cluster).await;
    assert_eq!(found[..2], [Presence::Gone, Presence::Gone]);
    // Kubernetes moved these to another group, where they live on.
    assert!(unknown(&found[2]).contains("does not serve Ingress of extensions/v1beta1"));
}

#[tokio::test]
async fn a_default_namespace_on_a_cluster_scoped_object_is_not_in_its_path() {
    let (cluster, api) = cluster([core(), ("/api/v1/namespaces/shop", object())]);
    assert_eq!(ask(&cluster, &["m//v1/Namespace/default/shop"], 9).await, [Presence::Running]);
    api.requests(cluster).await;
}

#[tokio::test]
async fn names_are_escaped_and_double_underscores_put_back() {
    let rbac = "/apis/rbac.authorization.k8s.io/v1";
    let (cluster, api) = cluster([
        ("/apis".to_owned(), groups(&[("rbac.authorization.k8s.io", &["v1"])])),
        (
            rbac.to_owned(),
            kinds(&[("clusterroles", "ClusterRole", false), ("roles", "Role", true)]),
        ),
        (format!("{rbac}/clusterroles/system%3Ax%3F"), object()),
        (format!("{rbac}/clusterroles/b"), Refusal(404, "not found")),
        (format!("{rbac}/clusterroles/a__b"), object()),
        (format!("{rbac}/namespaces/ns/roles/a__b"), object()),
    ]);
    let keys = [
        "m/rbac.authorization.k8s.io/v1/ClusterRole/system:x?",
        "m/rbac.authorization.k8s.io/v1/ClusterRole/a/b",
        "m/rbac.authorization.k8s.io/v1/Role/ns/a/b",
    ];
    assert_eq!(ask(&cluster, &keys, 9).await, [const { Presence::Running }; 3]);
    api.requests(cluster).await;
}

#[tokio::test]
async fn keys_that_name_no_object_are_not_asked_for() {
    let (cluster, api) = cluster([core()]);
    let keys = ["m", "m//v1/ConfigMap/..", "m//v1/ConfigMap/ns/", "m//v1/ConfigMap/lonely"];
    for presence in ask(&cluster, &keys, 9).await {
        unknown(&presence);
    }
    assert_eq!(api.requests(cluster).await, ["/api/v1"]);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_found_out_is_unknown_and_never_gone() {
    let broken = || (0..3).map(|_| ("/apis/metrics.example.com/v1", Refusal(503, "down")));
    let (cluster, api) = cluster(
        [("/apis", groups(&[("metrics.example.com", &["v1"])])), core()]
            .into_iter()
            .chain(broken())
            .chain((0..3).map(|_| ("/api/v1/namespaces/ns/services/a", Reset)))
            .chain([("/api/v1/namespaces/ns/services/b", Refusal(401, "Unauthorized"))]),
    );
    let keys = ["m/metrics.example.com/v1/Node/ns/a", "m//v1/Service/ns/a", "m//v1/Service/ns/b"];
    let found = ask(&cluster, &keys, 9).await;
    api.requests(cluster).await;
    assert!(unknown(&found[0]).contains("503"));
    assert!(unknown(&found[1]).contains("connection broke"));
    assert!(unknown(&found[2]).contains("401"));
}
