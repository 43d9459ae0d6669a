//! The Report's public JSON form: written, read back and described by a schema.

use serde::Deserialize;

use crate::{
    error::{Error, ErrorKind, Result},
    report::{Report, SCHEMA_VERSION},
};

/// The Report as indented JSON with a newline at its end.
pub fn json(report: &Report) -> String {
    pretty(report)
}

/// The JSON schema of the Report, as it is committed in `schemas/report.schema.json`.
pub fn schema() -> String {
    pretty(&schemars::schema_for!(Report))
}

fn pretty(value: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value)
        .expect("keys are strings and no value of ours fails to serialise");
    text.push('\n');
    text
}

/// Reads a Report that [`json`] wrote, by this version or an older one. `name` is what the
/// file is called in messages.
///
/// # Errors
/// Text that is no JSON (with line and column), JSON that is no Report, and a Report of a
/// newer version.
pub fn read_json(name: &str, text: &str) -> Result<Report> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Version {
        schema_version: Option<u64>,
    }
    let damaged = |error: serde_json::Error| {
        let what = match error.classify() {
            serde_json::error::Category::Eof => "the file ends too early",
            serde_json::error::Category::Syntax => "it is not JSON",
            _ => "it is not a report of tazuna-drift",
        };
        Error::new(ErrorKind::Config, format!("cannot read the report {name}: {what}"))
            .caused_by(error)
            .hint("write it again with `tazuna-drift diff --format json --output FILE`")
    };
    // The version first: a newer form may not fit this one, and that is the better message.
    let version: Version =
        serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(damaged)?;
    match version.schema_version {
        Some(version) if version > u64::from(SCHEMA_VERSION) => Err(Error::new(
            ErrorKind::Config,
            format!(
                "cannot read the report {name}: it has schemaVersion {version}, \
                 and this version of tazuna-drift reads up to {SCHEMA_VERSION}"
            ),
        )
        .hint("use the version of tazuna-drift that wrote it, or a newer one")),
        Some(0) | None => Err(Error::new(
            ErrorKind::Config,
            format!("cannot read the report {name}: it has no schemaVersion"),
        )
        .hint("a report is what `tazuna-drift diff --format json` writes")),
        Some(_) => serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(damaged),
    }
}
