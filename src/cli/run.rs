//! `run`: the CI job. Compares, then publishes to every place that is switched on.

use clap::Args;

use super::{
    compare::CompareArgs,
    logging::LoggingArgs,
    output, progress,
    publish::{self, PublishArgs},
    render::RenderArgs,
};
use crate::{
    app::{
        compare::compare,
        publish::{publish, publish_failure},
        surroundings::Surroundings,
        verdict,
    },
    error::{ExitCode, Result},
};

#[derive(Args, Debug)]
pub(super) struct RunArgs {
    #[command(flatten)]
    compare: CompareArgs,
    #[command(flatten)]
    render: RenderArgs,
    #[command(flatten)]
    publish: PublishArgs,
}

pub(super) async fn run(args: RunArgs, logging: &LoggingArgs) -> Result<ExitCode> {
    let templates = args.render.templates()?;
    let request = args.compare.request()?;
    let surroundings = Surroundings::of_process();
    let places =
        args.publish.request(&surroundings, &args.render, &templates, args.compare.state())?;
    let progress = progress::new();
    let compared = compare(&request, &surroundings, progress.as_ref()).await;
    drop(progress);
    let mut report = match compared {
        Ok(report) => report,
        Err(error) => {
            output::to_stdout(&publish_failure(&error, &places))?;
            return Err(error);
        }
    };

    let options = args.render.options();
    let published = publish(&mut report, &places, &templates, options, output::to_file).await;
    let failed = publish::tell(&published, &report, logging)?;
    if let Some(issue) = &published.issue {
        tracing::info!(number = issue.number, url = issue.url, "issue: {:?}", issue.action);
    }
    if published.template_failed {
        return Ok(ExitCode::Usage);
    }
    Ok(verdict::exit_code(&report, &args.compare.strictness(), failed))
}
