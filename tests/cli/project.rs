//! tazuna.yaml, good and bad: each folder of tests/cases/project is a case.
//!
//! `input/tazuna.yaml` is loaded, with `-e` from the file `args` where there is one; the
//! result must be `expected.json`, or the error `expected.err`. A new folder is a new case.
//! `UPDATE_EXPECT=1` writes what came out; read it before you commit it.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use tazuna_drift::{
    error::ErrorKind,
    project::{Backend, Fault, LoadRequest, Manifest, Project, load},
    report::{Location, Reason, Warning},
};

const CASES: &str = "tests/cases/project";

#[test]
fn cases() {
    let mut folders: Vec<PathBuf> = fs::read_dir(CASES)
        .expect("the cases are there")
        .map(|entry| entry.expect("a readable entry").path())
        .collect();
    folders.sort();
    assert!(folders.len() > 10, "too few cases: {}", folders.len());
    let failures: Vec<String> = folders.iter().filter_map(|folder| run(folder)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

fn run(folder: &Path) -> Option<String> {
    let input = folder.join("input");
    let request = LoadRequest { file: input.join("tazuna.yaml"), environment: environment(folder) };
    // Messages name files as the shell would; a case does not care where it lies.
    let here = format!("{}/", input.display());
    let (outcome, other, text) = match load(&request) {
        Ok(project) => {
            let text = serde_json::to_string_pretty(&describe(&project)).expect("is JSON");
            ("expected.json", "expected.err", text + "\n")
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Config, "{}", error.explain());
            ("expected.err", "expected.json", error.explain().replace(&here, "") + "\n")
        }
    };
    let path = folder.join(outcome);
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &text).expect("is writable");
        // The case may have ended the other way before.
        drop(fs::remove_file(folder.join(other)));
        return None;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    (expected != text || folder.join(other).exists())
        .then(|| format!("{}:\n{text}\nbut expected:\n{expected}", path.display()))
}

fn environment(folder: &Path) -> Option<String> {
    let arguments = fs::read_to_string(folder.join("args")).ok()?;
    let environment = arguments.trim().strip_prefix("-e ");
    Some(environment.expect("`args` holds `-e <name>`").to_owned())
}

fn describe(project: &Project) -> Value {
    json!({
        "context": project.context_rule.as_ref().map(|rule| json!({
            "patterns": rule.patterns,
            "places": rule.places.iter().map(place).collect::<Vec<_>>(),
            "all": rule.all,
        })),
        "manifests": project.manifests.iter().map(manifest).collect::<Vec<_>>(),
        "warnings": project.warnings.iter().map(warning).collect::<Vec<_>>(),
    })
}

fn manifest(manifest: &Manifest) -> Value {
    let Manifest { name, description, backend, type_name, path, tags, declared_at, fault } =
        manifest;
    let backend = match backend {
        Backend::Kustomize(kustomize) => {
            format!("kustomize, default namespace {:?}", kustomize.default_namespace)
        }
        Backend::Helmfile(block) => format!("helmfile, block {}", block.is_some()),
        Backend::GenesisSecret => "genesissecret".to_owned(),
        Backend::Oras(block) => format!("oras, block {}", block.is_some()),
        Backend::Unknown => "unknown".to_owned(),
    };
    let fault = fault.as_ref().map(|fault| match fault {
        Fault::Failed(reason) => format!("failed: {}", told(reason)),
        Fault::Skipped(reason) => format!("skipped: {}", told(reason)),
    });
    json!({
        "name": name,
        "description": description,
        "type": type_name,
        "backend": backend,
        "path": path,
        "tags": tags,
        "declaredAt": place(declared_at),
        "fault": fault,
    })
}

fn told(reason: &Reason) -> String {
    let code = serde_json::to_value(reason.code).expect("is a word");
    let hint = reason.hint.as_ref().map_or_else(String::new, |hint| format!(" [{hint}]"));
    format!("{}: {}{hint}", code.as_str().expect("is a word"), reason.message)
}

fn warning(warning: &Warning) -> Value {
    json!({
        "code": warning.code,
        "message": warning.message,
        "manifest": warning.manifest,
        "at": warning.location.as_ref().map(place),
        "hint": warning.hint,
    })
}

fn place(location: &Location) -> String {
    let column = location.column.map_or_else(String::new, |column| format!(":{column}"));
    format!("{}:{}{column}", location.file, location.line)
}
