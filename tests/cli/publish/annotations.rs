//! Annotations: what stands at which line, how many, and that nobody else's command runs.

use proptest::prelude::*;
use tazuna_drift::{
    domain::DiffType::{Added, Modified, Removed},
    publish::annotations::commands,
    report::*,
};

use super::stage::{FLAGS, FRONT, LB, drift, with_failed};
use crate::{arbitrary, reports};

#[test]
fn errors_for_what_was_removed_and_warnings_for_the_rest() {
    let mut report = with_failed(drift(&[(LB, Removed), (FLAGS, Added), (FRONT, Modified)]), "db");
    report.selection.repository_path = Some("infra/prod/tazuna.yaml".into());
    report.manifests[2].declared_at =
        Some(Location { file: "../base/web.yaml".into(), line: 3, column: None });
    assert_eq!(
        commands(&report),
        [
            "::error file=infra/prod/tazuna.yaml,line=14,col=5,title=Removed::\
             1 resource of ingress was removed from tazuna.yaml but is still in State: \
             Service ingress/old-lb",
            "::warning file=infra/prod/tazuna.yaml,line=14,col=5,title=Not compared::\
             db could not be compared: helm failed: chart not found",
            "::warning file=infra/base/web.yaml,line=3,title=Drift::\
             web: 1 added, 1 modified (ConfigMap web/flags, Deployment web/front)",
        ]
    );
}

#[test]
fn a_place_that_is_not_known_or_outside_the_repository_is_left_out() {
    let mut report = drift(&[(LB, Removed)]);
    report.manifests[0].declared_at.as_mut().unwrap().file = "../outside.yaml".into();
    assert!(commands(&report)[0].starts_with("::error title=Removed::"));
    report.manifests[0].declared_at = None;
    assert!(commands(&report)[0].starts_with("::error title=Removed::"));
    let mut report = drift(&[(LB, Removed)]);
    report.selection.repository_path = None;
    assert!(commands(&report)[0].starts_with("::error title=Removed::"));
}

#[test]
fn no_state_and_a_wrong_context_are_said_once() {
    let mut report = reports::platform();
    report.source.state.as_mut().unwrap().config_maps = 0;
    assert_eq!(commands(&report).len(), 1);
    let mut report = reports::platform();
    report.refused = Some(Refusal {
        code: RefusalCode::ContextMismatch,
        message: "context `a`\nis not allowed".into(),
        hint: None,
    });
    let said = commands(&report);
    assert_eq!(said.len(), 1);
    assert!(said[0].starts_with("::error title=Nothing was compared::"), "{said:?}");
    assert!(commands(&drift(&[])).is_empty());
}

#[test]
fn beyond_ten_of_a_kind_one_line_says_how_many_more() {
    let manifest = |n: usize| {
        let key = |kind: &str| format!("m{n}//v1/{kind}/ns/x");
        let entries = vec![
            reports::entry(&key("ConfigMap"), Added),
            reports::entry(&key("Service"), Removed),
        ];
        reports::manifest(&format!("m{n}"), &[], entries)
    };
    let ten = commands(&reports::report((0..10).map(manifest).collect()));
    assert_eq!(ten.len(), 20);
    assert!(ten.iter().all(|line| !line.contains("more like these")));
    let twelve = commands(&reports::report((0..12).map(manifest).collect()));
    assert_eq!(twelve.len(), 20);
    assert!(twelve[9].contains("::3 more like these"), "{}", twelve[9]);
    assert!(twelve[19].contains("::3 more like these"), "{}", twelve[19]);
}

#[test]
fn somebody_elses_state_is_no_error() {
    let orphan = |ownership| {
        reports::report(vec![reports::orphan("legacy", ownership, &["legacy//v1/Service/a/b"])])
    };
    assert!(commands(&orphan(Ownership::Ours))[0].starts_with("::error "));
    assert!(commands(&orphan(Ownership::Foreign))[0].starts_with("::warning "));
}

proptest! {
    #[test]
    fn each_annotation_is_one_line_and_one_command(report in arbitrary::report(30, 5)) {
        for line in commands(&report).into_iter().chain(commands(&reports::hostile())) {
            prop_assert!(line.starts_with("::error ") || line.starts_with("::warning "));
            prop_assert!(!line.contains(['\n', '\r', '\u{202e}']), "{line:?}");
            let (properties, _) = line[2..].split_once("::").unwrap();
            prop_assert!(properties.contains("title="), "{line}");
        }
    }
}
