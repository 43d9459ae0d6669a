//! The git repository around tazuna.yaml: what it is called, what was checked out, which
//! commits it knows.

mod ownership;
mod remote;
mod target;

use std::{
    collections::BTreeSet,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

pub use ownership::ownership;
pub use target::{named_target, target_id};

use crate::report::{Repository, Warning};
use remote::Remote;

/// A git repository and where in it the file lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repo {
    /// Its top folder.
    pub root: PathBuf,
    /// The file relative to `root`, with `/`.
    pub path: String,
    /// What a Report says about it.
    pub facts: Repository,
}

/// What looking for a repository gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discovery {
    /// The repository; `None` where there is none, or none that git would read.
    pub repo: Option<Repo>,
    /// Why there is none although a `.git` is there.
    pub warning: Option<Warning>,
}

/// Looks for the repository around `file` by asking `git`. A run never fails because of
/// it: without git, or outside of a repository, there is simply none.
pub fn discover(file: &Path) -> Discovery {
    discover_with("git", file)
}

fn discover_with(git: &str, file: &Path) -> Discovery {
    let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let Some(name) = file.file_name() else { return Discovery::default() };
    let git = Git { program: git, folder: folder.unwrap_or(Path::new(".")) };
    let looked =
        git.run(&["rev-parse", "--show-toplevel", "--show-prefix", "--is-shallow-repository"]);
    let text = match looked {
        Ok(text) => text,
        Err(problem) => {
            return Discovery { repo: None, warning: unusable(git.folder, &problem) };
        }
    };
    let mut lines = text.lines();
    let (Some(root), Some(prefix), Some(shallow)) = (lines.next(), lines.next(), lines.next())
    else {
        return Discovery::default();
    };
    let remote =
        git.line(&["config", "--get", "remote.origin.url"]).and_then(|url| Remote::read(&url));
    let facts = Repository {
        name: remote.as_ref().map(|remote| remote.name.clone()),
        server_url: remote.map(|remote| remote.server_url),
        commit: git.line(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]),
        git_ref: git.line(&["symbolic-ref", "--quiet", "HEAD"]),
        shallow: shallow == "true",
    };
    let path = format!("{prefix}{}", name.to_string_lossy());
    Discovery { repo: Some(Repo { root: PathBuf::from(root), path, facts }), warning: None }
}

/// A `.git` that git will not read deserves a word; no git or no repository does not.
fn unusable(folder: &Path, problem: &Problem) -> Option<Warning> {
    let folder = folder.canonicalize().ok()?;
    let top = folder.ancestors().find(|folder| folder.join(".git").exists())?;
    let (message, hint) = match problem {
        Problem::NotFound => (
            "the repository's facts are unknown because `git` is not installed".to_owned(),
            "install git; without it the commits behind State cannot be looked up".to_owned(),
        ),
        Problem::Failed(told) if told.contains("dubious ownership") => (
            "git does not read the repository because another user owns it".to_owned(),
            format!("run `git config --global --add safe.directory {}` first", top.display()),
        ),
        Problem::Failed(told) => {
            let line = told.lines().next().unwrap_or_default();
            let line = line.strip_prefix("fatal: ").unwrap_or(line);
            (
                format!("git does not read the repository: {line}"),
                "check that `git status` works in this folder".to_owned(),
            )
        }
    };
    Some(Warning::new("repository-unreadable", message).hint(hint))
}

impl Repo {
    /// Which of `commits` this repository holds. What is not a full hex id is left out
    /// and never reaches git; where git fails, none is known.
    pub fn knows_commits(&self, commits: &[&str]) -> BTreeSet<String> {
        let asked: BTreeSet<&str> = commits.iter().copied().filter(|id| is_commit_id(id)).collect();
        if asked.is_empty() {
            return BTreeSet::new();
        }
        let git = Git { program: "git", folder: &self.root };
        let input: String = asked.iter().map(|id| format!("{id}^{{commit}}\n")).collect();
        let Ok(output) = git.ask(&["cat-file", "--batch-check=%(objectname)"], &input) else {
            return BTreeSet::new();
        };
        // One line of answer a question, in order; `… missing` for what is not there.
        asked
            .into_iter()
            .zip(output.lines())
            .filter(|(id, answer)| answer.eq_ignore_ascii_case(id))
            .map(|(id, _)| id.to_owned())
            .collect()
    }
}

/// Whether this is a full SHA-1 or SHA-256 commit id. A short one may be ambiguous, and
/// State holds full ones.
pub(crate) fn is_commit_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The program git in one folder.
struct Git<'a> {
    program: &'a str,
    folder: &'a Path,
}

enum Problem {
    NotFound,
    Failed(String),
}

impl Git<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.program);
        command
            .arg("-C")
            .arg(self.folder)
            .args(arguments)
            // Messages are compared, and a lock or a prompt is no business of a reader.
            .env("LC_ALL", "C")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            // A blobless clone would fetch what it lacks.
            .env("GIT_NO_LAZY_FETCH", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str]) -> Result<String, Problem> {
        let output = self.command(arguments).output().map_err(|_| Problem::NotFound)?;
        if !output.status.success() {
            return Err(Problem::Failed(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn line(&self, arguments: &[&str]) -> Option<String> {
        let text = self.run(arguments).ok()?;
        Some(text.trim().to_owned()).filter(|line| !line.is_empty())
    }

    fn ask(&self, arguments: &[&str], input: &str) -> std::io::Result<String> {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn()?;
        let stdin = child.stdin.take();
        let question = input.to_owned();
        // git answers while it reads; writing from here could wait for ever.
        let writer = std::thread::spawn(move || {
            stdin.map_or(Ok(()), |mut stdin| stdin.write_all(question.as_bytes()))
        });
        let output = child.wait_with_output()?;
        // A git that ended early shows in its status and its missing lines.
        drop(writer.join());
        if !output.status.success() {
            return Err(std::io::Error::other("git cat-file failed"));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

#[cfg(test)]
mod tests;
