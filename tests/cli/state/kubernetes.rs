//! Which Kubernetes a cluster is: three requests, and what becomes of odd answers.

use serde_json::{Value, json};

use super::fake_api::{Answer, cluster};

fn aggregated(groups: &[Value]) -> Answer {
    Answer::Json(json!({"kind": "APIGroupDiscoveryList", "items": groups}))
}

fn kind(kind: &str) -> Value {
    json!({"group": "", "version": "", "kind": kind})
}

fn version() -> Answer {
    Answer::Json(json!({"major": "1", "minor": "34", "gitVersion": "v1.34.2-eks-1"}))
}

#[tokio::test]
async fn all_that_is_served_is_learnt_in_three_requests() {
    let core = json!({"metadata": {"creationTimestamp": null}, "versions": [{
    "version": "v1", "freshness": "Current", "resources": [
        {"resource": "pods", "responseKind": kind("Pod"), "subresources": [
            {"subresource": "eviction",
             "responseKind": {"group": "policy", "version": "v1", "kind": "Eviction"}},
            {"subresource": "log"},
        ]},
        {"resource": "odd", "responseKind": kind("")},
    ]}]});
    let apps = json!({"metadata": {"name": "apps"}, "versions": [
        {"version": "v1", "freshness": "Current",
         "resources": [{"resource": "deployments", "responseKind": kind("Deployment")}]},
        {"version": "v1beta1", "freshness": "Current", "resources": null},
    ]});
    let stale = json!({"metadata": {"name": "metrics.k8s.io"}, "versions": [
        {"version": "v1beta1", "freshness": "Stale",
         "resources": [{"resource": "nodes", "responseKind": kind("NodeMetrics")}]}]});
    let (cluster, api) = cluster([
        ("/version", version()),
        ("/api", aggregated(&[core])),
        ("/apis", aggregated(&[apps, stale])),
    ]);
    let facts = cluster.discover().await.unwrap();
    assert_eq!(facts.version, "v1.34.2-eks-1");
    assert_eq!(
        facts.api_versions,
        ["apps/v1", "apps/v1/Deployment", "apps/v1beta1", "v1", "v1/Eviction", "v1/Pod"]
    );
    assert_eq!(api.requests(cluster).await.len(), 3);
}

#[tokio::test]
async fn an_api_server_that_refuses_or_is_too_old_is_said() {
    let (refusing, _api) = cluster([
        ("/version", Answer::Refusal(403, "forbidden")),
        ("/api", aggregated(&[])),
        ("/apis", aggregated(&[])),
    ]);
    assert!(refusing.discover().await.unwrap_err().contains("no right to do so (403): forbidden"));

    let old = Answer::Json(json!({"kind": "APIGroupList", "groups": []}));
    let (old, _api) = cluster([("/version", version()), ("/api", aggregated(&[])), ("/apis", old)]);
    let problem = old.discover().await.unwrap_err();
    assert!(problem.contains("no aggregated discovery"), "{problem}");
}
