//! From a reference to a folder: cache first, as Tazuna does, else the registry.

use std::{
    collections::HashMap,
    fs::File,
    io::{Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::OnceCell;

use super::{
    cache::Cache,
    credentials::Credentials,
    extract::{self, Fault, Limits},
    reference::{Digest, Reference},
    registry::Registry,
    words,
};
use crate::{
    build::{BuildOptions, driver::blocking},
    project::Oras,
    report::{Artifact, Reason, ReasonCode},
};

/// How long the question may take whether a tag in the cache has moved.
const LOOK: Duration = Duration::from_secs(10);

/// What one run of this program pulls; each artifact once.
pub(in crate::build) struct Puller<'a> {
    options: &'a BuildOptions,
    /// Held while a digest is pulled; says whether this run has pulled it.
    digests: Shared<Digest, tokio::sync::Mutex<bool>>,
    /// What docker's config says of a registry.
    docker: Shared<String, OnceCell<Result<Credentials, Reason>>>,
}

type Shared<K, V> = Mutex<HashMap<K, Arc<V>>>;

/// An artifact on this disk.
pub(super) struct Pulled {
    pub(super) folder: PathBuf,
    pub(super) artifact: Artifact,
}

impl<'a> Puller<'a> {
    /// Nothing is looked at before it is needed.
    pub(in crate::build) fn new(options: &'a BuildOptions) -> Self {
        Self { options, digests: Mutex::default(), docker: Mutex::default() }
    }

    /// Pulls an artifact, or finds it in the cache.
    pub(super) async fn pull(&self, spec: &Oras) -> Result<Pulled, Reason> {
        let timeout = self.options.timeout;
        match tokio::time::timeout(timeout, self.find_or_pull(spec)).await {
            Ok(result) => result,
            Err(_) => Err(crate::build::driver::timed_out("the pull", timeout, Vec::new())),
        }
    }

    async fn find_or_pull(&self, spec: &Oras) -> Result<Pulled, Reason> {
        let settings = &self.options.oras;
        let reference = Reference::parse(&spec.reference)?;
        let cache = match &settings.cache_dir {
            Some(folder) => Cache::at(folder)?,
            None => {
                return Err(Reason::new(
                    ReasonCode::Other,
                    "there is no folder for artifacts: neither XDG_CACHE_HOME nor HOME is set",
                )
                .hint("name one with --cache-dir"));
            }
        };
        let known = reference.pinned().cloned().or_else(|| cache.digest_of(&reference));
        let artifact = |digest: &Digest, from_cache| Artifact {
            reference: reference.text.clone(),
            digest: digest.to_string(),
            from_cache,
            moved_from: None,
            moved_to: None,
        };
        if let (Some(digest), false) = (&known, settings.no_cache)
            && let Some(folder) = cache.blob(digest)
        {
            let mut artifact = artifact(digest, true);
            if reference.pinned().is_none() && !self.options.offline {
                artifact.moved_to = self.moved_to(&reference, spec, digest).await;
            }
            return Ok(Pulled { folder, artifact });
        }
        if self.options.offline {
            let message = format!("`{}` is not in the cache", reference.text);
            return Err(Reason::new(ReasonCode::Offline, message)
                .hint("run once without --offline, or name another folder with --cache-dir"));
        }

        let credentials = self.credentials(&reference, spec).await?;
        let registry = Registry::connect(&reference, spec, &credentials).await?;
        let digest = match reference.pinned() {
            Some(digest) => digest.clone(),
            None => registry.resolve().await?,
        };
        let (folder, from_cache) = self.fetch(&reference, &registry, &cache, &digest).await?;
        let mut artifact = artifact(&digest, from_cache);
        if reference.pinned().is_none() {
            artifact.moved_from =
                known.filter(|known| *known != digest).map(|known| known.to_string());
            cache.note(&reference, &digest)?;
        }
        Ok(Pulled { folder, artifact })
    }

    /// The folder of a digest, and whether it was there already.
    async fn fetch(
        &self,
        reference: &Reference,
        registry: &Registry<'_>,
        cache: &Cache,
        digest: &Digest,
    ) -> Result<(PathBuf, bool), Reason> {
        let lock = shared(&self.digests, digest);
        let mut pulled = lock.lock().await;
        let no_cache = self.options.oras.no_cache;
        if let Some(folder) = cache.blob(digest).filter(|_| !no_cache || *pulled) {
            return Ok((folder, !*pulled));
        }
        let layer = registry.layer(digest).await?;
        let packed = registry.download(&layer, cache.scratch()?).await?;
        let staging = cache.staging()?;
        let folder = unpack(packed, staging.path().to_owned(), self.options.timeout).await;
        folder.map_err(|problem| match problem {
            Problem::Archive(problem) => words::artifact(reference, &problem),
            Problem::Other(reason) => reason,
        })?;
        let folder = cache.adopt(staging, digest, no_cache)?;
        *pulled = true;
        Ok((folder, false))
    }

    /// The digest a tag has now, where it is another one. A registry that does not answer
    /// is no failure: Tazuna would not ask it.
    async fn moved_to(
        &self,
        reference: &Reference,
        spec: &Oras,
        cached: &Digest,
    ) -> Option<String> {
        let look = async {
            let credentials = self.credentials(reference, spec).await?;
            Registry::connect(reference, spec, &credentials).await?.resolve().await
        };
        match tokio::time::timeout(LOOK.min(self.options.timeout / 2), look).await {
            Ok(Ok(now)) => Some(now).filter(|now| now != cached).map(|now| now.to_string()),
            Ok(Err(reason)) => {
                tracing::debug!("whether the tag has moved is not known: {}", reason.message);
                None
            }
            Err(_) => {
                tracing::debug!("whether {} has moved is not known in time", reference.text);
                None
            }
        }
    }

    async fn credentials(&self, reference: &Reference, spec: &Oras) -> Result<Credentials, Reason> {
        if let Some(declared) = Credentials::declared(spec.auth.as_ref()) {
            return Ok(declared);
        }
        let config = self.options.oras.docker_config.as_deref();
        let search_path = self.options.search_path.as_deref();
        let cell = shared(&self.docker, &reference.registry);
        cell.get_or_init(|| Credentials::of_docker(&reference.registry, config, search_path))
            .await
            .clone()
    }
}

fn shared<K: Clone + Eq + std::hash::Hash, V: Default>(map: &Shared<K, V>, key: &K) -> Arc<V> {
    let mut map = map.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(map.entry(key.clone()).or_default())
}

enum Problem {
    Archive(String),
    Other(Reason),
}

/// Unpacks on a thread of its own. Being dropped ends that soon.
async fn unpack(mut packed: File, folder: PathBuf, timeout: Duration) -> Result<(), Problem> {
    let stop = StopOnDrop(Arc::new(AtomicBool::new(false)));
    let stopped = Arc::clone(&stop.0);
    let work = move || {
        Ok(packed
            .seek(SeekFrom::Start(0))
            .map_err(Fault::Disk)
            .and_then(|_| extract_into(packed, &folder, &stopped)))
    };
    match blocking(timeout, work).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(Fault::Disk(error))) => {
            let message =
                format!("the artifact cannot be unpacked into the cache: {}", error.kind());
            Err(Problem::Other(
                Reason::new(ReasonCode::Other, message)
                    .hint("name a folder with room that can be written to with --cache-dir"),
            ))
        }
        Ok(Err(fault)) => Err(Problem::Archive(fault.to_string())),
        Err(reason) => Err(Problem::Other(reason)),
    }
}

fn extract_into(packed: File, folder: &Path, stop: &AtomicBool) -> Result<(), Fault> {
    extract::extract(std::io::BufReader::new(packed), folder, Limits::TAZUNA, stop)
}

struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
