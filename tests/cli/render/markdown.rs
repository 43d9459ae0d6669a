//! The Markdown report, read as the person who gets it at night.

use tazuna_drift::{
    domain::DiffType,
    render::{MarkdownOptions, Templates, issue::TazunaCommands, markdown},
    report::*,
};

use crate::reports::*;

fn render(report: &Report) -> String {
    let rendered = markdown(report, &Templates::built_in(), MarkdownOptions::default());
    assert!(rendered.warnings.is_empty());
    rendered.text
}

#[test]
fn a_platform_with_drift_of_all_sorts() {
    insta::assert_snapshot!(render(&platform()));
}

#[test]
fn a_clear_report_is_three_lines() {
    let text = render(&report(vec![manifest("web", &[], vec![]), manifest("db", &[], vec![])]));
    assert_eq!(text.lines().count(), 3);
    insta::assert_snapshot!(text);
}

#[test]
fn what_could_not_be_looked_at_is_never_no_drift() {
    let mut report = report(vec![
        manifest("web", &[], vec![]),
        failed(
            "cert-manager",
            Reason::new(ReasonCode::ToolFailed, "kustomize failed: no such file: base/crds.yaml")
                .hint("run `kustomize build manifests/cert-manager` yourself")
                .detail(vec!["never shown here".into()]),
        ),
        ManifestReport {
            outcome: ManifestOutcome::Skipped,
            reason: Some(Reason::new(ReasonCode::MissingName, "it has no name")),
            ..manifest("", &[], vec![])
        },
    ]);
    report.warnings = vec![
        Warning::new("unknown-field", "the field `pth` is unknown")
            .at(Location { file: "tazuna.yaml".into(), line: 3, column: None })
            .hint("did you mean `path`?"),
    ];
    let text = render(&report);
    assert!(!text.contains("never shown"));
    insta::assert_snapshot!(text);
}

#[test]
fn a_cluster_without_state_is_said_once() {
    let entries = |name: &str, count: usize| {
        let key = |n| format!("{name}//v1/ConfigMap/{name}/c{n}");
        manifest(name, &[], (0..count).map(|n| entry(&key(n), DiffType::Added)).collect())
    };
    let mut report = report(vec![entries("web", 40), entries("db", 3)]);
    report.source.state.as_mut().unwrap().config_maps = 0;
    let text = render(&report);
    assert!(!text.contains("c12"));
    insta::assert_snapshot!(text);
}

#[test]
fn a_refused_context_says_that_nothing_was_compared() {
    let mut report = report(vec![]);
    report.refused = Some(Refusal {
        code: RefusalCode::ContextMismatch,
        message: "the context `prod-osaka` matches none of context_matches (`^prod-tokyo$`)".into(),
        hint: Some("choose it with `--context`, or `--allow-context-mismatch`".into()),
    });
    insta::assert_snapshot!(render(&report));
}

#[test]
fn live_drift_says_what_it_compares() {
    let mut report = report(vec![manifest(
        "web",
        &[],
        vec![
            entry("web/apps/v1/Deployment/web/frontend", DiffType::LiveDrifted),
            entry("web//v1/ConfigMap/web/flags", DiffType::LiveMissing),
        ],
    )]);
    report.source =
        Source { kind: SourceKind::Output, input: Some("drift.txt".into()), state: None };
    insta::assert_snapshot!(render(&report));
}

#[test]
fn what_may_be_somebody_elses_is_not_to_be_deleted() {
    let report = report(vec![
        orphan("theirs", Ownership::Foreign, &["theirs//v1/Namespace/theirs"]),
        orphan("whose", Ownership::Unknown, &["whose//v1/Namespace/whose"]),
    ]);
    let text = render(&report);
    assert!(!text.contains("kubectl --context prod-tokyo delete"));
    assert!(!text.contains("destroy"));
    insta::assert_snapshot!(text);
}

#[test]
fn hostile_names_stay_harmless() {
    insta::assert_snapshot!(render(&hostile()));
}

#[test]
fn older_commands_come_first_where_they_are_asked_for() {
    let options = MarkdownOptions { commands: TazunaCommands::StateSync, budget: None };
    let text = markdown(&platform(), &Templates::built_in(), options).text;
    let commands: Vec<&str> =
        text.lines().filter(|line| line.contains(" sync") || line.contains("--sync")).collect();
    insta::assert_snapshot!(commands.join("\n"));
}
