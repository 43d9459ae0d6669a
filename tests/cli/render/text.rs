//! Tazuna's own table, and what stands beside it on stderr.

use proptest::prelude::*;
use tazuna_drift::{
    domain::DiffType,
    render::{problems, text},
    report::*,
};

use crate::{arbitrary, reports::*};

#[test]
fn the_table_is_tazunas_byte_for_byte() {
    use DiffType::*;
    let report = report(vec![
        manifest("quiet", &[], vec![]),
        manifest(
            "web",
            &[],
            vec![
                entry("web//v1/ConfigMap/web/flags", Added),
                entry("web/apps/v1/Deployment/web/frontend", Modified),
                entry("web//v1/Service/web/old", Removed),
            ],
        ),
        manifest("login", &[], vec![entry("login//v1/Secret/web/registry", AlwaysSync)]),
        orphan("legacy", Ownership::Unknown, &["legacy//v1/Namespace/legacy"]),
    ]);
    let rows = [
        (
            "Manifest: web",
            vec![
                (
                    "added         ",
                    "/v1/ConfigMap/web/flags",
                    hash("new web//v1/ConfigMap/web/flags").to_string(),
                ),
                (
                    "modified      ",
                    "apps/v1/Deployment/web/frontend",
                    hash("new web/apps/v1/Deployment/web/frontend").to_string(),
                ),
                (
                    "removed       ",
                    "/v1/Service/web/old",
                    format!("(was: {})", hash("old web//v1/Service/web/old")),
                ),
            ],
        ),
        (
            "Manifest: login",
            vec![("always-sync   ", "/v1/Secret/web/registry", "(not fetched)".to_owned())],
        ),
        (
            "Manifest: legacy",
            vec![(
                "removed       ",
                "/v1/Namespace/legacy",
                format!("(was: {})", hash("old legacy//v1/Namespace/legacy")),
            )],
        ),
    ];
    let mut expected = String::new();
    for (heading, rows) in rows {
        expected += heading;
        expected += "\n  STATUS         RESOURCE                                                     HASH\n";
        for (status, resource, hash) in rows {
            let pad = " ".repeat(60 - resource.len());
            expected += &format!("  {status} {resource}{pad} {hash}\n");
        }
        expected += "\n";
    }
    assert_eq!(text(&report), expected);
}

#[test]
fn live_rows_show_both_hashes_and_wide_names_pad_by_characters() {
    let report = report(vec![manifest(
        "m",
        &[],
        vec![
            entry("m//v1/ConfigMap/東京", DiffType::LiveDrifted),
            entry("m//v1/ConfigMap/gone", DiffType::LiveMissing),
        ],
    )]);
    let (new, old) = (hash("new m//v1/ConfigMap/東京"), hash("old m//v1/ConfigMap/東京"));
    let gone = hash("old m//v1/ConfigMap/gone");
    let text = text(&report);
    let rows: Vec<&str> = text.lines().skip(2).collect();
    assert_eq!(
        rows[0],
        format!("  live-drifted   /v1/ConfigMap/東京{} {new} (stored: {old})", " ".repeat(44))
    );
    assert_eq!(
        rows[1],
        format!("  live-missing   /v1/ConfigMap/gone{} (stored: {gone})", " ".repeat(42))
    );
}

#[test]
fn no_changes_is_said_only_where_it_is_true() {
    let clear = report(vec![manifest("web", &[], vec![])]);
    assert_eq!(text(&clear), "No changes detected.\n");
    assert_eq!(problems(&clear), "");

    let incomplete = report(vec![failed("web", Reason::new(ReasonCode::TimedOut, "too slow"))]);
    assert_eq!(text(&incomplete), "");

    let always =
        report(vec![manifest("s", &[], vec![entry("s//v1/Secret/a/b", DiffType::AlwaysSync)])]);
    assert!(!text(&always).contains("No changes"));

    let emptied = report(vec![orphan("gone", Ownership::Ours, &[])]);
    assert_eq!(text(&emptied), "");
}

#[test]
fn stderr_tells_what_failed_with_the_tools_words_and_the_next_step() {
    let mut report = report(vec![failed(
        "cert-manager",
        Reason::new(ReasonCode::ToolFailed, "kustomize failed: no such file")
            .hint("run `kustomize build manifests/cert-manager`")
            .detail(vec!["Error: accumulating resources".into(), "\u{1b}[31mred".into()]),
    )]);
    report.warnings = vec![
        Warning::new("unknown-field", "the field `pth` is unknown")
            .at(Location { file: "tazuna.yaml".into(), line: 3, column: None })
            .hint("did you mean `path`?"),
        Warning::new("odd-name", "capitals").about("Web"),
    ];
    insta::assert_snapshot!(problems(&report), @r"
    failed: cert-manager (tazuna.yaml:14): kustomize failed: no such file
      | Error: accumulating resources
      | \u001b[31mred
      hint: run `kustomize build manifests/cert-manager`
    warning: tazuna.yaml:3: the field `pth` is unknown
      hint: did you mean `path`?
    warning: Web: capitals
    ");
}

proptest! {
    #[test]
    fn no_name_can_steer_the_terminal_or_forge_a_line(report in arbitrary::report(4, 5)) {
        let text = text(&report);
        let rows: usize = report.manifests.iter().map(|m| match m.entries.len() {
            0 => 0,
            rows => rows + 3,
        }).sum();
        let lines = if text == "No changes detected.\n" { 1 } else { rows };
        prop_assert_eq!(text.lines().count(), lines);
        let all = text + &problems(&report);
        prop_assert!(all.chars().all(|c| c == '\n' || !c.is_control()));
    }
}
