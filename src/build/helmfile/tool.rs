//! The `helm` binary.

use std::{ffi::OsString, path::PathBuf, time::Duration};

use tokio::sync::{OnceCell, Semaphore};

use crate::{
    build::BuildOptions,
    process::{self, Invocation, Outcome},
    report::{Reason, ReasonCode, Tool},
};

/// How long the question for the version may take.
const VERSION_TIMEOUT: Duration = Duration::from_secs(20);

/// The oldest that has all that is asked of it: OCI without a switch, `repo update NAME`.
const OLDEST: (u32, u32) = (3, 8);

/// The tool for one run of this program: looked up once, asked for its version once.
#[derive(Debug)]
pub(in crate::build) struct Helm<'a> {
    options: &'a BuildOptions,
    found: OnceCell<Result<Found, Reason>>,
    /// Whatever the Manifests are, no more of it run at a time than `--jobs` allows.
    permits: Semaphore,
}

/// The program and what comes before its arguments.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) program: PathBuf,
    pub(super) before: Vec<OsString>,
    version: String,
}

impl<'a> Helm<'a> {
    /// Nothing is looked up before it is needed.
    pub(in crate::build) fn new(options: &'a BuildOptions) -> Self {
        let permits = Semaphore::new(options.jobs.get().min(Semaphore::MAX_PERMITS));
        Self { options, found: OnceCell::new(), permits }
    }

    /// The tool with its version, when it took part.
    pub(in crate::build) fn tools_used(&self) -> Vec<Tool> {
        match self.found.get() {
            Some(Ok(found)) => {
                vec![Tool { name: "helm".to_owned(), version: Some(found.version.clone()) }]
            }
            _ => Vec::new(),
        }
    }

    /// How Manifests are built.
    pub(super) fn options(&self) -> &'a BuildOptions {
        self.options
    }

    /// Where it is.
    ///
    /// # Errors
    /// Missing, too old, or it cannot say how old it is.
    pub(super) async fn found(&self) -> Result<&Found, Reason> {
        let found = self.found.get_or_init(|| find(self.options)).await;
        found.as_ref().map_err(Clone::clone)
    }

    /// Runs it when its turn has come.
    pub(super) async fn run(&self, invocation: &Invocation) -> Outcome {
        let _permit = self.permits.acquire().await;
        process::run(invocation).await
    }
}

/// Variables of the caller's that would change what is rendered.
pub(super) const WITHHELD: &[&str] = &["HELM_*", "KUBECONFIG"];

async fn find(options: &BuildOptions) -> Result<Found, Reason> {
    let text = options.helm_command.as_deref().unwrap_or("helm");
    let mut words = shlex::split(text).filter(|words| !words.is_empty()).ok_or_else(|| {
        Reason::new(ReasonCode::ToolMissing, "--helm-command is not a command line")
            .hint("close every quote; for instance `/opt/bin/helm`")
    })?;
    let program = process::find(&words.remove(0), options.search_path.as_deref());
    let program = program.ok_or_else(|| missing(options))?;
    let before: Vec<OsString> = words.into_iter().map(Into::into).collect();
    let version = version(&program, &before, options).await?;
    Ok(Found { program, before, version })
}

async fn version(
    program: &PathBuf,
    before: &[OsString],
    options: &BuildOptions,
) -> Result<String, Reason> {
    let question = ["version", "--template", "{{.Version}}"].map(OsString::from);
    let args = before.iter().cloned().chain(question);
    let mut invocation = Invocation::new(program, args, VERSION_TIMEOUT.min(options.timeout));
    invocation.stdout_limit = 64 * 1024;
    invocation.withheld = WITHHELD;
    let unknown = |problem: &str| {
        let message = format!("`helm version` {problem}, so it is not certain what it is");
        Reason::new(ReasonCode::ToolFailed, message)
            .hint("install Helm 3 or 4, or name it with --helm-command")
    };
    let said = match process::run(&invocation).await {
        Outcome::Done { stdout, .. } => {
            process::scrub(String::from_utf8_lossy(&stdout).trim()).replace('\n', " ")
        }
        Outcome::NotFound => return Err(missing(options)),
        Outcome::NotStarted { problem } => {
            let message = format!("helm cannot be started: {problem}");
            return Err(Reason::new(ReasonCode::ToolFailed, message));
        }
        Outcome::Failed { ended, last_lines } => {
            return Err(unknown(&ended.to_string()).detail(last_lines));
        }
        Outcome::TimedOut { last_lines } => {
            return Err(unknown("does not answer").detail(last_lines));
        }
        Outcome::TooMuchOutput => return Err(unknown("does not stop talking")),
    };
    let Some(number) = major_and_minor(&said) else {
        let said: String = said.chars().take(80).collect();
        return Err(unknown(&format!("answers `{said}`")));
    };
    if number < OLDEST {
        let message = format!("helm {said} is too old");
        let hint =
            format!("install Helm {}.{} or newer; version 4 does as well", OLDEST.0, OLDEST.1);
        return Err(Reason::new(ReasonCode::ToolMissing, message).hint(hint));
    }
    Ok(said)
}

/// Of `v3.21.3`; nothing may stand around it.
fn major_and_minor(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.strip_prefix('v')?.split(['.', '-', '+']);
    let mut number = || parts.next()?.parse().ok();
    Some((number()?, number()?))
}

fn missing(options: &BuildOptions) -> Reason {
    let message = match &options.helm_command {
        Some(command) => format!("--helm-command {}: no such program", process::scrub(command)),
        None => "a helmfile is rendered with helm, and that is not on PATH".to_owned(),
    };
    Reason::new(ReasonCode::ToolMissing, message)
        .hint("install helm or name it with --helm-command; GitHub's Linux runners carry it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_nothing_else() {
        for (text, want) in [
            ("v3.21.3", Some((3, 21))),
            ("v3.21", Some((3, 21))),
            ("v4.0.0-rc.1+g1", Some((4, 0))),
            ("Client: v2.17.0", None),
            ("", None),
            ("v3", None),
        ] {
            assert_eq!(major_and_minor(text), want, "{text}");
        }
    }
}
