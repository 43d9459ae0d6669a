//! Running foreign tools: bounded in time and memory, nothing left running, words scrubbed.

mod last_lines;
mod run;
mod scrub;

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    time::Duration,
};

pub use run::run;
pub use scrub::scrub;

/// Most bytes of standard output that are taken, unless the caller says otherwise.
pub const STDOUT_LIMIT: usize = 256 * 1024 * 1024;

/// A foreign tool and how it is to be run.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The program's file; a bare name is looked up on PATH.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Where it runs; `None` for the current folder.
    pub dir: Option<PathBuf>,
    /// After this long its whole process group is ended.
    pub timeout: Duration,
    /// Most bytes of standard output; more is an error.
    pub stdout_limit: usize,
    /// Variables that are kept from it besides those that [`is_withheld`] names; one that
    /// ends in `*` stands for all that begin so.
    pub withheld: &'static [&'static str],
    /// Variables that it gets.
    pub variables: Vec<(&'static str, OsString)>,
    /// What it reads on its standard input; `None` closes that.
    pub stdin: Option<Vec<u8>>,
}

impl Invocation {
    /// A tool with arguments, in the current folder, with [`STDOUT_LIMIT`].
    pub fn new<A: Into<OsString>>(
        program: impl Into<PathBuf>,
        args: impl IntoIterator<Item = A>,
        timeout: Duration,
    ) -> Self {
        Self {
            program: program.into(),
            args: args.into_iter().map(Into::into).collect(),
            dir: None,
            timeout,
            stdout_limit: STDOUT_LIMIT,
            withheld: &[],
            variables: Vec::new(),
            stdin: None,
        }
    }

    /// Whether a variable of our environment is kept from this tool.
    fn withholds(&self, variable: &OsStr) -> bool {
        is_withheld(variable)
            || self.withheld.iter().any(|pattern| match pattern.strip_suffix('*') {
                Some(start) => variable.to_str().is_some_and(|name| name.starts_with(start)),
                None => variable == *pattern,
            })
    }
}

/// How a tool ended. All lines are scrubbed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It ended with code 0.
    Done {
        /// What it wrote, whole.
        stdout: Vec<u8>,
        /// The last lines of its standard error.
        last_lines: Vec<String>,
    },
    /// There is no such program.
    NotFound,
    /// It is there but cannot be started (rights, format).
    NotStarted {
        /// The system's words.
        problem: String,
    },
    /// It ended with another code, or by a signal.
    Failed {
        /// How.
        ended: Ended,
        /// The last lines of its standard error.
        last_lines: Vec<String>,
    },
    /// It took too long and was ended, with everything it had started.
    TimedOut {
        /// The last lines of its standard error.
        last_lines: Vec<String>,
    },
    /// It wrote more than the limit and was ended.
    TooMuchOutput,
}

/// How a tool failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With this exit code.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// Its output could not be read to the end, although it had ended.
    OutputCut,
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(f, "ended with exit code {code}"),
            Self::Signal(signal) => write!(f, "was ended by signal {signal}"),
            Self::OutputCut => f.write_str("ended without closing its output"),
        }
    }
}

/// Whether a variable of our environment is kept from foreign tools: our own settings,
/// the action's inputs and the tokens that publish. A kustomization may name any
/// repository, so none of them may get near it.
pub fn is_withheld(variable: &OsStr) -> bool {
    let Some(name) = variable.to_str() else { return false };
    name.starts_with("TAZUNA_DRIFT_")
        || name.starts_with("INPUT_")
        || name.starts_with("ACTIONS_")
        || ["GITHUB_TOKEN", "GH_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"]
            .contains(&name)
}

/// Looks a program up: a name with a `/` is taken as it is, another is searched on
/// `search_path` (the value of PATH). Gives `None` where there is no executable file.
pub fn find(program: &str, search_path: Option<&OsStr>) -> Option<PathBuf> {
    if program.is_empty() {
        return None;
    }
    if program.contains('/') {
        let file = PathBuf::from(program);
        return is_executable(&file).then_some(file);
    }
    std::env::split_paths(search_path?)
        .filter(|folder| !folder.as_os_str().is_empty())
        .map(|folder| folder.join(program))
        .find(|file| is_executable(file))
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// Waits until somebody asks the program to stop (Ctrl-C, or SIGTERM as CI sends it).
///
/// Tools run in process groups of their own, which the terminal's Ctrl-C does not reach.
/// So whoever runs them selects between the work and this, and drops the work: that ends
/// every tool with all it has started. Once called, those signals do nothing else.
pub async fn stop_requested() {
    use tokio::signal::unix::{SignalKind, signal};
    let wait = async |kind| match signal(kind) {
        Ok(mut signals) => {
            signals.recv().await;
        }
        // Without a handler the signal still ends the program by itself.
        Err(_) => std::future::pending().await,
    };
    tokio::select! {
        () = wait(SignalKind::interrupt()) => {}
        () = wait(SignalKind::terminate()) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_our_settings_are_withheld_and_nothing_a_tool_needs() {
        for name in ["GITHUB_TOKEN", "GH_TOKEN", "INPUT_TOKEN", "TAZUNA_DRIFT_WEBHOOK"] {
            assert!(is_withheld(OsStr::new(name)), "{name}");
        }
        for name in ["PATH", "HOME", "GIT_SSH_COMMAND", "HTTPS_PROXY", "KUBECONFIG", "GIT_ASKPASS"]
        {
            assert!(!is_withheld(OsStr::new(name)), "{name}");
        }
    }
}
