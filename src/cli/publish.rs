//! The flags that say what is published, shared by `run` and `report`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Args, Clone, Debug)]
pub(super) struct PublishArgs {
    /// Writes the job summary [default: in GitHub Actions].
    #[arg(long, value_enum, value_name = "WHEN", num_args = 0..=1, require_equals = true,
          default_missing_value = "always", env = "TAZUNA_DRIFT_SUMMARY")]
    summary: Option<When>,
    /// Writes annotations at the lines of tazuna.yaml [default: in GitHub Actions].
    #[arg(long, value_enum, value_name = "WHEN", num_args = 0..=1, require_equals = true,
          default_missing_value = "always", env = "TAZUNA_DRIFT_ANNOTATIONS")]
    annotations: Option<When>,
    /// Writes step outputs [default: in GitHub Actions].
    #[arg(long, value_enum, value_name = "WHEN", num_args = 0..=1, require_equals = true,
          default_missing_value = "always", env = "TAZUNA_DRIFT_OUTPUTS")]
    outputs: Option<When>,
    /// Keeps the issue [default: in GitHub Actions, with a token, on the default branch].
    #[arg(long, value_enum, value_name = "WHEN", num_args = 0..=1, require_equals = true,
          default_missing_value = "always", env = "TAZUNA_DRIFT_ISSUE")]
    issue: Option<When>,
    /// Also writes the JSON report to this file.
    #[arg(long, value_name = "FILE", env = "TAZUNA_DRIFT_REPORT_FILE")]
    report_file: Option<PathBuf>,
    /// Also writes the Markdown report to this file.
    #[arg(long, value_name = "FILE", env = "TAZUNA_DRIFT_MARKDOWN_FILE")]
    markdown_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// Not at all.
    Never,
    /// Where it makes sense.
    Auto,
    /// In any case.
    Always,
}
