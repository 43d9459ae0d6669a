//! Manifests of `type: helmfile`, with a fake helm and with a real one.

mod fake;
mod real;
mod run;
mod secrets;

use std::{fs, num::NonZeroUsize, path::Path, time::Duration};

use tazuna_drift::{
    build::{BuildOptions, BuildResults, Silent, Variables, build_all},
    domain::BuiltObject,
    project::{LoadRequest, Manifest, load},
    report::Reason,
};

use crate::tools::Tools;

/// A time that no test waits for.
const LONG: Duration = Duration::from_secs(120);

/// A folder of files.
fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (file, text) in files {
        let file = root.path().join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    root
}

/// A tazuna.yaml with one helmfile `m` in `app`, whose block this is.
fn tazuna(block: &str) -> String {
    format!("spec: {{manifests: [{{name: m, type: helmfile, path: app, helmfile: {block}}}]}}")
}

fn options(tools: &Tools) -> BuildOptions {
    BuildOptions::new(NonZeroUsize::new(4).unwrap(), LONG, tools.search_path())
}

fn variables(pairs: &[(&str, &str)]) -> Variables {
    Variables::new(pairs.iter().map(|(name, value)| (name.into(), value.into())))
}

async fn build(root: &Path, options: &BuildOptions) -> BuildResults {
    let request = LoadRequest { file: root.join("tazuna.yaml"), environment: None };
    let project = load(&request).unwrap();
    let manifests: Vec<&Manifest> = project.manifests.iter().collect();
    build_all(&project.root, &manifests, options, &Silent).await
}

async fn objects(root: &Path, options: &BuildOptions) -> Vec<BuiltObject> {
    build(root, options).await.built.remove(0).objects.unwrap()
}

async fn reason(root: &Path, options: &BuildOptions) -> Reason {
    build(root, options).await.built.remove(0).objects.unwrap_err()
}

fn keys(objects: &[BuiltObject]) -> Vec<&str> {
    objects.iter().map(|object| object.key.as_str()).collect()
}
