//! The tazuna CLI as a source: runs `tazuna state diff` and reads what it prints.

use std::{
    ffi::{OsStr, OsString},
    path::PathBuf,
    time::Duration,
};

use super::{SavedOutput, output};
use crate::{
    error::{Error, ErrorKind, Result},
    process::{self, Invocation, Outcome},
    report::Tool,
};

/// How long the question for the version may take.
const VERSION_TIMEOUT: Duration = Duration::from_secs(5);

/// What `tazuna state diff` is asked.
///
/// It takes no flags but the global ones, so these of ours cannot be honoured and whoever
/// parses the command line refuses them together with `--source tazuna`: `--context`
/// (Tazuna uses the kubeconfig's current one), `--state-dir`, `--offline`, `--no-cache`,
/// `--cache-dir`, `--kustomize-command`, `--jobs`. `--tags` is honoured by
/// [`SavedOutput::select`]; `--build-timeout` holds for the command as a whole.
#[derive(Clone, Debug)]
pub struct TazunaOptions {
    /// `--file-path`.
    pub file: PathBuf,
    /// `--environment`.
    pub environment: Option<String>,
    /// `--tazuna-command`: a program, with arguments if need be, as a shell would split it.
    pub command: Option<String>,
    /// After this long it is ended.
    pub timeout: Duration,
    /// The value of PATH.
    pub search_path: Option<OsString>,
}

/// What `tazuna state diff` said.
#[derive(Clone, Debug)]
pub struct TazunaRun {
    /// Its rows.
    pub saved: SavedOutput,
    /// Its name and version.
    pub tool: Tool,
    /// The last lines of its log, scrubbed.
    pub log: Vec<String>,
}

/// Runs `tazuna state diff -f FILE [-e ENVIRONMENT]`.
///
/// # Errors
///
/// [`ErrorKind::Usage`] for a command that is no command line, [`ErrorKind::Tool`] where
/// tazuna is missing, fails, takes too long, or prints what is not its output.
pub async fn state_diff(options: &TazunaOptions) -> Result<TazunaRun> {
    let mut words = command_words(options.command.as_deref())?;
    let search_path = options.search_path.as_deref();
    let program = process::find(&words.remove(0), search_path).ok_or_else(|| missing(options))?;
    let mut args: Vec<OsString> = words.into_iter().map(Into::into).collect();
    let version = version(&program, &args).await;
    args.extend(["state", "diff", "-f"].map(Into::into));
    args.push(options.file.clone().into());
    if let Some(environment) = &options.environment {
        args.extend([OsStr::new("-e").to_owned(), environment.into()]);
    }
    let mut invocation = Invocation::new(program, args, options.timeout);
    invocation.stdout_limit = 64 * 1024 * 1024;
    let (stdout, log) = match process::run(&invocation).await {
        Outcome::Done { stdout, last_lines } => (stdout, last_lines),
        outcome => return Err(failure(outcome, options)),
    };
    let saved = output::parse(&stdout).map_err(|error| {
        Error::new(ErrorKind::Tool, "the output of `tazuna state diff` cannot be read")
            .caused_by(error)
            .hint("say `--source native` to compare without tazuna")
    })?;
    Ok(TazunaRun { saved, tool: Tool { name: "tazuna".to_owned(), version }, log })
}

/// The words of a command line as a POSIX shell splits them; `tazuna` where none is given.
fn command_words(command: Option<&str>) -> Result<Vec<String>> {
    let Some(command) = command else { return Ok(vec!["tazuna".to_owned()]) };
    shlex::split(command).filter(|words| !words.is_empty()).ok_or_else(|| {
        Error::new(ErrorKind::Usage, "--tazuna-command is not a command line")
            .hint("name a program, such as `tazuna` or `/opt/bin/tazuna`; close every quote")
    })
}

/// What it says of its version; both ways of asking are in use.
async fn version(program: &std::path::Path, before: &[OsString]) -> Option<String> {
    for question in ["version", "--version"] {
        let args = before.iter().cloned().chain([question.into()]);
        let mut invocation = Invocation::new(program, args, VERSION_TIMEOUT);
        invocation.stdout_limit = 64 * 1024;
        if let Outcome::Done { stdout, .. } = process::run(&invocation).await {
            let text = process::scrub(&String::from_utf8_lossy(&stdout));
            let line = text.lines().map(str::trim).find(|line| !line.is_empty());
            if let Some(line) = line {
                let line = line.strip_prefix("tazuna").unwrap_or(line).trim_start();
                return Some(line.strip_prefix("version").unwrap_or(line).trim().to_owned());
            }
        }
    }
    None
}

fn missing(options: &TazunaOptions) -> Error {
    let message = match &options.command {
        Some(command) => format!("--tazuna-command {}: no such program", process::scrub(command)),
        None => "tazuna is not on PATH".to_owned(),
    };
    Error::new(ErrorKind::Tool, message).hint(
        "install tazuna, name it with --tazuna-command, or leave --source at `native`, \
         which does not need it",
    )
}

fn failure(outcome: Outcome, options: &TazunaOptions) -> Error {
    let what = "`tazuna state diff`";
    let (message, last_lines) = match outcome {
        Outcome::NotFound => return missing(options),
        Outcome::NotStarted { problem } => {
            (format!("{what} cannot be started: {problem}"), Vec::new())
        }
        Outcome::Failed { ended, last_lines } => (format!("{what} {ended}"), last_lines),
        Outcome::TimedOut { last_lines } => {
            let after = options.timeout.as_secs_f64();
            let message =
                format!("{what} was ended after {after} s, the time that --build-timeout allows");
            (message, last_lines)
        }
        Outcome::TooMuchOutput => (format!("{what} printed more than 64 MiB"), Vec::new()),
        Outcome::Done { .. } => (format!("{what} ended well"), Vec::new()),
    };
    let said = match last_lines.is_empty() {
        true => message,
        false => format!("{message}; its last lines:\n  {}", last_lines.join("\n  ")),
    };
    Error::new(ErrorKind::Tool, said).hint(
        "one Manifest that cannot be built fails it as a whole; `--source native` compares \
         the others",
    )
}
