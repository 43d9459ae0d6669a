//! Real charts through the helm that `TAZUNA_DRIFT_TEST_HELM` names; without it these
//! pass. `.ci/run` sets it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tazuna_drift::{
    build::BuildOptions,
    domain::{BuiltObject, KubeFacts, object::from_output},
    report::ReasonCode,
};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{basic_auth, method, path},
};

use super::{build, objects, options, reason, tazuna, tree, variables};
use crate::tools::Tools;

fn real_helm() -> Option<PathBuf> {
    std::env::var_os("TAZUNA_DRIFT_TEST_HELM").map(PathBuf::from)
}

fn with(helm: &Path) -> BuildOptions {
    let command = helm.to_str().unwrap().to_owned();
    BuildOptions { helm_command: Some(command), ..options(&Tools::none()) }
}

/// What these objects are to Tazuna.
fn expected(yaml: &str) -> Vec<BuiltObject> {
    from_output("m", yaml.as_bytes(), None).unwrap()
}

const CHART: &str = "apiVersion: v2\nname: c\nversion: 1.0.0\n";

/// A chart whose one ConfigMap holds what a template gives.
fn one_map(template: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\ndata:\n{template}")
}

fn map(data: &str) -> Vec<BuiltObject> {
    expected(&format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: x}}, data: {data}}}"))
}

#[tokio::test]
async fn the_helmfile_is_a_template_with_sprig_and_without_the_environment() {
    let Some(helm) = real_helm() else { return };
    let block = r#"{vars: {
        host: {from: static, static: "a \"b\"\n'c'"},
        list: {from: static, staticSlice: [x, "1"]},
        map: {from: static, staticMap: {k: v}},
        env: {from: env, env: FROM_ENV},
    }}"#;
    let helmfile = r#"
{{- /* sprig, and what helmfile adds */ -}}
releases:
- name: {{ .Environment.Name | lower | trunc 4 }}
  namespace: {{ "NS" | lower }}
  chart: ./c
  values:
  - host: {{ .Values.host | quote }}
    list: {{ .StateValues.list | toJson }}
    map:
{{ .Values.map | toYaml | indent 6 }}
    env: {{ .Values.env }}
    none: {{ .Values.none }}
    deep: {{ (fromYaml "a: {b: 1}").a.b | add 1 }}
{{- if .Values.none }}
- name: never
{{- end }}
"#;
    let template = one_map("  all: {{ .Values | toJson | quote }}\n  name: {{ .Release.Name }}\n");
    let root = tree(&[
        ("tazuna.yaml", &tazuna(block)),
        ("app/helmfile.yaml.gotmpl", helmfile),
        ("app/helmfile.yaml", "not: read"),
        ("app/c/Chart.yaml", CHART),
        ("app/c/templates/x.yaml", &template),
    ]);
    let options = BuildOptions {
        environment: Some("PRODUCTION".to_owned()),
        variables: variables(&[("FROM_ENV", "e")]),
        ..with(&helm)
    };
    // A value that is not there prints `<no value>` in Tazuna.
    let all = r#"{"deep":2,"env":"e","host":"a \"b\"\n'c'","list":["x","1"],"map":{"k":"v"},"none":"\u003cno value\u003e"}"#;
    let data = serde_json::json!({"all": all, "name": "prod"}).to_string();
    assert_eq!(objects(root.path(), &options).await, map(&data));
}

#[tokio::test]
async fn a_template_that_go_refuses_is_told_with_its_line() {
    let Some(helm) = real_helm() else { return };
    for (helmfile, want) in [
        ("a: 1\nb: {{ env \"HOME\" }}\n", "app/helmfile.yaml:2: function \"env\" not defined"),
        ("a: 1\n{{ if }}\n", "app/helmfile.yaml:2: missing value for if"),
        ("a: {{ .Values.x.y }}\n", "app/helmfile.yaml:1:"),
        ("a: {{ fail \"no way\" }}\n", "no way"),
        ("releases: {{ \"[\" }}\n", "app/helmfile.yaml, as its template renders it, line"),
    ] {
        let root = tree(&[("tazuna.yaml", &tazuna("{}")), ("app/helmfile.yaml", helmfile)]);
        let reason = reason(root.path(), &with(&helm)).await;
        assert_eq!(reason.code, ReasonCode::InvalidDeclaration, "{reason:?}");
        assert!(reason.message.contains(want), "{reason:?}");
        assert!(!reason.message.contains("templates/"), "{reason:?}");
    }
}

#[tokio::test]
async fn a_release_is_rendered_as_the_sdk_renders_it() {
    let Some(helm) = real_helm() else { return };
    let template = one_map(
        "  ns: {{ .Release.Namespace | quote }}\n  kube: {{ .Capabilities.KubeVersion.Version }}\n  \
         has: {{ .Capabilities.APIVersions.Has \"example.com/v1/Thing\" | quote }}\n  \
         keep: {{ hasKey .Values \"gone\" | quote }}\n  live: {{ lookup \"v1\" \"Pod\" \"\" \"\" | len | quote }}\n  \
         tpl: {{ tpl .Values.text . }}\n",
    );
    let hook = "kind: Job\nmetadata: {name: h, annotations: {helm.sh/hook: pre-install}}\n";
    let test = "kind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}\n";
    let root = tree(&[
        ("tazuna.yaml", &tazuna("{includeCRDs: true, extraValueFiles: [extra.yaml]}")),
        (
            "app/helmfile.yaml",
            "releases: [{name: a, chart: ./c, values: [v.yaml, {gone: null, text: no}]}]",
        ),
        ("app/v.yaml", "gone: 2\n"),
        ("app/extra.yaml", "text: '{{ .Release.Name }}'\n"),
        // The dependency is declared and not there: the SDK does not mind.
        (
            "app/c/Chart.yaml",
            &format!(
                "{CHART}dependencies: [{{name: d, version: 1.0.0, repository: 'https://h'}}]\n"
            ),
        ),
        ("app/c/values.yaml", "gone: 1\n"),
        ("app/c/templates/x.yaml", &template),
        ("app/c/templates/hook.yaml", hook),
        ("app/c/templates/tests/test.yaml", test),
        ("app/c/templates/NOTES.txt", "notes"),
        ("app/c/templates/empty.yaml", "# nothing\n"),
        ("app/c/crds/crd.yaml", "kind: Thing\nmetadata: {name: crd}\n"),
    ]);
    let facts = KubeFacts {
        version: "v1.31.4".to_owned(),
        api_versions: vec!["example.com/v1".to_owned(), "example.com/v1/Thing".to_owned()],
    };
    let options = BuildOptions { kubernetes: Some(Ok(facts)), ..with(&helm) };
    let mut want = expected("kind: Thing\nmetadata: {name: crd}\n");
    want.extend(map("{ns: '', kube: v1.31.4, has: 'true', keep: 'false', live: '0', tpl: a}"));
    want.sort_by(|a, b| a.key.cmp(&b.key));
    assert_eq!(objects(root.path(), &options).await, want);
}

#[tokio::test]
async fn a_library_chart_gives_nothing() {
    let Some(helm) = real_helm() else { return };
    let root = tree(&[
        ("tazuna.yaml", &tazuna("{}")),
        ("app/helmfile.yaml", "releases: [{name: a, chart: ./c}]"),
        ("app/c/Chart.yaml", &format!("{CHART}type: library\n")),
        ("app/c/templates/_x.tpl", "{{ define \"x\" }}{{ end }}"),
    ]);
    assert_eq!(objects(root.path(), &with(&helm)).await, []);
}

#[tokio::test]
async fn a_chart_that_fails_says_why_without_folders_of_this_run() {
    let Some(helm) = real_helm() else { return };
    let root = tree(&[
        ("tazuna.yaml", &tazuna("{}")),
        ("app/helmfile.yaml", "releases: [{name: a, chart: ./c}]"),
        ("app/c/Chart.yaml", CHART),
        ("app/c/templates/x.yaml", "{{ required \"a host is needed\" .Values.host }}"),
    ]);
    let reason = reason(root.path(), &with(&helm)).await;
    assert_eq!(reason.code, ReasonCode::ToolFailed);
    assert!(reason.message.starts_with("the release `a`: "), "{reason:?}");
    assert!(reason.message.contains("a host is needed"), "{reason:?}");
    assert!(!reason.message.contains("/tmp"), "{reason:?}");
}

/// A packaged chart.
fn package(helm: &Path, chart: &Path, into: &Path) -> Vec<u8> {
    let done = Command::new(helm).arg("package").arg(chart).arg("-d").arg(into).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    fs::read(into.join("c-1.0.0.tgz")).unwrap()
}

#[tokio::test]
async fn a_chart_of_a_repository_is_pulled_with_its_credentials() {
    let Some(helm) = real_helm() else { return };
    let template = one_map("  name: {{ .Release.Name }}\n");
    let root = tree(&[
        ("tazuna.yaml", &tazuna("{}")),
        ("src/Chart.yaml", CHART),
        ("src/templates/x.yaml", &template),
    ]);
    let archive = package(&helm, &root.path().join("src"), root.path());
    let server = MockServer::start().await;
    let index = "apiVersion: v1\nentries:\n  c:\n  - {name: c, version: 1.0.0, apiVersion: v2, urls: [c-1.0.0.tgz]}\n";
    for (file, body) in [("/index.yaml", index.as_bytes().to_vec()), ("/c-1.0.0.tgz", archive)] {
        Mock::given(method("GET"))
            .and(path(file))
            .and(basic_auth("bob", "sword fish"))
            .respond_with(ResponseTemplate::new(200).set_body_bytes(body))
            .expect(1)
            .mount(&server)
            .await;
    }
    let helmfile = |password: &str, version: &str| {
        format!(
            "repositories: [{{name: web, url: '{}', username: bob, password: {password}}}]\n\
             releases: [{{name: a, chart: web/c, version: {version}}}]\n",
            server.uri()
        )
    };
    fs::create_dir(root.path().join("app")).unwrap();
    let write = |text: String| fs::write(root.path().join("app/helmfile.yaml"), text).unwrap();
    write(helmfile("sword fish", "1.0.0"));
    assert_eq!(objects(root.path(), &with(&helm)).await, map("{name: a}"));

    write(helmfile("wrongfish", "1.0.0"));
    let refused = reason(root.path(), &with(&helm)).await;
    assert!(refused.message.ends_with("does not give its index"), "{refused:?}");
    assert!(!format!("{refused:?}").contains("wrongfish"), "{refused:?}");
}

#[tokio::test]
async fn the_version_is_in_the_report() {
    let Some(helm) = real_helm() else { return };
    let root = tree(&[("tazuna.yaml", &tazuna("{}")), ("app/helmfile.yaml", "{}")]);
    let tools = build(root.path(), &with(&helm)).await.tools;
    assert_eq!(tools[0].name, "helm");
    assert!(tools[0].version.as_ref().unwrap().starts_with('v'));
}
