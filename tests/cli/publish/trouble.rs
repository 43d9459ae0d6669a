//! What goes wrong on the way: lost answers, ends in between, locks, damage by people.

use serde_json::json;
use tazuna_drift::{
    domain::DiffType::{Added, Modified, Removed},
    history::Presence,
    publish::github::IssueAction,
};
use wiremock::ResponseTemplate;

use super::stage::{FLAGS, FRONT, LB, Stage, drift};

fn refusal(status: u16, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({ "message": message }))
}

#[tokio::test]
async fn a_run_that_ends_between_body_and_comment_is_taken_up_by_the_next() {
    let mut stage = Stage::new().await;
    stage.run(&drift(&[(FLAGS, Added)])).await;
    let more = drift(&[(FLAGS, Added), (FRONT, Modified)]);
    stage.github.refuse("POST", "/issues/1/comments", refusal(403, "no"));
    stage.try_run(&more).await.unwrap_err();
    assert_eq!(stage.github.comments(1).len(), 0);
    stage.github.log();

    // The next run looks whether it is there, posts it, and says so in the body.
    assert_eq!(stage.act(&more).await, IssueAction::Updated);
    assert_eq!(
        stage.github.log(),
        ["GET /issues", "GET /issues/1/comments", "POST /issues/1/comments", "PATCH /issues/1",]
    );
    assert_eq!(stage.github.comments(1).len(), 1);
    assert_eq!(stage.act(&more).await, IssueAction::Unchanged);
    assert_eq!(stage.github.log(), ["GET /issues"]);
}

#[tokio::test]
async fn a_run_that_ends_after_the_comment_does_not_make_it_twice() {
    let mut stage = Stage::new().await;
    stage.run(&drift(&[(FLAGS, Added)])).await;
    let more = drift(&[(FLAGS, Added), (FRONT, Modified)]);
    let body = stage.github.body(1);
    stage.run(&more).await;
    assert_eq!(stage.github.comments(1).len(), 1);
    // As it was after the comment: the second writing of the body never came.
    let pending = {
        let mut twin = Stage::new().await;
        twin.run(&drift(&[(FLAGS, Added)])).await;
        assert_eq!(twin.github.body(1), body);
        twin.github.refuse("POST", "/issues/1/comments", refusal(403, "no"));
        twin.try_run(&more).await.unwrap_err();
        twin.github.body(1)
    };
    stage.github.set(1, "body", pending.into());
    stage.github.log();
    stage.run(&more).await;
    assert_eq!(stage.github.writes(), ["PATCH /issues/1"]);
    assert_eq!(stage.github.comments(1).len(), 1);
    assert_eq!(stage.act(&more).await, IssueAction::Unchanged);
}

#[tokio::test]
async fn a_strangers_comment_with_the_events_id_does_not_count() {
    let mut stage = Stage::new().await;
    stage.run(&drift(&[(FLAGS, Added)])).await;
    let more = drift(&[(FLAGS, Added), (FRONT, Modified)]);
    stage.run(&more).await;
    let told = stage.github.comments(1)[0].clone();
    let mut twin = Stage::new().await;
    twin.run(&drift(&[(FLAGS, Added)])).await;
    twin.github.refuse("POST", "/issues/1/comments", refusal(403, "no"));
    twin.try_run(&more).await.unwrap_err();
    let stranger = json!({ "login": "stranger", "type": "User" });
    let forged = json!({ "body": told, "user": stranger, "author_association": "NONE" });
    twin.github.world().comments.insert(1, vec![forged]);
    twin.run(&more).await;
    assert_eq!(twin.github.comments(1).len(), 2);
}

#[tokio::test]
async fn an_old_event_is_told_before_a_new_one() {
    let mut stage = Stage::new().await;
    stage.run(&drift(&[(FLAGS, Added)])).await;
    stage.github.refuse("POST", "/issues/1/comments", refusal(403, "no"));
    stage.try_run(&drift(&[(FLAGS, Added), (FRONT, Modified)])).await.unwrap_err();
    stage.run(&drift(&[(FLAGS, Added), (FRONT, Modified), (LB, Removed)])).await;
    let comments = stage.github.comments(1);
    assert_eq!(comments.len(), 2);
    assert!(comments[0].contains("web/front"), "{comments:?}");
    assert!(comments[1].contains("old-lb"), "{comments:?}");
}

#[tokio::test]
async fn closing_is_taken_up_where_it_ended() {
    for lost_comment in [true, false] {
        let mut stage = Stage::new().await;
        stage.run(&drift(&[(FLAGS, Added)])).await;
        if lost_comment {
            stage.github.refuse("POST", "/issues/1/comments", refusal(403, "no"));
        } else {
            // The first change is the body with the event; the second one closes.
            stage.github.refuse("PATCH", "/issues/1", refusal(403, "no"));
            stage.try_run(&drift(&[])).await.unwrap_err();
            assert_eq!(stage.github.comments(1).len(), 0);
            stage.github.refuse("POST", "/issues/1/comments", refusal(403, "no"));
        }
        stage.try_run(&drift(&[])).await.unwrap_err();
        assert_eq!(stage.github.issue(1)["state"], "open");
        stage.github.log();
        assert_eq!(stage.act(&drift(&[])).await, IssueAction::Closed);
        assert_eq!(stage.github.writes(), ["POST /issues/1/comments", "PATCH /issues/1"]);
        assert_eq!(stage.github.issue(1)["state"], "closed");
        assert_eq!(stage.github.comments(1).len(), 1);
        assert_eq!(stage.act(&drift(&[(FLAGS, Added)])).await, IssueAction::Reopened);
    }
}

#[tokio::test]
async fn a_creation_whose_answer_got_lost_is_looked_for_first() {
    let mut stage = Stage::new().await;
    stage.github.lose("POST", "/issues");
    let result = stage.run(&drift(&[(FLAGS, Added)])).await;
    assert_eq!((result.number, result.action), (Some(1), IssueAction::Created));
    assert_eq!(stage.github.world().issues.len(), 1);

    // And one that never arrived is made again.
    let mut stage = Stage::new().await;
    stage.github.stall("POST", "/issues");
    let result = stage.run(&drift(&[(FLAGS, Added)])).await;
    assert_eq!((result.number, result.action), (Some(1), IssueAction::Created));
    assert_eq!(stage.github.world().issues.len(), 1);
    let made = stage.github.log().iter().filter(|line| *line == "POST /issues").count();
    assert_eq!(made, 2);
}

#[tokio::test]
async fn a_creation_that_gets_a_server_error_is_looked_for_first() {
    let mut stage = Stage::new().await;
    stage.github.refuse("POST", "/issues", refusal(502, "bad gateway"));
    stage.run(&drift(&[(FLAGS, Added)])).await;
    assert_eq!(stage.github.world().issues.len(), 1);
    let log = stage.github.log();
    let first = log.iter().position(|line| line == "POST /issues").unwrap();
    assert_eq!(log[first + 1], "GET /issues");
    assert_eq!(log.last().unwrap(), "POST /issues");
}

#[tokio::test]
async fn a_comment_whose_answer_got_lost_is_looked_for_first() {
    for carried_out in [true, false] {
        let mut stage = Stage::new().await;
        stage.run(&drift(&[(FLAGS, Added)])).await;
        if carried_out {
            stage.github.lose("POST", "/issues/1/comments");
        } else {
            stage.github.stall("POST", "/issues/1/comments");
        }
        stage.run(&drift(&[(FLAGS, Added), (FRONT, Modified)])).await;
        assert_eq!(stage.github.comments(1).len(), 1);
    }
}

#[tokio::test]
async fn a_locked_issue_is_kept_true_without_comments() {
    let mut stage = Stage::new().await;
    stage.run(&drift(&[(FLAGS, Added)])).await;
    stage.github.set(1, "locked", true.into());
    let locked = || refusal(403, "Unable to create comment because issue is locked.");
    stage.github.refuse("POST", "/issues/1/comments", locked());
    let more = drift(&[(FLAGS, Added), (FRONT, Modified)]);
    let result = stage.run(&more).await;
    assert_eq!(result.action, IssueAction::Updated);
    assert_eq!(result.warnings[0].code, "locked-issue");
    // Nobody is told later what was new then.
    stage.github.log();
    assert_eq!(stage.act(&more).await, IssueAction::Unchanged);
    assert_eq!(stage.github.log(), ["GET /issues"]);
    // It closes all the same.
    stage.github.refuse("POST", "/issues/1/comments", locked());
    assert_eq!(stage.act(&drift(&[])).await, IssueAction::Closed);
    assert_eq!(stage.github.issue(1)["state"], "closed");
}

#[tokio::test]
async fn assignees_without_access_are_left_out_with_a_warning() {
    let mut stage = Stage::new().await;
    stage.settings.assignees = vec!["gone".to_owned()];
    let answer = ResponseTemplate::new(422).set_body_json(json!({
        "message": "Validation Failed",
        "errors": [{ "resource": "Issue", "field": "assignees", "code": "invalid", "value": "gone" }],
    }));
    stage.github.refuse("POST", "/issues", answer);
    let result = stage.run(&drift(&[(FLAGS, Added)])).await;
    assert_eq!(result.action, IssueAction::Created);
    assert_eq!(result.warnings[0].code, "assignees");
    assert!(result.warnings[0].message.contains("`gone`"));
    assert_eq!(stage.github.issue(1)["assignees"], json!([]));
}

#[tokio::test]
async fn another_422_is_not_taken_for_the_assignees() {
    let mut stage = Stage::new().await;
    stage.settings.assignees = vec!["octocat".to_owned()];
    let answer = ResponseTemplate::new(422).set_body_json(json!({
        "message": "Validation Failed",
        "errors": [{ "resource": "Issue", "field": "title", "code": "missing_field" }],
    }));
    stage.github.refuse("POST", "/issues", answer);
    let error = stage.try_run(&drift(&[(FLAGS, Added)])).await.unwrap_err();
    assert!(error.explain().contains("Issue title missing_field"), "{}", error.explain());
    assert_eq!(stage.github.world().issues.len(), 0);
}

#[tokio::test]
async fn labels_that_cannot_be_set_do_not_stop_the_issue() {
    let mut stage = Stage::new().await;
    stage.github.refuse("POST", "/labels", refusal(403, "Resource not accessible"));
    let result = stage.run(&drift(&[(FLAGS, Added)])).await;
    assert_eq!(result.action, IssueAction::Created);
    assert_eq!(result.warnings[0].code, "label");
}

#[tokio::test]
async fn a_label_that_somebody_else_created_meanwhile_is_fine() {
    let mut stage = Stage::new().await;
    let answer = ResponseTemplate::new(422).set_body_json(json!({
        "message": "Validation Failed",
        "errors": [{ "resource": "Label", "field": "name", "code": "already_exists" }],
    }));
    stage.github.refuse("POST", "/labels", answer);
    assert_eq!(stage.run(&drift(&[(FLAGS, Added)])).await.warnings, []);
}

#[tokio::test]
async fn a_damaged_hidden_state_starts_afresh_with_a_warning() {
    type Damage = fn(&str) -> String;
    let damages: [Damage; 4] = [
        |body| body.replace("state v1 ", "state v1 A"),
        |body| body.replace("state v1 ", "state v9 "),
        |body| body.lines().filter(|line| !line.contains(":state ")).collect::<Vec<_>>().join("\n"),
        |body| body.trim_end().trim_end_matches("-->").to_owned(),
    ];
    for damage in damages {
        let mut stage = Stage::new().await;
        let report = drift(&[(FLAGS, Added), (LB, Removed)]);
        stage.run(&report).await;
        let damaged = damage(&stage.github.body(1));
        stage.github.set(1, "body", damaged.into());
        stage.github.log();

        let result = stage.run(&report).await;
        assert_eq!((result.number, result.action), (Some(1), IssueAction::Updated));
        assert_eq!(result.warnings[0].code, "hidden-state");
        assert_eq!(stage.github.writes(), ["PATCH /issues/1"]);
        let result = stage.run(&report).await;
        assert_eq!((result.action, result.warnings), (IssueAction::Unchanged, vec![]));
        // Nothing else is lost.
        stage.cluster_says(LB, Presence::Gone);
        assert_eq!(stage.act(&drift(&[])).await, IssueAction::Closed);
    }
}

#[tokio::test]
async fn what_people_write_into_the_body_stays_until_a_fact_changes() {
    let mut stage = Stage::new().await;
    stage.run(&drift(&[(FLAGS, Added)])).await;
    let body = format!("I am on it.\r\n\r\n{}", stage.github.body(1));
    stage.github.set(1, "body", body.clone().into());
    stage.github.set(1, "title", "Mine".into());
    assert_eq!(stage.act(&drift(&[(FLAGS, Added)])).await, IssueAction::Unchanged);
    assert_eq!(stage.github.body(1), body);
    stage.run(&drift(&[(FLAGS, Added), (FRONT, Modified)])).await;
    assert!(!stage.github.body(1).contains("I am on it."));
}

#[tokio::test]
async fn a_dry_run_only_reads_and_shows_a_diff() {
    let mut stage = Stage::new().await;
    stage.settings.dry_run = true;
    let result = stage.run(&drift(&[(FLAGS, Added)])).await;
    assert_eq!(stage.github.writes(), Vec::<String>::new());
    assert_eq!((result.action, result.number), (IssueAction::Created, None));
    let preview = result.preview.unwrap();
    assert!(preview.contains("would create an issue"), "{preview}");
    assert!(preview.contains("\n+**"), "{preview}");
    assert!(!preview.contains("<!--"), "{preview}");

    stage.settings.dry_run = false;
    stage.run(&drift(&[(FLAGS, Added)])).await;
    stage.settings.dry_run = true;
    stage.github.log();
    let result = stage.run(&drift(&[(FLAGS, Added), (LB, Removed)])).await;
    assert_eq!(stage.github.writes(), Vec::<String>::new());
    let preview = result.preview.unwrap();
    assert!(preview.contains("would rewrite #1:\n--- the issue now\n"), "{preview}");
    assert!(preview.lines().any(|line| line.starts_with('+') && line.contains("old-lb")));
    assert!(preview.contains("would comment on #1"), "{preview}");
    assert!(preview.contains("would add the label \"drift:removed\" to #1"), "{preview}");
    let result = stage.run(&drift(&[(FLAGS, Added)])).await;
    assert_eq!(result.preview.unwrap(), "would write nothing\n");
}
