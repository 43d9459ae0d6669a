//! `run` and `report` from end to end: what is published where, and how it ends.

use std::{fs, process::Command};

use crate::program::{Platform, Run};

const STATE: [&str; 5] = ["run", "--state-dir", "state", "--context-name", "prod"];

/// A job of GitHub Actions with files for summary and outputs, on `event`.
fn job(platform: &Platform, args: &[&str], event: &str) -> Command {
    let mut command = platform.command(args);
    platform.write("event.json", r#"{"repository": {"default_branch": "main"}}"#);
    for (name, value) in [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", event),
        ("GITHUB_EVENT_PATH", "event.json"),
        ("GITHUB_REPOSITORY", "acme/infra"),
        ("GITHUB_REF", "refs/heads/main"),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_RUN_ID", "4711"),
        ("GITHUB_RUN_NUMBER", "12"),
        ("GITHUB_STEP_SUMMARY", "summary.md"),
        ("GITHUB_OUTPUT", "outputs"),
    ] {
        command.env(name, value);
    }
    command
}

fn read(platform: &Platform, file: &str) -> String {
    fs::read_to_string(platform.path(file)).unwrap_or_default()
}

fn output(platform: &Platform, name: &str) -> String {
    let text = read(platform, "outputs");
    let mut lines = text.lines().skip_while(|line| !line.starts_with(&format!("{name}<<")));
    lines.nth(1).unwrap_or_else(|| panic!("no output {name} in {text}")).to_owned()
}

#[test]
fn outside_of_actions_nothing_is_published_unasked() {
    let platform = Platform::quickstart();
    let mut command = platform.command(&STATE);
    command.env("GITHUB_STEP_SUMMARY", "summary.md").env("GITHUB_OUTPUT", "outputs");
    command.env("GITHUB_TOKEN", "secret");
    let run = Run::of(&mut command, "");
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""));
    assert!(!platform.path("summary.md").exists() && !platform.path("outputs").exists());

    let mut command = platform.command(&[&STATE[..], &["--summary", "--annotations"]].concat());
    let run = Run::of(command.env("GITHUB_STEP_SUMMARY", "summary.md"), "");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(read(&platform, "summary.md").contains("old-lb"));
    // Where no repository is known, a place in it would be a guess.
    assert!(run.stdout.starts_with("::error title=Removed::"), "{}", run.stdout);
}

#[test]
fn in_actions_summary_outputs_annotations_and_files_are_written() {
    let platform = Platform::quickstart();
    let files = ["--report-file", "out.json", "--markdown-file", "out.md"];
    let mut command = job(&platform, &[&STATE[..], &files].concat(), "schedule");
    let run = Run::of(&mut command, "");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.lines().all(|line| line.starts_with("::")), "{}", run.stdout);
    let summary = read(&platform, "summary.md");
    assert!(summary.contains("old-lb") && summary.contains("actions/runs/4711"), "{summary}");
    assert!(summary.contains("there is no token"), "{summary}");
    for (name, value) in [
        ("drift", "true"),
        ("incomplete", "false"),
        ("removed", "4"),
        ("always-sync", "1"),
        ("issue-number", ""),
        ("report", "out.json"),
        ("summary", "out.md"),
    ] {
        assert_eq!(output(&platform, name), value, "{name}");
    }
    let report: serde_json::Value = serde_json::from_str(&read(&platform, "out.json")).unwrap();
    assert_eq!(report["run"]["id"], "12");
    assert_eq!(report["context"]["name"], "prod");
    assert!(read(&platform, "out.md").contains("old-lb"));
}

#[test]
fn a_pull_request_gets_a_summary_and_no_issue() {
    let platform = Platform::quickstart();
    let mut command = job(&platform, &STATE, "pull_request");
    // Nobody listens there: a request would fail the run.
    command.env("GITHUB_TOKEN", "secret").env("GITHUB_API_URL", "http://127.0.0.1:9");
    let run = Run::of(&mut command, "");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        read(&platform, "summary.md").contains("not merged"),
        "{}",
        read(&platform, "summary.md")
    );
}

#[test]
fn an_issue_that_cannot_be_written_stops_nothing_else() {
    let platform = Platform::quickstart();
    let mut command = job(&platform, &[&STATE[..], &["--target", "prod"]].concat(), "schedule");
    command.env("GITHUB_TOKEN", "very-secret").env("GITHUB_API_URL", "nonsense://127.0.0.1");
    let run = Run::of(&mut command, "");
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("issue"), "{}", run.stderr);
    let summary = read(&platform, "summary.md");
    assert!(summary.contains("old-lb") && summary.contains("could not be written"), "{summary}");
    assert_eq!(output(&platform, "drift"), "true");
    assert!(!format!("{summary}{}{}", run.stderr, run.stdout).contains("very-secret"));
}

#[test]
fn without_a_target_that_is_known_the_issue_asks_for_one() {
    let platform = Platform::quickstart();
    let mut command = job(&platform, &STATE, "schedule");
    command.env("GITHUB_TOKEN", "secret").env("GITHUB_API_URL", "http://127.0.0.1:9");
    let run = Run::of(&mut command, "");
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("--target"), "{}", run.stderr);
}

#[test]
fn a_wrong_context_is_told_in_the_summary() {
    let platform = Platform::quickstart();
    platform.replace("tazuna.yaml", "spec:\n", "spec:\n  context_matches: [\"staging-.*\"]\n");
    let mut command = job(&platform, &[&STATE[..], &["--target", "prod"]].concat(), "schedule");
    command.env("GITHUB_TOKEN", "secret").env("GITHUB_API_URL", "http://127.0.0.1:9");
    let run = Run::of(&mut command, "");
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(read(&platform, "summary.md").contains("context_matches"));
    assert!(run.stdout.starts_with("::error"), "{}", run.stdout);
}

#[test]
fn a_run_that_fails_is_told_where_people_look() {
    let platform = Platform::quickstart();
    platform.write("tazuna.yaml", "spec: {{ .Nowhere }}\n");
    let run = Run::of(&mut job(&platform, &STATE, "schedule"), "");
    assert_eq!(run.code, 2, "{}", run.stderr);
    let summary = read(&platform, "summary.md");
    assert!(summary.starts_with("**Drift is not known"), "{summary}");
    assert!(summary.contains("tazuna.yaml") && summary.contains("Nowhere"), "{summary}");
    assert!(run.stdout.starts_with("::error title=Drift is not known::"), "{}", run.stdout);
}

#[test]
fn usage_of_the_issue_is_checked_before_anything_is_compared() {
    let platform = Platform::quickstart();
    for (flags, words) in [
        (&["--issue"][..], "GITHUB_TOKEN"),
        (&["--issue", "--github-app-id", "7"], "private key"),
        (&["--issue", "--issue-repo", "nonsense"], "owner/name"),
        (&["--summary"], "GITHUB_STEP_SUMMARY"),
    ] {
        let mut command = platform.command(&[&STATE[..], flags].concat());
        if flags.contains(&"--issue-repo") {
            command.env("GITHUB_TOKEN", "secret");
        }
        let run = Run::of(&mut command, "");
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{flags:?}: {}", run.stderr);
        assert!(run.stderr.contains(words), "{flags:?}: {}", run.stderr);
    }
}

#[test]
fn a_saved_report_is_printed_and_published_by_another_job() {
    let platform = Platform::quickstart();
    let compare = ["--format", "json", "--output", "saved.json", "--target", "prod"];
    let run = platform.run(&[&["diff", "--state-dir", "state"][..], &compare].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);

    let printed = platform.run(&["report", "saved.json"]);
    assert!(printed.stdout.starts_with("**4 resources were removed"), "{}", printed.stdout);
    let text = platform.run(&["report", "saved.json", "--format", "text"]);
    assert_eq!(text.stdout, platform.run(&["diff", "--state-dir", "state"]).stdout);

    // In Actions, too, a report goes only where it is asked to.
    let mut command = job(&platform, &["report", "saved.json", "--summary"], "workflow_run");
    let run = Run::of(&mut command, "");
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert!(read(&platform, "summary.md").contains("old-lb"));
    assert!(!platform.path("outputs").exists());
}

#[test]
fn a_report_that_cannot_be_trusted_is_refused() {
    let platform = Platform::quickstart();
    let compare = ["--format", "json", "--output", "saved.json", "--target", "prod"];
    platform.run(&[&["diff", "--state-dir", "state"][..], &compare].concat());
    let saved = read(&platform, "saved.json");
    platform.write("newer.json", &saved.replace("\"schemaVersion\": 1", "\"schemaVersion\": 2"));
    platform.write("cut.json", &saved[..saved.len() / 2]);
    for (args, words) in [
        (&["report", "newer.json"][..], "schemaVersion"),
        (&["report", "cut.json"], "cut.json"),
        (&["report", "missing.json"], "missing.json"),
        (&["report", "saved.json", "--target", "staging"], "staging"),
        (&["report", "saved.json", "saved.json"], "two of these reports"),
    ] {
        let run = platform.run(args);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains(words), "{args:?}: {}", run.stderr);
    }
    assert_eq!(platform.run(&["report", "saved.json", "--target", "prod"]).code, 0);
}
