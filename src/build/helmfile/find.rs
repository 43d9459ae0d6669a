//! Which file is the helmfile, and which folder its hint file lies in.

use std::path::{Path, PathBuf};

use super::hint::HINT_FILE;
use crate::report::{Reason, ReasonCode, Warning};

/// In a folder the first of these that is there.
const NAMES: [&str; 4] =
    ["helmfile.yaml.gotmpl", "helmfile.yaml", "helmfile.yml.gotmpl", "helmfile.yml"];

/// The helmfile at a path, which names it or its folder. `shown` is the path as declared.
pub(super) fn find(location: &Path, shown: &str) -> Result<PathBuf, Reason> {
    let not_found = |problem: String| {
        Reason::new(ReasonCode::PathNotFound, format!("the path `{shown}` {problem}")).hint(
            "`path` is a helmfile or its folder, relative to the folder of the main tazuna.yaml",
        )
    };
    let kind = location.metadata().map_err(|error| {
        not_found(match error.kind() {
            std::io::ErrorKind::PermissionDenied => "may not be read".to_owned(),
            _ => "does not exist".to_owned(),
        })
    })?;
    if !kind.is_dir() {
        return Ok(location.to_owned());
    }
    let found = NAMES.iter().map(|name| location.join(name)).find(|file| file.exists());
    found.ok_or_else(|| not_found(format!("holds none of {}", NAMES.join(", "))))
}

/// The folder in which Tazuna looks for a hint file: `dirname` of the path, so for a folder
/// its parent.
pub(super) fn hint_folder(location: &Path) -> &Path {
    match location.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => location,
    }
}

/// A warning where a hint file lies in the folder that `path` names: Tazuna's documentation
/// says it is read there, the program does not.
pub(super) fn unread_hint(location: &Path, shown: &str, manifest: &str) -> Option<Warning> {
    if !location.is_dir() || !location.join(HINT_FILE).is_file() {
        return None;
    }
    let shown = shown.trim_end_matches('/');
    let message =
        format!("{shown}/{HINT_FILE} is not read: Tazuna looks beside a `path`, not in it");
    Some(
        Warning::new("unread-hint-file", message)
            .about(manifest)
            .hint("name the helmfile itself in `path`, or move the hint file one folder up"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_a_folder_the_template_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        assert!(find(folder.path(), "x").unwrap_err().message.contains("holds none of"));
        for name in ["helmfile.yml", "helmfile.yml.gotmpl", "helmfile.yaml", "helmfile.yaml.gotmpl"]
        {
            let file = folder.path().join(name);
            std::fs::write(&file, "").unwrap();
            assert_eq!(find(folder.path(), "x").unwrap(), file);
            assert_eq!(find(&file, "x").unwrap(), file);
        }
        let reason = find(&folder.path().join("none"), "none").unwrap_err();
        assert_eq!(reason.message, "the path `none` does not exist");
    }

    #[test]
    fn the_hint_file_of_a_folder_lies_beside_it() {
        assert_eq!(hint_folder(Path::new("/r/app")), Path::new("/r"));
        assert_eq!(hint_folder(Path::new("/r/app/helmfile.yaml")), Path::new("/r/app"));
        assert_eq!(hint_folder(Path::new("app")), Path::new("."));
    }
}
