//! The tazuna CLI as a source.

use std::{fs, time::Duration};

use tazuna_drift::{
    error::ErrorKind,
    project::{Backend, Fault, Manifest},
    report::{Location, ManifestOutcome, Reason, ReasonCode},
    source::{
        output, report_manifests,
        tazuna::{TazunaOptions, state_diff},
    },
};

use crate::tools::Tools;

const ROWS: &str = "\
Manifest: web
  STATUS         RESOURCE                                                     HASH
  added          /v1/ConfigMap/shop/a                                         1111111111111111111111111111111111111111111111111111111111111111

";

fn options(tools: &Tools) -> TazunaOptions {
    TazunaOptions {
        file: "deploy/tazuna.yaml".into(),
        environment: Some("production".to_owned()),
        command: None,
        timeout: Duration::from_secs(120),
        search_path: tools.search_path(),
    }
}

/// Answers `version` and prints ROWS, and writes down how it was called.
fn tazuna(rest: &str) -> Tools {
    let tools = Tools::with(
        "tazuna",
        &format!(
            r#"dir=$(dirname "$0")
case $1 in version) echo 'tazuna version v0.4.2'; exit;; esac
printf '%s\n' "$@" > "$dir/args"; env > "$dir/env"
{rest}"#
        ),
    );
    fs::write(tools.file("rows"), ROWS).unwrap();
    tools
}

#[tokio::test]
async fn tazuna_is_asked_as_its_documentation_says_and_its_log_is_kept_apart() {
    let tools = tazuna("echo 'level=INFO msg=diff token=hunter2' >&2\ncat \"$dir/rows\"");
    let run = state_diff(&options(&tools)).await.unwrap();
    let args = fs::read_to_string(tools.file("args")).unwrap();
    assert_eq!(
        args.lines().collect::<Vec<_>>(),
        ["state", "diff", "-f", "deploy/tazuna.yaml", "-e", "production"]
    );
    assert_eq!(run.saved, output::parse(ROWS.as_bytes()).unwrap());
    assert_eq!(run.tool.version.as_deref(), Some("v0.4.2"));
    assert_eq!(run.log, ["level=INFO msg=diff token=***"]);
}

#[tokio::test]
async fn a_tazuna_that_is_missing_fails_or_prints_something_else_is_an_error_that_tells() {
    let secret = "echo 'Error: op://vault: token=hunter2' >&2; exit 1";
    for (tools, want) in [
        (Tools::none(), "not on PATH"),
        (tazuna(secret), "Error: op://vault: token=***"),
        (tazuna("echo hello"), "cannot be read"),
        (tazuna(""), "cannot be read"),
        (tazuna("cat \"$dir/rows\"; echo 'Error: late' >&2; exit 1"), "exit code 1"),
    ] {
        let error = state_diff(&options(&tools)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tool);
        assert!(error.explain().contains(want), "{want}: {}", error.explain());
        assert!(!error.explain().contains("hunter2"));
    }
}

#[tokio::test]
async fn a_command_of_the_users_may_have_words_of_its_own() {
    let tools = tazuna("cat \"$dir/rows\"");
    let command = format!("/bin/sh '{}'", tools.file("tazuna").display());
    let options = TazunaOptions { command: Some(command), environment: None, ..options(&tools) };
    assert_eq!(state_diff(&options).await.unwrap().saved.manifests.len(), 1);
    let args = fs::read_to_string(tools.file("args")).unwrap();
    assert_eq!(args.lines().collect::<Vec<_>>(), ["state", "diff", "-f", "deploy/tazuna.yaml"]);

    let unclosed = TazunaOptions { command: Some("tazuna 'x".to_owned()), ..options };
    assert_eq!(state_diff(&unclosed).await.unwrap_err().kind(), ErrorKind::Usage);
}

fn declared(name: &str, line: u32, fault: Option<Fault>) -> Manifest {
    Manifest {
        name: name.to_owned(),
        description: None,
        backend: Backend::GenesisSecret,
        type_name: "genesissecret".to_owned(),
        path: Some(format!("{name}.yaml")),
        tags: Vec::new(),
        declared_at: Location { file: "tazuna.yaml".to_owned(), line, column: None },
        fault,
    }
}

#[test]
fn a_declared_manifest_without_rows_was_compared_and_one_that_is_not_selected_is_left_out() {
    let second = ROWS.replace("web", "other") + &ROWS.replace("web", "stranger");
    let mut saved = output::parse(format!("{ROWS}{second}").as_bytes()).unwrap();
    let nameless = Fault::Skipped(Reason::new(ReasonCode::MissingName, "no name"));
    let all = [
        declared("quiet", 3, None),
        declared("web", 7, None),
        declared("other", 9, None),
        declared("", 11, Some(nameless)),
    ];
    let all: Vec<&Manifest> = all.iter().collect();
    let selected = [all[0], all[1], all[3]];
    assert_eq!(saved.undeclared(&all), ["stranger"]);
    saved.select(&all, &selected);
    let reports = report_manifests(saved.clone(), Some(&selected));
    let rows: Vec<_> = reports
        .iter()
        .map(|r| {
            (r.name.as_str(), r.outcome, r.entries.len(), r.declared_at.as_ref().map(|l| l.line))
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("quiet", ManifestOutcome::Compared, 0, Some(3)),
            ("web", ManifestOutcome::Compared, 1, Some(7)),
            ("", ManifestOutcome::Skipped, 0, Some(11)),
            ("stranger", ManifestOutcome::Compared, 1, None),
        ]
    );
    let alone = report_manifests(saved, None);
    assert_eq!(alone.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["web", "stranger"]);
}
