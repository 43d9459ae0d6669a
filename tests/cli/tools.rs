//! Fake tools: shell scripts in a folder of their own, which serves as PATH.

use std::{
    ffi::OsString,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// A folder of fake tools.
pub(crate) struct Tools(tempfile::TempDir);

impl Tools {
    /// No tool at all.
    pub(crate) fn none() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// One tool.
    pub(crate) fn with(name: &str, script: &str) -> Self {
        Self::none().and(name, script)
    }

    /// One more.
    pub(crate) fn and(self, name: &str, script: &str) -> Self {
        let file = self.0.path().join(name);
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    /// The value of PATH where only these are found.
    pub(crate) fn search_path(&self) -> Option<OsString> {
        Some(self.0.path().into())
    }

    /// A file in the folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

/// Waits until a process that wrote its id into `file` is gone, and fails after a long time.
pub(crate) async fn assert_gone(file: &Path) {
    let pid = fs::read_to_string(file).unwrap();
    let pid = pid.trim();
    assert!(!pid.is_empty());
    for _ in 0..600 {
        if is_gone(pid) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("process {pid} is still there");
}

/// Gone, or only waiting to be reaped by whoever inherited it.
fn is_gone(pid: &str) -> bool {
    match fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with(['Z', 'X'])),
        Err(_) => true,
    }
}
