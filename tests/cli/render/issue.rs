//! Title, body and comments of the issue.

use tazuna_drift::{
    domain::DiffType,
    render::{
        Templates,
        escape::units,
        issue::{Detail, IssueOptions, Occasion, body, comment, problems, title},
    },
    report::*,
};

use crate::reports::*;

pub(crate) fn options() -> IssueOptions {
    IssueOptions { budget: 40_000, ..IssueOptions::default() }
}

#[test]
fn an_open_issue_tells_the_worst_first() {
    insta::assert_snapshot!(body(&platform_with_history(), &options()));
}

#[test]
fn a_clear_issue_says_since_when() {
    let mut report = report(vec![manifest("web", &[], vec![]), manifest("db", &[], vec![])]);
    report.history = Some(History {
        drift_since: Some("2026-11-21T06:17:00Z".parse().unwrap()),
        clear_since: Some(at("12:17:00")),
        cleared: vec![past("web//v1/ConfigMap/web/flags", DiffType::Added)],
        ..History::default()
    });
    insta::assert_snapshot!(body(&report, &options()));
    let said = comment(&report, &Occasion::Clear, &options());
    insta::assert_snapshot!(said, @"**No drift any more.** Cleared: added **ConfigMap** `web/flags` (`web`). It lasted since 21 Nov 2026.");
}

#[test]
fn an_object_that_runs_on_untracked_is_not_clear() {
    let mut report = report(vec![manifest("web", &[], vec![])]);
    report.history = Some(History {
        untracked: vec![past("web/batch/v1/CronJob/web/report", DiffType::Removed)],
        ..History::default()
    });
    let body = body(&report, &options());
    assert!(!body.to_lowercase().contains("no drift"));
    insta::assert_snapshot!(body);
    assert_eq!(title(&report, &options()).unwrap(), "Drift in prod-tokyo: 1 untracked");
}

#[test]
fn names_alone_leave_the_reasons_out() {
    let options = IssueOptions { detail: Detail::Names, ..options() };
    let body = body(&platform_with_history(), &options);
    assert!(body.contains("cert-manager"));
    assert!(!body.contains("helm failed") && !body.contains("helmfile.yaml"));
}

#[test]
fn a_title_names_the_cluster_and_the_worst_first() {
    assert_eq!(
        title(&platform(), &options()).unwrap(),
        "Drift in prod-tokyo: 5 removed, 3 modified, 1 added"
    );
    let mut report = hostile();
    report.context.name = Some("x\n\u{202e}".repeat(300));
    let title = title(&report, &options()).unwrap();
    assert!(units(&title) <= 256 && !title.chars().any(char::is_control));
}

#[test]
fn a_title_may_be_the_users_own() {
    let own = |template: &str| {
        title(&platform(), &IssueOptions { title: Some(template.into()), ..options() })
    };
    assert_eq!(
        own("[{{ environment }}] {{ totals.removed }} gone, {{ summary }}\n").unwrap(),
        "[production] 5 gone, 5 removed, 3 modified, 1 added"
    );
    assert_eq!(units(&own("{% for n in range(99) %}{{ cluster }}{% endfor %}").unwrap()), 256);
    let said: Vec<String> =
        ["{{ nobody }}", "{{ cluster ", "{% if totals.drift == 0 %}x{% endif %}"]
            .map(|template| own(template).unwrap_err().explain())
            .to_vec();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_comment_is_one_paragraph_of_news() {
    let report = platform_with_history();
    let said =
        [Occasion::News, Occasion::Reopened, Occasion::Clear, Occasion::Duplicate { kept: 12 }]
            .map(|occasion| {
                let text = comment(&report, &occasion, &options());
                assert_eq!(text.lines().count(), 1, "{text}");
                text
            });
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn what_does_not_fit_is_counted() {
    let entries = |name: &str, diff_type, count: usize| -> Vec<Entry> {
        (0..count)
            .map(|n| entry(&format!("{name}//v1/ConfigMap/{name}/config-{n:04}"), diff_type))
            .collect()
    };
    let mut web = entries("web", DiffType::Added, 500);
    web.extend(entries("web", DiffType::Modified, 300));
    let report = report(vec![
        manifest("web", &["apps"], web),
        manifest("gone", &["db"], entries("gone", DiffType::Removed, 300)),
    ]);
    let body = body(&report, &options());
    assert!(units(&body) <= 40_000 && units(&body) > 30_000);
    let frame: Vec<&str> = body.lines().filter(|line| !line.contains("config-")).collect();
    insta::assert_snapshot!(frame.join("\n"));
}

#[test]
fn templates_of_the_users_make_the_issue_and_a_broken_one_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("issue.md.j2");
    std::fs::write(&file, "Mine: {{ 40 + 2 }}\n").unwrap();
    let load = || std::sync::Arc::new(Templates::load(Some(folder.path())).unwrap());
    let mine = IssueOptions { templates: load(), ..options() };
    assert_eq!(body(&platform(), &mine).trim(), "Mine: 42");
    assert!(problems(&platform(), &mine).is_empty());

    std::fs::write(&file, "{{ nowhere.at_all }}\n").unwrap();
    let broken = IssueOptions { templates: load(), ..options() };
    assert_eq!(body(&platform(), &broken), body(&platform(), &options()));
    let problems = problems(&platform(), &broken);
    assert!(problems[0].to_string().contains("issue.md.j2"), "{}", problems[0]);
    assert_ne!(mine.templates.digest(), broken.templates.digest());
    assert_eq!(options().templates.digest(), "");
}
