//! The `kustomize` binary, or `kubectl kustomize`.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::OnceCell;

use super::words::{relative, telling};
use crate::{
    build::{BuildOptions, driver::timed_out},
    process::{self, Invocation, Outcome},
    report::{Reason, ReasonCode, Tool},
};

/// How long the question for the version may take.
const VERSION_TIMEOUT: Duration = Duration::from_secs(5);

/// The tool for one run of this program: looked up once, asked for its version once.
#[derive(Debug)]
pub(in crate::build) struct Kustomizer<'a> {
    options: &'a BuildOptions,
    command: OnceLock<Result<Command, Reason>>,
    version: OnceCell<Option<String>>,
    used: AtomicBool,
}

/// A command line to which the folder is added.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Command {
    /// As people call it: `kustomize` or `kubectl`.
    name: String,
    program: PathBuf,
    /// Words before the subcommand.
    before: Vec<OsString>,
    /// The subcommand and what follows it.
    args: Vec<OsString>,
}

impl<'a> Kustomizer<'a> {
    /// Nothing is looked up before it is needed.
    pub(in crate::build) fn new(options: &'a BuildOptions) -> Self {
        Self {
            options,
            command: OnceLock::new(),
            version: OnceCell::new(),
            used: AtomicBool::new(false),
        }
    }

    /// How Manifests are built.
    pub(super) fn options(&self) -> &'a BuildOptions {
        self.options
    }

    /// The tool with its version, when it was run.
    pub(in crate::build) fn tools_used(&self) -> Vec<Tool> {
        match self.command.get() {
            Some(Ok(command)) if self.used.load(Ordering::Relaxed) => {
                let version = self.version.get().cloned().flatten();
                vec![Tool { name: command.name.clone(), version }]
            }
            _ => Vec::new(),
        }
    }

    /// What the tool prints for an absolute folder.
    pub(super) async fn run(&self, root: &Path, folder: &Path) -> Result<Vec<u8>, Reason> {
        let command = self.command.get_or_init(|| locate(self.options)).clone()?;
        let what = command.shown();
        let args = [&command.before[..], &command.args[..], &[folder.into()]].concat();
        let invocation = Invocation::new(&command.program, args, self.options.timeout);
        let outcome = process::run(&invocation).await;
        if !matches!(outcome, Outcome::NotFound | Outcome::NotStarted { .. }) {
            self.used.store(true, Ordering::Relaxed);
            // One that hangs is not asked anything more.
            if !matches!(outcome, Outcome::TimedOut { .. }) {
                self.version.get_or_init(|| version(&command)).await;
            }
        }
        match outcome {
            Outcome::Done { stdout, .. } => Ok(stdout),
            Outcome::NotFound => Err(missing(self.options)),
            Outcome::NotStarted { problem } => Err(Reason::new(
                ReasonCode::ToolFailed,
                format!("{what} cannot be started: {problem}"),
            )),
            Outcome::Failed { ended, last_lines } => {
                let lines = relative(&last_lines, root);
                let message = match telling(&lines) {
                    Some(line) => format!("{what} {ended}: {line}"),
                    None => format!("{what} {ended} without a word"),
                };
                let again = format!("run {what} on that folder to see all of it");
                Err(Reason::new(ReasonCode::ToolFailed, message).hint(again).detail(lines))
            }
            Outcome::TimedOut { last_lines } => {
                Err(timed_out(&what, self.options.timeout, relative(&last_lines, root)))
            }
            Outcome::TooMuchOutput => Err(Reason::new(
                ReasonCode::ToolFailed,
                format!("{what} printed more than {} MiB", process::STDOUT_LIMIT / 1024 / 1024),
            )),
        }
    }
}

impl Command {
    /// As people type it.
    fn shown(&self) -> String {
        let words: Vec<&str> = self.args.iter().filter_map(|word| word.to_str()).collect();
        format!("`{} {}`", self.name, process::scrub(&words.join(" ")))
    }
}

fn locate(options: &BuildOptions) -> Result<Command, Reason> {
    let search_path = options.search_path.as_deref();
    let Some(text) = &options.kustomize_command else {
        return [("kustomize", "build"), ("kubectl", "kustomize")]
            .into_iter()
            .find_map(|(name, subcommand)| {
                Some(Command {
                    name: name.to_owned(),
                    program: process::find(name, search_path)?,
                    before: Vec::new(),
                    args: vec![subcommand.into()],
                })
            })
            .ok_or_else(|| missing(options));
    };
    let mut words = shlex::split(text).filter(|words| !words.is_empty()).ok_or_else(|| {
        Reason::new(ReasonCode::ToolMissing, "--kustomize-command is not a command line")
            .hint("close every quote; for instance `kubectl kustomize`")
    })?;
    let program = process::find(&words[0], search_path).ok_or_else(|| missing(options))?;
    words.remove(0);
    Ok(with_subcommand(program, words))
}

/// Adds the subcommand where the words do not hold it.
fn with_subcommand(program: PathBuf, words: Vec<String>) -> Command {
    let name = program.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let is_kubectl = name.starts_with("kubectl") || name == "oc";
    let subcommand = if is_kubectl { "kustomize" } else { "build" };
    let at = words.iter().position(|word| word == subcommand);
    let mut before: Vec<OsString> = words.into_iter().map(Into::into).collect();
    let args = match at {
        Some(at) => before.split_off(at),
        None => vec![subcommand.into()],
    };
    Command { name, program, before, args }
}

fn missing(options: &BuildOptions) -> Reason {
    let message = match &options.kustomize_command {
        Some(command) => {
            format!("--kustomize-command {}: no such program", process::scrub(command))
        }
        None => "this kustomization needs kustomize, and neither kustomize nor kubectl is on PATH"
            .to_owned(),
    };
    Reason::new(ReasonCode::ToolMissing, message).hint(
        "install kustomize (kubectl has it built in) or name it with --kustomize-command; \
         GitHub's Linux runners carry both",
    )
}

async fn version(command: &Command) -> Option<String> {
    let is_kubectl = command.args.first().is_some_and(|word| word == "kustomize");
    let question: &[&str] = match is_kubectl {
        true => &["version", "--client", "-o", "json"],
        false => &["version"],
    };
    let args = command.before.iter().cloned().chain(question.iter().map(Into::into));
    let mut invocation = Invocation::new(&command.program, args, VERSION_TIMEOUT);
    invocation.stdout_limit = 64 * 1024;
    let Outcome::Done { stdout, .. } = process::run(&invocation).await else { return None };
    let text = String::from_utf8_lossy(&stdout);
    let said = match is_kubectl {
        true => {
            let json: serde_json::Value = serde_json::from_str(&text).ok()?;
            json["clientVersion"]["gitVersion"].as_str()?.to_owned()
        }
        false => text.lines().map(str::trim).find(|line| !line.is_empty())?.to_owned(),
    };
    Some(process::scrub(&said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subcommand_is_added_only_where_it_is_missing() {
        for (program, words, want) in [
            ("/bin/kustomize", "", "build"),
            ("/bin/kustomize", "build", "build"),
            ("/bin/kustomize", "build --load-restrictor X", "build --load-restrictor X"),
            ("/bin/kubectl", "", "kustomize"),
            ("/bin/kubectl", "kustomize", "kustomize"),
            ("/bin/sh", "/opt/wrapper", "/opt/wrapper build"),
        ] {
            let words = words.split_whitespace().map(str::to_owned).collect();
            let command = with_subcommand(program.into(), words);
            let all = [command.before, command.args].concat();
            assert_eq!(all.join(std::ffi::OsStr::new(" ")), want);
        }
    }
}
