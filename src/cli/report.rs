//! `report`: renders or publishes saved JSON reports, so that an unprivileged job can
//! compare and a privileged one publish.

use std::path::PathBuf;

use clap::Args;

use super::{
    diff::{Format, print},
    logging::LoggingArgs,
    output,
    publish::{self, PublishArgs},
    render::RenderArgs,
};
use crate::{
    app::{publish::publish, surroundings::Surroundings},
    error::{Error, ErrorKind, ExitCode, Result},
    render,
    report::Report,
    repository,
};

#[derive(Args, Debug)]
pub(super) struct ReportArgs {
    /// Reports that `--format json` or `--report-file` wrote.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Refuses reports of another target.
    #[arg(long, value_name = "NAME", env = "TAZUNA_DRIFT_TARGET")]
    target: Option<String>,
    #[command(flatten)]
    render: RenderArgs,
    #[command(flatten)]
    publish: PublishArgs,
    /// How the reports are printed [default: markdown, where nothing is published].
    #[arg(long, value_enum, env = "TAZUNA_DRIFT_FORMAT")]
    format: Option<Format>,
}

pub(super) async fn run(args: ReportArgs, logging: &LoggingArgs) -> Result<ExitCode> {
    let templates = args.render.templates()?;
    let options = args.render.options();
    let mut reports = Vec::with_capacity(args.files.len());
    for file in &args.files {
        reports.push(read(file, args.target.as_deref())?);
    }
    refuse_same_target(&reports)?;
    let places =
        args.publish.request_asked(&Surroundings::of_process(), &args.render, &templates)?;

    let mut failed = false;
    for report in &mut reports {
        let Some(places) = &places else {
            let format = args.format.unwrap_or(Format::Markdown);
            let (text, template_failed) = print(report, format, &templates, options);
            output::to_stdout(&text)?;
            failed |= template_failed;
            continue;
        };
        let published = publish(report, places, &templates, options, output::to_file).await;
        failed |= publish::tell(&published, report, logging)?;
    }
    Ok(if failed { ExitCode::Failed } else { ExitCode::Done })
}

fn read(file: &std::path::Path, target: Option<&str>) -> Result<Report> {
    let problem =
        |message: String| Error::new(ErrorKind::Config, format!("{}: {message}", file.display()));
    let text = std::fs::read_to_string(file)
        .map_err(|error| problem("cannot be read".to_owned()).caused_by(error))?;
    let report = render::read_json(&file.display().to_string(), &text)?;
    let expected = target.map(repository::named_target);
    match (&expected, &report.target.id) {
        (Some(expected), found) if found.as_ref() != Some(expected) => Err(problem(format!(
            "the report is about the target {}, not {expected}",
            found.as_deref().unwrap_or("of no name")
        ))
        .hint("give the report of that target, or leave --target out")),
        _ => Ok(report),
    }
}

/// Two reports of one target would fight over one issue.
fn refuse_same_target(reports: &[Report]) -> Result<()> {
    let mut seen = std::collections::BTreeSet::new();
    for target in reports.iter().filter_map(|report| report.target.id.as_ref()) {
        if !seen.insert(target) {
            return Err(Error::new(
                ErrorKind::Usage,
                format!("two of these reports are about the target {target}"),
            )
            .hint("publish one report a target"));
        }
    }
    Ok(())
}
