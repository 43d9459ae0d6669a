//! `diff` from end to end: what is printed where, and how it ends.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::program::{Platform, Run};

const STATE: [&str; 3] = ["diff", "--state-dir", "state"];

fn diff(platform: &Platform, more: &[&str]) -> Run {
    platform.run(&[&STATE, more].concat())
}

fn json(platform: &Platform, more: &[&str]) -> serde_json::Value {
    let run = diff(platform, &[more, &["--format", "json"]].concat());
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr))
}

#[test]
fn drift_is_no_failure_unless_it_is_named_as_one() {
    let platform = Platform::quickstart();
    for (fail_on, code) in [("never", 0), ("removed", 3), ("added,modified", 3), ("drift", 3)] {
        assert_eq!(diff(&platform, &["--fail-on", fail_on]).code, code, "{fail_on}");
    }
    platform.settle();
    let run = diff(&platform, &["--fail-on", "drift"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!(
        run.stdout,
        "Manifest: web-secrets\n  STATUS         RESOURCE                                                     HASH\n  always-sync    /v1/Secret/web/front                                         (not fetched)\n\n"
    );
}

#[test]
fn no_changes_is_said_only_when_everything_was_looked_at() {
    let platform = Platform::quickstart();
    platform.settle().replace("tazuna.yaml", "type: genesissecret", "type: kustomize");
    platform.replace("tazuna.yaml", "path: secrets/web.yaml", "path: manifests/namespaces");
    platform.forget("web-secrets");
    // The same objects under another Manifest's name are new to State.
    assert!(diff(&platform, &[]).stdout.contains("added          /v1/Namespace/web"));

    let platform = Platform::quickstart();
    platform.settle();
    let run = diff(&platform, &["--tags", "base,ingress"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "No changes detected.\n"));

    platform.replace("tazuna.yaml", "path: manifests/ingress", "path: manifests/gone");
    let run = diff(&platform, &["--tags", "base,ingress"]);
    assert_eq!((run.code, run.stdout.as_str()), (4, ""));
    assert!(run.stderr.contains("manifests/gone"), "{}", run.stderr);
    let run = diff(&platform, &["--tags", "base,ingress", "--allow-incomplete"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
}

#[test]
fn a_failed_manifest_is_worse_than_drift_that_is_named() {
    let platform = Platform::quickstart();
    platform.replace("tazuna.yaml", "path: manifests/ingress", "path: manifests/gone");
    assert_eq!(diff(&platform, &["--fail-on", "drift"]).code, 4);
    assert_eq!(diff(&platform, &["--fail-on", "drift", "--allow-incomplete"]).code, 3);
}

#[test]
fn state_of_manifests_that_tags_leave_out_is_not_orphaned() {
    let platform = Platform::quickstart();
    let report = json(&platform, &["--tags", "ingress"]);
    let names: Vec<&str> = report["manifests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["ingress", "sessions"]);
    assert_eq!(report["selection"]["notSelected"], 3);
    assert_eq!(report["totals"]["orphanedStates"], 1);
}

#[test]
fn orphaned_state_is_reported_warned_of_or_left_out() {
    let platform = Platform::quickstart();
    let run = diff(&platform, &["--orphans", "ignore"]);
    assert!(!run.stdout.contains("sessions") && !run.stderr.contains("sessions"));
    let run = diff(&platform, &["--orphans", "warn"]);
    assert!(!run.stdout.contains("sessions"));
    assert!(run.stderr.contains("State of `sessions` has 3 entries"), "{}", run.stderr);
    let run = diff(&platform, &["--orphans-match", "^other-"]);
    assert!(!run.stdout.contains("sessions") && !run.stderr.contains("sessions"));
}

#[test]
fn a_context_that_is_not_allowed_ends_the_run_before_anything_is_compared() {
    let platform = Platform::quickstart();
    platform.replace("tazuna.yaml", "spec:\n", "spec:\n  context_matches: [\"prod-.*\"]\n");
    let run = diff(&platform, &["--context-name", "staging"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("staging") && run.stderr.contains("prod-.*"), "{}", run.stderr);
    let report = json(&platform, &["--context-name", "staging"]);
    assert_eq!(report["refused"]["code"], "context-mismatch");
    assert_eq!(report["manifests"].as_array().unwrap().len(), 0);

    let run = diff(&platform, &["--context-name", "prod-tokyo"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let run = diff(&platform, &["--context-name", "staging", "--allow-context-mismatch"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("old-lb") && run.stderr.contains("staging"), "{}", run.stderr);
    let run = diff(&platform, &[]);
    assert_eq!(run.code, 0);
    assert!(run.stderr.contains("--context-name"), "{}", run.stderr);
}

#[test]
fn a_cluster_without_state_is_said_once() {
    let platform = Platform::quickstart();
    platform.write("empty/readme.txt", "");
    let run = platform.run(&["diff", "--state-dir", "empty", "--format", "markdown"]);
    assert_eq!(run.code, 0);
    assert!(!run.stdout.contains("old-lb") && !run.stdout.contains("ConfigMap"), "{}", run.stdout);
    // Tazuna sees every object as added, and its own format says what Tazuna sees.
    let run = platform.run(&["diff", "--state-dir", "empty", "--format", "text"]);
    assert_eq!(run.stdout.matches("  added ").count(), 9);
}

#[test]
fn wrong_usage_and_configuration_end_with_2_and_say_what_to_do() {
    let platform = Platform::quickstart();
    for (args, words) in [
        (&["diff", "-f", "nowhere.yaml", "--state-dir", "state"][..], "nowhere.yaml"),
        (&["diff", "--state-dir", "nowhere"], "kubectl get configmaps"),
        (&["diff", "--source", "output"], "--input"),
        (&["diff", "--source", "output", "--input", "-", "--jobs", "2"], "--jobs"),
        (&["diff", "--source", "tazuna", "--offline"], "--offline"),
        (&["diff", "--source", "tazuna", "--state-dir", "state"], "--state-dir"),
        (&["diff", "--input", "diff.txt", "--state-dir", "state"], "--input"),
        (&["diff", "--state-dir", "state", "--build-timeout", "soon"], "90s"),
        (&["diff", "--state-dir", "state", "--orphans-match", "("], "orphans-match"),
        (&["diff", "--state-dir", "state", "-e", "prod"], "prod"),
        (&["diff", "--no-such-flag"], "--no-such-flag"),
    ] {
        if args.contains(&"prod") {
            platform.replace("tazuna.yaml", "spec:\n", "spec:\n  environments: {production: {}}\n");
        }
        let run = platform.run(args);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains(words), "{args:?}: {}", run.stderr);
    }
}

#[test]
fn flags_can_come_from_the_environment() {
    let platform = Platform::quickstart();
    let mut command = platform.command(&["diff"]);
    command.env("TAZUNA_DRIFT_STATE_DIR", "state").env("TAZUNA_DRIFT_FAIL_ON", "removed");
    command.env("TAZUNA_DRIFT_TAGS", "ingress,web").env("TAZUNA_DRIFT_OFFLINE", "false");
    let run = Run::of(&mut command, "");
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stdout.contains("old-lb"));
}

#[test]
fn a_file_appears_whole_and_the_terminal_stays_quiet() {
    let platform = Platform::quickstart();
    let run = diff(&platform, &["--format", "markdown", "--output", "report.md"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""));
    let report = fs::read_to_string(platform.path("report.md")).unwrap();
    assert!(report.contains("old-lb"));
    let run = diff(&platform, &["--output", "no/such/folder/report.md"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("no/such/folder"), "{}", run.stderr);
}

#[test]
fn a_broken_template_is_told_and_costs_no_report() {
    let platform = Platform::quickstart();
    platform.write("templates/summary.md.j2", "# Drift\n{{ nowhere.at_all }}\n");
    let run = diff(&platform, &["--format", "markdown", "--template-dir", "templates"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("summary.md.j2") && run.stderr.contains('2'), "{}", run.stderr);
    assert!(run.stdout.contains("old-lb"), "{}", run.stdout);

    platform.write("templates/summary.md.j2", "# Drift: {{ 1 + 1 }}\n");
    let run = diff(&platform, &["--format", "markdown", "--template-dir", "templates"]);
    assert_eq!((run.code, run.stdout.trim()), (0, "# Drift: 2"));
}

#[test]
fn problems_are_log_lines_where_a_machine_reads_them() {
    let platform = Platform::quickstart();
    platform.replace("tazuna.yaml", "path: manifests/ingress", "path: manifests/gone");
    let run = diff(&platform, &["--log-format", "json"]);
    let lines: Vec<serde_json::Value> =
        run.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 1, "{}", run.stderr);
    assert_eq!((&lines[0]["level"], &lines[0]["manifest"]), (&"ERROR".into(), &"ingress".into()));
    assert_eq!(diff(&platform, &["--log-level", "off"]).stderr, "");
}

#[test]
fn saved_output_is_a_report_like_any_other() {
    let platform = Platform::quickstart();
    let saved = diff(&platform, &[]).stdout;
    let mut command = platform.command(&["diff", "--source", "output", "--input", "-"]);
    let run = Run::of(&mut command, &saved);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!(run.stdout, saved);

    // With the tazuna.yaml the selection is made here.
    platform.write("diff.txt", &saved);
    let args = ["diff", "--source", "output", "--input", "diff.txt", "-f", "tazuna.yaml"];
    let run = platform.run(&[&args[..], &["--tags", "ingress"]].concat());
    assert!(run.stdout.contains("old-lb") && !run.stdout.contains("flags"), "{}", run.stdout);

    for not_output in ["", "Error: cannot reach the cluster\n"] {
        let mut command = platform.command(&["diff", "--source", "output", "--input", "-"]);
        assert_eq!(Run::of(&mut command, not_output).code, 2, "{not_output:?}");
    }
}

#[test]
fn the_tazuna_cli_can_compare() {
    let platform = Platform::quickstart();
    let saved = diff(&platform, &["--orphans", "ignore"]).stdout;
    platform.write("said.txt", &saved).write(
        "bin/tazuna",
        "#!/bin/sh\ncase \"$*\" in\n  version|--version) echo 'tazuna version 0.4.1' ;;\n  \
         'state diff -f tazuna.yaml -e prod') echo 'a log line' >&2; cat said.txt ;;\n  \
         *) echo \"unexpected: $*\" >&2; exit 9 ;;\nesac\n",
    );
    let tazuna = platform.path("bin/tazuna");
    fs::set_permissions(&tazuna, fs::Permissions::from_mode(0o755)).unwrap();
    let command = tazuna.to_str().unwrap();
    let args = ["diff", "--source", "tazuna", "--tazuna-command", command];
    let run = platform.run(&[&args[..], &["-e", "prod"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.stdout, saved);
    let run = platform.run(&args);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("unexpected: state diff -f tazuna.yaml"), "{}", run.stderr);
}

#[test]
fn a_reader_that_stops_reading_is_no_failure() {
    let platform = Platform::quickstart();
    let mut command = platform.command(&["diff", "--state-dir", "state", "--format", "json"]);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn schema_completions_and_help_are_there() {
    let platform = Platform::quickstart();
    let schema = platform.run(&["schema", "report"]);
    let committed = include_str!("../../schemas/report.schema.json");
    assert_eq!((schema.code, schema.stdout.as_str()), (0, committed));
    assert!(platform.run(&["completions", "bash"]).stdout.contains("tazuna-drift"));
    let help = platform.run(&["diff", "--help"]);
    assert_eq!(help.code, 0);
    for words in ["TAZUNA_DRIFT_STATE_DIR", "Exit codes", "4  incomplete"] {
        assert!(help.stdout.contains(words), "{words}");
    }
}
