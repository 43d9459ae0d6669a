//! A registry that is faked at the transport, with a cache and docker's folder beside it.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    time::Duration,
};

use sha2::{Digest as _, Sha256};
use tazuna_drift::{
    build::{BuildOptions, Built, Silent, build_all, oras::OrasSettings},
    project::{Backend, Delegate, Manifest, Oras},
    report::{Artifact, Location, Reason},
};
use tempfile::TempDir;
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{any, path},
};

use super::archive::Tar;
use crate::tools::Tools;

pub(super) fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// A registry, a cache and docker's folder.
pub(super) struct Stage {
    pub(super) server: MockServer,
    pub(super) folder: TempDir,
    pub(super) tools: Tools,
}

/// One artifact as a registry holds it.
pub(super) struct Pushed {
    pub(super) manifest: Vec<u8>,
    pub(super) layer: Vec<u8>,
}

impl Pushed {
    pub(super) fn new(layer: Vec<u8>) -> Self {
        let manifest = manifest(&[(&digest(&layer), layer.len())]);
        Self { manifest, layer }
    }

    /// A kustomization with one ConfigMap of that name.
    pub(super) fn holding(name: &str) -> Self {
        let object = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n");
        let tar = Tar::default()
            .file("app/kustomization.yaml", "resources: [a.yaml]\n")
            .file("app/a.yaml", &object);
        Self::new(tar.packed())
    }
}

pub(super) fn manifest(layers: &[(&str, usize)]) -> Vec<u8> {
    let layers: Vec<_> = layers
        .iter()
        .map(|(digest, size)| serde_json::json!({"mediaType": "x", "digest": digest, "size": size}))
        .collect();
    serde_json::json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "x", "digest": digest(b"{}"), "size": 2},
        "layers": layers,
    })
    .to_string()
    .into_bytes()
}

impl Stage {
    pub(super) async fn new() -> Self {
        // As main does it; another test may have been first.
        drop(rustls::crypto::ring::default_provider().install_default());
        Self {
            server: MockServer::start().await,
            folder: TempDir::new().unwrap(),
            tools: Tools::none(),
        }
    }

    /// Serves an artifact under the tag `v1`, to whoever asks.
    pub(super) async fn serve(&self, pushed: &Pushed) {
        self.serve_as(&digest(&pushed.manifest), pushed).await;
    }

    /// The same under a digest that may be a lie.
    pub(super) async fn serve_as(&self, said: &str, pushed: &Pushed) {
        self.server.reset().await;
        let manifest = ResponseTemplate::new(200)
            .insert_header("Docker-Content-Digest", said)
            .set_body_raw(pushed.manifest.clone(), "application/vnd.oci.image.manifest.v1+json");
        for version in ["v1", said] {
            Mock::given(path(format!("/v2/acme/base/manifests/{version}")))
                .respond_with(manifest.clone())
                .mount(&self.server)
                .await;
        }
        let parsed: serde_json::Value =
            serde_json::from_slice(&pushed.manifest).unwrap_or_default();
        let layer = parsed["layers"][0]["digest"].as_str().unwrap_or_default().to_owned();
        Mock::given(path(format!("/v2/acme/base/blobs/{layer}")))
            .respond_with(ResponseTemplate::new(200).set_body_bytes(pushed.layer.clone()))
            .mount(&self.server)
            .await;
        Mock::given(path("/v2/"))
            .respond_with(ResponseTemplate::new(200))
            .mount(&self.server)
            .await;
        Mock::given(any()).respond_with(ResponseTemplate::new(404)).mount(&self.server).await;
    }

    pub(super) fn spec(&self) -> Oras {
        Oras {
            reference: format!("{}/acme/base:v1", self.server.address()),
            target: "app".to_owned(),
            plain_http: true,
            insecure_skip_verify: false,
            auth: None,
            delegate: Delegate::Kustomize,
        }
    }

    pub(super) fn options(&self) -> BuildOptions {
        let jobs = NonZeroUsize::new(4).unwrap();
        BuildOptions {
            oras: OrasSettings {
                cache_dir: Some(self.cache()),
                no_cache: false,
                docker_config: Some(self.folder.path().join("config.json")),
            },
            ..BuildOptions::new(jobs, Duration::from_secs(60), self.tools.search_path())
        }
    }

    pub(super) fn offline(&self) -> BuildOptions {
        BuildOptions { offline: true, ..self.options() }
    }

    pub(super) fn no_cache(&self) -> BuildOptions {
        let mut options = self.options();
        options.oras.no_cache = true;
        options
    }

    pub(super) fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    pub(super) async fn build(&self, spec: Oras, options: &BuildOptions) -> Built {
        build(spec, options).await
    }

    /// Builds what must fail.
    pub(super) async fn reason(&self, spec: Oras) -> Reason {
        self.build(spec, &self.options()).await.objects.unwrap_err()
    }

    pub(super) async fn requests(&self) -> Vec<Request> {
        self.server.received_requests().await.unwrap()
    }
}

pub(super) async fn build(spec: Oras, options: &BuildOptions) -> Built {
    let manifest = Manifest {
        name: "base".to_owned(),
        description: None,
        type_name: "oras".to_owned(),
        backend: Backend::Oras(Some(Box::new(spec))),
        path: None,
        tags: Vec::new(),
        declared_at: Location { file: "tazuna.yaml".to_owned(), line: 1, column: None },
        fault: None,
    };
    let mut results = build_all(Path::new("/nowhere"), &[&manifest], options, &Silent).await;
    results.built.remove(0)
}

pub(super) fn keys(built: &Built) -> Vec<&str> {
    built.objects.as_ref().unwrap().iter().map(|object| object.key.as_str()).collect()
}

pub(super) fn artifact(built: &Built) -> &Artifact {
    built.extras.artifact.as_ref().unwrap()
}
