//! The step's outputs: names and values appended to the file that `GITHUB_OUTPUT` names.

use std::{fs::OpenOptions, io::Write, path::Path};

use super::github::IssueResult;
use crate::{
    error::{Error, ErrorKind, Result},
    report::Report,
};

/// Names of all outputs, in the order in which they are written.
pub const NAMES: [&str; 10] = [
    "drift",
    "incomplete",
    "added",
    "modified",
    "removed",
    "always-sync",
    "issue-number",
    "issue-url",
    "report",
    "summary",
];

/// Names and values: counts are numbers, `drift` and `incomplete` are `true` or `false`,
/// what there is none of is empty. `report` and `summary` are the paths of the JSON and
/// the Markdown.
pub fn values(
    report: &Report,
    issue: Option<&IssueResult>,
    report_path: Option<&Path>,
    summary_path: Option<&Path>,
) -> [(&'static str, String); 10] {
    let totals = report.totals;
    let path = |path: Option<&Path>| path.map(|path| path.display().to_string());
    let values = [
        Some(report.has_drift().to_string()),
        Some((!report.is_complete()).to_string()),
        Some(totals.added.to_string()),
        Some(totals.modified.to_string()),
        Some(totals.removed.to_string()),
        Some(totals.always_sync.to_string()),
        issue.and_then(|issue| issue.number).map(|number| number.to_string()),
        issue.and_then(|issue| issue.url.clone()),
        path(report_path),
        path(summary_path),
    ];
    let mut values = values.into_iter().map(Option::unwrap_or_default);
    NAMES.map(|name| (name, values.next().unwrap_or_default()))
}

/// Appends outputs in the form whose end nobody can guess.
///
/// # Errors
/// The file cannot be written.
pub fn append(path: &Path, values: &[(&'static str, String)]) -> Result<()> {
    let failed = |error: std::io::Error| {
        Error::new(
            ErrorKind::Publish,
            format!("the step outputs {} cannot be written", path.display()),
        )
        .caused_by(error)
        .hint("GITHUB_OUTPUT must name a file in a folder that is there")
    };
    let text = heredocs(values).map_err(|error| failed(std::io::Error::other(error)))?;
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(failed)
}

fn heredocs(values: &[(&'static str, String)]) -> Result<String, getrandom::Error> {
    let mut text = String::new();
    for (name, value) in values {
        let delimiter = delimiter()?;
        text.push_str(&format!("{name}<<{delimiter}\n{value}\n{delimiter}\n"));
    }
    Ok(text)
}

fn delimiter() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("tazuna_drift_{hex}"))
}
