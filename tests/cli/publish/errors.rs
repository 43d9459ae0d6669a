//! Each refusal of GitHub's names what is missing and what to do; what may pass is tried
//! again, within bounds.

use std::time::Duration;

use serde_json::json;
use tazuna_drift::{
    domain::DiffType::{Added, Modified},
    error::ErrorKind,
    publish::github::IssueAction,
};
use wiremock::ResponseTemplate;

use super::stage::{FLAGS, FRONT, Stage, drift};

fn answer(status: u16, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({ "message": message }))
}

/// The first request of a run is answered so, and so are its repetitions.
async fn explain(answer: &ResponseTemplate) -> (String, usize) {
    let mut stage = Stage::new().await;
    for _ in 0..5 {
        stage.github.refuse("GET", "/issues", answer.clone());
    }
    let error = stage.try_run(&drift(&[(FLAGS, Added)])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Publish);
    let text = error.explain();
    assert!(text.contains("listing the issues of acme/infra failed"), "{text}");
    assert!(text.contains("hint: "), "{text}");
    assert!(!text.contains("t-secret"), "{text}");
    (text, stage.github.log().len())
}

#[tokio::test]
async fn each_refusal_says_what_is_missing_and_is_not_repeated() {
    for (answer, expected) in [
        (answer(401, "Bad credentials"), ["expired or revoked", "(401: Bad credentials)"]),
        (
            answer(403, "Resource not accessible by integration")
                .insert_header("x-accepted-github-permissions", "issues=write"),
            ["permissions: {contents: read, issues: write}", "GitHub asks for issues=write"],
        ),
        (
            answer(403, "Resource protected by organization SAML enforcement")
                .insert_header("x-github-sso", "required; url=https://github.com/x"),
            ["single sign-on", "403"],
        ),
        (answer(404, "Not Found"), ["--issue-repo", "may not see it"]),
        (answer(410, "Issues are disabled for this repo"), ["switched off", "Features, Issues"]),
        (
            ResponseTemplate::new(422).set_body_json(
                json!({ "message": "Validation Failed", "errors": [{ "message": "no\nlabel" }] }),
            ),
            ["422: Validation Failed; no label", "--issue-labels"],
        ),
        (answer(301, "Moved Permanently"), ["renamed", "--issue-repo owner/name"]),
        (ResponseTemplate::new(418).set_body_string("teapot"), ["refuses (418)", "hint"]),
    ] {
        let (text, requests) = match expected[0] {
            "refuses (418)" => {
                let mut stage = Stage::new().await;
                stage.github.refuse("GET", "/issues", answer);
                let error = stage.try_run(&drift(&[(FLAGS, Added)])).await.unwrap_err();
                (error.explain() + "hint", 1)
            }
            _ => explain(&answer).await,
        };
        for words in expected {
            assert!(text.contains(words), "{words:?} is not in {text}");
        }
        assert_eq!(requests, 1, "{text}");
    }
}

#[tokio::test]
async fn rate_limits_and_troubles_are_tried_again_within_bounds() {
    for (answer, expected) in [
        (answer(429, "slow down").insert_header("retry-after", "0"), "rate limit"),
        (answer(403, "You have exceeded a secondary rate limit"), "rate limit"),
        (
            answer(403, "API rate limit exceeded")
                .insert_header("x-ratelimit-remaining", "0")
                .insert_header("x-ratelimit-reset", "1764000000"),
            "until 2025-11-24T16:00:00Z",
        ),
        (answer(500, "oops"), "trouble of its own"),
        (answer(502, "bad gateway"), "502"),
        (answer(503, "unavailable"), "503"),
        (ResponseTemplate::new(200).set_delay(Duration::from_secs(3)), "no answer within 0.7 s"),
    ] {
        let (text, requests) = explain(&answer).await;
        assert!(text.contains(expected), "{expected:?} is not in {text}");
        assert!(text.contains("failed 3 times"), "{text}");
        assert_eq!(requests, 3, "{text}");
    }
}

#[tokio::test]
async fn one_trouble_does_not_stop_the_run() {
    for trouble in [
        answer(429, "slow down").insert_header("retry-after", "0"),
        answer(403, "You have exceeded a secondary rate limit").insert_header("retry-after", "1"),
        answer(500, "oops"),
        ResponseTemplate::new(200).set_delay(Duration::from_secs(3)),
    ] {
        let mut stage = Stage::new().await;
        stage.run(&drift(&[(FLAGS, Added)])).await;
        for (method, path) in [
            ("GET", "/issues"),
            ("PATCH", "/issues/1"),
            ("POST", "/issues/1/labels"),
            ("POST", "/issues/1/comments"),
        ] {
            stage.github.refuse(method, path, trouble.clone());
        }
        let more = drift(&[(FLAGS, Added), (FRONT, Modified)]);
        assert_eq!(stage.act(&more).await, IssueAction::Updated);
        assert_eq!(stage.github.comments(1).len(), 1);
        assert_eq!(stage.act(&more).await, IssueAction::Unchanged);
    }
}

#[tokio::test]
async fn a_pause_that_is_too_long_is_not_waited_for() {
    let reset = jiff::Timestamp::now().as_second() + 3000;
    for long in [
        answer(429, "slow down").insert_header("retry-after", "600"),
        answer(403, "API rate limit exceeded")
            .insert_header("x-ratelimit-remaining", "0")
            .insert_header("x-ratelimit-reset", reset.to_string()),
    ] {
        let (text, requests) = explain(&long).await;
        assert!(text.contains("the rate limit is used up"), "{text}");
        assert_eq!(requests, 1);
    }
}

#[tokio::test]
async fn an_issue_that_is_deleted_meanwhile_is_named() {
    for (status, message) in [(404, "Not Found"), (410, "This issue was deleted")] {
        let mut stage = Stage::new().await;
        stage.run(&drift(&[(FLAGS, Added)])).await;
        stage.github.refuse("PATCH", "/issues/1", answer(status, message));
        let more = drift(&[(FLAGS, Added), (FRONT, Modified)]);
        let text = stage.try_run(&more).await.unwrap_err().explain();
        assert!(text.contains("changing issue #1 failed"), "{text}");
        assert!(text.contains("the next run creates one"), "{text}");
        stage.github.world().issues.clear();
        assert_eq!(stage.act(&more).await, IssueAction::Created);
    }
}

#[tokio::test]
async fn a_transferred_issue_is_not_followed_into_another_repository() {
    let mut stage = Stage::new().await;
    stage.run(&drift(&[(FLAGS, Added)])).await;
    stage.github.refuse(
        "PATCH",
        "/issues/1",
        answer(301, "Moved Permanently").insert_header("location", "/repos/other/repo/issues/7"),
    );
    let more = drift(&[(FLAGS, Added), (FRONT, Modified)]);
    let text = stage.try_run(&more).await.unwrap_err().explain();
    assert!(text.contains("transferred"), "{text}");
    // Transferred means gone from the list: a new one is created.
    stage.github.world().issues.clear();
    assert_eq!(stage.act(&more).await, IssueAction::Created);
}

#[tokio::test]
async fn an_answer_that_is_none_of_githubs_says_so() {
    let mut stage = Stage::new().await;
    let page = ResponseTemplate::new(200).set_body_string("<html>login</html>");
    stage.github.refuse("GET", "/issues", page);
    let text = stage.try_run(&drift(&[(FLAGS, Added)])).await.unwrap_err().explain();
    assert!(text.contains("cannot be read") && text.contains("GITHUB_API_URL"), "{text}");
}
