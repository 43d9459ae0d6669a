//! Which bases of a kustomization are not in this folder, so that `--offline` can refuse them.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use regex::Regex;
use serde_yaml::Value;

/// A base that kustomize would fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RemoteBase {
    /// The kustomization that names it.
    pub(super) file: PathBuf,
    /// What it names, scrubbed.
    pub(super) base: String,
}

/// The names kustomize looks for.
const FILES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Fields whose strings are files or folders, which kustomize loads from anywhere.
const FIELDS: [&str; 15] = [
    "resources",
    "bases",
    "components",
    "crds",
    "configurations",
    "generators",
    "transformers",
    "validators",
    "patches",
    "patchesStrategicMerge",
    "patchesJson6902",
    "replacements",
    "openapi",
    "configMapGenerator",
    "secretGenerator",
];

/// Keys of those fields' mappings that name files.
const FILE_KEYS: [&str; 4] = ["path", "files", "envs", "env"];

/// Looks through a kustomization and all local folders that it names, and gives the first
/// remote base.
pub(super) fn find_in_tree(folder: &Path) -> Option<RemoteBase> {
    let mut open = vec![folder.to_owned()];
    let mut seen = HashSet::new();
    while let Some(folder) = open.pop() {
        let Ok(place) = folder.canonicalize() else { continue };
        if !seen.insert(place) {
            continue;
        }
        for file in FILES.map(|name| folder.join(name)) {
            let Ok(bytes) = std::fs::read(&file) else { continue };
            let named = named_files(&String::from_utf8_lossy(&bytes));
            if let Some(base) = named.iter().find(|name| is_remote(name)) {
                return Some(RemoteBase { file, base: crate::process::scrub(base) });
            }
            open.extend(named.iter().map(|name| folder.join(name)).filter(|path| path.is_dir()));
        }
    }
    None
}

/// Everything in a kustomization's text that names a file or folder. Pure.
fn named_files(text: &str) -> Vec<String> {
    let mut named = Vec::new();
    match serde_yaml::from_str::<Value>(text) {
        Ok(Value::Mapping(map)) => {
            for (key, value) in map {
                if key.as_str().is_some_and(|key| FIELDS.contains(&key)) {
                    collect(&value, true, &mut named);
                }
            }
        }
        // kustomize may still read what this does not: then every word counts.
        _ => named.extend(
            text.split(|c: char| c.is_whitespace() || "\"'[]{},".contains(c))
                .filter(|word| !word.is_empty() && !word.starts_with('#'))
                .map(str::to_owned),
        ),
    }
    named
}

fn collect(value: &Value, names_files: bool, named: &mut Vec<String>) {
    match value {
        // Several lines are an inline patch or resource.
        Value::String(text) if names_files && !text.trim_end().contains('\n') => {
            // `files: [key=path]`
            named.push(text.trim().to_owned());
            named.extend(text.split_once('=').map(|(_, path)| path.trim().to_owned()));
        }
        Value::Sequence(items) => {
            items.iter().for_each(|item| collect(item, names_files, named));
        }
        Value::Mapping(map) => {
            for (key, value) in map {
                let names_files = key.as_str().is_some_and(|key| FILE_KEYS.contains(&key));
                collect(value, names_files, named);
            }
        }
        _ => {}
    }
}

/// Whether kustomize takes this for something to fetch: a URL, an scp-like address, a
/// GitHub path, or anything with a git reference. `file://` is cloned without the network.
fn is_remote(name: &str) -> bool {
    static REMOTE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"(?i)^(?:git::)?(?:[a-z][a-z0-9+.-]*://",
            r"|[^/\s]+@[^/\s]+[:/]",
            r"|(?:www\.)?github\.com[:/]",
            r"|gh:)",
            r"|\?(?:.*&)?(?:ref|version)=",
        ))
        .expect("the pattern is a constant and is tested")
    });
    let plain = name.strip_prefix("git::").unwrap_or(name);
    let is_file_url = plain.get(..7).is_some_and(|s| s.eq_ignore_ascii_case("file://"));
    !is_file_url && REMOTE.is_match(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kustomize_would_fetch_is_remote_and_what_lies_here_is_not() {
        for name in [
            "https://example.com/a.yaml",
            "https://github.com/org/repo//path?ref=v1",
            "github.com/org/repo//path?ref=v1.2",
            "github.com/org/repo",
            "git@github.com:org/repo.git//path",
            "ssh://git@example.com/org/repo",
            "git::https://example.com/repo",
            "git::ssh://git@example.com/repo",
            "gh:org/repo",
            "gitlab.com/org/repo//base?timeout=90s&ref=main",
        ] {
            assert!(is_remote(name), "{name}");
        }
        for name in [
            "../base",
            "deployment.yaml",
            ".",
            "./github.com/x",
            "base/v1.2",
            "https.yaml",
            "file:///srv/repo",
            "a@b.yaml",
        ] {
            assert!(!is_remote(name), "{name}");
        }
    }

    #[test]
    fn every_field_that_loads_files_is_looked_at_and_no_other_text() {
        for text in [
            "resources: [a.yaml, 'https://h/a.yaml']",
            "bases:\n- github.com/o/r",
            "patches:\n- path: https://h/p.yaml\n  target: {kind: X}",
            "patchesJson6902:\n- path: https://h/p.yaml",
            "configMapGenerator:\n- name: a\n  files: [key=https://h/f]",
            "openapi: {path: https://h/schema.json}",
            "resources: &a\n  - https://h/a.yaml\n broken: [",
        ] {
            assert!(named_files(text).iter().any(|name| is_remote(name)), "{text}");
        }
        for text in [
            "resources: [a.yaml] # https://h/a.yaml",
            "commonAnnotations: {see: https://h/docs}",
            "patches:\n- patch: |-\n    - op: add\n      value: https://h/\n  target: {kind: X}",
            "configMapGenerator:\n- name: a\n  literals: ['url=https://h/']",
            "images: [{name: github.com/o/r, newTag: '1'}]",
        ] {
            assert!(!named_files(text).iter().any(|name| is_remote(name)), "{text}");
        }
    }

    #[test]
    fn a_base_far_down_is_found_and_a_circle_ends() {
        let root = tempfile::tempdir().unwrap();
        let write = |folder: &str, text: &str| {
            std::fs::create_dir_all(root.path().join(folder)).unwrap();
            std::fs::write(root.path().join(folder).join("kustomization.yaml"), text).unwrap();
        };
        write("app", "resources: [../base]");
        write("base", "components: [../app, part]");
        write("base/part", "resources: [a.yaml]");
        assert_eq!(find_in_tree(&root.path().join("app")), None);
        write("base/part", "resources: ['https://bot:hunter2@example.com/x']");
        let found = find_in_tree(&root.path().join("app")).unwrap();
        assert_eq!(found.base, "https://***@example.com/x");
        assert!(found.file.ends_with("part/kustomization.yaml"));
    }
}
