//! What helm is asked, and what becomes of a helm that is absent, old, fails or hangs.

use std::fs;

use tazuna_drift::{
    build::BuildOptions,
    domain::KubeFacts,
    report::{Reason, ReasonCode},
};

use super::{keys, objects, options, reason, tazuna, tree};
use crate::tools::{Tools, assert_gone};

/// Two releases, one without a namespace.
const TWO: &str = "releases: [{name: a, namespace: shop, chart: ./c}, {name: b, chart: ./c}]";

/// A helm that answers for its version and notes what else it is asked.
const NOTES: &str = r#"dir=$(dirname "$0")
case $1 in version) echo v3.21.3; exit;; esac
echo "$@" >> "$dir/args"
for last; do chart=$last; done
while [ $# -gt 0 ]; do case $1 in
  --namespace) namespace=$2; shift;;
  --values) values=$2; shift;;
  --) name=$2; shift $#; break;;
esac; shift; done
"#;

/// Prints a ConfigMap that is called as the release, in its namespace.
const ECHO: &str = r#"printf -- '---\nkind: ConfigMap\nmetadata: {name: %s, namespace: "%s"}\n' "$name" "$namespace""#;

fn helm(script: &str) -> Tools {
    Tools::with("helm", &format!("PATH=/usr/bin:/bin\n{NOTES}{script}"))
}

fn simple(block: &str) -> tempfile::TempDir {
    tree(&[("tazuna.yaml", &tazuna(block)), ("app/helmfile.yaml", TWO), ("app/c/Chart.yaml", "")])
}

#[tokio::test]
async fn helm_is_asked_for_each_release_and_its_objects_are_joined() {
    let root = simple("{includeCRDs: true, defaultNamespace: fill}");
    let tools = helm(ECHO);
    let versions = ["v1", "v1/Pod", "apps/v1/Deployment"].map(str::to_owned).to_vec();
    let facts = KubeFacts { version: "v1.34.2".to_owned(), api_versions: versions };
    let options = BuildOptions { kubernetes: Some(Ok(facts)), ..options(&tools) };
    let built = objects(root.path(), &options).await;
    // An empty namespace is one, as `.Release.Namespace` of the SDK is.
    assert_eq!(keys(&built), ["m///ConfigMap/b", "m///ConfigMap/shop/a"]);
    let args = fs::read_to_string(tools.file("args")).unwrap();
    assert_eq!(args.lines().count(), 2);
    for line in args.lines() {
        assert!(line.starts_with("template --no-hooks --namespace "), "{line}");
        assert!(line.contains(" --include-crds --kube-version v1.34.2 "), "{line}");
        assert!(line.contains(" --api-versions v1,v1/Pod,apps/v1/Deployment "), "{line}");
    }
}

#[tokio::test]
async fn a_version_that_the_manifest_names_comes_without_the_clusters_apis() {
    let root = simple("{kubeVersion: 1.29.0}");
    let tools = helm(ECHO);
    let unknown = Reason::new(ReasonCode::Other, "unknown");
    let options = BuildOptions { kubernetes: Some(Err(unknown)), ..options(&tools) };
    objects(root.path(), &options).await;
    let args = fs::read_to_string(tools.file("args")).unwrap();
    assert!(args.contains("--kube-version 1.29.0") && !args.contains("--api-versions"), "{args}");
    assert!(!args.contains("--include-crds"), "{args}");
}

#[tokio::test]
async fn a_cluster_that_does_not_say_its_version_fails_only_who_needs_it() {
    let root = simple("{}");
    let unknown = Reason::new(ReasonCode::Other, "it does not say");
    let tools = helm(ECHO);
    let options = BuildOptions { kubernetes: Some(Err(unknown.clone())), ..options(&tools) };
    assert_eq!(reason(root.path(), &options).await, unknown);
}

#[tokio::test]
async fn no_helm_or_an_old_one_is_said_with_the_way_out() {
    let root = simple("{}");
    let missing = reason(root.path(), &options(&Tools::none())).await;
    assert_eq!(missing.code, ReasonCode::ToolMissing);
    assert!(missing.hint.unwrap().contains("--helm-command"));
    for (version, code, want) in [
        ("v3.7.2", ReasonCode::ToolMissing, "helm v3.7.2 is too old"),
        ("Client: &version.Version{SemVer:\"v2.17.0\"}", ReasonCode::ToolFailed, "not certain"),
    ] {
        let tools = Tools::with("helm", &format!("echo '{version}'"));
        let reason = reason(root.path(), &options(&tools)).await;
        assert_eq!(reason.code, code);
        assert!(reason.message.contains(want), "{reason:?}");
    }
    let tools = Tools::with("helm", "exit 3");
    assert_eq!(reason(root.path(), &options(&tools)).await.code, ReasonCode::ToolFailed);
}

#[tokio::test]
async fn another_command_is_taken_and_said_where_it_is_not_there() {
    let root = simple("{}");
    let tools = helm(ECHO);
    let own = Some(format!("/bin/sh {}", tools.file("helm").display()));
    let other = BuildOptions { helm_command: own, search_path: None, ..options(&tools) };
    assert_eq!(objects(root.path(), &other).await.len(), 2);
    let none = BuildOptions { helm_command: Some("/nowhere/helm".into()), ..options(&tools) };
    let reason = reason(root.path(), &none).await;
    assert_eq!(reason.message, "--helm-command /nowhere/helm: no such program");
}

#[tokio::test]
async fn helms_own_words_are_told_and_the_first_release_speaks() {
    let root = simple("{}");
    let tools =
        helm(r#"[ "$name" = a ] && sleep 0.2; echo "Error: in $chart: no $name" >&2; exit 1"#);
    let reason = reason(root.path(), &options(&tools)).await;
    assert_eq!(reason.code, ReasonCode::ToolFailed);
    assert_eq!(reason.message, "the release `a`: in app/c: no a");
}

#[tokio::test]
async fn a_hanging_helm_is_ended_with_all_it_started() {
    let root = simple("{}");
    let tools = helm(
        r#"sh -c 'echo $$ > "$0/child"; while :; do sleep 1; done' "$dir" & while :; do sleep 1; done"#,
    );
    let short = std::time::Duration::from_millis(2500);
    let options = BuildOptions { timeout: short, ..options(&tools) };
    assert_eq!(reason(root.path(), &options).await.code, ReasonCode::TimedOut);
    assert_gone(&tools.file("child")).await;
}

#[tokio::test]
async fn a_babbling_helm_is_ended() {
    let root = simple("{}");
    let tools =
        helm("exec yes aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    let reason = reason(root.path(), &options(&tools)).await;
    assert_eq!(reason.code, ReasonCode::ToolFailed);
    assert!(reason.message.contains("printed more than"), "{reason:?}");
}

#[tokio::test]
async fn a_namespace_that_a_chart_cuts_is_not_guessed() {
    let root = simple("{}");
    let tools = helm(r#"printf 'kind: A\nmetadata: {name: %.20s}\n' "$namespace""#);
    let reason = reason(root.path(), &options(&tools)).await;
    assert_eq!(reason.code, ReasonCode::NotSupported);
    assert!(reason.message.contains("`b`"), "{reason:?}");
    assert_eq!(reason.hint.unwrap(), "give the release a `namespace`");
}

#[tokio::test]
async fn what_is_pulled_is_pulled_once_and_offline_not_at_all() {
    let root = tree(&[
        ("tazuna.yaml", &tazuna("{}")),
        (
            "app/helmfile.yaml",
            "releases:\n- {name: a, chart: oci://r/c, version: 1.2.3}\n\
             - {name: b, chart: oci://r/c, version: 1.2.3}\n",
        ),
    ]);
    let tools = helm(&format!(
        r#"case $chart in oci://*) echo "$chart" >> "$dir/pulled"; : > pull-0/chart/c-1.2.3.tgz; exit;; esac
case $chart in */pull-0/chart/c-1.2.3.tgz) ;; *) exit 4;; esac
{ECHO}"#
    ));
    let offline = BuildOptions { offline: true, ..options(&tools) };
    let refused = reason(root.path(), &offline).await;
    assert_eq!(refused.code, ReasonCode::Offline);
    assert!(refused.message.contains("oci://r/c"), "{refused:?}");
    assert!(!tools.file("args").exists());

    assert_eq!(objects(root.path(), &options(&tools)).await.len(), 2);
    assert_eq!(fs::read_to_string(tools.file("pulled")).unwrap(), "oci://r/c\n");
    let args = fs::read_to_string(tools.file("args")).unwrap();
    assert!(args.contains("--version 1.2.3"), "{args}");
}

#[tokio::test]
async fn a_hint_file_in_the_folder_is_warned_about() {
    let root = simple("{}");
    fs::write(root.path().join("app/tazuna.hint.yaml"), "vars: {x: {type: nothing}}").unwrap();
    let tools = helm(ECHO);
    let results = super::build(root.path(), &options(&tools)).await;
    assert!(results.built[0].objects.is_ok());
    assert_eq!(results.built[0].extras.warnings[0].code, "unread-hint-file");

    // Beside the folder it is read.
    fs::write(root.path().join("tazuna.hint.yaml"), "vars: {x: {type: nothing}}").unwrap();
    let reason = reason(root.path(), &options(&tools)).await;
    assert!(reason.message.starts_with("tazuna.hint.yaml: the var `x`"), "{reason:?}");
}

#[tokio::test]
async fn a_release_that_is_wrong_is_named() {
    let tools = helm(ECHO);
    for (releases, want) in [
        ("[{name: a}]", "the release `a`: it has no `chart`"),
        ("[{name: a, chart: ./none}]", "the release `a`: the chart `./none` does not exist"),
        ("[{name: A_b, chart: ./c}]", "`A_b` is no name of a release"),
        ("[{chart: ./c}]", "`` is no name of a release"),
        ("[{name: a, chart: ./c, values: [none.yaml]}]", "the values file `none.yaml`"),
        ("[{name: a, chart: [x]}]", "app/helmfile.yaml, as its template renders it, line 1"),
    ] {
        let root = tree(&[
            ("tazuna.yaml", &tazuna("{}")),
            ("app/helmfile.yaml", &format!("releases: {releases}")),
            ("app/c/Chart.yaml", ""),
        ]);
        let reason = reason(root.path(), &options(&tools)).await;
        assert!(reason.message.contains(want), "{reason:?}");
    }
}
