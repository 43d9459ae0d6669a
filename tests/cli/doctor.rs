//! `doctor`: one line a part, and a code that scripts can use. The cluster and GitHub are
//! faked at the transport.

use std::process::Command;

use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, body_partial_json, method, path},
};

use crate::{
    program::{Platform, Run},
    tools::Tools,
};

const REVIEW: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

/// A platform, a cluster, GitHub and tools.
struct Stage {
    platform: Platform,
    server: MockServer,
    tools: Tools,
}

impl Stage {
    async fn new() -> Self {
        let platform = Platform::quickstart();
        let server = MockServer::start().await;
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "prod",
            "clusters": [{"name": "c", "cluster": {"server": server.uri()}}],
            "users": [{"name": "u", "user": {"token": "hunter2"}}],
            "contexts": [{"name": "prod", "context": {"cluster": "c", "user": "u"}}],
        });
        platform.write("kubeconfig", &config.to_string());
        let tools = Tools::with("kustomize", "echo v5.8.1")
            .and("helm", "echo v3.21.3+gabc")
            .and("tazuna", "exit 1");
        Self { platform, server, tools }
    }

    async fn answer(&self, verb: &str, place: &str, code: u16, body: Value) -> &Self {
        Mock::given(method(verb))
            .and(path(place))
            .respond_with(ResponseTemplate::new(code).set_body_json(body))
            .mount(&self.server)
            .await;
        self
    }

    /// An API server that lets State be listed, or does not.
    async fn cluster(&self, allowed: bool) -> &Self {
        let asked = json!({"spec": {"resourceAttributes": {
            "namespace": "tazuna", "verb": "list", "resource": "configmaps"}}});
        Mock::given(method("POST"))
            .and(path(REVIEW))
            .and(body_partial_json(asked))
            .respond_with(
                ResponseTemplate::new(201).set_body_json(json!({"status": {"allowed": allowed}})),
            )
            .mount(&self.server)
            .await;
        let state = json!({"kind": "ConfigMapList", "apiVersion": "v1", "metadata": {}, "items": [
            {"metadata": {"name": "tazuna-state-web", "namespace": "tazuna"}, "data": {}}]});
        self.answer("GET", "/api/v1/namespaces/tazuna/configmaps", 200, state).await
    }

    async fn github(&self, body: Value) -> &Self {
        self.answer("GET", "/repos/acme/infra", 200, body).await
    }

    async fn run(&self, args: &[&str]) -> Run {
        Mock::given(any()).respond_with(ResponseTemplate::new(404)).mount(&self.server).await;
        let mut command: Command = self.platform.command(&[&["doctor"], args].concat());
        command
            .env("PATH", self.tools.search_path().unwrap())
            .env("KUBECONFIG", self.platform.path("kubeconfig"))
            .env("GITHUB_API_URL", self.server.uri())
            .env("GITHUB_REPOSITORY", "acme/infra")
            .env("GITHUB_TOKEN", "ghp_hunter2hunter2");
        tokio::task::spawn_blocking(move || Run::of(&mut command, "")).await.unwrap()
    }
}

fn line<'a>(run: &'a Run, part: &str) -> &'a str {
    let of_part = |line: &&str| line.split_whitespace().nth(1) == Some(part);
    run.stdout.lines().find(of_part).unwrap_or_else(|| panic!("no {part}: {}", run.stdout))
}

#[tokio::test]
async fn all_is_well_and_every_part_has_its_line() {
    let stage = Stage::new().await;
    stage.cluster(true).await;
    stage.github(json!({"private": true, "permissions": {"push": true}})).await;
    let run = stage.run(&[]).await;
    for (part, want) in [
        ("kustomize", "ok    kustomize  kustomize: v5.8.1"),
        ("helm", "ok    helm       helm: v3.21.3+gabc"),
        ("tazuna", "warn  tazuna     tazuna is there and does not tell its version; next:"),
        ("context", "ok    context    the context is prod"),
        ("rights", "ok    rights     these credentials may list ConfigMaps"),
        ("state", "ok    state      State of 1 Manifests can be read"),
        ("github", "ok    github     acme/infra: the token may write issues"),
        ("templates", "ok    templates"),
    ] {
        assert!(line(&run, part).starts_with(want), "{}", line(&run, part));
    }
    assert!(line(&run, "cluster").contains("answers"));
    assert!(line(&run, "config").contains("tazuna.yaml declares"));
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(!format!("{}{}", run.stdout, run.stderr).contains("hunter2"));
}

#[tokio::test]
async fn missing_rights_are_told_and_state_is_not_asked_for() {
    let stage = Stage::new().await;
    stage.cluster(false).await;
    let run = stage.run(&[]).await;
    assert!(line(&run, "rights").starts_with("fail"), "{}", run.stdout);
    assert!(line(&run, "rights").contains("deploy/rbac.yaml"));
    assert_eq!(run.code, 1);
    let requests = stage.server.received_requests().await.unwrap();
    assert!(!requests.iter().any(|request| request.url.path().ends_with("/configmaps")));
}

#[tokio::test]
async fn a_cluster_that_is_away_and_a_broken_config_do_not_keep_the_rest_from_being_looked_at() {
    let stage = Stage::new().await;
    stage.github(json!({"permissions": {"push": false, "pull": true}})).await;
    stage.platform.write("tazuna.yaml", "spec: [");
    stage.platform.write("kubeconfig", "{}");
    let run = stage.run(&[]).await;
    for part in ["config", "cluster"] {
        assert!(line(&run, part).starts_with("fail"), "{}", run.stdout);
    }
    assert!(line(&run, "github").contains("permissions: {issues: write}"), "{}", run.stdout);
    assert!(line(&run, "templates").starts_with("ok"));
    assert_eq!(run.code, 1);
}

#[tokio::test]
async fn a_quiet_public_repository_is_told_that_schedules_end() {
    for (pushed, public, want) in [
        ("2020-01-01T00:00:00Z", true, "warn"),
        ("2020-01-01T00:00:00Z", false, "ok"),
        ("2999-01-01T00:00:00Z", true, "ok"),
    ] {
        let stage = Stage::new().await;
        stage.github(json!({"private": !public, "pushed_at": pushed})).await;
        let run = stage.run(&["--state-dir", "state"]).await;
        assert!(line(&run, "github").starts_with(want), "{}", line(&run, "github"));
    }
}

#[tokio::test]
async fn a_repository_that_can_take_no_issue_fails() {
    for (body, want) in
        [(json!({"has_issues": false}), "switched off"), (json!({"archived": true}), "archived")]
    {
        let stage = Stage::new().await;
        stage.github(body).await;
        let run = stage.run(&["--state-dir", "state"]).await;
        assert!(line(&run, "github").starts_with("fail"), "{}", run.stdout);
        assert!(line(&run, "github").contains(want));
        assert_eq!(run.code, 1);
    }
}

#[tokio::test]
async fn json_holds_the_same_and_a_wrong_flag_is_usage() {
    let stage = Stage::new().await;
    stage.github(json!({"private": true, "permissions": {"push": true}})).await;
    let run = stage.run(&["--state-dir", "state", "--format", "json"]).await;
    let findings: Vec<Value> = serde_json::from_str(&run.stdout).unwrap();
    let parts: Vec<_> = findings.iter().map(|finding| finding["part"].as_str().unwrap()).collect();
    assert_eq!(parts, ["kustomize", "helm", "tazuna", "config", "state", "github", "templates"]);
    assert_eq!(findings[0]["status"], "ok");
    assert_eq!(stage.run(&["--issue-repo", "no slash"]).await.code, 2);
}

#[tokio::test]
async fn a_tool_that_a_manifest_needs_is_missed() {
    let mut stage = Stage::new().await;
    stage.tools = Tools::none();
    let text = "spec: {manifests: [{name: a, type: helmfile, path: .}]}\n";
    stage.platform.write("tazuna.yaml", text);
    let run = stage.run(&["--state-dir", "state"]).await;
    assert!(line(&run, "helm").starts_with("fail"), "{}", run.stdout);
    assert!(line(&run, "tazuna").starts_with("ok"), "{}", run.stdout);
    assert!(line(&run, "kustomize").starts_with("ok"), "{}", run.stdout);
}
