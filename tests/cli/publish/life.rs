//! The issue's life, row by row of the contract.

use tazuna_drift::{
    domain::DiffType::{Added, Modified, Removed},
    history::Presence,
    publish::github::{ClosedIssue, IssueAction},
    report::*,
};

use super::stage::{FLAGS, FRONT, LB, PVC, Stage, drift, with_failed};
use crate::reports;

#[tokio::test]
async fn drift_without_an_issue_creates_one_with_its_labels() {
    let mut stage = Stage::new().await;
    stage.settings.assignees = vec!["octocat".to_owned()];
    let result = stage.run(&drift(&[(LB, Removed), (FLAGS, Added)])).await;

    assert_eq!(result.action, IssueAction::Created);
    assert_eq!(result.number, Some(1));
    assert_eq!(result.url.as_deref(), Some("https://github.com/acme/infra/issues/1"));
    assert_eq!(result.warnings, []);
    let issue = stage.github.issue(1);
    assert_eq!(issue["state"], "open");
    assert_eq!(issue["assignees"][0], "octocat");
    assert_eq!(stage.github.labels(1), ["drift", "drift:removed"]);
    assert!(stage.github.body(1).contains(
        "<!-- tazuna-drift:target=tazuna.yaml,production cluster=prod%2Dtokyo@k8s.example.net:6443 -->"
    ));
    let world = stage.github.world();
    assert_eq!(world.labels.len(), 2);
    assert!(world.labels.iter().all(|label| label["description"].as_str().unwrap().len() <= 100));
    // Closed ones and the author's were looked through before anything was created.
    assert_eq!(
        world.log,
        [
            "GET /issues",
            "GET /issues",
            "GET /issues",
            "GET /labels/drift",
            "POST /labels",
            "GET /labels/drift%3Aremoved",
            "POST /labels",
            "POST /issues",
        ]
    );
}

#[tokio::test]
async fn labels_that_are_there_are_not_created_again() {
    let mut stage = Stage::new().await;
    stage.run(&drift(&[(FLAGS, Added)])).await;
    assert_eq!(stage.github.writes(), ["POST /labels", "POST /issues"]);
    assert_eq!(stage.github.labels(1), ["drift"]);
    stage.github.set(1, "body", "someone emptied it".into());
    stage.run(&drift(&[(FLAGS, Added)])).await;
    assert_eq!(stage.github.writes(), ["POST /issues"]);
}

#[tokio::test]
async fn an_unchanged_run_costs_one_read_and_no_write() {
    let mut stage = Stage::new().await;
    let report = drift(&[(LB, Removed), (FLAGS, Added), (FRONT, Modified)]);
    stage.run(&report).await;
    let body = stage.github.body(1);
    for _ in 0..3 {
        stage.github.log();
        let result = stage.run(&report).await;
        assert_eq!(result.action, IssueAction::Unchanged);
        assert_eq!(result.number, Some(1));
        assert_eq!(stage.github.log(), ["GET /issues"]);
    }
    assert_eq!(stage.github.body(1), body);
}

#[tokio::test]
async fn new_drift_rewrites_the_body_and_comments_once() {
    let mut stage = Stage::new().await;
    stage.run(&drift(&[(FLAGS, Added)])).await;
    stage.github.log();
    let more = drift(&[(FLAGS, Added), (LB, Removed)]);

    assert_eq!(stage.act(&more).await, IssueAction::Updated);
    assert_eq!(
        stage.github.writes(),
        [
            "PATCH /issues/1",
            "POST /labels",
            "POST /issues/1/labels",
            "POST /issues/1/comments",
            "PATCH /issues/1",
        ]
    );
    assert_eq!(stage.github.labels(1), ["drift", "drift:removed"]);
    assert_eq!(stage.github.comments(1).len(), 1);

    assert_eq!(stage.act(&more).await, IssueAction::Unchanged);
    assert_eq!(stage.github.log(), ["GET /issues"]);
    assert_eq!(stage.github.comments(1).len(), 1);
}

#[tokio::test]
async fn an_entry_that_changed_again_is_news() {
    let mut stage = Stage::new().await;
    let mut report = drift(&[(FRONT, Modified)]);
    stage.run(&report).await;
    report.manifests[2].entries[0].new_hash = Some(reports::hash("another"));
    let (_, after) = stage.try_run(&report).await.unwrap();
    assert_eq!(after.manifests[2].entries[0].trend, Some(EntryTrend::Changed));
    assert_eq!(after.manifests[2].entries[0].first_seen, Some(reports::at("01:17:00")));
    assert_eq!(stage.github.comments(1).len(), 1);
}

#[tokio::test]
async fn partly_cleared_rewrites_without_a_comment() {
    let mut stage = Stage::new().await;
    stage.run(&drift(&[(FLAGS, Added), (FRONT, Modified)])).await;
    stage.github.log();
    let (result, report) = stage.try_run(&drift(&[(FLAGS, Added)])).await.unwrap();
    assert_eq!(result.action, IssueAction::Updated);
    assert_eq!(stage.github.writes(), ["PATCH /issues/1"]);
    let history = report.history.unwrap();
    assert_eq!(history.cleared.len(), 1);
    assert_eq!(history.cleared[0].key.as_str(), FRONT);
    assert_eq!(report.manifests[2].entries[0].first_seen, Some(reports::at("01:17:00")));
    assert_eq!(report.manifests[2].entries[0].trend, Some(EntryTrend::Ongoing));
}

#[tokio::test]
async fn no_drift_closes_the_issue_with_one_comment() {
    let mut stage = Stage::new().await;
    stage.cluster_says(LB, Presence::Gone);
    stage.run(&drift(&[(LB, Removed)])).await;
    stage.github.log();

    let (result, report) = stage.try_run(&drift(&[])).await.unwrap();
    assert_eq!(result.action, IssueAction::Closed);
    assert_eq!(
        stage.github.writes(),
        [
            "PATCH /issues/1",
            "DELETE /issues/1/labels/drift%3Aremoved",
            "POST /issues/1/comments",
            "PATCH /issues/1",
        ]
    );
    let issue = stage.github.issue(1);
    assert_eq!((&issue["state"], &issue["state_reason"]), (&"closed".into(), &"completed".into()));
    assert_eq!(stage.github.labels(1), ["drift"]);
    let history = report.history.unwrap();
    assert_eq!(history.clear_since, Some(reports::at("02:17:00")));
    assert_eq!(history.drift_since, Some(reports::at("01:17:00")));

    // None or closed: nothing at all.
    assert_eq!(stage.act(&drift(&[])).await, IssueAction::Nothing);
    assert_eq!(stage.github.log(), ["GET /issues"]);
}

#[tokio::test]
async fn no_drift_and_no_issue_is_nothing_at_all() {
    let mut stage = Stage::new().await;
    assert_eq!(stage.act(&drift(&[])).await, IssueAction::Nothing);
    assert_eq!(stage.github.log(), ["GET /issues"]);
}

#[tokio::test]
async fn drift_after_a_clear_report_reopens() {
    let mut stage = Stage::new().await;
    stage.run(&drift(&[(FLAGS, Added)])).await;
    stage.run(&drift(&[])).await;
    stage.github.log();
    let (result, report) = stage.try_run(&drift(&[(FLAGS, Added)])).await.unwrap();
    assert_eq!(result.action, IssueAction::Reopened);
    assert_eq!(result.number, Some(1));
    assert_eq!(stage.github.issue(1)["state"], "open");
    assert_eq!(stage.github.comments(1).len(), 2);
    assert_eq!(
        stage.github.writes(),
        ["PATCH /issues/1", "POST /issues/1/comments", "PATCH /issues/1"]
    );
    // It starts anew: what was there before it was clear is not counted.
    assert_eq!(report.history.unwrap().drift_since, Some(reports::at("03:17:00")));
    assert_eq!(stage.act(&drift(&[(FLAGS, Added)])).await, IssueAction::Unchanged);
}

#[tokio::test]
async fn drift_after_a_clear_report_may_get_a_new_issue_that_links_the_old() {
    let mut stage = Stage::new().await;
    stage.settings.closed_issue = ClosedIssue::Recreate;
    stage.run(&drift(&[(FLAGS, Added)])).await;
    stage.run(&drift(&[])).await;
    let result = stage.run(&drift(&[(FLAGS, Added)])).await;
    assert_eq!((result.action, result.number), (IssueAction::Recreated(1), Some(2)));
    assert!(stage.github.words(2).ends_with("Continues #1."));
    assert_eq!(stage.github.issue(1)["state"], "closed");

    // The link stays when the body changes, and the old one is left alone.
    stage.run(&drift(&[(FLAGS, Added), (FRONT, Modified)])).await;
    assert!(stage.github.words(2).ends_with("Continues #1."));
    stage.run(&drift(&[])).await;
    let result = stage.run(&drift(&[(FLAGS, Added)])).await;
    assert_eq!((result.action, result.number), (IssueAction::Recreated(2), Some(3)));
}

#[tokio::test]
async fn closed_by_hand_stays_closed_until_there_is_news() {
    let mut stage = Stage::new().await;
    let report = drift(&[(FLAGS, Added), (FRONT, Modified)]);
    stage.run(&report).await;
    stage.github.set(1, "state", "closed".into());
    stage.github.log();

    for _ in 0..2 {
        assert_eq!(stage.act(&report).await, IssueAction::StaysClosed);
        assert_eq!(stage.github.log(), ["GET /issues", "GET /issues"]);
    }
    // What went away is written down quietly.
    assert_eq!(stage.act(&drift(&[(FRONT, Modified)])).await, IssueAction::StaysClosed);
    assert_eq!(stage.github.writes(), ["PATCH /issues/1"]);
    assert_eq!(stage.github.issue(1)["state"], "closed");
    // Then what comes is news.
    assert_eq!(stage.act(&report).await, IssueAction::Reopened);
    assert_eq!(stage.github.issue(1)["state"], "open");
    assert_eq!(stage.github.comments(1).len(), 1);
}

#[tokio::test]
async fn clear_and_closed_by_hand_is_nothing_at_all() {
    let mut stage = Stage::new().await;
    stage.run(&drift(&[(FLAGS, Added)])).await;
    stage.github.set(1, "state", "closed".into());
    stage.github.log();
    assert_eq!(stage.act(&drift(&[])).await, IssueAction::Nothing);
    assert_eq!(stage.github.log(), ["GET /issues"]);
}

#[tokio::test]
async fn what_could_not_be_looked_at_is_unknown_and_never_closes() {
    let mut stage = Stage::new().await;
    stage.run(&drift(&[(FLAGS, Added), (FRONT, Modified)])).await;
    stage.github.log();

    let broken = with_failed(drift(&[]), "web");
    let (result, report) = stage.try_run(&broken).await.unwrap();
    assert_eq!(result.action, IssueAction::Updated);
    assert_eq!(stage.github.writes(), ["PATCH /issues/1"]);
    assert_eq!(stage.github.issue(1)["state"], "open");
    let history = report.history.unwrap();
    assert_eq!(history.unknown.len(), 2);
    assert_eq!(history.unknown[0].first_seen, Some(reports::at("01:17:00")));
    assert_eq!(history.cleared, []);

    assert_eq!(stage.act(&broken).await, IssueAction::Unchanged);
    // It can be looked at again: not new, and first seen when it was.
    let (_, report) = stage.try_run(&drift(&[(FLAGS, Added)])).await.unwrap();
    let entry = &report.manifests[2].entries[0];
    assert_eq!(entry.trend, Some(EntryTrend::Ongoing));
    assert_eq!(entry.first_seen, Some(reports::at("01:17:00")));
    assert_eq!(report.history.unwrap().cleared.len(), 1);
    assert_eq!(stage.github.comments(1).len(), 0);
}

#[tokio::test]
async fn incomplete_without_drift_opens_nothing() {
    let mut stage = Stage::new().await;
    assert_eq!(stage.act(&with_failed(drift(&[]), "db")).await, IssueAction::Nothing);
    assert_eq!(stage.github.log(), ["GET /issues"]);
}

#[tokio::test]
async fn an_orphaned_state_without_entries_keeps_the_issue_open() {
    let mut stage = Stage::new().await;
    stage.run(&drift(&[(FLAGS, Added)])).await;
    let mut report = drift(&[]);
    report.manifests.push(reports::orphan("old", Ownership::Ours, &[]));
    report.totals = Totals::of(&report.manifests);
    assert_eq!(stage.act(&report).await, IssueAction::Updated);
    assert_eq!(stage.github.issue(1)["state"], "open");
}

#[tokio::test]
async fn a_wrong_context_or_no_state_leaves_the_issue_alone() {
    let mut stage = Stage::new().await;
    stage.run(&drift(&[(FLAGS, Added)])).await;
    stage.github.log();
    let mut refused = drift(&[]);
    refused.refused = Some(Refusal {
        code: RefusalCode::ContextMismatch,
        message: "context staging is not allowed".into(),
        hint: None,
    });
    let mut empty = drift(&[(FLAGS, Added), (FRONT, Added)]);
    empty.source.state.as_mut().unwrap().config_maps = 0;
    for report in [refused, empty] {
        assert!(matches!(stage.act(&report).await, IssueAction::Untouched(_)));
        assert_eq!(stage.github.log(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_removed_entry_that_left_state_is_looked_up() {
    for (presence, open, cleared, untracked, unverified) in [
        (Presence::Gone, true, 1, 0, 0),
        (Presence::Tracked, true, 1, 0, 0),
        (Presence::Running, true, 0, 1, 0),
        (Presence::NotAllowed, true, 0, 0, 1),
    ] {
        let mut stage = Stage::new().await;
        stage.cluster_says(LB, presence);
        stage.run(&drift(&[(LB, Removed), (PVC, Removed)])).await;
        let (_, report) = stage.try_run(&drift(&[(PVC, Removed)])).await.unwrap();
        let history = report.history.unwrap();
        let counts = (history.cleared.len(), history.untracked.len(), history.unverified.len());
        assert_eq!(counts, (cleared, untracked, unverified), "{presence:?}");
        assert_eq!(stage.github.issue(1)["state"] == "open", open);
        // Gone is no news; that something runs on unseen or could not be verified is.
        let comments = usize::from(matches!(presence, Presence::Running | Presence::NotAllowed));
        assert_eq!(stage.github.comments(1).len(), comments, "{presence:?}");
        // Nobody hears it twice.
        stage.run(&drift(&[(PVC, Removed)])).await;
        assert_eq!(stage.github.comments(1).len(), comments, "{presence:?}");
    }
}

#[tokio::test]
async fn what_runs_on_unseen_keeps_the_issue_open_until_it_is_gone() {
    let mut stage = Stage::new().await;
    stage.cluster_says(LB, Presence::Running);
    stage.run(&drift(&[(LB, Removed)])).await;
    assert_eq!(stage.act(&drift(&[])).await, IssueAction::Updated);
    assert_eq!(stage.github.labels(1), ["drift", "drift:removed"]);
    let (result, report) = stage.try_run(&drift(&[])).await.unwrap();
    assert_eq!(result.action, IssueAction::Unchanged);
    assert_eq!(report.history.unwrap().untracked[0].first_seen, Some(reports::at("01:17:00")));

    // Nobody could answer: it stays as it was.
    stage.cluster_says(LB, Presence::Unknown);
    assert_eq!(stage.act(&drift(&[])).await, IssueAction::Unchanged);

    stage.cluster_says(LB, Presence::Gone);
    assert_eq!(stage.act(&drift(&[])).await, IssueAction::Closed);
    assert_eq!(stage.github.labels(1), ["drift"]);
}

#[tokio::test]
async fn a_question_that_could_not_be_answered_is_asked_again() {
    let mut stage = Stage::new().await;
    stage.cluster_says(LB, Presence::Unknown);
    stage.run(&drift(&[(LB, Removed)])).await;
    let (result, report) = stage.try_run(&drift(&[])).await.unwrap();
    assert_eq!(result.action, IssueAction::Updated);
    assert_eq!(report.history.unwrap().unknown.len(), 1);
    stage.cluster_says(LB, Presence::Gone);
    assert_eq!(stage.act(&drift(&[])).await, IssueAction::Closed);
}

#[tokio::test]
async fn somebody_opens_a_clear_issue_again_and_it_closes_without_a_word() {
    let mut stage = Stage::new().await;
    stage.run(&drift(&[(FLAGS, Added)])).await;
    stage.run(&drift(&[])).await;
    stage.github.set(1, "state", "open".into());
    stage.github.log();
    assert_eq!(stage.act(&drift(&[])).await, IssueAction::Closed);
    assert_eq!(stage.github.writes(), ["PATCH /issues/1"]);
    assert_eq!(stage.github.comments(1).len(), 1);
}
