//! The program itself with helmfiles: what the caller's environment does not do, what
//! stays behind, and output that differs every time.

use std::{fs, path::Path, process::Stdio};

use serde_json::Value;

use super::{tazuna, tree};
use crate::tools::Tools;

const FILES: [(&str, &str); 3] = [
    ("app/helmfile.yaml", "releases: [{name: a, namespace: ns, chart: ./c}]"),
    ("app/c/Chart.yaml", ""),
    ("tmp/.keep", ""),
];

fn root(state: &str) -> tempfile::TempDir {
    let tazuna = tazuna("{}");
    let files = [("tazuna.yaml", tazuna.as_str()), ("state/state.yaml", state)];
    tree(&[&files[..], &FILES[..]].concat())
}

fn program(root: &Path, tools: &Tools) -> tokio::process::Command {
    let mut path = tools.search_path().unwrap();
    path.push(":/usr/bin:/bin");
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_tazuna-drift"));
    command
        .env_clear()
        .env("PATH", path)
        .env("TMPDIR", root.join("tmp"))
        .current_dir(root)
        .args(["diff", "--state-dir", "state", "--format", "json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// What lies in the temporary folder, apart from what keeps it.
fn left_behind(root: &Path) -> Vec<String> {
    let names = fs::read_dir(root.join("tmp")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != ".keep").collect()
}

async fn report(root: &Path, tools: &Tools) -> Value {
    let output = program(root, tools).output().await.unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

#[tokio::test]
async fn the_callers_helm_and_kubeconfig_do_not_leak_in() {
    let root = root("");
    let tools = Tools::with(
        "helm",
        "case $1 in version) echo v3.21.3; exit;; esac\nenv > \"$(dirname \"$0\")/env\"",
    );
    let mut command = program(root.path(), &tools);
    command.envs([
        ("HELM_NAMESPACE", "hunter2"),
        ("HELM_PLUGINS", "hunter2"),
        ("HELM_CACHE_HOME", "hunter2"),
        ("KUBECONFIG", "hunter2"),
        ("TAZUNA_DRIFT_VAR_X", "hunter2"),
        ("HTTPS_PROXY", "http://proxy.example.com"),
    ]);
    let output = command.output().await.unwrap();
    let env = fs::read_to_string(tools.file("env")).unwrap_or_else(|_| panic!("{output:?}"));
    assert!(!env.contains("hunter2"), "{env}");
    assert!(env.contains("HTTPS_PROXY=http://proxy.example.com"), "{env}");
    let own = root.path().join("tmp").display().to_string();
    for name in ["HELM_CONFIG_HOME", "HELM_CACHE_HOME", "HELM_DATA_HOME", "KUBECONFIG"] {
        assert!(env.contains(&format!("{name}={own}/tazuna-drift-")), "{name}: {env}");
    }
    assert_eq!(left_behind(root.path()), [""; 0]);
}

#[tokio::test]
async fn a_signal_leaves_nothing_behind() {
    let root = root("");
    let tools = Tools::with(
        "helm",
        "case $1 in version) echo v3.21.3; exit;; esac\n: > \"$(dirname \"$0\")/began\"\nwhile :; do sleep 1; done",
    );
    let mut run = program(root.path(), &tools).spawn().unwrap();
    while !tools.file("began").exists() {
        assert_eq!(run.try_wait().unwrap(), None, "it waits for helm");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(left_behind(root.path()).len(), 1);
    let kill = format!("kill -TERM {}", run.id().unwrap());
    assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    assert_eq!(run.wait().await.unwrap().code(), Some(1));
    assert_eq!(left_behind(root.path()), [""; 0]);
}

const STATE: &str = "apiVersion: v1
kind: ConfigMap
metadata: {name: tazuna-state-m, namespace: tazuna}
data:
  m____v1__ConfigMap__ns__changed: '{\"contentHash\":\"1\"}'
  m____v1__Secret__ns__random: '{\"contentHash\":\"1\"}'
";

/// Counts how often it renders and prints the count in the Secret.
const RANDOM: &str = r#"case $1 in version) echo v3.21.3; exit;; esac
dir=$(dirname "$0"); echo . >> "$dir/count"
printf -- '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: changed, namespace: ns}\n'
printf -- '---\napiVersion: v1\nkind: Secret\nmetadata: {name: random, namespace: ns}\ndata: {a: "%s"}\n' "$(wc -l < "$dir/count")""#;

#[tokio::test]
async fn what_renders_differently_every_time_is_told_apart_from_drift() {
    let root = root(STATE);
    let tools = Tools::with("helm", RANDOM);
    let report = report(root.path(), &tools).await;
    let manifest = &report["manifests"][0];
    assert_eq!(manifest["unstable"], serde_json::json!(["m//v1/Secret/ns/random"]));
    let entries = manifest["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert_eq!(entries[0]["key"], "m//v1/ConfigMap/ns/changed");
    assert_eq!(report["totals"]["drift"], 1);
    let warnings = report["warnings"].as_array().unwrap();
    let warning = warnings.iter().find(|warning| warning["code"] == "unstable-output").unwrap();
    assert!(warning["message"].as_str().unwrap().contains("Secret/ns/random"), "{warning}");
    assert_eq!(fs::read_to_string(tools.file("count")).unwrap().lines().count(), 2);
    assert_eq!(left_behind(root.path()), [""; 0]);
}

#[tokio::test]
async fn without_a_cluster_the_assumed_version_is_said() {
    let root = root("");
    let tools = Tools::with("helm", "case $1 in version) echo v3.21.3; exit;; esac");
    let report = report(root.path(), &tools).await;
    let codes: Vec<&str> = report["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|w| w["code"].as_str().unwrap())
        .collect();
    assert!(codes.contains(&"assumed-kubernetes"), "{codes:?}");
    assert_eq!(report["tools"][0]["name"], "helm");
    assert_eq!(report["tools"][0]["version"], "v3.21.3");
}
