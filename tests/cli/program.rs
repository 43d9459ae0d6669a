//! Runs the program itself with a scrubbed environment.

use std::{
    ffi::OsStr,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

/// A folder with a tazuna.yaml, what it declares, and exported State.
pub(crate) struct Platform {
    folder: TempDir,
}

/// What a run of the program gave.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Platform {
    /// The quickstart, to be changed at will.
    pub(crate) fn quickstart() -> Self {
        let platform = Self { folder: TempDir::new().unwrap() };
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/quickstart");
        copy(&from, platform.folder.path());
        platform
    }

    /// The path of a file in it.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn write(&self, file: &str, text: &str) -> &Self {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Changes a file; `from` must be there.
    pub(crate) fn replace(&self, file: &str, from: &str, to: &str) -> &Self {
        let text = fs::read_to_string(self.path(file)).unwrap();
        assert!(text.contains(from), "{file} holds no {from:?}");
        self.write(file, &text.replace(from, to))
    }

    /// Takes State of one Manifest away.
    pub(crate) fn forget(&self, manifest: &str) -> &Self {
        let file = "state/configmaps.yaml";
        let text = fs::read_to_string(self.path(file)).unwrap();
        let mut kept: Vec<&str> = text.split("\n- ").collect();
        let before = kept.len();
        kept.retain(|item| !item.contains(&format!("name: tazuna-state-{manifest}\n")));
        assert_eq!(kept.len(), before - 1, "State of {manifest}");
        self.write(file, &kept.join("\n- "))
    }

    /// Takes everything away that differs.
    pub(crate) fn settle(&self) -> &Self {
        self.forget("sessions");
        let drift = self.run(&["diff", "--format", "json", "--state-dir", "state"]);
        let report: serde_json::Value = serde_json::from_str(&drift.stdout).unwrap();
        let file = "state/configmaps.yaml";
        let mut text = fs::read_to_string(self.path(file)).unwrap();
        for entry in report["manifests"].as_array().unwrap().iter().flat_map(entries) {
            let key = entry["key"].as_str().unwrap().replace('/', "__");
            let line = text.lines().find(|line| line.trim_start().starts_with(&key));
            let line = line.map(|line| format!("{line}\n"));
            match (entry["diffType"].as_str().unwrap(), line) {
                ("removed", Some(line)) => text = text.replace(&line, ""),
                ("modified", Some(line)) => {
                    let (old, new) = (&entry["oldHash"], &entry["newHash"]);
                    let mended = line.replace(old.as_str().unwrap(), new.as_str().unwrap());
                    text = text.replace(&line, &mended);
                }
                ("added", None) => {
                    let manifest = key.split("__").next().unwrap();
                    let hash = entry["newHash"].as_str().unwrap();
                    let head =
                        format!("name: tazuna-state-{manifest}\n    namespace: tazuna\n  data:\n");
                    let row = format!("{head}    {key}: '{{\"contentHash\":\"{hash}\"}}'\n");
                    text = text.replace(&head, &row);
                }
                _ => {}
            }
        }
        self.write(file, &text)
    }

    /// The program, in this folder, with nothing of the caller's environment but PATH.
    pub(crate) fn command<A: AsRef<OsStr>>(&self, args: &[A]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tazuna-drift"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.folder.path());
        command
    }

    /// Runs the program.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, args: &[A]) -> Run {
        Run::of(&mut self.command(args), "")
    }
}

impl Run {
    /// Runs a command with something on standard input.
    pub(crate) fn of(command: &mut Command, input: &str) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that ends without reading is no failure of the test.
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        Self {
            code: status.code().expect("the program was not killed"),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }
}

fn entries(manifest: &serde_json::Value) -> Vec<serde_json::Value> {
    manifest["entries"].as_array().unwrap().clone()
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
