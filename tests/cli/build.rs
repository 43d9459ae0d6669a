//! Building Manifests with foreign tools that are absent, fail, hang or babble.

use std::{fs, num::NonZeroUsize, path::Path, sync::Mutex, time::Duration};

use tazuna_drift::{
    build::{BuildOptions, BuildResults, Progress, Silent, build_all},
    project::{Backend, Fault, Helmfile, Kustomize, Manifest},
    report::{Location, Reason, ReasonCode, Tool},
};

use crate::tools::{Tools, assert_gone};

/// A time that no test waits for.
const LONG: Duration = Duration::from_secs(120);

/// Long enough for a shell to write a file, short enough to wait for.
const SHORT: Duration = Duration::from_millis(1500);

/// A kustomization that is never built in process.
const NOT_PLAIN: &str = "namePrefix: x-\nresources: []\n";

fn manifest(name: &str, path: &str, backend: Backend) -> Manifest {
    Manifest {
        name: name.to_owned(),
        description: None,
        type_name: match &backend {
            Backend::Kustomize(_) => "kustomize",
            Backend::Helmfile(_) => "helmfile",
            Backend::GenesisSecret => "genesissecret",
            Backend::Oras(_) => "oras",
            Backend::Unknown => "parallel",
        }
        .to_owned(),
        backend,
        path: Some(path.to_owned()),
        tags: Vec::new(),
        declared_at: Location { file: "tazuna.yaml".to_owned(), line: 1, column: None },
        fault: None,
    }
}

fn kustomize(name: &str) -> Manifest {
    manifest(name, name, Backend::Kustomize(Kustomize::default()))
}

/// A folder with a kustomization for each name.
fn folders(names: &[&str]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for name in names {
        write(root.path(), &format!("{name}/kustomization.yaml"), NOT_PLAIN);
    }
    root
}

fn write(root: &Path, file: &str, text: &str) {
    let file = root.join(file);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

fn options(tools: &Tools) -> BuildOptions {
    BuildOptions::new(NonZeroUsize::new(4).unwrap(), LONG, tools.search_path())
}

async fn build(root: &Path, manifests: &[Manifest], options: &BuildOptions) -> BuildResults {
    let manifests: Vec<&Manifest> = manifests.iter().collect();
    build_all(root, &manifests, options, &Silent).await
}

async fn reason(root: &Path, manifest: Manifest, options: &BuildOptions) -> Reason {
    let results = build(root, &[manifest], options).await;
    results.built[0].objects.clone().unwrap_err()
}

fn keys(results: &BuildResults, index: usize) -> Vec<&str> {
    let objects = results.built[index].objects.as_ref().unwrap();
    objects.iter().map(|object| object.key.as_str()).collect()
}

/// Prints a ConfigMap that is called as the folder it is given.
const ECHO: &str = r#"case $1 in version) echo v5.8.1; echo asked >> "$(dirname "$0")/asked"; exit;; esac
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\n' "$(basename "$2")""#;

#[tokio::test]
async fn results_stand_in_the_order_of_the_manifests_whichever_ends_first() {
    let names = ["a", "b", "c", "d", "e", "f", "g"];
    let root = folders(&names);
    // `a` ends only after `c` has begun, so it is not the first to be done.
    let waits = format!(
        r#"dir=$(dirname "$0"); me=$(basename "$2")
if [ "$me" = a ]; then while ! [ -e "$dir/c.began" ]; do sleep 0.02; done; fi
[ "$1" = build ] && : > "$dir/$me.began"
{ECHO}"#
    );
    let tools = Tools::with("kustomize", &waits);
    let manifests = names.map(kustomize);
    let results = build(root.path(), &manifests, &options(&tools)).await;
    for (index, name) in names.iter().enumerate() {
        assert_eq!(keys(&results, index), [format!("{name}//v1/ConfigMap/{name}")]);
    }
    let version = Some("v5.8.1".to_owned());
    assert_eq!(results.tools, [Tool { name: "kustomize".to_owned(), version }]);
    let asked = fs::read_to_string(tools.file("asked")).unwrap();
    assert_eq!(asked.lines().count(), 1, "the version is asked once");
}

#[tokio::test]
async fn no_more_builds_run_at_a_time_than_jobs_allow() {
    let names = ["a", "b", "c", "d", "e"];
    let root = folders(&names);
    let tools = Tools::with("kustomize", ECHO);
    #[derive(Default)]
    struct Most(Mutex<(usize, usize, usize)>);
    impl Progress for Most {
        fn started(&self, _: &str) {
            let mut now = self.0.lock().unwrap();
            now.0 += 1;
            now.1 = now.1.max(now.0);
        }
        fn finished(&self, _: &str, ok: bool) {
            let mut now = self.0.lock().unwrap();
            now.0 -= 1;
            now.2 += usize::from(ok);
        }
    }
    let manifests = names.map(kustomize);
    let manifests: Vec<&Manifest> = manifests.iter().collect();
    let two = BuildOptions { jobs: NonZeroUsize::new(2).unwrap(), ..options(&tools) };
    let most = Most::default();
    build_all(root.path(), &manifests, &two, &most).await;
    assert_eq!(*most.0.lock().unwrap(), (0, 2, 5));
}

#[tokio::test]
async fn kubectl_serves_where_kustomize_is_missing() {
    let root = folders(&["a"]);
    let script = r#"case "$*" in
"version --client -o json") echo '{"clientVersion": {"gitVersion": "v1.36.0"}}';;
kustomize\ /*/a) echo '{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x", "namespace": "n"}}';;
*) exit 9;; esac"#;
    let tools = Tools::with("kubectl", script);
    for command in [None, Some("kubectl kustomize".to_owned()), Some("kubectl".to_owned())] {
        let options = BuildOptions { kustomize_command: command, ..options(&tools) };
        let results = build(root.path(), &[kustomize("a")], &options).await;
        assert_eq!(keys(&results, 0), ["a/apps/v1/Deployment/n/x"]);
        assert_eq!(results.tools[0].version.as_deref(), Some("v1.36.0"));
    }
}

#[tokio::test]
async fn a_missing_tool_fails_only_who_needs_it_and_says_how_to_get_it() {
    let root = folders(&["a"]);
    write(
        root.path(),
        "s.yaml",
        "spec: {outputs: [{kubernetesSecret: {namespace: shop, name: s}}]}",
    );
    let manifests = [kustomize("a"), manifest("s", "s.yaml", Backend::GenesisSecret)];
    let tools = Tools::none();
    let results = build(root.path(), &manifests, &options(&tools)).await;
    let reason = results.built[0].objects.as_ref().unwrap_err();
    assert_eq!(reason.code, ReasonCode::ToolMissing);
    assert!(reason.hint.as_ref().unwrap().contains("install kustomize"), "{reason:?}");
    assert_eq!(keys(&results, 1), ["s//v1/Secret/shop/s"]);
    assert_eq!(results.tools, []);

    let named =
        BuildOptions { kustomize_command: Some("/nowhere/kz build".to_owned()), ..options(&tools) };
    let results = build(root.path(), &manifests, &named).await;
    let reason = results.built[0].objects.as_ref().unwrap_err();
    assert!(reason.message.contains("/nowhere/kz"), "{reason:?}");
}

#[tokio::test]
async fn a_failing_tool_is_quoted_without_its_secrets_and_without_this_machines_paths() {
    let root = folders(&["a", "b"]);
    let script = r#"case $2 in */b) ;; *)
for i in $(seq 100); do echo "noise $i" >&2; done
echo "fetching https://bot:hunter2@example.com/x" >&2
echo "Error: accumulating $2/kustomization.yaml: token=hunter2" >&2
exit 3;; esac"#;
    let tools = Tools::with("kustomize", script);
    let results = build(root.path(), &["a", "b"].map(kustomize), &options(&tools)).await;
    let reason = results.built[0].objects.as_ref().unwrap_err();
    assert_eq!(reason.code, ReasonCode::ToolFailed);
    assert_eq!(
        reason.message,
        "`kustomize build` ended with exit code 3: accumulating a/kustomization.yaml: token=***"
    );
    assert_eq!(reason.detail.len(), 20);
    assert_eq!(reason.detail[18], "fetching https://***@example.com/x");
    assert_eq!(keys(&results, 1), [""; 0]);
}

#[tokio::test]
async fn a_hanging_tool_is_ended_with_everything_it_started() {
    let root = folders(&["a"]);
    // Neither heeds the polite request.
    let script = r#"trap '' TERM
dir=$(dirname "$0")
sh -c 'trap "" TERM; echo $$ > "$0/child"; echo waiting >&2; while :; do sleep 1; done' "$dir" &
echo $$ > "$dir/parent"
while :; do sleep 1; done"#;
    let tools = Tools::with("kustomize", script);
    let options = BuildOptions { timeout: SHORT, ..options(&tools) };
    let reason = reason(root.path(), kustomize("a"), &options).await;
    assert_eq!(reason.code, ReasonCode::TimedOut);
    assert!(reason.hint.as_ref().unwrap().contains("--build-timeout"), "{reason:?}");
    assert_eq!(reason.detail, ["waiting"]);
    assert_gone(&tools.file("parent")).await;
    assert_gone(&tools.file("child")).await;
}

#[tokio::test]
async fn a_build_that_nobody_waits_for_any_longer_leaves_nothing_running() {
    let root = folders(&["a"]);
    let script = r#"dir=$(dirname "$0")
sh -c 'echo $$ > "$0/child"; while :; do sleep 1; done' "$dir" &
while :; do sleep 1; done"#;
    let tools = Tools::with("kustomize", script);
    let manifests = [kustomize("a")];
    let options = options(&tools);
    let child = tools.file("child");
    tokio::select! {
        _ = build(root.path(), &manifests, &options) => panic!("it hangs"),
        () = async {
            while fs::read_to_string(&child).unwrap_or_default().is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        } => {}
    }
    assert_gone(&child).await;
}

#[tokio::test]
async fn a_child_left_in_the_background_neither_holds_up_the_build_nor_survives_it() {
    let root = folders(&["a"]);
    let script = format!(
        r#"[ "$1" = build ] && {{ sh -c 'echo $$ > "$0/child"; exec sleep 3600' "$(dirname "$0")" >/dev/null & }}
while ! [ -s "$(dirname "$0")/child" ]; do sleep 0.02; done
{ECHO}"#
    );
    let tools = Tools::with("kustomize", &script);
    let results = build(root.path(), &[kustomize("a")], &options(&tools)).await;
    assert_eq!(keys(&results, 0), ["a//v1/ConfigMap/a"]);
    assert_gone(&tools.file("child")).await;
}

#[tokio::test]
async fn a_hundred_megabytes_of_complaints_do_not_harm_the_build() {
    let root = folders(&["a"]);
    let script =
        format!("[ \"$1\" = build ] && yes 'W: old field' | head -c 104857600 >&2\n{ECHO}");
    let tools = Tools::with("kustomize", &script);
    let results = build(root.path(), &[kustomize("a")], &options(&tools)).await;
    assert_eq!(keys(&results, 0), ["a//v1/ConfigMap/a"]);
}

#[tokio::test]
async fn endless_output_is_cut_off_and_told() {
    use tazuna_drift::process::{Invocation, Outcome, run};
    let tools = Tools::with("endless", "exec yes");
    let args: [&str; 0] = [];
    let mut invocation = Invocation::new(tools.file("endless"), args, LONG);
    invocation.stdout_limit = 10_000_000;
    assert_eq!(run(&invocation).await, Outcome::TooMuchOutput);
}

#[tokio::test]
async fn a_tool_gets_no_input_and_is_named_when_a_signal_ends_it() {
    use tazuna_drift::process::{Ended, Invocation, Outcome, run};
    let tools = Tools::with("reads", "cat; echo end").and("dies", "kill -9 $$");
    let args: [&str; 0] = [];
    let outcome = run(&Invocation::new(tools.file("reads"), args, LONG)).await;
    assert_eq!(outcome, Outcome::Done { stdout: b"end\n".to_vec(), last_lines: Vec::new() });
    let outcome = run(&Invocation::new(tools.file("dies"), args, LONG)).await;
    assert_eq!(outcome, Outcome::Failed { ended: Ended::Signal(9), last_lines: Vec::new() });
    let outcome = run(&Invocation::new(tools.file("none"), args, LONG)).await;
    assert_eq!(outcome, Outcome::NotFound);
}

#[tokio::test]
async fn offline_refuses_a_remote_base_before_any_tool_runs() {
    let root = folders(&["a", "b"]);
    write(root.path(), "a/kustomization.yaml", "resources: [../base]\n");
    write(root.path(), "base/kustomization.yaml", "resources: ['github.com/o/r//x?ref=v1']\n");
    let tools = Tools::with(
        "kustomize",
        &format!(": > \"$(dirname \"$0\")/ran.$(basename \"$2\")\"\n{ECHO}"),
    );
    let offline = BuildOptions { offline: true, ..options(&tools) };
    let results = build(root.path(), &["a", "b"].map(kustomize), &offline).await;
    let reason = results.built[0].objects.as_ref().unwrap_err();
    assert_eq!(reason.code, ReasonCode::Offline);
    assert!(reason.message.contains("github.com/o/r//x?ref=v1"), "{reason:?}");
    assert!(reason.message.contains("base/kustomization.yaml"), "{reason:?}");
    assert_eq!(keys(&results, 1), ["b//v1/ConfigMap/b"]);
    assert!(!tools.file("ran.a").exists() && tools.file("ran.b").exists());
}

#[tokio::test]
async fn a_manifest_with_a_fault_is_not_built() {
    let root = folders(&["a"]);
    let tools = Tools::with("kustomize", ": > \"$(dirname \"$0\")/ran\"");
    let told = Reason::new(ReasonCode::DuplicateName, "twice");
    let fault = Some(Fault::Failed(told.clone()));
    let reason = reason(root.path(), Manifest { fault, ..kustomize("a") }, &options(&tools)).await;
    assert_eq!(reason, told);
    assert!(!tools.file("ran").exists());
}

#[tokio::test]
async fn what_this_version_cannot_build_is_said() {
    let root = folders(&[]);
    let tools = Tools::none();
    for (backend, code) in [
        (Backend::Helmfile(Helmfile::default()), ReasonCode::PathNotFound),
        (Backend::Oras(None), ReasonCode::InvalidDeclaration),
        (Backend::Unknown, ReasonCode::UnknownType),
        (Backend::GenesisSecret, ReasonCode::PathNotFound),
        (Backend::Kustomize(Kustomize::default()), ReasonCode::PathNotFound),
    ] {
        let reason = reason(root.path(), manifest("m", "none", backend), &options(&tools)).await;
        assert_eq!(reason.code, code, "{reason:?}");
    }
}

#[tokio::test]
async fn output_that_is_no_yaml_fails_that_manifest() {
    let root = folders(&["a"]);
    let tools = Tools::with("kustomize", "echo 'kind: ['");
    let reason = reason(root.path(), kustomize("a"), &options(&tools)).await;
    assert_eq!(reason.code, ReasonCode::InvalidObjects);
}

/// The program itself, with one Manifest `a` that needs kustomize, and nothing of this
/// process's environment.
fn program(root: &Path, tools: &Tools) -> tokio::process::Command {
    write(root, "tazuna.yaml", "spec: {manifests: [{name: a, type: kustomize, path: a}]}");
    fs::create_dir_all(root.join("state")).unwrap();
    let mut path = tools.search_path().unwrap();
    path.push(":/usr/bin:/bin");
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_tazuna-drift"));
    command
        .env_clear()
        .env("PATH", path)
        .current_dir(root)
        .args(["diff", "--state-dir", "state", "--source", "native"])
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .kill_on_drop(true);
    command
}

#[tokio::test]
async fn a_tool_sees_no_token_and_none_of_our_settings() {
    let root = folders(&["a"]);
    let tools = Tools::with("kustomize", &format!("env > \"$(dirname \"$0\")/env\"\n{ECHO}"));
    let mut command = program(root.path(), &tools);
    command.envs([
        ("GITHUB_TOKEN", "hunter2"),
        ("GH_TOKEN", "hunter2"),
        ("INPUT_TOKEN", "hunter2"),
        ("TAZUNA_DRIFT_TARGET", "hunter2"),
        ("HOME", "/home/bob"),
        ("GIT_SSH_COMMAND", "ssh -i key"),
    ]);
    let output = command.output().await.unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(stdout.contains("/v1/ConfigMap/a"), "{output:?}");
    let env = fs::read_to_string(tools.file("env")).unwrap();
    assert!(!env.contains("hunter2"), "{env}");
    assert!(env.contains("HOME=/home/bob") && env.contains("GIT_SSH_COMMAND=ssh -i key"), "{env}");
}

#[tokio::test]
async fn ctrl_c_ends_the_tools_too() {
    let root = folders(&["a"]);
    let script = r#"dir=$(dirname "$0")
sh -c 'echo $$ > "$0/child"; while :; do sleep 1; done' "$dir" &
while :; do sleep 1; done"#;
    let tools = Tools::with("kustomize", script);
    let mut run = program(root.path(), &tools).spawn().unwrap();
    let child = tools.file("child");
    while fs::read_to_string(&child).unwrap_or_default().is_empty() {
        assert_eq!(run.try_wait().unwrap(), None, "it waits for kustomize");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let kill = format!("kill -INT {}", run.id().unwrap());
    assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    assert_eq!(run.wait().await.unwrap().code(), Some(1));
    assert_gone(&child).await;
}
