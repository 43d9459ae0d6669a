//! The one error type: what failed, how it ends the program, and what to do.

use std::{error::Error as StdError, fmt};

/// How the program ends. The numbers are a public contract (README, `--help`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// All was looked at; drift or none, unless `--fail-on` names it.
    Done = 0,
    /// The run failed, or a publisher did.
    Failed = 1,
    /// Wrong usage, configuration or context.
    Usage = 2,
    /// Drift that `--fail-on` names.
    Drift = 3,
    /// Some selected Manifest could not be compared.
    Incomplete = 4,
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}

/// What sort of failure it is; decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Flags or their values.
    Usage,
    /// `tazuna.yaml`, an included file, a template or another input of the user's.
    Config,
    /// The kubeconfig context is not one that `context_matches` allows.
    Context,
    /// The cluster or its State could not be read.
    Cluster,
    /// A tool that the run as a whole depends on.
    Tool,
    /// Reading or writing a file.
    Io,
    /// A publisher.
    Publish,
}

impl ErrorKind {
    /// The exit code of a failure of this kind.
    pub const fn exit_code(self) -> ExitCode {
        match self {
            Self::Usage | Self::Config | Self::Context => ExitCode::Usage,
            Self::Cluster | Self::Tool | Self::Io | Self::Publish => ExitCode::Failed,
        }
    }
}

/// A failure: what was tried and on what, why it failed, and what to do.
/// The message never holds a secret.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    hints: Vec<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The result of everything that can fail as a whole.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A failure without a cause of its own.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hints: Vec::new(), source: None }
    }

    /// Adds one line on what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What sort of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What to do, a line each.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }

    /// The chain of causes in words, without those that only repeat what was said before:
    /// many libraries put their cause into their own message.
    pub fn causes(&self) -> Vec<String> {
        let mut causes: Vec<String> = Vec::new();
        let mut next = self.source();
        while let Some(error) = next {
            let said = error.to_string();
            if !self.message.contains(&said) && !causes.iter().any(|cause| cause.contains(&said)) {
                causes.push(said);
            }
            next = error.source();
        }
        causes
    }

    /// Message, causes and hints as the terminal shows them.
    pub fn explain(&self) -> String {
        let mut text = format!("error: {}", self.message);
        for cause in self.causes() {
            text.push_str(&format!("\n  because: {cause}"));
        }
        for hint in &self.hints {
            text.push_str(&format!("\n  hint: {hint}"));
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
