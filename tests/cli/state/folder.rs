//! State from exported ConfigMaps: what files may hold, and that nothing is lost.

use std::{collections::BTreeMap, fs, path::Path};

use proptest::prelude::*;
use serde_json::json;
use tazuna_drift::{
    domain::{ContentHash, StateKey},
    error::ErrorKind,
    report::{StateKind, StateMetadata},
    state::{ManifestState, State, folder},
};

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn read(files: &[(&str, &str)]) -> State {
    folder::read(folder(files).path()).unwrap()
}

fn failure(files: &[(&str, &str)]) -> String {
    let folder = folder(files);
    let error = folder::read(folder.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    error.explain().replace(&format!("{}/", folder.path().display()), "")
}

fn manifests(state: &State) -> Vec<&str> {
    state.manifests.keys().map(String::as_str).collect()
}

const WEB: &str = r#"
apiVersion: v1
kind: ConfigMap
metadata: {name: tazuna-state-web, namespace: tazuna}
data:
  _metadata: '{"gitCommitHash":"abc","lastSyncedAt":""}'
  web__apps__v1__Deployment__shop__front: '{"contentHash":"f00"}'
"#;

const DB: &str = r#"{"apiVersion": "v1", "kind": "ConfigMap",
	"metadata": {"name": "tazuna-state-db"}, "data": null}"#;

#[test]
fn a_folder_is_read_file_by_file() {
    let state = read(&[
        ("web.yaml", WEB),
        ("db.json", DB),
        ("README.md", "# not YAML: [\n"),
        ("other.yml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kube-root-ca.crt}\n"),
        (
            "secret.yaml",
            "kind: Secret\napiVersion: v1\nmetadata: {name: tazuna-state-x}\ndata: [1]\n",
        ),
        ("empty.yaml", "---\n---\n# nothing\n"),
    ]);
    assert_eq!(manifests(&state), ["db", "web"]);
    assert_eq!((state.source.kind, state.source.config_maps), (StateKind::Folder, 2));
    assert_eq!(state.warnings, []);
    let web = &state.manifests["web"];
    assert_eq!(web.config_map, "tazuna-state-web");
    assert_eq!(web.metadata.git_commit_hash.as_deref(), Some("abc"));
    assert_eq!(web.metadata.last_synced_at, None);
    let entries = web.entries.as_ref().unwrap();
    let key = StateKey::from_text("web/apps/v1/Deployment/shop/front");
    assert_eq!(entries[&key].as_str(), "f00");
}

#[test]
fn folders_below_are_not_read() {
    let folder = folder(&[("web.yaml", WEB)]);
    fs::create_dir(folder.path().join("old.yaml")).unwrap();
    fs::write(folder.path().join("old.yaml/web.yaml"), WEB).unwrap();
    assert_eq!(manifests(&folder::read(folder.path()).unwrap()), ["web"]);
}

#[test]
fn a_list_several_documents_and_a_single_file_do_as_well() {
    let list = "apiVersion: v1\nkind: List\nmetadata: {resourceVersion: ''}\nitems:\n\
                - {apiVersion: v1, kind: ConfigMap, metadata: {name: tazuna-state-a}}\n\
                - {apiVersion: v1, kind: ConfigMap, metadata: {name: kube-root-ca.crt}}\n\
                - {apiVersion: v1, kind: ConfigMap, metadata: {name: tazuna-state-b}}\n";
    let typed = r#"{"kind":"ConfigMapList","apiVersion":"v1","items":[{"metadata":{"name":"tazuna-state-c"}}]}"#;
    let several = format!("{list}---\n{typed}\n---\n{WEB}");
    let folder = folder(&[("state.txt", &several)]);
    let state = folder::read(&folder.path().join("state.txt")).unwrap();
    assert_eq!(manifests(&state), ["a", "b", "c", "web"]);
    // In a folder a file of that name is not looked at.
    let state = folder::read(folder.path()).unwrap();
    assert_eq!(state.source.config_maps, 0);
    assert_eq!(state.warnings[0].code, "no-state");
}

#[test]
fn a_config_map_of_another_namespace_is_ignored_with_a_warning() {
    let state = read(&[("a.yaml", &WEB.replace("namespace: tazuna", "namespace: default"))]);
    assert_eq!(state.source.config_maps, 0);
    let codes: Vec<_> = state.warnings.iter().map(|warning| warning.code.as_str()).collect();
    assert_eq!(codes, ["other-namespace", "no-state"]);
}

#[test]
fn a_damaged_entry_fails_its_manifest_alone() {
    let damaged = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: tazuna-state-db}\n\
                   data: {db____v1__Secret__a: '{\"contentHash\": 7}'}\n";
    let state = read(&[("web.yaml", WEB), ("db.yaml", damaged)]);
    assert!(state.manifests["web"].entries.is_ok());
    let damage = state.manifests["db"].entries.as_ref().unwrap_err();
    assert_eq!(damage.data_key, "db____v1__Secret__a");
    assert!(damage.problem.contains("integer `7`"), "{}", damage.problem);
}

#[test]
fn mistakes_name_file_and_place() {
    insta::assert_snapshot!("twice", failure(&[("a.yaml", WEB), ("b.yaml", WEB)]));
    insta::assert_snapshot!("not_yaml", failure(&[("a.yaml", "kind: [ConfigMap\nmetadata: {}\n")]));
    insta::assert_snapshot!("not_json", failure(&[("a.json", "{\"kind\": \"ConfigMap\",}")]));
    let not_text = WEB.replace("'{\"contentHash\":\"f00\"}'", "{contentHash: f00}");
    insta::assert_snapshot!("not_text", failure(&[("a.yaml", &not_text)]));
}

#[test]
fn a_path_that_does_not_exist_says_how_to_export() {
    let error = folder::read(Path::new("no/such/folder")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let text = error.explain();
    assert!(text.contains("no/such/folder"), "{text}");
    assert!(text.contains("kubectl get configmaps -n tazuna"), "{text}");
}

#[test]
fn a_file_that_is_not_utf_8_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.yaml"), b"kind: \xff\xfe").unwrap();
    let text = folder::read(folder.path()).unwrap_err().explain();
    assert!(text.contains("a.yaml"), "{text}");
}

/// Prints State as the cluster would export it, one ConfigMap a Manifest.
fn export(manifests: &BTreeMap<String, ManifestState>) -> Vec<serde_json::Value> {
    manifests
        .values()
        .map(|state| {
            let metadata = &state.metadata;
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            let mut data = BTreeMap::from([(
                "_metadata".to_owned(),
                json!({"gitCommitHash": text(&metadata.git_commit_hash),
                       "lastSyncedAt": text(&metadata.last_synced_at)})
                .to_string(),
            )]);
            for (key, hash) in state.entries.as_ref().unwrap() {
                let key = key.as_str().replace('/', "__");
                data.insert(key, json!({"contentHash": hash.as_str()}).to_string());
            }
            json!({"apiVersion": "v1", "kind": "ConfigMap",
                   "metadata": {"name": state.config_map, "namespace": "tazuna"}, "data": data})
        })
        .collect()
}

fn any_manifests() -> impl Strategy<Value = BTreeMap<String, ManifestState>> {
    let entries = proptest::collection::btree_map(
        (
            "[a-z0-9-]{1,8}",
            "([a-z.]{1,9})?",
            "v[0-9][a-z0-9]{0,3}",
            "[A-Z][A-Za-z]{0,9}",
            "[a-z0-9.-]{1,12}",
        )
            .prop_map(|(manifest, group, version, kind, name)| {
                StateKey::from_text(format!("{manifest}/{group}/{version}/{kind}/ns/{name}"))
            }),
        "\\PC{0,20}".prop_map(ContentHash::from_text),
        0..6,
    );
    let some = || proptest::option::of("[^\\x00-\\x1f]{1,12}");
    proptest::collection::btree_map(
        "[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?",
        (entries, some(), some()),
        0..5,
    )
    .prop_map(|manifests| {
        let state = |(name, (entries, git_commit_hash, last_synced_at))| {
            let config_map = format!("tazuna-state-{name}");
            let metadata = StateMetadata { git_commit_hash, last_synced_at };
            (name, ManifestState { config_map, metadata, entries: Ok(entries) })
        };
        manifests.into_iter().map(state).collect()
    })
}

proptest! {
    #[test]
    fn what_is_exported_reads_back_the_same(manifests in any_manifests(), as_list: bool, as_json: bool) {
        let config_maps = export(&manifests);
        let print = |value: &serde_json::Value| match as_json {
            true => value.to_string(),
            false => serde_yaml::to_string(value).unwrap(),
        };
        let extension = if as_json { "json" } else { "yaml" };
        let folder = tempfile::tempdir().unwrap();
        if as_list {
            let list = json!({"apiVersion": "v1", "kind": "List", "items": config_maps});
            fs::write(folder.path().join(format!("state.{extension}")), print(&list)).unwrap();
        } else {
            for (n, config_map) in config_maps.iter().enumerate() {
                let file = folder.path().join(format!("{n}.{extension}"));
                fs::write(file, print(config_map)).unwrap();
            }
        }
        let state = folder::read(folder.path()).unwrap();
        prop_assert_eq!(state.source.config_maps, manifests.len());
        prop_assert_eq!(state.manifests, manifests);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,80}|(\\{|\\}|:|-|\n| |kind|List|items|data|\"){0,40}") {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.yaml"), &text).unwrap();
        fs::write(folder.path().join("b.json"), &text).unwrap();
        let _ = folder::read(folder.path());
    }
}
