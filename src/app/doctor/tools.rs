//! Which tools are there, and which of them this tazuna.yaml needs.

use std::{ffi::OsString, path::PathBuf, time::Duration};

use super::{DoctorRequest, Finding, Health};
use crate::{
    process::{self, Invocation, Outcome},
    project::{Backend, Delegate, Project},
};

const TIMEOUT: Duration = Duration::from_secs(10);

/// kustomize (or kubectl), helm, tazuna.
pub(super) async fn look(request: &DoctorRequest, project: Option<&Project>) -> Vec<Finding> {
    let needs = |wanted: fn(&Backend) -> bool| {
        project.is_some_and(|project| {
            project.manifests.iter().any(|manifest| wanted(&manifest.backend))
        })
    };
    let needs_kustomize = needs(|backend| match backend {
        Backend::Kustomize(_) => true,
        Backend::Oras(Some(oras)) => matches!(oras.delegate, Delegate::Kustomize),
        _ => false,
    });
    let needs_helm = needs(|backend| match backend {
        Backend::Helmfile(_) => true,
        Backend::Oras(Some(oras)) => matches!(oras.delegate, Delegate::Helmfile(_)),
        _ => false,
    });
    vec![
        kustomize(request, needs_kustomize).await,
        helm(request, needs_helm).await,
        tazuna(request).await,
    ]
}

async fn kustomize(request: &DoctorRequest, needed: bool) -> Finding {
    let questions: [(&str, &[&str]); 2] =
        [("kustomize", &["version"]), ("kubectl", &["version", "--client"])];
    if let Some(command) = &request.kustomize_command {
        let found = Program::of(command, request);
        return match found {
            Some(program) => told("kustomize", &program, program.ask(&["version"]).await),
            None => Finding::new("kustomize", Health::Fail, "--kustomize-command: no such program")
                .next("give a program on PATH, or leave the flag away"),
        };
    }
    for (name, question) in questions {
        if let Some(program) = Program::of(name, request) {
            return told("kustomize", &program, program.ask(question).await);
        }
    }
    let message = "neither kustomize nor kubectl is on PATH: only plain kustomizations build";
    let status = if needed { Health::Warn } else { Health::Ok };
    Finding::new("kustomize", status, message).next("install kustomize, or kubectl")
}

async fn helm(request: &DoctorRequest, needed: bool) -> Finding {
    if let Some(program) = Program::of("helm", request) {
        return told("helm", &program, program.ask(&["version", "--short"]).await);
    }
    if needed {
        return Finding::new("helm", Health::Fail, "not on PATH, and helmfile Manifests need it")
            .next("install helm 3 or 4");
    }
    Finding::new("helm", Health::Ok, "not on PATH; no Manifest needs it")
}

async fn tazuna(request: &DoctorRequest) -> Finding {
    let named = request.tazuna_command.as_deref();
    if let Some(program) = Program::of(named.unwrap_or("tazuna"), request) {
        return told("tazuna", &program, program.ask(&["version"]).await);
    }
    match named {
        Some(_) => Finding::new("tazuna", Health::Fail, "--tazuna-command: no such program")
            .next("give a program on PATH, or leave the flag away"),
        None => Finding::new("tazuna", Health::Ok, "not on PATH; only `--source tazuna` needs it"),
    }
}

fn told(part: &'static str, program: &Program, version: Option<String>) -> Finding {
    match version {
        Some(version) => Finding::new(part, Health::Ok, format!("{}: {version}", program.name)),
        None => {
            let message = format!("{} is there and does not tell its version", program.name);
            Finding::new(part, Health::Warn, message).next("run it by hand and see what it says")
        }
    }
}

struct Program {
    name: String,
    file: PathBuf,
    before: Vec<OsString>,
}

impl Program {
    /// A command line, or a bare name.
    fn of(command: &str, request: &DoctorRequest) -> Option<Self> {
        let mut words = shlex::split(command).filter(|words| !words.is_empty())?;
        let file = process::find(&words[0], request.search_path.as_deref())?;
        let name = file.file_name()?.to_string_lossy().into_owned();
        words.remove(0);
        Some(Self { name, file, before: words.into_iter().map(Into::into).collect() })
    }

    /// The first line of its answer.
    async fn ask(&self, question: &[&str]) -> Option<String> {
        // `kubectl kustomize` is asked as kubectl.
        let before = self.before.iter().filter(|word| {
            !(self.name.starts_with("kubectl") && word.as_os_str() == "kustomize")
                && word.as_os_str() != "build"
        });
        let args = before.cloned().chain(question.iter().map(Into::into));
        let mut invocation = Invocation::new(&self.file, args, TIMEOUT);
        invocation.stdout_limit = 64 * 1024;
        let Outcome::Done { stdout, .. } = process::run(&invocation).await else { return None };
        let text = process::scrub(&String::from_utf8_lossy(&stdout));
        let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
        Some(line.chars().take(120).collect())
    }
}
