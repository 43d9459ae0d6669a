//! `diff`: compares and prints.

use std::{io::IsTerminal, path::PathBuf};

use clap::{Args, ValueEnum};

use super::{compare::CompareArgs, logging::LoggingArgs, output, progress};
use crate::{
    app::{compare::compare, surroundings::Surroundings, verdict},
    error::{ExitCode, Result},
    render,
};

#[derive(Args, Debug)]
pub(super) struct DiffArgs {
    #[command(flatten)]
    compare: CompareArgs,
    /// How the result is printed [default: pretty on a terminal, else text].
    #[arg(long, value_enum, env = "TAZUNA_DRIFT_FORMAT")]
    format: Option<Format>,
    /// Writes the result to a file instead of standard output.
    #[arg(short, long, value_name = "FILE", env = "TAZUNA_DRIFT_OUTPUT")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Coloured, the worst first, cut to the terminal.
    Pretty,
    /// As `tazuna state diff` prints it.
    Text,
    /// For people, from templates.
    Markdown,
    /// The whole Report (see `schema report`).
    Json,
}

/// Compares and prints.
pub(super) async fn run(args: DiffArgs, logging: &LoggingArgs) -> Result<ExitCode> {
    let request = args.compare.request()?;
    let progress = progress::new();
    let surroundings = Surroundings::of_process();
    let report = compare(&request, &surroundings, progress.as_ref()).await?;
    drop(progress);
    logging.tell(&report);

    let terminal = args.output.is_none() && std::io::stdout().is_terminal();
    let format = args.format.unwrap_or(if terminal { Format::Pretty } else { Format::Text });
    let text = match format {
        Format::Text => render::text(&report),
        Format::Json => render::json(&report),
        Format::Pretty | Format::Markdown => render::text(&report),
    };
    match &args.output {
        Some(path) => output::to_file(path, &text)?,
        None => output::to_stdout(&text)?,
    }
    Ok(verdict::exit_code(&report, &args.compare.strictness(), false))
}
