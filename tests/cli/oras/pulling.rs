//! Pulling from a registry that is faked at the transport.

use std::fs;

use tazuna_drift::{
    project::{Oras, OrasAuth},
    report::ReasonCode,
};
use wiremock::{
    Mock, ResponseTemplate,
    matchers::{header, method, path},
};

use super::{
    archive::Tar,
    stage::{Pushed, Stage, artifact, build, digest, keys, manifest},
};
use crate::tools::Tools;

#[tokio::test]
async fn an_artifact_is_pulled_once_and_then_in_the_cache_for_both_tools() {
    let stage = Stage::new().await;
    let pushed = Pushed::holding("one");
    stage.serve(&pushed).await;
    let digest = digest(&pushed.manifest);

    let built = stage.build(stage.spec(), &stage.options()).await;
    assert_eq!(keys(&built), ["base//v1/ConfigMap/one"]);
    assert_eq!(artifact(&built).digest, digest);
    assert!(!artifact(&built).from_cache);
    assert_eq!(built.extras.warnings, []);
    let blob = stage.cache().join("blobs").join(digest.replace(':', "-"));
    assert!(blob.join("app/a.yaml").is_file());
    let noted = format!("{}/acme/base:v1", stage.server.address()).replace(['/', ':'], "_");
    assert_eq!(fs::read_to_string(stage.cache().join("refs").join(noted)).unwrap(), digest);
    assert_eq!(fs::read_dir(stage.cache().join("blobs")).unwrap().count(), 1);

    let blobs = async || {
        let requests = stage.requests().await;
        requests.iter().filter(|request| request.url.path().contains("/blobs/")).count()
    };
    assert_eq!(blobs().await, 1);
    let built = stage.build(stage.spec(), &stage.options()).await;
    assert!(artifact(&built).from_cache);
    assert_eq!(keys(&built), ["base//v1/ConfigMap/one"]);
    assert_eq!(blobs().await, 1);
    stage.build(stage.spec(), &stage.no_cache()).await;
    assert_eq!(blobs().await, 2);
}

#[tokio::test]
async fn offline_the_cache_is_all_there_is_and_nothing_is_asked() {
    let stage = Stage::new().await;
    stage.serve(&Pushed::holding("one")).await;
    let reason = stage.build(stage.spec(), &stage.offline()).await.objects.unwrap_err();
    assert_eq!(reason.code, ReasonCode::Offline);
    assert_eq!(stage.requests().await.len(), 0);

    stage.build(stage.spec(), &stage.options()).await.objects.unwrap();
    let asked = stage.requests().await.len();
    let built = stage.build(stage.spec(), &stage.offline()).await;
    assert_eq!(keys(&built), ["base//v1/ConfigMap/one"]);
    assert_eq!(stage.requests().await.len(), asked);
}

#[tokio::test]
async fn a_tag_that_moved_is_told_and_the_cache_is_compared_as_tazuna_would() {
    let stage = Stage::new().await;
    let (old, new) = (Pushed::holding("old"), Pushed::holding("new"));
    stage.serve(&old).await;
    stage.build(stage.spec(), &stage.options()).await.objects.unwrap();

    stage.serve(&new).await;
    let built = stage.build(stage.spec(), &stage.options()).await;
    assert_eq!(keys(&built), ["base//v1/ConfigMap/old"]);
    assert_eq!(artifact(&built).digest, digest(&old.manifest));
    assert_eq!(artifact(&built).moved_to, Some(digest(&new.manifest)));
    assert_eq!(built.extras.warnings[0].code, "artifact-moved");
    assert_eq!(built.extras.warnings[0].manifest.as_deref(), Some("base"));

    let built = stage.build(stage.spec(), &stage.no_cache()).await;
    assert_eq!(keys(&built), ["base//v1/ConfigMap/new"]);
    assert_eq!(artifact(&built).moved_from, Some(digest(&old.manifest)));

    let built = stage.build(stage.spec(), &stage.options()).await;
    assert_eq!(built.extras.warnings, []);
}

#[tokio::test]
async fn a_registry_that_is_away_does_not_matter_for_what_is_cached() {
    let stage = Stage::new().await;
    stage.serve(&Pushed::holding("one")).await;
    let (spec, options) = (stage.spec(), stage.options());
    stage.build(spec.clone(), &options).await.objects.unwrap();
    drop(stage.server);
    let built = build(spec, &options).await;
    assert_eq!(keys(&built), ["base//v1/ConfigMap/one"]);
    assert_eq!(artifact(&built).moved_to, None);
}

#[tokio::test]
async fn a_digest_pins_and_a_registry_that_gives_something_else_is_refused() {
    let stage = Stage::new().await;
    let pushed = Pushed::holding("one");
    stage.serve(&pushed).await;
    let pinned = |digest: &str| Oras {
        reference: format!("{}/acme/base@{digest}", stage.server.address()),
        ..stage.spec()
    };
    let built = stage.build(pinned(&digest(&pushed.manifest)), &stage.options()).await;
    assert_eq!(keys(&built), ["base//v1/ConfigMap/one"]);
    assert!(!stage.cache().join("refs").exists(), "what is pinned needs no note");

    let lie = digest(b"something else");
    stage.serve_as(&lie, &pushed).await;
    for spec in [pinned(&lie), stage.spec()] {
        let reason = stage.reason(spec).await;
        assert_eq!(reason.code, ReasonCode::InvalidArtifact, "{}", reason.message);
        assert!(reason.message.contains("another digest"), "{}", reason.message);
    }
}

#[tokio::test]
async fn what_is_no_artifact_of_one_sound_layer_is_refused_and_leaves_nothing() {
    let good = Pushed::holding("one").layer;
    let whole = (digest(&good), good.len());
    let whole = (whole.0.as_str(), whole.1);
    let bad = Tar::default().file("../../evil", "x").packed();
    for (manifest, layer, want) in [
        (manifest(&[whole, whole]), good.clone(), "2 layers"),
        (manifest(&[]), good.clone(), "0 layers"),
        (b"{\"manifests\": []}".to_vec(), good.clone(), "an index"),
        (b"[]".to_vec(), good.clone(), "cannot be read"),
        (manifest(&[(whole.0, 2 << 30)]), good.clone(), "larger than"),
        (manifest(&[(whole.0, whole.1 - 1)]), good.clone(), "longer than its manifest"),
        (manifest(&[whole]), good[..good.len() - 9].to_vec(), "broke off"),
        (manifest(&[whole]), vec![b'x'; good.len()], "another digest"),
        (manifest(&[("sha256:../../x", 5)]), good.clone(), "no known sort"),
        (manifest(&[(&digest(&bad), bad.len())]), bad.clone(), "leads out of the artifact"),
        (manifest(&[(&digest(b"text"), 4)]), b"text".to_vec(), "no sound tar.gz"),
    ] {
        let stage = Stage::new().await;
        stage.serve(&Pushed { manifest, layer }).await;
        let reason = stage.reason(stage.spec()).await;
        assert!(reason.message.contains(want), "{want}: {}", reason.message);
        let left = fs::read_dir(stage.cache().join("blobs")).map(Iterator::count).unwrap_or(0);
        assert_eq!(left, 0, "{want}");
        assert!(!stage.cache().join("refs").exists(), "{want}");
    }
}

/// A registry that gives tokens to `bot` with `hunter2`, and manifests to tokens.
async fn with_tokens(stage: &Stage, pushed: &Pushed) {
    let address = stage.server.address();
    let challenge = format!("Bearer realm=\"http://{address}/token\",service=\"registry\"");
    let refused = ResponseTemplate::new(401).insert_header("WWW-Authenticate", &*challenge);
    stage.server.reset().await;
    Mock::given(path("/v2/")).respond_with(refused.clone()).mount(&stage.server).await;
    Mock::given(path("/token"))
        .and(header("Authorization", "Basic Ym90Omh1bnRlcjI="))
        .respond_with(ResponseTemplate::new(200).set_body_json(serde_json::json!({"token": "abc"})))
        .mount(&stage.server)
        .await;
    Mock::given(path("/token"))
        .respond_with(ResponseTemplate::new(401).set_body_string("hunter2 is wrong"))
        .mount(&stage.server)
        .await;
    let said = digest(&pushed.manifest);
    for version in ["v1", &said] {
        Mock::given(path(format!("/v2/acme/base/manifests/{version}")))
            .and(header("Authorization", "Bearer abc"))
            .respond_with(
                ResponseTemplate::new(200)
                    .insert_header("Docker-Content-Digest", &*said)
                    .set_body_bytes(pushed.manifest.clone()),
            )
            .mount(&stage.server)
            .await;
    }
    Mock::given(path(format!("/v2/acme/base/blobs/{}", digest(&pushed.layer))))
        .and(header("Authorization", "Bearer abc"))
        .respond_with(ResponseTemplate::new(200).set_body_bytes(pushed.layer.clone()))
        .mount(&stage.server)
        .await;
    Mock::given(method("GET")).respond_with(refused).mount(&stage.server).await;
}

#[tokio::test]
async fn credentials_come_from_the_manifest_then_docker_then_its_helpers() {
    let pushed = Pushed::holding("one");
    let auth = |password: &str| {
        Some(OrasAuth { username: "bot".to_owned(), password: password.to_owned() })
    };
    let entry = "{\"auth\": \"Ym90Omh1bnRlcjI=\"}";
    let helper = "read -r host; case $host in 127.0.0.1:*) ;; *) exit 1;; esac\n\
                  echo '{\"ServerURL\": \"x\", \"Username\": \"bot\", \"Secret\": \"hunter2\"}'";
    for case in ["auth", "docker", "helper"] {
        let mut stage = Stage::new().await;
        with_tokens(&stage, &pushed).await;
        let address = *stage.server.address();
        let config = match case {
            "auth" => format!("{{\"auths\": {{\"{address}\": {{\"auth\": \"eDp5\"}}}}}}"),
            "docker" => format!("{{\"auths\": {{\"{address}\": {entry}}}}}"),
            _ => format!(
                "{{\"credHelpers\": {{\"{address}\": \"fake\"}}, \"credsStore\": \"none\"}}"
            ),
        };
        fs::write(stage.folder.path().join("config.json"), config).unwrap();
        stage.tools = Tools::with("docker-credential-fake", helper);
        let spec = Oras { auth: auth("hunter2").filter(|_| case == "auth"), ..stage.spec() };
        let built = stage.build(spec, &stage.options()).await;
        assert_eq!(keys(&built), ["base//v1/ConfigMap/one"], "{case}");
    }
}

#[tokio::test]
async fn refused_and_missing_credentials_are_told_apart_and_never_shown() {
    let stage = Stage::new().await;
    with_tokens(&stage, &Pushed::holding("one")).await;
    let reason = stage.reason(stage.spec()).await;
    assert_eq!(reason.code, ReasonCode::PullFailed);
    assert!(reason.message.contains("wants credentials"), "{}", reason.message);

    let auth = Some(OrasAuth { username: "bot".to_owned(), password: "hunter2x".to_owned() });
    let reason = stage.reason(Oras { auth, ..stage.spec() }).await;
    assert!(reason.message.contains("refuses the credentials of `oras.auth`"), "{reason:?}");
    assert!(!format!("{reason:?}").contains("hunter2"));

    fs::write(stage.folder.path().join("config.json"), "{\"credsStore\": \"gone\"}").unwrap();
    let reason = stage.reason(stage.spec()).await;
    assert_eq!(reason.code, ReasonCode::ToolMissing);
    assert!(reason.message.contains("docker-credential-gone"));

    fs::write(stage.folder.path().join("config.json"), "{\"auths\": \"hunter2\"").unwrap();
    let reason = stage.reason(stage.spec()).await;
    assert!(reason.message.contains("config.json") && !reason.message.contains("hunter2"));
}

#[tokio::test]
async fn a_registry_that_does_not_have_it_or_is_not_there_is_told() {
    let stage = Stage::new().await;
    stage.serve(&Pushed::holding("one")).await;
    let other =
        Oras { reference: format!("{}/acme/other:v1", stage.server.address()), ..stage.spec() };
    let reason = stage.reason(other).await;
    assert!(reason.message.contains("does not have it"), "{}", reason.message);

    let tls = Oras { plain_http: false, ..stage.spec() };
    let reason = stage.reason(tls).await;
    assert_eq!(reason.code, ReasonCode::PullFailed);
    assert!(reason.hint.unwrap().contains("plainHTTP"));

    let reason = stage.reason(Oras { reference: "base".to_owned(), ..stage.spec() }).await;
    assert_eq!(reason.code, ReasonCode::InvalidDeclaration);
}

#[tokio::test]
async fn the_delegates_failure_still_tells_which_artifact_it_was() {
    let stage = Stage::new().await;
    stage.serve(&Pushed::holding("one")).await;
    let spec = Oras { target: "nowhere".to_owned(), ..stage.spec() };
    let built = stage.build(spec, &stage.options()).await;
    assert!(built.extras.artifact.is_some());
    assert_eq!(built.objects.unwrap_err().code, ReasonCode::PathNotFound);

    let spec = Oras { target: "../..".to_owned(), ..stage.spec() };
    assert_eq!(stage.reason(spec).await.code, ReasonCode::InvalidDeclaration);
}
