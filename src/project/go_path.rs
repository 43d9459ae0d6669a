//! Paths as Go's `filepath.Join` makes them, which is how Tazuna finds what a path names.

use std::path::{Path, PathBuf};

/// `base` and `path` joined and cleaned by Go's rules: an absolute `path` counts from
/// `base` too, and `a/../b` is `b` without a look at the disk.
pub(super) fn join(base: &Path, path: &str) -> PathBuf {
    let base_text = base.to_string_lossy();
    let cleaned = clean(&format!("{base_text}/{path}"), base_text.starts_with('/'));
    PathBuf::from(cleaned)
}

/// `path` cleaned by itself, with `/`; empty becomes `.`.
pub(super) fn clean_relative(path: &str) -> String {
    clean(path, false)
}

fn clean(path: &str, rooted: bool) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seen in a run of Go's filepath.Join.
    #[test]
    fn joins_as_go_does() {
        for (base, path, joined) in [
            ("/repo", "./a/../b", "/repo/b"),
            ("/repo", "/etc", "/repo/etc"),
            ("infra", "../x", "x"),
            (".", "../../x", "../../x"),
            ("/", "..", "/"),
            (".", ".", "."),
            ("", "a//b/", "a/b"),
        ] {
            assert_eq!(join(Path::new(base), path), PathBuf::from(joined), "{base} {path}");
        }
    }
}
