//! One release: `helm template`, mended where it differs from the SDK that Tazuna uses.

use std::{ffi::OsString, path::Path, sync::LazyLock};

use memchr::memmem;
use regex::Regex;

use super::{
    bare_chart,
    literal::json,
    session::{Failed, Session},
};
use crate::{
    domain::KubeFacts,
    project::helmfile::Release,
    report::{Reason, ReasonCode},
    yaml::Node,
};

/// Stands for the namespace of a release that has none: the command would put `default`
/// there. Taken out again; nobody else writes this.
const NO_NAMESPACE: &str = "tazuna-drift-no-namespace-0";
/// What is left of it where a template cuts it.
const PART_OF_IT: &[u8] = b"tazuna-drift-no-n";

/// Longest `--api-versions`: the kernel takes 128 KiB in one argument.
const LONGEST_LIST: usize = 32 * 1024;

/// As Helm validates it.
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    let label = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?";
    Regex::new(&format!(r"^{label}(?:\.{label})*$")).expect("the pattern is a constant")
});

/// What a release is rendered with.
pub(super) struct Render<'a> {
    pub(super) release: &'a Release,
    /// Tells it apart from others of the helmfile.
    pub(super) index: usize,
    /// A folder or a packaged chart.
    pub(super) chart: &'a Path,
    pub(super) values: &'a Node,
    pub(super) include_crds: bool,
    pub(super) kubernetes: &'a KubeFacts,
}

impl Render<'_> {
    /// The objects as text, without hooks.
    ///
    /// # Errors
    /// Helm's own.
    pub(super) async fn run(&self, session: &Session<'_>) -> Result<Vec<u8>, Reason> {
        let name = &self.release.name;
        if name.is_empty() || name.len() > 53 || !NAME.is_match(name) {
            let message = format!(
                "`{name}` is no name of a release: lower case letters, digits, `-`, at most 53"
            );
            return Err(Reason::new(ReasonCode::InvalidDeclaration, message));
        }
        let values = format!("values-{}.json", self.index);
        session.write(&values, json(self.values).as_bytes())?;
        let stdout = match self.template(session, self.chart, &values).await {
            Ok(stdout) => stdout,
            Err(failed) => self.mended(session, failed, &values).await?,
        };
        match &self.release.namespace {
            Some(_) => Ok(stdout),
            None => self.without_placeholder(&stdout),
        }
    }

    async fn template(
        &self,
        session: &Session<'_>,
        chart: &Path,
        values: &str,
    ) -> Result<Vec<u8>, Failed> {
        let what = format!("the release `{}`", self.release.name);
        let namespace = self.release.namespace.as_deref().unwrap_or(NO_NAMESPACE);
        let mut args: Vec<OsString> =
            ["template", "--no-hooks", "--namespace", namespace].map(OsString::from).into();
        if self.include_crds {
            args.push("--include-crds".into());
        }
        args.extend(["--kube-version".into(), (&self.kubernetes.version).into()]);
        for list in lists(&self.kubernetes.api_versions) {
            args.extend(["--api-versions".into(), list.into()]);
        }
        args.extend(["--values".into(), session.path(values).into(), "--".into()]);
        args.extend([(&self.release.name).into(), chart.into()]);
        session.helm(&what, args).await
    }

    /// Does what the SDK does where the command refuses.
    async fn mended(
        &self,
        session: &Session<'_>,
        failed: Failed,
        values: &str,
    ) -> Result<Vec<u8>, Reason> {
        let said = failed.said.join("\n");
        if said.contains("library charts are not installable") && !self.include_crds {
            // The SDK renders it, and there is nothing in it to render.
            return Ok(Vec::new());
        }
        let Some((_, missing)) = said.split_once("missing in charts/ directory: ") else {
            return Err(failed.reason);
        };
        let missing: Vec<&str> = missing.lines().next().unwrap_or_default().split(", ").collect();
        let copy = session.path(&format!("bare-{}", self.index));
        let (from, to) = (self.chart.to_owned(), copy.clone());
        let missing = missing.into_iter().map(|name| name.trim().to_owned()).collect::<Vec<_>>();
        let copied = tokio::task::spawn_blocking(move || bare_chart::copy(&from, &to, &missing));
        match copied.await {
            Ok(Ok(())) => Ok(self.template(session, &copy, values).await?),
            _ => Err(failed.reason.hint("run `helm dependency build` on that chart")),
        }
    }

    fn without_placeholder(&self, stdout: &[u8]) -> Result<Vec<u8>, Reason> {
        let mut clean = Vec::with_capacity(stdout.len());
        let mut rest = stdout;
        while let Some(at) = memmem::find(rest, NO_NAMESPACE.as_bytes()) {
            clean.extend_from_slice(&rest[..at]);
            rest = &rest[at + NO_NAMESPACE.len()..];
        }
        clean.extend_from_slice(rest);
        if memmem::find(&clean, PART_OF_IT).is_some() {
            let name = &self.release.name;
            let message = format!(
                "the chart of the release `{name}` cuts the namespace, and the release has none"
            );
            return Err(Reason::new(ReasonCode::NotSupported, message)
                .hint("give the release a `namespace`"));
        }
        Ok(clean)
    }
}

/// The API versions in lists that fit into an argument.
fn lists(versions: &[String]) -> Vec<String> {
    let mut lists: Vec<String> = Vec::new();
    for version in versions {
        match lists.last_mut() {
            Some(list) if list.len() + version.len() < LONGEST_LIST => {
                list.push(',');
                list.push_str(version);
            }
            _ => lists.push(version.clone()),
        }
    }
    lists
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_api_versions_are_passed_in_pieces_and_none_is_lost() {
        let versions: Vec<String> = (0..5_000).map(|n| format!("group{n}/v1/Kind")).collect();
        let lists = lists(&versions);
        assert!(lists.len() > 1 && lists.iter().all(|list| list.len() <= LONGEST_LIST));
        assert_eq!(lists.join(",").split(',').collect::<Vec<_>>(), versions);
        assert!(super::lists(&[]).is_empty());
    }
}
