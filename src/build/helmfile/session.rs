//! The Build of one helmfile: its private folder, its time, and what must not be shown.

use std::{
    ffi::OsString,
    fs::{DirBuilder, OpenOptions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use tempfile::TempDir;
use tokio::time::Instant;

use super::tool::{Found, Helm, WITHHELD};
use crate::{
    build::{
        driver::timed_out,
        kustomize::words::{relative, telling},
    },
    process::{self, Invocation, Outcome},
    report::{Reason, ReasonCode},
};

/// Shorter ones would mask common words.
const SHORTEST_SECRET: usize = 4;

/// The Build of one helmfile. Dropping it removes all that was written for it.
pub(super) struct Session<'a> {
    helm: &'a Helm<'a>,
    found: &'a Found,
    /// Readable by this user alone.
    folder: TempDir,
    deadline: Instant,
    /// Folder of the main tazuna.yaml.
    root: &'a Path,
    secrets: Vec<String>,
}

/// Why helm gave nothing.
pub(super) struct Failed {
    pub(super) reason: Reason,
    /// Its last lines.
    pub(super) said: Vec<String>,
}

impl From<Failed> for Reason {
    fn from(failed: Failed) -> Self {
        failed.reason
    }
}

impl<'a> Session<'a> {
    /// # Errors
    /// No helm, or no folder for temporary files.
    pub(super) async fn begin(
        helm: &'a Helm<'a>,
        root: &'a Path,
        deadline: Instant,
    ) -> Result<Self, Reason> {
        let found = helm.found().await?;
        let folder = tempfile::Builder::new()
            .prefix("tazuna-drift-")
            .permissions(std::fs::Permissions::from_mode(0o700))
            .tempdir()
            .map_err(|error| cannot_write(&error))?;
        Ok(Self { helm, found, folder, deadline, root, secrets: Vec::new() })
    }

    /// Keeps a value out of all that is said from here on.
    pub(super) fn conceal(&mut self, secret: &str) {
        let lines = secret.lines().map(str::trim).filter(|line| line.len() >= SHORTEST_SECRET);
        self.secrets.extend(lines.map(ToOwned::to_owned));
        // The longest first: one may be part of another.
        self.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    }

    /// A text without what must not be shown.
    pub(super) fn masked(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
    }

    /// Where a file of this Build lies.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file for this user alone, with the folders it needs.
    ///
    /// # Errors
    /// The system's.
    pub(super) fn write(&self, name: &str, content: &[u8]) -> Result<PathBuf, Reason> {
        let path = self.path(name);
        let write = || {
            let folder = path.parent().unwrap_or(self.folder.path());
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            let mut options = OpenOptions::new();
            let mut file =
                options.write(true).create(true).truncate(true).mode(0o600).open(&path)?;
            file.write_all(content)
        };
        write().map_err(|error| cannot_write(&error))?;
        Ok(path)
    }

    /// Runs helm and gives what it prints. `what` names this run, such as `` `helm pull` ``.
    ///
    /// # Errors
    /// How it failed, in its own words.
    pub(super) async fn helm(&self, what: &str, args: Vec<OsString>) -> Result<Vec<u8>, Failed> {
        let timeout = self.helm.options().timeout;
        let late = |lines| Failed { reason: timed_out(what, timeout, lines), said: Vec::new() };
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(late(Vec::new()));
        }
        let args = self.found.before.iter().cloned().chain(args);
        let mut invocation = Invocation::new(&self.found.program, args, left);
        // Nothing here has the name of a chart: helm looks in its folder first.
        invocation.dir = Some(self.folder.path().to_owned());
        invocation.withheld = WITHHELD;
        invocation.variables = vec![
            ("HELM_CONFIG_HOME", self.path("home/config").into()),
            ("HELM_CACHE_HOME", self.path("home/cache").into()),
            ("HELM_DATA_HOME", self.path("home/data").into()),
            ("KUBECONFIG", self.path("home/no-kubeconfig").into()),
        ];
        let failed = |reason| Failed { reason, said: Vec::new() };
        match self.helm.run(&invocation).await {
            Outcome::Done { stdout, .. } => Ok(stdout),
            Outcome::NotFound => {
                Err(failed(Reason::new(ReasonCode::ToolMissing, "helm is not there any more")))
            }
            Outcome::NotStarted { problem } => Err(failed(Reason::new(
                ReasonCode::ToolFailed,
                format!("{what} cannot be started: {problem}"),
            ))),
            Outcome::Failed { ended, last_lines } => {
                let said = self.shown(&last_lines);
                let message = match telling(&[one_line(&said)]) {
                    Some(line) if !line.is_empty() => format!("{what}: {line}"),
                    _ => format!("{what} {ended} without a word"),
                };
                let reason = Reason::new(ReasonCode::ToolFailed, message).detail(said.clone());
                Err(Failed { reason, said })
            }
            Outcome::TimedOut { last_lines } => Err(late(self.shown(&last_lines))),
            Outcome::TooMuchOutput => {
                let limit = process::STDOUT_LIMIT / 1024 / 1024;
                let message = format!("{what} printed more than {limit} MiB");
                Err(failed(Reason::new(ReasonCode::ToolFailed, message)))
            }
        }
    }

    /// Lines as people may see them: no secrets, paths as they know them, and nothing that
    /// differs from run to run.
    fn shown(&self, lines: &[String]) -> Vec<String> {
        let mine = format!("{}/", self.folder.path().display());
        let lines: Vec<String> =
            lines.iter().map(|line| self.masked(line).replace(&mine, "")).collect();
        relative(&lines, self.root)
    }
}

/// Helm's last error as one line: version 4 breaks it into several.
fn one_line(said: &[String]) -> String {
    let begin = said.iter().rposition(|line| line.starts_with("Error: ")).unwrap_or_default();
    let lines = said[begin..].iter().map(|line| line.trim());
    let told = lines.filter(|line| !line.is_empty() && !line.starts_with("Use --debug"));
    told.collect::<Vec<_>>().join(" ")
}

fn cannot_write(error: &std::io::Error) -> Reason {
    let message = format!("no temporary files can be written: {error}");
    Reason::new(ReasonCode::Other, message).hint("TMPDIR must name a folder with room in it")
}
