//! `diff`: compares and prints.

use std::{io::IsTerminal, path::PathBuf};

use clap::{Args, ValueEnum};

use super::{compare::CompareArgs, logging::LoggingArgs, output, progress, render::RenderArgs};
use crate::{
    app::{compare::compare, surroundings::Surroundings, verdict},
    error::{ExitCode, Result},
    render::{self, MarkdownOptions, Templates},
    report::Report,
};

#[derive(Args, Debug)]
pub(super) struct DiffArgs {
    #[command(flatten)]
    compare: CompareArgs,
    #[command(flatten)]
    render: RenderArgs,
    /// How the result is printed [default: pretty on a terminal, else text].
    #[arg(long, value_enum, env = "TAZUNA_DRIFT_FORMAT")]
    format: Option<Format>,
    /// Writes the result to a file instead of standard output.
    #[arg(short, long, value_name = "FILE", env = "TAZUNA_DRIFT_OUTPUT")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
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
    let templates = args.render.templates()?;
    let request = args.compare.request()?;
    let progress = progress::new();
    let surroundings = Surroundings::of_process();
    let report = compare(&request, &surroundings, progress.as_ref()).await?;
    drop(progress);
    logging.tell(&report);

    let terminal = args.output.is_none() && std::io::stdout().is_terminal();
    let format = args.format.unwrap_or(if terminal { Format::Pretty } else { Format::Text });
    let (text, template_failed) = match format {
        Format::Pretty if terminal => {
            let colour = std::env::var_os("NO_COLOR").is_none();
            (render::terminal(&report, output::width(), colour), false)
        }
        other => print(&report, other, &templates, args.render.options()),
    };
    match &args.output {
        Some(path) => output::to_file(path, &text)?,
        None => output::to_stdout(&text)?,
    }
    let code = verdict::exit_code(&report, &args.compare.strictness(), false);
    Ok(if template_failed { ExitCode::Usage } else { code })
}

/// A Report in one of the formats, for where no terminal is, and whether a template of
/// the user's was replaced by the built-in one because it is broken.
pub(super) fn print(
    report: &Report,
    format: Format,
    templates: &Templates,
    options: MarkdownOptions,
) -> (String, bool) {
    match format {
        Format::Pretty => (render::terminal(report, output::width(), false), false),
        Format::Text => (render::text(report), false),
        Format::Json => (render::json(report), false),
        Format::Markdown => {
            let rendered = render::markdown(report, templates, options);
            for problem in &rendered.warnings {
                tracing::error!("{}", problem.explain());
            }
            (rendered.text, !rendered.warnings.is_empty())
        }
    }
}
