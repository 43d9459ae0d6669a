//! One artifact in a registry: its digest, its manifest, its layer. The only user of oci-client.

use std::{fs::File, io::Write, time::Duration};

use futures::StreamExt;
use oci_client::{
    Client, RegistryOperation,
    client::{ClientConfig, ClientProtocol, LayerDescriptor},
    errors::OciDistributionError,
    secrets::RegistryAuth,
};
use serde::Deserialize;

use super::{
    credentials::{Credentials, Secret},
    extract::Limits,
    reference::{Digest, Reference, Version},
    words::Words,
};
use crate::{project::Oras, report::Reason};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a registry may be silent.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
const USER_AGENT: &str = concat!("tazuna-drift/", env!("CARGO_PKG_VERSION"));
/// Most bytes of a packed layer: what may be unpacked, and room for what does not shrink.
const PACKED_LIMIT: u64 = Limits::TAZUNA.bytes + (64 << 20);

/// What manifests may be. An index is asked for too: it is refused with better words than
/// the registry's.
const ACCEPTED: [&str; 4] = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];

pub(super) struct Registry<'a> {
    client: Client,
    auth: RegistryAuth,
    reference: &'a Reference,
    words: Words<'a>,
}

/// The one layer of an artifact.
pub(super) struct Layer {
    digest: Digest,
    size: u64,
}

impl<'a> Registry<'a> {
    /// Logs in. Proxies and a private CA come from the environment (`HTTPS_PROXY`,
    /// `NO_PROXY`, `SSL_CERT_FILE`).
    pub(super) async fn connect(
        reference: &'a Reference,
        spec: &Oras,
        credentials: &'a Credentials,
    ) -> Result<Self, Reason> {
        let words = Words { reference, credentials };
        let config = ClientConfig {
            protocol: if spec.plain_http { ClientProtocol::Http } else { ClientProtocol::Https },
            accept_invalid_certificates: spec.insecure_skip_verify,
            connect_timeout: Some(CONNECT_TIMEOUT),
            read_timeout: Some(READ_TIMEOUT),
            user_agent: USER_AGENT,
            ..ClientConfig::default()
        };
        let auth = match &credentials.secret {
            Secret::None => RegistryAuth::Anonymous,
            Secret::Basic { username, password } => {
                RegistryAuth::Basic(username.clone(), password.clone())
            }
            Secret::Bearer(token) => RegistryAuth::Bearer(token.clone()),
            Secret::Identity => return Err(words.identity_token()),
        };
        let client = Client::try_from(config).map_err(|error| words.explain(&error))?;
        let registry = Self { client, auth, reference, words };
        let image = registry.image(None);
        let login = registry.client.auth(&image, &registry.auth, RegistryOperation::Pull);
        login.await.map_err(|error| registry.words.explain(&error))?;
        Ok(registry)
    }

    /// The digest that the tag has now.
    pub(super) async fn resolve(&self) -> Result<Digest, Reason> {
        let digest = self.client.fetch_manifest_digest(&self.image(None), &self.auth).await;
        let digest = digest.map_err(|error| self.words.explain(&error))?;
        Digest::parse(&digest)
            .ok_or_else(|| self.words.pull("its registry names a digest that is none"))
    }

    /// The artifact's only layer. The manifest is what its digest says, or it is refused.
    pub(super) async fn layer(&self, digest: &Digest) -> Result<Layer, Reason> {
        let image = self.image(Some(digest));
        let pulled = self.client.pull_manifest_raw(&image, &self.auth, &ACCEPTED).await;
        let (text, _) = pulled.map_err(|error| self.words.explain(&error))?;
        only_layer(&text).map_err(|problem| self.words.artifact(&problem))
    }

    /// Writes the packed layer into a file. It is what its digest says, or it is refused.
    pub(super) async fn download(&self, layer: &Layer, file: File) -> Result<File, Reason> {
        let image = self.image(None);
        // Without the layer's own `urls`: they lead to hosts that nobody has named.
        let descriptor = LayerDescriptor { digest: layer.digest.as_str(), urls: &None };
        let stream = self.client.pull_blob_stream(&image, &descriptor).await;
        let mut stream = stream.map_err(|error| self.words.explain(&error))?.stream;
        let mut file = file;
        let mut taken = 0_u64;
        while let Some(piece) = stream.next().await {
            let piece = match piece {
                Ok(piece) => piece,
                Err(_) if taken < layer.size => {
                    let problem =
                        format!("its layer broke off after {taken} of {} bytes", layer.size);
                    return Err(self.words.pull(&problem).hint("try again"));
                }
                Err(error) => return Err(self.words.explain(&OciDistributionError::from(error))),
            };
            taken += piece.len() as u64;
            if taken > layer.size {
                return Err(self.words.artifact("its layer is longer than its manifest says"));
            }
            // Small pieces into the page cache: not worth a thread each.
            file.write_all(&piece).map_err(|error| {
                self.words.pull(&format!("it cannot be written to the cache: {}", error.kind()))
            })?;
        }
        match taken == layer.size {
            true => Ok(file),
            false => Err(self.words.artifact("its layer is shorter than its manifest says")),
        }
    }

    fn image(&self, digest: Option<&Digest>) -> oci_client::Reference {
        let Reference { registry, repository, version, .. } = self.reference;
        let (registry, repository) = (registry.clone(), repository.clone());
        match (digest, version) {
            (Some(digest), _) | (None, Version::Digest(digest)) => {
                oci_client::Reference::with_digest(registry, repository, digest.to_string())
            }
            (None, Version::Tag(tag)) => {
                oci_client::Reference::with_tag(registry, repository, tag.clone())
            }
        }
    }
}

/// Reads a manifest. Pure.
fn only_layer(text: &[u8]) -> Result<Layer, String> {
    #[derive(Deserialize)]
    struct Manifest {
        #[serde(default)]
        layers: Vec<Descriptor>,
        manifests: Option<serde::de::IgnoredAny>,
    }
    #[derive(Deserialize)]
    struct Descriptor {
        digest: String,
        size: u64,
    }
    let manifest: Manifest =
        serde_json::from_slice(text).map_err(|_| "its manifest cannot be read".to_owned())?;
    if manifest.manifests.is_some() {
        return Err("it is an index of several images, not one artifact".to_owned());
    }
    let [layer] = manifest.layers.as_slice() else {
        return Err(format!("it has {} layers, and Tazuna takes one", manifest.layers.len()));
    };
    let digest = Digest::parse(&layer.digest)
        .ok_or_else(|| "its layer's digest is of no known sort".to_owned())?;
    if layer.size > PACKED_LIMIT {
        return Err(format!("its layer is larger than {} MiB", PACKED_LIMIT >> 20));
    }
    Ok(Layer { digest, size: layer.size })
}
