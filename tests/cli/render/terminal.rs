//! The Report at a terminal.

use proptest::prelude::*;
use tazuna_drift::{
    domain::DiffType,
    render::terminal,
    report::{Reason, ReasonCode},
};
use unicode_width::UnicodeWidthStr;

use crate::{arbitrary, reports::*};

#[test]
fn the_worst_comes_first_and_the_next_step_last() {
    insta::assert_snapshot!(terminal(&platform_with_history(), 110, false));
    insta::assert_snapshot!(terminal(&platform(), 60, false));
}

#[test]
fn colours_mark_what_is_removed_and_only_when_asked_for() {
    let text = terminal(&platform(), 100, true);
    let removed: Vec<&str> = text.lines().filter(|line| line.contains("removed   ")).collect();
    assert_eq!(removed.len(), 5);
    assert!(
        removed.iter().all(|line| line.starts_with("\u{1b}[1;31m") && line.ends_with("\u{1b}[0m"))
    );
    assert!(!terminal(&platform(), 100, false).contains('\u{1b}'));
}

#[test]
fn each_ending_has_its_own_next_step() {
    let mut no_state =
        report(vec![manifest("web", &[], vec![entry("web//v1/ConfigMap/web/a", DiffType::Added)])]);
    no_state.source.state.as_mut().unwrap().config_maps = 0;
    let reports = [
        report(vec![manifest("web", &[], vec![])]),
        report(vec![failed("web", Reason::new(ReasonCode::TimedOut, "took longer than 5 min"))]),
        no_state,
        report(vec![manifest(
            "web",
            &[],
            vec![entry("web//v1/ConfigMap/web/a", DiffType::Modified)],
        )]),
    ];
    let said: Vec<String> = reports.iter().map(|report| terminal(report, 100, false)).collect();
    insta::assert_snapshot!(said.join("----\n"));
}

proptest! {
    #[test]
    fn no_line_is_wider_than_the_terminal_and_none_steers_it(
        report in arbitrary::report(5, 8), width in 20usize..200,
    ) {
        let text = terminal(&report, width, false);
        prop_assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
        let lines: Vec<&str> = text.lines().collect();
        let (next, lines) = lines.split_last().unwrap();
        prop_assert!(next.starts_with("next: "));
        for line in lines {
            prop_assert!(line.width() <= width, "{}: {line}", line.width());
        }
        let rows: usize = report.manifests.iter().map(|manifest| manifest.entries.len()).sum();
        prop_assert!(lines.len() > rows);
    }
}
