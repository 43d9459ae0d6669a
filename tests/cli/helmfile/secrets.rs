//! Nothing secret leaves a Build, and nothing that it wrote stays.

use std::fs;

use tazuna_drift::{build::BuildOptions, report::ReasonCode};

use super::{objects, options, reason, tazuna, tree, variables};
use crate::tools::Tools;

const SECRET: &str =
    "{vars: {db-password: {from: op, op: {key: id, vault: v, item: i, field: f}}}}";

#[tokio::test]
async fn a_secret_is_asked_for_and_never_fetched() {
    let root = tree(&[("tazuna.yaml", &tazuna(SECRET)), ("app/helmfile.yaml", "releases: []")]);
    let tools = Tools::with("helm", "echo v3.21.3").and("op", ": > \"$(dirname \"$0\")/ran\"");
    let told = reason(root.path(), &options(&tools)).await;
    assert_eq!(told.code, ReasonCode::NeedsSecret);
    assert!(told.hint.unwrap().contains("TAZUNA_DRIFT_VAR_DB_PASSWORD"));
    assert!(!tools.file("ran").exists());
    let provided = BuildOptions {
        variables: variables(&[("TAZUNA_DRIFT_VAR_DB_PASSWORD", "hunter2")]),
        ..options(&tools)
    };
    assert_eq!(objects(root.path(), &provided).await, []);
}

/// Fails and says all that it was given.
const TELLTALE: &str = r#"PATH=/usr/bin:/bin
dir=$(dirname "$0")
case $1 in version) echo v3.21.3; exit;; esac
echo "$@" >> "$dir/args"
env >> "$dir/env"
stat -c '%a %n' . >> "$dir/modes"
find . -type f -exec stat -c '%a %n' {} + >> "$dir/modes"
find . -type f -exec grep -l swordfish {} + >> "$dir/holders"
echo "Error: cannot use swordfish as such" >&2
echo "and not swordfish either" >&2
exit 1"#;

#[tokio::test]
async fn a_provided_secret_is_in_private_files_and_in_no_message() {
    let root = tree(&[
        ("tazuna.yaml", &tazuna(SECRET)),
        ("app/helmfile.yaml", "releases:\n- {name: {{ .Values.x }}}\n"),
    ]);
    let tools = Tools::with("helm", TELLTALE);
    let options = BuildOptions {
        variables: variables(&[("TAZUNA_DRIFT_VAR_DB_PASSWORD", "swordfish")]),
        ..options(&tools)
    };
    let reason = reason(root.path(), &options).await;
    assert!(!format!("{reason:?}").contains("swordfish"), "{reason:?}");
    assert!(reason.message.contains("cannot use *** as such"), "{reason:?}");
    let read = |name: &str| fs::read_to_string(tools.file(name)).unwrap();
    assert!(!read("args").contains("swordfish") && !read("env").contains("swordfish"));
    assert!(read("holders").contains("out.yaml"), "the test looks where it should");
    let modes = read("modes");
    assert!(modes.starts_with("700 ."), "{modes}");
    for line in modes.lines().skip(1) {
        assert!(line.starts_with("600 "), "{line}");
    }
}

#[tokio::test]
async fn credentials_of_repositories_are_in_private_files_and_in_no_message() {
    for (url, holder) in [
        ("https://charts.example.com", "repositories.yaml"),
        // In docker's form the password is not readable as it stands.
        ("oci://reg.example.com/charts", "registry.json"),
    ] {
        let file = format!(
            "repositories: [{{name: web, url: '{url}', username: bob, password: swordfish}}]\n\
             releases: [{{name: a, chart: web/app, version: 1.0.0}}]"
        );
        let root = tree(&[("tazuna.yaml", &tazuna("{}")), ("app/helmfile.yaml", &file)]);
        let tools = Tools::with("helm", TELLTALE);
        let reason = reason(root.path(), &options(&tools)).await;
        assert!(!format!("{reason:?}").contains("swordfish"), "{reason:?}");
        let read = |name: &str| fs::read_to_string(tools.file(name)).unwrap();
        let args = read("args");
        assert!(!args.contains("swordfish") && !args.contains("bob"), "{args}");
        assert!(args.contains(holder), "{args}");
        let modes = read("modes");
        let mode = modes.lines().find(|line| line.contains(holder)).unwrap();
        assert!(mode.starts_with("600 "), "{modes}");
    }
}
