//! Where the chart of a release is, and how it gets here: each one is pulled once.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;

use super::{session::Session, values::within};
use crate::{
    build::Variables,
    process,
    project::helmfile::{ReleaseFile, Repository},
    report::{Reason, ReasonCode},
};

/// Where a chart is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    /// A folder or a packaged chart.
    Local(PathBuf),
    /// To be pulled.
    Remote(Remote),
}

/// A chart that is pulled.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Remote {
    /// `oci://…`, or the chart's name in the repository.
    reference: String,
    version: Option<String>,
    /// For a chart without `oci://` the repository it is in; else whose credentials to use.
    repository: Option<Repository>,
}

impl Remote {
    fn is_oci(&self) -> bool {
        self.reference.starts_with(OCI)
    }

    /// As people know it.
    fn shown(&self) -> String {
        match &self.repository {
            Some(repository) if !self.is_oci() => {
                process::scrub(&format!("{} of {}", self.reference, repository.url))
            }
            _ => process::scrub(&self.reference),
        }
    }
}

const OCI: &str = "oci://";

/// The place of a release's chart, by Tazuna's rules: `oci://…`, `alias/chart` where a
/// repository of that name is declared, else a path relative to the helmfile.
pub(super) fn place(
    base: &Path,
    chart: &str,
    version: Option<&str>,
    file: &ReleaseFile,
) -> Result<Place, Reason> {
    let remote = |reference: String, repository: Option<Repository>| {
        let version = version.map(|version| version.trim().to_owned());
        Ok(Place::Remote(Remote {
            reference,
            version: version.filter(|version| !version.is_empty()),
            repository,
        }))
    };
    if chart.starts_with(OCI) {
        return remote(chart.to_owned(), None);
    }
    if let Some((alias, name)) = alias(chart) {
        // Of two with one name Tazuna takes the later.
        let declared = file.repositories.iter().rev().find(|repository| repository.name == alias);
        if let Some(repository) = declared {
            if repository.oci || repository.url.starts_with(OCI) {
                let url = repository.url.trim_end_matches('/').trim_start_matches(OCI);
                return remote(format!("{OCI}{url}/{name}"), Some(repository.clone()));
            }
            return remote(name.to_owned(), Some(repository.clone()));
        }
    }
    let path = within(base, chart);
    if path.exists() {
        return Ok(Place::Local(path));
    }
    let reason =
        Reason::new(ReasonCode::PathNotFound, format!("the chart `{chart}` does not exist"));
    Err(reason.hint(match alias(chart) {
        Some((alias, _)) => {
            format!("declare the repository `{alias}`, or name a path relative to the helmfile")
        }
        None => "a chart is a path relative to the helmfile, `oci://…`, or `repository/chart`"
            .to_owned(),
    }))
}

/// `alias/chart`, where it can be that.
fn alias(chart: &str) -> Option<(&str, &str)> {
    if chart.contains("://") || chart.starts_with(['/', '.']) {
        return None;
    }
    let (alias, name) = chart.split_once('/')?;
    (!alias.is_empty() && !name.is_empty() && !name.contains('/')).then_some((alias, name))
}

/// Pulls a chart and gives the packaged chart's path. `index` tells it apart from others.
///
/// # Errors
/// `--offline`, or helm's own.
pub(super) async fn pull(
    session: &Session<'_>,
    index: usize,
    remote: &Remote,
    variables: &Variables,
    offline: bool,
) -> Result<PathBuf, Reason> {
    let shown = remote.shown();
    if offline {
        return Err(Reason::new(
            ReasonCode::Offline,
            format!("the chart {shown} is not in this folder"),
        )
        .hint("leave --offline away, or keep the chart in the repository"));
    }
    let name = |file: &str| format!("pull-{index}/{file}");
    let at = |file: &str| OsString::from(session.path(&name(file)));
    // The folder is there before helm looks for it.
    session.write(&name("chart/.made"), b"")?;
    let mut args: Vec<OsString> = vec!["pull".into(), "--destination".into(), at("chart")];
    if let Some(version) = &remote.version {
        args.extend(["--version".into(), version.into()]);
    }
    args.extend(["--repository-cache".into(), at("cache")]);
    args.push("--repository-config".into());
    args.push(at("repositories.yaml"));
    match &remote.repository {
        Some(repository) if !remote.is_oci() => {
            let list = json!({"apiVersion": "", "repositories": [{
                "name": REPOSITORY, "url": repository.url,
                "username": repository.username.as_deref().unwrap_or_default(),
                "password": repository.password.as_deref().unwrap_or_default(),
            }]});
            session.write(&name("repositories.yaml"), list.to_string().as_bytes())?;
            let update = ["repo", "update", REPOSITORY].map(OsString::from).into_iter().chain([
                "--repository-cache".into(),
                at("cache"),
                "--repository-config".into(),
                at("repositories.yaml"),
            ]);
            // Some versions end well although they had no index.
            let updated = session.helm("`helm repo update`", update.collect()).await;
            if updated.is_err() || !session.path(&name(INDEX)).exists() {
                return Err(updated.err().map_or_else(
                    || no_index(repository, &[]),
                    |failed| match failed.reason.code {
                        ReasonCode::ToolFailed => no_index(repository, &failed.said),
                        _ => failed.reason,
                    },
                ));
            }
            args.push("--".into());
            args.push(format!("{REPOSITORY}/{}", remote.reference).into());
        }
        repository => {
            match repository.as_ref().and_then(|repository| docker_config(remote, repository)) {
                Some(config) => {
                    session.write(&name("registry.json"), config.as_bytes())?;
                    args.extend(["--registry-config".into(), at("registry.json")]);
                }
                None => {
                    if let Some(config) = registry_config(variables) {
                        args.extend(["--registry-config".into(), config.into()]);
                    }
                }
            }
            args.push("--".into());
            args.push((&remote.reference).into());
        }
    }
    session.helm(&format!("pulling {shown}"), args).await.map_err(Reason::from)?;
    let pulled = std::fs::read_dir(session.path(&name("chart"))).ok().and_then(|folder| {
        folder
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| path.extension().is_some_and(|extension| extension == "tgz"))
    });
    pulled.ok_or_else(|| {
        Reason::new(ReasonCode::ToolFailed, format!("pulling {shown} gave no packaged chart"))
    })
}

/// What the repository is called in helm's own files.
const REPOSITORY: &str = "repository";
/// Where helm puts its index.
const INDEX: &str = "cache/repository-index.yaml";

fn no_index(repository: &Repository, said: &[String]) -> Reason {
    let url = process::scrub(&repository.url);
    Reason::new(ReasonCode::ToolFailed, format!("the repository {url} does not give its index"))
        .hint("check its `url`, `username` and `password`, and that this machine may reach it")
        .detail(said.to_vec())
}

/// The credentials of a repository as docker's configuration, which helm reads.
fn docker_config(remote: &Remote, repository: &Repository) -> Option<String> {
    let username = repository.username.as_deref().unwrap_or_default();
    let password = repository.password.as_deref()?;
    let host = remote.reference.strip_prefix(OCI)?.split('/').next()?;
    let auth = BASE64_STANDARD.encode(format!("{username}:{password}"));
    Some(json!({"auths": {host: {"auth": auth}}}).to_string())
}

/// Where `helm registry login` of this user keeps credentials; docker's are found by helm
/// itself.
fn registry_config(variables: &Variables) -> Option<PathBuf> {
    let given = |name: &str| variables.get(name).filter(|value| !value.is_empty());
    let config = given("HELM_REGISTRY_CONFIG").map(PathBuf::from).or_else(|| {
        let home = given("HELM_CONFIG_HOME").map(PathBuf::from).or_else(|| {
            let config = given("XDG_CONFIG_HOME").map(PathBuf::from);
            Some(config.or_else(|| Some(Path::new(given("HOME")?).join(".config")))?.join("helm"))
        })?;
        Some(home.join("registry/config.json"))
    })?;
    let config = std::path::absolute(config).ok()?;
    config.is_file().then_some(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> ReleaseFile {
        let repository = |name: &str, url: &str, oci| Repository {
            name: name.to_owned(),
            url: url.to_owned(),
            username: Some("u".to_owned()),
            password: Some("hunter2".to_owned()),
            oci,
        };
        ReleaseFile {
            repositories: vec![
                repository("web", "https://old.example.com", false),
                repository("web", "https://u:hunter2@charts.example.com", false),
                repository("reg", "oci://reg.example.com/charts/", false),
                repository("flag", "reg.example.com/charts", true),
            ],
            releases: Vec::new(),
        }
    }

    #[test]
    fn a_chart_is_found_by_tazunas_rules() {
        let base = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(base.path().join("other/app")).unwrap();
        let place = |chart: &str| place(base.path(), chart, Some(" 1.2 "), &file());
        let remote = |chart: &str| match place(chart) {
            Ok(Place::Remote(remote)) => (remote.shown(), remote.version.unwrap()),
            other => panic!("{other:?}"),
        };
        let version = "1.2".to_owned();
        for (chart, shown) in [
            ("oci://r/x/y", "oci://r/x/y"),
            ("web/app", "app of https://***@charts.example.com"),
            ("reg/app", "oci://reg.example.com/charts/app"),
            ("flag/app", "oci://reg.example.com/charts/app"),
        ] {
            assert_eq!(remote(chart), (shown.to_owned(), version.clone()));
        }
        for chart in ["other/app", "./other/app", "other/x/../app"] {
            let path = base.path().join("other/app");
            assert_eq!(place(chart).unwrap(), Place::Local(path), "{chart}");
        }
        for (chart, hint) in [("none/app", "declare the repository `none`"), ("./none", "a path")] {
            let reason = place(chart).unwrap_err();
            assert!(reason.hint.unwrap().contains(hint), "{chart}");
        }
    }

    #[test]
    fn credentials_of_a_registry_are_for_its_host() {
        let Ok(Place::Remote(remote)) = place(Path::new("/"), "reg/app", None, &file()) else {
            panic!()
        };
        let repository = remote.repository.clone().unwrap();
        assert_eq!(
            docker_config(&remote, &repository).unwrap(),
            r#"{"auths":{"reg.example.com":{"auth":"dTpodW50ZXIy"}}}"#
        );
        assert!(!format!("{remote:?}").contains("hunter2"));
    }

    #[test]
    fn what_helm_registry_login_wrote_is_found() {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join(".config/helm/registry/config.json");
        let variables = Variables::new([("HOME".into(), home.path().into())]);
        assert_eq!(registry_config(&variables), None);
        std::fs::create_dir_all(config.parent().unwrap()).unwrap();
        std::fs::write(&config, "{}").unwrap();
        assert_eq!(registry_config(&variables), Some(config));
    }
}
