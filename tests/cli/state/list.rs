//! Reading all State from a cluster: pages, retries, and what each failure says.

use serde_json::json;
use tazuna_drift::{
    error::{Error, ErrorKind, ExitCode},
    state::State,
};
use tokio::time::{Duration, Instant};

use super::fake_api::{
    Answer::{self, Html, Json, Refusal, Reset, RetryAfter, Silence},
    cluster, foreign, page, state_of,
};

const FIRST: &str = "/api/v1/namespaces/tazuna/configmaps?limit=20";
const NAMESPACE: &str = "/api/v1/namespaces/tazuna";

fn next(token: &str) -> String {
    format!("{FIRST}&continue={token}")
}

/// Reads State from an API server that answers the first page's path like this.
async fn read(answers: impl IntoIterator<Item = Answer>) -> Result<State, Error> {
    let (cluster, api) = cluster(answers.into_iter().map(|answer| (FIRST, answer)));
    let state = cluster.read_state().await;
    api.requests(cluster).await;
    state
}

async fn failure(answers: impl IntoIterator<Item = Answer>) -> String {
    let error = read(answers).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cluster);
    assert_eq!(error.kind().exit_code(), ExitCode::Failed);
    error.explain()
}

fn manifests(state: &State) -> Vec<&str> {
    state.manifests.keys().map(String::as_str).collect()
}

fn codes(state: &State) -> Vec<&str> {
    state.warnings.iter().map(|warning| warning.code.as_str()).collect()
}

#[tokio::test]
async fn three_pages_are_three_requests_whatever_the_number_of_manifests() {
    let many: Vec<_> = (0..20).map(|n| state_of(&format!("a{n:02}"))).collect();
    let (cluster, api) = cluster([
        (FIRST.to_owned(), page(&many, Some("to/ken=="))),
        (next("to%2Fken%3D%3D"), page(&[state_of("b"), foreign()], Some("last"))),
        (next("last"), page(&[state_of("c")], None)),
    ]);
    let state = cluster.read_state().await.unwrap();
    assert_eq!(api.requests(cluster).await.len(), 3);
    assert_eq!(state.manifests.len(), 22);
    assert_eq!(state.source.config_maps, 22);
    assert_eq!(state.context.name.as_deref(), Some("prod"));
    assert_eq!(codes(&state), [""; 0]);
}

#[tokio::test]
async fn config_maps_that_are_no_state_are_left_alone() {
    let state = read([page(&[foreign(), state_of("web")], None)]).await.unwrap();
    assert_eq!(manifests(&state), ["web"]);
}

#[tokio::test]
async fn a_damaged_entry_fails_its_manifest_and_nothing_else() {
    let damaged =
        json!({"metadata": {"name": "tazuna-state-db"}, "data": {"db____v1__Secret__a": "{"}});
    let state = read([page(&[damaged, state_of("web")], None)]).await.unwrap();
    assert!(state.manifests["web"].entries.is_ok());
    assert_eq!(state.manifests["db"].entries.as_ref().unwrap_err().data_key, "db____v1__Secret__a");
}

#[tokio::test]
async fn an_expired_token_starts_the_list_again_without_what_was_read() {
    let (cluster, api) = cluster([
        (FIRST.to_owned(), page(&[state_of("deleted-meanwhile")], Some("t1"))),
        (next("t1"), Refusal(410, "The provided continue parameter is too old")),
        (FIRST.to_owned(), page(&[state_of("a")], Some("t2"))),
        (next("t2"), page(&[state_of("b")], None)),
    ]);
    let state = cluster.read_state().await.unwrap();
    assert_eq!(
        api.requests(cluster).await,
        [FIRST.to_owned(), next("t1"), FIRST.to_owned(), next("t2")]
    );
    assert_eq!(manifests(&state), ["a", "b"]);
}

#[tokio::test]
async fn a_list_that_expires_for_ever_ends() {
    let rounds = (0..4).flat_map(|_| {
        [
            (FIRST.to_owned(), page(&[state_of("a")], Some("t"))),
            (next("t"), Refusal(410, "The provided continue parameter is too old")),
        ]
    });
    let (cluster, api) = cluster(rounds);
    let error = cluster.read_state().await.unwrap_err();
    assert_eq!(api.requests(cluster).await.len(), 8);
    insta::assert_snapshot!("expired_for_ever", error.explain());
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_honoured() {
    let start = Instant::now();
    let state = read([RetryAfter(429, 17), page(&[state_of("a")], None)]).await.unwrap();
    assert_eq!(manifests(&state), ["a"]);
    assert_eq!(start.elapsed().as_secs(), 17);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_two_minutes() {
    let start = Instant::now();
    insta::assert_snapshot!("too_many_requests", failure([RetryAfter(429, 3600)]).await);
    assert_eq!(start.elapsed(), Duration::ZERO);
    failure([RetryAfter(429, 100), RetryAfter(429, 100)]).await;
    assert_eq!(start.elapsed().as_secs(), 100);
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_tried_again() {
    for code in [500, 502, 503, 504] {
        let state = read([Html(code), Reset, Refusal(code, "etcd"), page(&[state_of("a")], None)]);
        assert_eq!(manifests(&state.await.unwrap()), ["a"], "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_does_not_pass_ends() {
    let text = failure((0..5).map(|_| Refusal(503, "etcdserver: leader changed"))).await;
    insta::assert_snapshot!("server_in_trouble", text);
    insta::assert_snapshot!("reset_for_ever", failure((0..5).map(|_| Reset)).await);
}

#[tokio::test(start_paused = true)]
async fn no_answer_ends_in_a_timeout() {
    insta::assert_snapshot!("no_answer", failure([Silence]).await);
}

#[tokio::test]
async fn each_refusal_names_the_next_step() {
    insta::assert_snapshot!("unauthorized", failure([Refusal(401, "Unauthorized")]).await);
    let message = "configmaps is forbidden: User \"ci\" cannot list resource \"configmaps\" \
                   in API group \"\" in the namespace \"tazuna\"";
    insta::assert_snapshot!("forbidden", failure([Refusal(403, message)]).await);
    let message = "configmaps is forbidden: User \"system:anonymous\" cannot list";
    assert!(failure([Refusal(403, message)]).await.contains("no credentials were sent"));
    let message = "configmaps is forbidden: User \"system:serviceaccount:ci:drift\" cannot list";
    let text = failure([Refusal(403, message)]).await;
    assert!(text.contains("--role=tazuna-drift --serviceaccount=ci:drift`"), "{text}");
    insta::assert_snapshot!("forbidden_by_a_proxy", failure([Html(403)]).await);
    insta::assert_snapshot!("not_found", failure([Html(404)]).await);
    insta::assert_snapshot!("not_kubernetes", failure([Html(200)]).await);
}

#[tokio::test]
async fn no_state_and_no_namespace_are_told_apart() {
    let empty = || page(&[], None);
    let cases = [
        (Json(json!({"kind": "Namespace", "metadata": {"name": "tazuna"}})), "no-state"),
        (Refusal(404, "namespaces \"tazuna\" not found"), "no-namespace"),
        (Refusal(403, "namespaces is forbidden"), "no-state"),
    ];
    for (answer, code) in cases {
        let (cluster, api) = cluster([(FIRST, empty()), (NAMESPACE, answer)]);
        let state = cluster.read_state().await.unwrap();
        api.requests(cluster).await;
        assert_eq!(state.source.config_maps, 0);
        assert_eq!(codes(&state), [code]);
    }
    // Any ConfigMap shows that the namespace is there.
    assert_eq!(codes(&read([page(&[foreign()], None)]).await.unwrap()), ["no-state"]);
}
