//! Builds all Manifests: several at a time, each failing alone, results in order.

use std::{
    panic::AssertUnwindSafe,
    path::Path,
    time::{Duration, Instant},
};

use futures::{FutureExt, StreamExt, stream};

use super::{
    BuildOptions, BuildResults, Built, BuiltObject, Extras, Progress, genesis_secret,
    helmfile::{self, Helm},
    kustomize::{self, Kustomizer},
    oras::{self, Puller},
};
use crate::{
    project::{self, Backend, Fault, Manifest},
    report::{Reason, ReasonCode},
};

/// Builds Manifests, [`BuildOptions::jobs`] at a time. `root` is the folder that every
/// `path` is relative to. A Manifest with a fault is not built: its reason is the result.
///
/// Whatever goes wrong, a panic included, fails that Manifest alone. Dropping the future
/// ends every tool that runs.
pub async fn build_all(
    root: &Path,
    manifests: &[&Manifest],
    options: &BuildOptions,
    progress: &dyn Progress,
) -> BuildResults {
    let tools = Tools {
        kustomizer: Kustomizer::new(options),
        helm: Helm::new(options),
        puller: Puller::new(options),
        timeout: options.timeout,
    };
    let mut built: Vec<(usize, Built)> = stream::iter(manifests.iter().enumerate())
        .map(|(index, manifest)| {
            let tools = &tools;
            async move {
                let begin = Instant::now();
                progress.started(&manifest.name);
                let mut extras = Extras::default();
                let work = build(root, manifest, tools, &mut extras);
                let objects = AssertUnwindSafe(work).catch_unwind().await;
                let objects = objects.unwrap_or_else(|_| Err(panicked())).map(settle);
                progress.finished(&manifest.name, objects.is_ok());
                (index, Built { objects, took: begin.elapsed(), extras })
            }
        })
        // Not `buffered`: a slow Manifest at the front would hold up all others.
        .buffer_unordered(options.jobs.get())
        .collect()
        .await;
    built.sort_by_key(|(index, _)| *index);
    BuildResults {
        built: built.into_iter().map(|(_, built)| built).collect(),
        tools: [tools.kustomizer.tools_used(), tools.helm.tools_used()].concat(),
    }
}

/// What Builds share.
struct Tools<'a> {
    kustomizer: Kustomizer<'a>,
    helm: Helm<'a>,
    puller: Puller<'a>,
    timeout: Duration,
}

async fn build(
    root: &Path,
    manifest: &Manifest,
    tools: &Tools<'_>,
    extras: &mut Extras,
) -> Result<Vec<BuiltObject>, Reason> {
    if let Some(Fault::Failed(reason) | Fault::Skipped(reason)) = &manifest.fault {
        return Err(reason.clone());
    }
    match &manifest.backend {
        Backend::Kustomize(block) => {
            let path = declared_path(manifest)?;
            kustomize::build(root, path, &manifest.name, block, &tools.kustomizer).await
        }
        Backend::GenesisSecret => {
            let (path, name) = (declared_path(manifest)?.to_owned(), manifest.name.clone());
            let root = root.to_owned();
            blocking(tools.timeout, move || genesis_secret::build(&root, &path, &name)).await
        }
        Backend::Helmfile(block) => {
            let path = declared_path(manifest)?;
            let source = helmfile::Source {
                root,
                location: project::locate(root, path),
                shown: path,
                manifest: &manifest.name,
                block,
                default_namespace: block.default_namespace.as_deref(),
            };
            helmfile::build(&source, &tools.helm, &mut extras.warnings).await
        }
        Backend::Oras(Some(spec)) => {
            let Tools { puller, kustomizer, helm, .. } = tools;
            oras::build(&manifest.name, spec, puller, (kustomizer, helm), extras).await
        }
        Backend::Oras(None) => Err(Reason::new(
            ReasonCode::InvalidDeclaration,
            "the block `oras` is missing or cannot be used",
        )),
        Backend::Unknown => Err(Reason::new(
            ReasonCode::UnknownType,
            format!("type `{}` is none that Tazuna knows", manifest.type_name),
        )),
    }
}

fn declared_path(manifest: &Manifest) -> Result<&str, Reason> {
    manifest.path.as_deref().ok_or_else(|| {
        let message = format!("type `{}` needs `path`", manifest.type_name);
        Reason::new(ReasonCode::InvalidDeclaration, message)
    })
}

/// Runs work that computes or reads files, so that it neither holds up the others nor
/// takes longer than a Build may.
pub(super) async fn blocking<T: Send + 'static>(
    timeout: Duration,
    work: impl FnOnce() -> Result<T, Reason> + Send + 'static,
) -> Result<T, Reason> {
    match tokio::time::timeout(timeout, tokio::task::spawn_blocking(work)).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(panicked()),
        Err(_) => Err(timed_out("the Build", timeout, Vec::new())),
    }
}

/// The reason for a Build that took too long.
pub(super) fn timed_out(what: &str, after: Duration, detail: Vec<String>) -> Reason {
    let message = format!("{what} took longer than {} s", after.as_secs_f64());
    Reason::new(ReasonCode::TimedOut, message)
        .hint("give it more time with --build-timeout, or find out what it waits for")
        .detail(detail)
}

fn panicked() -> Reason {
    Reason::new(ReasonCode::Other, "this program has a bug: the Build broke off")
        .hint("report it, with the Manifest's files if they may be shown")
}

/// Sorted by key; of a key that occurs twice the last object stays, as in Tazuna.
fn settle(mut objects: Vec<BuiltObject>) -> Vec<BuiltObject> {
    objects.reverse();
    objects.sort_by(|a, b| a.key.cmp(&b.key));
    objects.dedup_by(|later, kept| later.key == kept.key);
    objects
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ContentHash, StateKey};

    #[test]
    fn of_a_key_that_occurs_twice_the_last_object_stays() {
        let object = |key: &str, hash: &str| BuiltObject {
            key: StateKey::from_text(key),
            hash: Some(ContentHash::from_text(hash)),
        };
        let objects = vec![object("b", "1"), object("a", "1"), object("b", "2"), object("b", "3")];
        assert_eq!(settle(objects), [object("a", "1"), object("b", "3")]);
    }

    #[tokio::test]
    async fn a_panic_is_a_reason() {
        let result = blocking(Duration::from_secs(60), || -> Result<(), Reason> {
            panic!("as a bug would")
        });
        assert_eq!(result.await.unwrap_err().code, ReasonCode::Other);
    }
}
