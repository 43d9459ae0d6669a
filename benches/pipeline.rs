//! How long the steps of a run take, from text to report, at three sizes; beside them the
//! real kustomize on the same folder, where it is on PATH.
//!
//! `cargo bench` runs it. Claims of the README come from here.
#![allow(missing_docs, reason = "divan's functions are their own documentation")]

use std::{collections::BTreeMap, fmt::Write, fs, path::Path, process::Command};

use divan::{Bencher, black_box};
use jiff::Timestamp;
use tazuna_drift::{
    build::kustomize::in_process::{self, InProcess},
    diff::diff,
    domain::{BuiltObject, ContentHash, StateKey, object},
    publish::github::hidden::{self, HiddenState},
    render::{self, MarkdownOptions, Templates, issue::IssueOptions},
    report::{
        ClusterContext, Generator, ManifestReport, Report, SCHEMA_VERSION, Selection, Source,
        SourceKind, Target, Totals,
    },
};

fn main() {
    divan::Divan::from_args().sample_count(20).main();
}

const SIZES: [usize; 3] = [100, 2_000, 20_000];

/// Deployments as people write them, some 450 bytes each.
fn documents(count: usize) -> String {
    let mut text = String::new();
    for n in 0..count {
        write!(
            text,
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web-{n}\n  namespace: shop\n  \
             labels:\n    app.kubernetes.io/name: web\n    app.kubernetes.io/instance: web-{n}\nspec:\n  \
             replicas: 2\n  selector:\n    matchLabels: {{app: web-{n}}}\n  template:\n    metadata:\n      \
             labels: {{app: web-{n}}}\n    spec:\n      containers:\n      - name: web\n        \
             image: registry.example.com/web:1.{n}.0\n        args: [--port=8080, \"--name=web-{n}\"]\n        \
             resources: {{requests: {{cpu: 100m, memory: 64Mi}}}}\n"
        )
        .expect("writing to a String cannot fail");
    }
    text
}

fn folder(count: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    fs::write(folder.path().join("kustomization.yaml"), "resources: [web.yaml]\n")
        .and_then(|()| fs::write(folder.path().join("web.yaml"), documents(count)))
        .expect("a temporary folder can be written");
    folder
}

fn objects(count: usize) -> Vec<BuiltObject> {
    object::from_output("web", documents(count).as_bytes(), None).expect("the documents are good")
}

/// State in which every third object is the same, every third differs, every third is gone.
fn state(objects: &[BuiltObject]) -> BTreeMap<StateKey, ContentHash> {
    let rows = objects.iter().enumerate().map(|(n, object)| match n % 3 {
        0 => (object.key.clone(), object.hash.clone().expect("no secret is among them")),
        1 => (object.key.clone(), ContentHash::of(b"before")),
        _ => (StateKey::from_text(format!("{}-gone", object.key)), ContentHash::of(b"gone")),
    });
    rows.collect()
}

fn report(count: usize) -> Report {
    let objects = objects(count);
    let manifests = vec![ManifestReport {
        manifest_type: Some("kustomize".into()),
        path: Some("manifests/web".into()),
        objects: Some(objects.len()),
        ..ManifestReport::compared("web", diff(&objects, &state(&objects)))
    }];
    Report {
        schema_version: SCHEMA_VERSION,
        generator: Generator::this(),
        target: Target { id: Some("bench".into()), named: true },
        generated_at: Timestamp::UNIX_EPOCH,
        context: ClusterContext { name: Some("bench".into()), server: None },
        selection: Selection { file: Some("tazuna.yaml".into()), ..Selection::default() },
        repository: None,
        run: None,
        source: Source { kind: SourceKind::Native, input: None, state: None },
        tools: Vec::new(),
        refused: None,
        totals: Totals::of(&manifests),
        manifests,
        history: None,
        warnings: Vec::new(),
        phases: Vec::new(),
    }
}

#[divan::bench(args = SIZES)]
fn decode_and_hash(bencher: Bencher, count: usize) {
    let text = documents(count);
    bencher.bench_local(|| object::from_output("web", black_box(text.as_bytes()), None));
}

#[divan::bench(args = SIZES)]
fn build_in_process(bencher: Bencher, count: usize) {
    let folder = folder(count);
    bencher.bench_local(|| match in_process::build(black_box(folder.path()), "web", None) {
        InProcess::Built(objects) => assert_eq!(objects.len(), count),
        InProcess::HandOver(why) => panic!("it should be built in process: {why:?}"),
    });
}

/// The same folder through the real kustomize, decoded and hashed by this program.
/// Its time grows with the square of the count: 20,000 objects would take minutes.
#[divan::bench(args = [100, 2_000], sample_count = 3, sample_size = 1)]
fn build_with_kustomize(bencher: Bencher, count: usize) {
    let folder = folder(count);
    if !kustomize_is_there() {
        return;
    }
    bencher.bench_local(|| {
        let text = kustomize(folder.path());
        object::from_output("web", &text, None)
    });
}

fn kustomize_is_there() -> bool {
    Command::new("kustomize").arg("version").output().is_ok_and(|run| run.status.success())
}

fn kustomize(folder: &Path) -> Vec<u8> {
    let run = Command::new("kustomize").arg("build").arg(folder).output();
    let run = run.expect("kustomize was found a moment ago");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    run.stdout
}

#[divan::bench(args = SIZES)]
fn compare(bencher: Bencher, count: usize) {
    let objects = objects(count);
    let state = state(&objects);
    bencher.bench_local(|| diff(black_box(&objects), black_box(&state)));
}

#[divan::bench(args = SIZES)]
fn render_text(bencher: Bencher, count: usize) {
    let report = report(count);
    bencher.bench_local(|| render::text(black_box(&report)));
}

#[divan::bench(args = SIZES)]
fn render_json(bencher: Bencher, count: usize) {
    let report = report(count);
    bencher.bench_local(|| render::json(black_box(&report)));
}

#[divan::bench(args = SIZES)]
fn render_summary(bencher: Bencher, count: usize) {
    let report = report(count);
    let templates = Templates::built_in();
    let options =
        MarkdownOptions { budget: Some(render::SUMMARY_BUDGET), ..MarkdownOptions::default() };
    bencher.bench_local(|| render::markdown(black_box(&report), &templates, options));
}

/// History, fingerprint, hidden state, title and body of an issue: what is done without
/// GitHub.
#[divan::bench(args = [100, 2_000, 50_000])]
fn plan_issue(bencher: Bencher, count: usize) {
    // Two of three objects give an entry.
    let report = report(count * 3 / 2);
    let options = IssueOptions::default();
    bencher.with_inputs(|| report.clone()).bench_local_values(|mut report| {
        tazuna_drift::history::compare(&mut report, None, &[]);
        let fingerprint = tazuna_drift::history::fingerprint(&report, &[], true);
        let past = tazuna_drift::history::remember(&report, None, fingerprint);
        let hidden = hidden::encode(&HiddenState { past, ..HiddenState::default() });
        let body = render::issue::body(&report, &options);
        (render::issue::title(&report, &options), body, hidden, report)
    });
}
