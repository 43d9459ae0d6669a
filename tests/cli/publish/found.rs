//! Which issue is ours: label, marker, author, cluster, and how far it is looked for.

use serde_json::json;
use tazuna_drift::{
    domain::DiffType::Added,
    publish::github::{IssueAction, Labels},
    report::Report,
};

use super::stage::{FLAGS, FRONT, Stage, drift};

fn added() -> Report {
    drift(&[(FLAGS, Added)])
}

#[tokio::test]
async fn it_is_found_behind_more_than_a_hundred_others_with_the_label() {
    let mut stage = Stage::new().await;
    stage.run(&added()).await;
    for _ in 0..230 {
        stage.github.add(json!({ "title": "another", "labels": ["drift"], "body": "no marker" }));
    }
    stage.github.log();
    assert_eq!(stage.act(&added()).await, IssueAction::Unchanged);
    assert_eq!(stage.github.log(), ["GET /issues", "GET /issues", "GET /issues"]);
    let mut asked = stage.github.world().asked.clone();
    let asked = asked.split_off(asked.len() - 3);
    assert!(asked.iter().all(|line| line.contains("state=open&labels=drift&per_page=100")));
    assert!(asked[2].ends_with("&page=3"), "{asked:?}");
}

#[tokio::test]
async fn exactly_a_hundred_open_issues_need_one_page() {
    let mut stage = Stage::new().await;
    stage.run(&added()).await;
    for _ in 0..98 {
        stage.github.add(json!({ "labels": ["drift"] }));
    }
    stage.github.log();
    assert_eq!(stage.act(&added()).await, IssueAction::Unchanged);
    assert_eq!(stage.github.log(), ["GET /issues"]);
}

#[tokio::test]
async fn a_removed_label_makes_no_duplicate_and_comes_back() {
    let mut stage = Stage::new().await;
    stage.run(&added()).await;
    stage.github.set(1, "labels", json!([{ "name": "team-a" }]));
    stage.github.log();
    let result = stage.run(&added()).await;
    assert_eq!((result.number, result.action), (Some(1), IssueAction::Updated));
    assert_eq!(stage.github.writes(), ["POST /issues/1/labels"]);
    assert_eq!(stage.github.labels(1), ["team-a", "drift"]);
}

#[tokio::test]
async fn peoples_own_labels_stay() {
    let mut stage = Stage::new().await;
    stage.settings.labels = Labels::from_names(&["infra".into(), "ops".into()]).unwrap();
    stage.run(&added()).await;
    assert_eq!(stage.github.labels(1), ["infra", "ops"]);
    // Someone takes one away and adds another: neither is undone.
    stage.github.set(1, "labels", json!([{ "name": "infra" }, { "name": "mine" }]));
    stage.run(&drift(&[(FLAGS, Added), (FRONT, Added)])).await;
    assert_eq!(stage.github.labels(1), ["infra", "mine"]);
    stage.run(&drift(&[])).await;
    assert_eq!(stage.github.labels(1), ["infra", "mine"]);
}

#[tokio::test]
async fn a_foreign_issue_with_a_copied_marker_is_ignored_with_a_warning() {
    let mut stage = Stage::new().await;
    stage.run(&added()).await;
    let copied = stage.github.body(1);
    stage.github.world().issues.clear();
    let stranger = json!({ "login": "stranger", "type": "User" });
    for association in ["NONE", "CONTRIBUTOR", "FIRST_TIME_CONTRIBUTOR"] {
        stage.github.add(json!({
            "body": copied, "labels": ["drift"], "user": stranger,
            "author_association": association,
        }));
    }
    let result = stage.run(&added()).await;
    assert_eq!((result.number, result.action), (Some(4), IssueAction::Created));
    let codes: Vec<&str> = result.warnings.iter().map(|w| w.code.as_str()).collect();
    assert_eq!(codes, ["untrusted-issue"; 3]);
    assert!(result.warnings[0].message.contains("`stranger`"));
    assert!(result.warnings[0].hint.as_ref().unwrap().contains("--issue-author"));
    assert_eq!(stage.github.body(1), copied);
}

#[tokio::test]
async fn bots_people_with_write_access_and_the_named_author_are_trusted() {
    for (user, association, author) in [
        (json!({ "login": "some[bot]", "type": "Bot" }), "NONE", None),
        (json!({ "login": "ann", "type": "User" }), "OWNER", None),
        (json!({ "login": "ann", "type": "User" }), "MEMBER", None),
        (json!({ "login": "ann", "type": "User" }), "COLLABORATOR", None),
        (json!({ "login": "Ann", "type": "User" }), "NONE", Some("ann".to_owned())),
    ] {
        let mut stage = Stage::new().await;
        stage.run(&added()).await;
        stage.github.set(1, "user", user.clone());
        stage.github.set(1, "author_association", association.into());
        stage.settings.author = author;
        assert_eq!(stage.act(&added()).await, IssueAction::Unchanged, "{user} {association}");
    }
}

#[tokio::test]
async fn the_named_authors_issues_are_looked_through() {
    let mut stage = Stage::new().await;
    stage.settings.author = Some("drift-bot".to_owned());
    stage.run(&added()).await;
    let asked = stage.github.world().asked.clone();
    assert!(asked[2].contains("state=all&creator=drift%2Dbot"), "{asked:?}");
    stage.github.set(1, "user", json!({ "login": "drift-bot", "type": "User" }));
    stage.github.set(1, "labels", json!([]));
    assert_eq!(stage.act(&added()).await, IssueAction::Updated);
}

#[tokio::test]
async fn another_cluster_changes_nothing_and_is_told() {
    for closed in [false, true] {
        let mut stage = Stage::new().await;
        stage.run(&added()).await;
        if closed {
            stage.github.set(1, "state", "closed".into());
        }
        let body = stage.github.body(1);
        stage.github.log();
        let mut other = drift(&[(FRONT, Added)]);
        other.context.server = Some("k8s.elsewhere.net:6443".into());
        let result = stage.run(&other).await;
        let IssueAction::Untouched(reason) = &result.action else { panic!("{:?}", result.action) };
        assert!(reason.contains("k8s.elsewhere.net:6443") && reason.contains("#1"), "{reason}");
        assert_eq!(result.warnings[0].code, "other-cluster");
        assert!(result.warnings[0].hint.as_ref().unwrap().contains("--target"));
        assert_eq!(stage.github.writes(), Vec::<String>::new());
        assert_eq!(stage.github.body(1), body);
    }
}

#[tokio::test]
async fn a_cluster_whose_name_is_not_known_here_is_the_same_one() {
    let mut stage = Stage::new().await;
    stage.run(&added()).await;
    let mut inside = added();
    inside.context.name = None;
    let result = stage.run(&inside).await;
    assert_eq!((result.number, result.action), (Some(1), IssueAction::Updated));
}

#[tokio::test]
async fn each_target_has_its_own_issue() {
    let mut stage = Stage::new().await;
    stage.run(&added()).await;
    let mut other = added();
    other.target.id = Some("tazuna.yaml,production,tags=web".into());
    assert_eq!(stage.act(&other).await, IssueAction::Created);
    assert_eq!(stage.act(&added()).await, IssueAction::Unchanged);
    assert_eq!(stage.act(&other).await, IssueAction::Unchanged);
    // What a partial run did not look at stays open.
    let mut clear = drift(&[]);
    clear.target = other.target;
    assert_eq!(stage.act(&clear).await, IssueAction::Closed);
    assert_eq!(stage.github.issue(1)["state"], "open");
}

#[tokio::test]
async fn a_target_that_nothing_names_is_a_usage_error() {
    let mut stage = Stage::new().await;
    let mut report = added();
    report.target.id = None;
    let error = stage.try_run(&report).await.unwrap_err();
    assert!(error.explain().contains("--target"), "{}", error.explain());
    assert_eq!(stage.github.log(), Vec::<String>::new());
}

#[tokio::test]
async fn pull_requests_are_no_issues() {
    let mut stage = Stage::new().await;
    stage.run(&added()).await;
    stage.github.set(1, "pull_request", json!({ "url": "x" }));
    assert_eq!(stage.act(&added()).await, IssueAction::Created);
}

#[tokio::test]
async fn of_two_open_issues_the_older_is_kept() {
    let mut stage = Stage::new().await;
    stage.run(&added()).await;
    // Two runs at once: the other one created its own.
    let twin = stage.github.issue(1);
    let mut twin = json!({ "title": twin["title"], "body": twin["body"], "labels": ["drift"] });
    stage.github.add(twin.take());
    stage.github.log();

    let result = stage.run(&added()).await;
    assert_eq!(result.number, Some(1));
    assert_eq!(result.warnings[0].code, "duplicate-issue");
    assert_eq!(stage.github.writes(), ["POST /issues/2/comments", "PATCH /issues/2"]);
    let issue = stage.github.issue(2);
    assert_eq!((&issue["state"], &issue["state_reason"]), (&"closed".into(), &"duplicate".into()));
    assert!(stage.github.comments(2)[0].contains("#1"));

    // From now on the duplicate is nobody's: neither kept nor reopened.
    assert_eq!(stage.act(&added()).await, IssueAction::Unchanged);
    stage.run(&drift(&[])).await;
    let result = stage.run(&added()).await;
    assert_eq!((result.number, result.action), (Some(1), IssueAction::Reopened));
}

#[tokio::test]
async fn a_duplicate_whose_closing_failed_hears_it_once() {
    let mut stage = Stage::new().await;
    stage.run(&added()).await;
    let body = stage.github.issue(1)["body"].clone();
    stage.github.add(json!({ "body": body, "labels": ["drift"] }));
    stage.github.refuse("PATCH", "/issues/2", wiremock::ResponseTemplate::new(403));
    stage.try_run(&added()).await.unwrap_err();
    assert_eq!(stage.github.comments(2).len(), 1);
    stage.run(&added()).await;
    assert_eq!(stage.github.comments(2).len(), 1);
    assert_eq!(stage.github.issue(2)["state"], "closed");
}

#[tokio::test]
async fn a_server_that_knows_no_duplicates_hears_not_planned() {
    let mut stage = Stage::new().await;
    stage.run(&added()).await;
    let body = stage.github.issue(1)["body"].clone();
    stage.github.add(json!({ "body": body, "labels": ["drift"] }));
    stage.github.refuse("PATCH", "/issues/2", wiremock::ResponseTemplate::new(422));
    stage.run(&added()).await;
    assert_eq!(stage.github.issue(2)["state_reason"], "not_planned");
}
