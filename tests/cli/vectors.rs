//! What Go's own libraries made of texts, against what this crate makes of them.

use serde::Deserialize;
use tazuna_drift::{
    build::kustomize::in_process::{self, InProcess},
    domain::object,
};

/// `decoded` cases the scanner cannot serve, each with its reason. At most three.
const EXCEPTIONS: [(&str, &str); 3] = [
    (
        "value '\\u2028'",
        "refused: the separator is a line break to Go only, and quoted in tools' output",
    ),
    ("tab as the only blank of a line", "read, where Go refuses it: no tool prints such a line"),
    ("directive after a document", "refused: Go ignores it, or trips over it, by what follows"),
];

#[derive(Deserialize)]
struct Vector {
    name: String,
    yaml: String,
    decoded: Outcome,
    kustomized: Outcome,
}

/// `{"objects": […]}` or `{"error": true}`.
#[derive(Deserialize)]
struct Outcome {
    #[serde(default)]
    objects: Option<Vec<Expected>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Expected {
    key: String,
    content_hash: String,
}

impl Outcome {
    /// Sorted by key; of a key that occurs twice the last stays, as in Tazuna's map.
    fn expected(&self) -> Option<Vec<Expected>> {
        let mut by_key = std::collections::BTreeMap::new();
        for object in self.objects.as_ref()? {
            by_key.insert(object.key.clone(), object.clone());
        }
        Some(by_key.into_values().collect())
    }
}

fn vectors() -> Vec<Vector> {
    let mut all: Vec<Vector> =
        serde_json::from_str(include_str!("../vectors/content-hash.json")).unwrap();
    assert_eq!(all.len(), 187);
    let more: Vec<Vector> =
        serde_json::from_str(include_str!("../vectors/more-content-hash.json")).unwrap();
    all.extend(more);
    all
}

fn shown(objects: Vec<object::BuiltObject>) -> Vec<Expected> {
    let hash = |object: &object::BuiltObject| object.hash.as_ref().unwrap().to_string();
    objects
        .iter()
        .map(|object| Expected { key: object.key.to_string(), content_hash: hash(object) })
        .collect()
}

#[test]
fn decoded_vectors_agree_with_go() {
    let mut wrong = Vec::new();
    for vector in vectors() {
        let got = object::from_output("m", vector.yaml.as_bytes(), None).map(shown);
        let agrees = got.as_ref().ok() == vector.decoded.expected().as_ref();
        let excepted = EXCEPTIONS.iter().any(|(name, _)| *name == vector.name);
        if agrees == excepted {
            let expected = vector.decoded.expected();
            wrong.push(format!("{}: got {got:?}, expected {expected:?}", vector.name));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Builds a text as the only resource of a kustomization.
fn kustomized(text: &str) -> InProcess {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("kustomization.yaml"), "resources:\n- r.yaml\n").unwrap();
    std::fs::write(dir.path().join("r.yaml"), text).unwrap();
    in_process::build(dir.path(), "m", None)
}

#[test]
fn kustomized_vectors_agree_or_are_handed_over() {
    let mut wrong = Vec::new();
    let mut built = 0;
    for vector in vectors() {
        let InProcess::Built(objects) = kustomized(&vector.yaml) else { continue };
        built += 1;
        let got = shown(objects);
        if Some(&got) != vector.kustomized.expected().as_ref() {
            wrong.push(format!("{}: {got:?}", vector.name));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    // Were all handed over, the rule above would hold and say nothing.
    assert!(built >= 50, "only {built} were built");
}

#[test]
fn plain_resources_are_not_handed_over() {
    let text = "# head\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  \
                namespace: shop\n  labels: {app: web}\nspec:\n  replicas: 3\n  template:\n    \
                spec:\n      containers:\n      - name: web\n        args: [\"--port=80\"]\n\
                ---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  run.sh: |\n    \
                set -e\n      exec web\n  enabled: 'yes'\n  mode: no\n";
    match kustomized(text) {
        InProcess::Built(objects) => assert_eq!(objects.len(), 2),
        InProcess::HandOver(why) => panic!("{why:?}"),
    }
}
