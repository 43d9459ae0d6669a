//! `type: oras`: pulls an artifact and lets another backend build what it holds.

mod cache;
mod credentials;
pub mod extract;
mod pull;
mod reference;
mod registry;
mod words;

use std::path::{Path, PathBuf};

pub(super) use pull::Puller;

use super::{
    BuiltObject, Extras,
    helmfile::{self, Helm},
    kustomize::{self, Kustomizer},
};
use crate::{
    project::{self, Delegate, Kustomize, Oras},
    report::{Artifact, Reason, ReasonCode, Warning},
};

/// How artifacts are pulled.
#[derive(Clone, Debug, Default)]
pub struct OrasSettings {
    /// Where unpacked artifacts are kept; Tazuna's own folder, unless `--cache-dir` says
    /// otherwise. `None` where nothing tells.
    pub cache_dir: Option<PathBuf>,
    /// Whether every artifact is pulled again.
    pub no_cache: bool,
    /// docker's config.json, which may not be there.
    pub docker_config: Option<PathBuf>,
}

impl OrasSettings {
    /// Tazuna's folder for artifacts, and docker's config.json. `variable` answers as
    /// [`std::env::var_os`] would.
    pub fn from_environment(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> Self {
        let path = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = path("HOME");
        let below_home = |folder: &str| home.as_ref().map(|home| home.join(folder));
        let cache = path("XDG_CACHE_HOME").or_else(|| below_home(".cache"));
        let docker = path("DOCKER_CONFIG").or_else(|| below_home(".docker"));
        Self {
            cache_dir: cache.map(|cache| cache.join("tazuna").join("oras")),
            no_cache: false,
            docker_config: docker.map(|docker| docker.join("config.json")),
        }
    }
}

/// Pulls the artifact and builds what it holds. Which one it was goes into `extras`,
/// whatever comes of it.
pub(super) async fn build(
    manifest: &str,
    spec: &Oras,
    puller: &Puller<'_>,
    (kustomizer, helm): (&Kustomizer<'_>, &Helm<'_>),
    extras: &mut Extras,
) -> Result<Vec<BuiltObject>, Reason> {
    let pulled = puller.pull(spec).await?;
    extras.warnings.extend(moved(manifest, &pulled.artifact));
    extras.artifact = Some(pulled.artifact);
    let target = target(&pulled.folder, &spec.target)?;
    match &spec.delegate {
        Delegate::Kustomize => {
            // No default namespace: see `Delegate`.
            let block = Kustomize::default();
            kustomize::build(&pulled.folder, &target, manifest, &block, kustomizer).await
        }
        Delegate::Helmfile(block) => {
            let source = helmfile::Source {
                root: &pulled.folder,
                location: project::locate(&pulled.folder, &target),
                shown: if target.is_empty() { "." } else { &target },
                manifest,
                block,
                // See `Delegate`.
                default_namespace: None,
            };
            helmfile::build(&source, helm, &mut extras.warnings).await
        }
    }
}

/// The path below an artifact's folder that the delegate builds; it stays inside, links
/// included.
fn target(folder: &Path, target: &str) -> Result<String, Reason> {
    let relative = target.strip_prefix('/').unwrap_or(target);
    let place = project::locate(folder, relative);
    let escapes = || {
        let message = "`oras.target` leads out of the artifact".to_owned();
        Reason::new(ReasonCode::InvalidDeclaration, message)
            .hint("name a path inside the artifact, without `..`")
    };
    if !place.starts_with(folder) {
        return Err(escapes());
    }
    if !place.exists() {
        let message = format!("the artifact has no `{}`", crate::process::scrub(relative));
        return Err(Reason::new(ReasonCode::PathNotFound, message)
            .hint("`oras.target` is a path inside the artifact"));
    }
    // Whoever unpacked it may not have looked at links as closely as this program does.
    let inside = folder.canonicalize().and_then(|root| Ok(place.canonicalize()?.starts_with(root)));
    match inside {
        Ok(true) => Ok(relative.to_owned()),
        _ => Err(escapes()),
    }
}

/// Says that a tag does not mean what it meant.
fn moved(manifest: &str, artifact: &Artifact) -> Option<Warning> {
    let reference = &artifact.reference;
    let short = |digest: &str| -> String {
        reference::Digest::parse(digest).map(|d| d.short().to_owned()).unwrap_or_default()
    };
    let digest = short(&artifact.digest);
    let warning = match (&artifact.moved_to, &artifact.moved_from) {
        (Some(now), _) => Warning::new(
            "artifact-moved",
            format!(
                "`{reference}` has moved to {} in its registry; compared was {digest} from the \
                 cache, as Tazuna would take it here",
                short(now),
            ),
        )
        .hint("--no-cache takes what the registry has now"),
        (None, Some(before)) => Warning::new(
            "artifact-moved",
            format!("`{reference}` has moved from {} to {digest}", short(before)),
        )
        .hint("a reference with `@sha256:…` never moves"),
        (None, None) => return None,
    };
    Some(warning.about(manifest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_where_tazuna_has_it() {
        let settings = |set: &[(&str, &str)]| {
            OrasSettings::from_environment(|name| {
                set.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).into())
            })
        };
        let home = settings(&[("HOME", "/h"), ("XDG_CACHE_HOME", "")]);
        assert_eq!(home.cache_dir.unwrap(), Path::new("/h/.cache/tazuna/oras"));
        assert_eq!(home.docker_config.unwrap(), Path::new("/h/.docker/config.json"));
        let named = settings(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/c"), ("DOCKER_CONFIG", "/d")]);
        assert_eq!(named.cache_dir.unwrap(), Path::new("/c/tazuna/oras"));
        assert_eq!(named.docker_config.unwrap(), Path::new("/d/config.json"));
        assert_eq!(settings(&[]).cache_dir, None);
    }

    #[test]
    fn a_target_stays_inside() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("blob");
        std::fs::create_dir_all(folder.join("a/b")).unwrap();
        std::fs::create_dir(root.path().join("blob2")).unwrap();
        std::os::unix::fs::symlink("../..", folder.join("a/up")).unwrap();
        for (path, want) in [("", ""), ("a/b", "a/b"), ("/a", "a"), ("a/../a", "a/../a")] {
            assert_eq!(target(&folder, path).unwrap(), want);
        }
        for path in ["..", "../blob2", "a/../../blob2", "/../x", "a/up"] {
            let code = target(&folder, path).unwrap_err().code;
            assert_eq!(code, ReasonCode::InvalidDeclaration, "{path}");
        }
        assert_eq!(target(&folder, "c").unwrap_err().code, ReasonCode::PathNotFound);
    }
}
