//! `type: kustomize`: in process where that is certain to be right, else kustomize itself.

pub mod in_process;
mod references;
mod remote;
mod resource;
mod tool;
pub(in crate::build) mod words;

use std::path::{Path, PathBuf};

pub(super) use tool::Kustomizer;

use self::in_process::InProcess;
use super::{BuiltObject, driver::blocking, objects_of};
use crate::{
    project::{self, Kustomize},
    report::{Reason, ReasonCode},
};

/// Builds the folder `path` below `root`.
pub(super) async fn build(
    root: &Path,
    path: &str,
    manifest: &str,
    block: &Kustomize,
    kustomizer: &Kustomizer<'_>,
) -> Result<Vec<BuiltObject>, Reason> {
    let folder = folder(root, path)?;
    let timeout = kustomizer.options().timeout;

    let (dir, name, namespace) =
        (folder.clone(), manifest.to_owned(), block.default_namespace.clone());
    let here = blocking(timeout, move || Ok(in_process::build(&dir, &name, namespace.as_deref())));
    if let InProcess::Built(objects) = here.await? {
        return Ok(objects);
    }

    if kustomizer.options().offline {
        let dir = folder.clone();
        let found = blocking(timeout, move || Ok(remote::find_in_tree(&dir))).await?;
        if let Some(found) = found {
            let file = below(root, &found.file);
            let message = format!("{file} names `{}`, which is not in this folder", found.base);
            return Err(Reason::new(ReasonCode::Offline, message)
                .hint("leave --offline away, or copy that base into the repository"));
        }
    }
    let text = kustomizer.run(root, &folder).await?;
    let (name, namespace) = (manifest.to_owned(), block.default_namespace.clone());
    blocking(timeout, move || objects_of("kustomize built", &name, &text, namespace.as_deref()))
        .await
}

/// The absolute folder. Absolute, because kustomize takes a relative one that begins
/// with, say, `github.com/` for a repository to clone.
fn folder(root: &Path, path: &str) -> Result<PathBuf, Reason> {
    let not_found = |problem: &str| {
        Reason::new(ReasonCode::PathNotFound, format!("the path `{path}` {problem}"))
            .hint("`path` is a folder, relative to the folder of the main tazuna.yaml")
    };
    let folder =
        std::path::absolute(project::locate(root, path)).map_err(|_| not_found("is not a path"))?;
    match folder.metadata() {
        Ok(meta) if meta.is_dir() => Ok(folder),
        Ok(_) => Err(not_found("is not a folder")),
        Err(error) => Err(not_found(match error.kind() {
            std::io::ErrorKind::PermissionDenied => "may not be read",
            _ => "does not exist",
        })),
    }
}

/// A file as people know it: relative to tazuna.yaml's folder.
fn below(root: &Path, file: &Path) -> String {
    let root = std::path::absolute(root).unwrap_or_default();
    file.strip_prefix(&root).unwrap_or(file).display().to_string()
}
