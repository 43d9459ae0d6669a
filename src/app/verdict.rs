//! From a Report to the exit code.

use std::collections::BTreeSet;

use crate::{domain::DiffType, error::ExitCode, report::Report};

/// What makes a run end with a code other than 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strictness {
    /// `--fail-on`: Diff types that end the run with [`ExitCode::Drift`].
    pub fail_on: BTreeSet<DiffType>,
    /// `--allow-incomplete`: not every Manifest has to be compared.
    pub allow_incomplete: bool,
}

/// The exit code of a run whose Report is out. `failed` says whether a publisher failed.
pub fn exit_code(report: &Report, strictness: &Strictness, failed: bool) -> ExitCode {
    if report.refused.is_some() {
        ExitCode::Usage
    } else if failed {
        ExitCode::Failed
    } else if !report.is_complete() && !strictness.allow_incomplete {
        ExitCode::Incomplete
    } else if strictness.fail_on.iter().any(|diff_type| report.totals.count(*diff_type) > 0) {
        ExitCode::Drift
    } else {
        ExitCode::Done
    }
}
