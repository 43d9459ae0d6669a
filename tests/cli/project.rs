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
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    assert!(folders.len() > 10, "too few cases: {}", folders.len());
    let failures: Vec<String> = folders.iter().filter_map(|folder| run(folder)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn a_folder_is_not_a_tazuna_yaml() {
    let request = LoadRequest { file: "tests/cases/project/plain/input".into(), environment: None };
    let error = load(&request).expect_err("a folder");
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(error.to_string(), "tests/cases/project/plain/input is a folder, not a file");
    assert_eq!(error.hints(), ["did you mean tests/cases/project/plain/input/tazuna.yaml?"]);
}

#[test]
fn a_file_in_the_current_folder_has_it_as_root() {
    let error = load(&LoadRequest { file: "no-such-tazuna.yaml".into(), environment: None });
    assert_eq!(error.expect_err("is not there").to_string(), "no-such-tazuna.yaml does not exist");
    let file = "tests/cases/project/plain/input/tazuna.yaml".into();
    let project = load(&LoadRequest { file, environment: None }).expect("loads");
    assert_eq!(project.root, Path::new("tests/cases/project/plain/input"));
    assert_eq!(project.locate("./a/../app"), project.root.join("app"));
    assert_eq!(project.locate("/app"), project.root.join("app"));
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
        Backend::Helmfile(block) => {
            format!(
                "helmfile, CRDs {}, default namespace {:?}, vars {:?}",
                block.include_crds,
                block.default_namespace,
                block.vars.iter().map(|(name, _)| name).collect::<Vec<_>>()
            )
        }
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

mod foreign {
    use proptest::prelude::*;
    use tazuna_drift::{
        error::ErrorKind,
        project::{LoadRequest, load},
    };

    /// Pieces of which tazuna.yaml files are made, in an order nobody thought of.
    fn text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            prop::sample::select(vec![
                "spec:\n",
                "  manifests:\n",
                "    - name: a\n",
                "      type: kustomize\n",
                "      path: .\n",
                "      tags: [a, yes]\n",
                "    - includes: [{path: tazuna.yaml}]\n",
                "  environments: {e: {}}\n",
                "  context_matches: ['(']\n",
                "{{ .Environment }}",
                "{{ if true }}",
                "{{- end }}",
                "{{/* c",
                " */ -}}",
                "{{ range 3 }}",
                "{{ .X }}",
                "&a ",
                "*a",
                "<<: ",
                "- ",
                ": ",
                "\t",
                "\r\n",
                "\u{feff}",
                "é",
                "\0",
                "{",
                "}",
                "[",
                "]",
                "\"",
                "'",
                "|\n",
                ">-\n",
                "#",
                "---\n",
                "...\n",
                "!!int ",
                "? ",
            ])
            .prop_map(str::to_owned),
            "\\PC{0,6}",
        ];
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_file_is_read_or_refused(text in text()) {
            let folder = tempfile::tempdir().expect("a folder");
            let file = folder.path().join("tazuna.yaml");
            std::fs::write(&file, &text).expect("is writable");
            match load(&LoadRequest { file, environment: Some("e".into()) }) {
                Ok(project) => {
                    let lines = u32::try_from(text.matches('\n').count() + 1).expect("few lines");
                    for manifest in project.manifests {
                        prop_assert!((1..=lines).contains(&manifest.declared_at.line));
                    }
                }
                Err(error) => prop_assert_eq!(error.kind(), ErrorKind::Config),
            }
        }
    }

    #[test]
    fn deep_nesting_is_survived() {
        let deep =
            format!("spec: {{providers: [{{a: {}1{}}}]}}\n", "[".repeat(9000), "]".repeat(9000));
        for text in [deep.clone(), format!("{{{{ .Environment }}}}{deep}")] {
            let folder = tempfile::tempdir().expect("a folder");
            let file = folder.path().join("tazuna.yaml");
            std::fs::write(&file, text).expect("is writable");
            // Read or refused, but not a crash.
            drop(load(&LoadRequest { file, environment: None }));
        }
    }
}
