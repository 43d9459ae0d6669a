//! The command line: clap types, each command turned into a plain request.

mod compare;
mod diff;
mod doctor;
mod logging;
mod output;
mod progress;
mod publish;
mod render;
mod report;
mod run;

use std::io::{self, IsTerminal, Write};

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};

use std::process::ExitCode;

use crate::error::{self, Error, Result};

const EXIT_CODES: &str = "\
Exit codes, the first that applies:
  2  wrong usage, configuration or context
  1  the run failed, or a publisher did
  4  incomplete: some selected Manifest could not be compared (--allow-incomplete: 0)
  3  drift that --fail-on names
  0  otherwise, whatever the drift

Every flag can be given as an environment variable, shown with it.";

/// Reports drift of clusters managed with Tazuna.
#[derive(Debug, Parser)]
#[command(name = "tazuna-drift", version, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    logging: logging::LoggingArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compares what tazuna.yaml would build now with State, and prints the result.
    #[command(after_help = EXIT_CODES)]
    Diff(Box<diff::DiffArgs>),
    /// The CI job: compares, then writes what is switched on: job summary, annotations,
    /// step outputs, the issue, files.
    #[command(after_help = EXIT_CODES)]
    Run(Box<run::RunArgs>),
    /// Prints or publishes saved JSON reports.
    #[command(after_help = EXIT_CODES)]
    Report(Box<report::ReportArgs>),
    /// Looks whether everything a run needs is there, and says what to do.
    #[command(after_help = doctor::EXIT_CODES)]
    Doctor(Box<doctor::DoctorArgs>),
    /// Prints the JSON schema of a file this program writes or reads.
    Schema {
        /// Which one.
        #[arg(value_enum)]
        name: SchemaName,
    },
    /// Prints a completion script for a shell.
    Completions {
        /// Which shell.
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SchemaName {
    /// The Report, as `--format json` writes it.
    Report,
}

/// Runs one command line. stdout carries the result alone, stderr the log.
///
/// # Errors
/// Whatever makes the run fail as a whole.
pub async fn run(cli: Cli) -> Result<error::ExitCode> {
    cli.logging.start();
    match cli.command {
        Command::Diff(args) => diff::run(*args, &cli.logging).await,
        Command::Run(args) => run::run(*args, &cli.logging).await,
        Command::Report(args) => report::run(*args, &cli.logging).await,
        Command::Doctor(args) => doctor::run(*args).await,
        Command::Schema { name: SchemaName::Report } => {
            output::to_stdout(&crate::render::schema())?;
            Ok(error::ExitCode::Done)
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "tazuna-drift", &mut script);
            output::to_stdout(&String::from_utf8_lossy(&script))?;
            Ok(error::ExitCode::Done)
        }
    }
}

/// Says on stderr why the run failed, and gives the exit code.
pub fn fail(error: &Error) -> ExitCode {
    // A log that cannot be written must not hide the exit code.
    drop(writeln!(io::stderr(), "{}", error.explain()));
    error.kind().exit_code().into()
}

/// Whether stderr is a terminal that shows progress and colour.
fn stderr_is_terminal() -> bool {
    io::stderr().is_terminal()
}
