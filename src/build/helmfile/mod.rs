//! `type: helmfile`: Tazuna's subset of a helmfile, rendered with Helm.

mod bare_chart;
mod charts;
mod find;
mod format;
mod hint;
mod literal;
mod release;
mod session;
mod template;
mod tool;
mod values;
mod vars;

use std::path::{Path, PathBuf};

use futures::future::join_all;
use tokio::time::Instant;

pub(super) use tool::Helm;

use self::{
    charts::{Place, Remote},
    hint::{HINT_FILE, Hint},
    release::Render,
    session::Session,
};
use super::{BuiltObject, driver::blocking, objects_of};
use crate::{
    domain::KubeFacts,
    project::{Helmfile, helmfile::ReleaseFile},
    report::{Reason, ReasonCode, Warning},
    yaml::Node,
};

/// What is built.
pub(super) struct Source<'a> {
    /// Folder of the main tazuna.yaml, for messages.
    pub(super) root: &'a Path,
    /// The helmfile or its folder.
    pub(super) location: PathBuf,
    /// The same, as people know it.
    pub(super) shown: &'a str,
    /// The Manifest's name.
    pub(super) manifest: &'a str,
    /// The block `helmfile`.
    pub(super) block: &'a Helmfile,
    /// Fills `metadata.namespace`; that of an oras delegate is not applied.
    pub(super) default_namespace: Option<&'a str>,
}

/// Builds a helmfile. What a reader should know is added to `warnings`.
pub(super) async fn build(
    source: &Source<'_>,
    helm: &Helm<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<BuiltObject>, Reason> {
    let options = helm.options();
    let deadline = Instant::now() + options.timeout;
    let Source { shown, manifest, block, .. } = *source;
    let location = std::path::absolute(&source.location).unwrap_or(source.location.clone());

    let file = find::find(&location, shown)?;
    warnings.extend(find::unread_hint(&location, shown, manifest));
    let resolved = vars::resolve(&block.vars, &options.variables)?;
    let values = hinted(&location, block, resolved.values)?;
    let kubernetes = kubernetes(block, options.kubernetes.as_ref())?;

    let mut session = Session::begin(helm, source.root, deadline).await?;
    resolved.secrets.iter().for_each(|secret| session.conceal(secret));
    let named = named(&file, &location, shown);
    let environment = options.environment.as_deref();
    let releases = template::render(&session, &file, &named, &values, environment).await?;
    for repository in &releases.repositories {
        repository.password.iter().for_each(|password| session.conceal(password));
    }
    let base = file.parent().unwrap_or(Path::new("."));
    let text = render(&session, base, &releases, block, &kubernetes, helm).await;
    let text = text.map_err(|reason| masked(&session, reason))?;

    let name = manifest.to_owned();
    let namespace = source.default_namespace.map(ToOwned::to_owned);
    let left = deadline.saturating_duration_since(Instant::now());
    blocking(left, move || objects_of("helm rendered", &name, &text, namespace.as_deref())).await
}

/// Each release in turn, as one stream. The first one that fails, in their order, fails all.
async fn render(
    session: &Session<'_>,
    base: &Path,
    file: &ReleaseFile,
    block: &Helmfile,
    kubernetes: &KubeFacts,
    helm: &Helm<'_>,
) -> Result<Vec<u8>, Reason> {
    let extra = values::of_files(base, &block.extra_value_files)?;
    let mut prepared = Vec::new();
    for release in &file.releases {
        let told = |reason: Reason| Reason {
            message: format!("the release `{}`: {}", release.name, reason.message),
            ..reason
        };
        if release.chart.is_empty() {
            let problem = Reason::new(ReasonCode::InvalidDeclaration, "it has no `chart`");
            return Err(told(problem));
        }
        let place = charts::place(base, &release.chart, release.version.as_deref(), file);
        let values = values::of_release(base, &release.values, &extra);
        prepared.push((release, place.map_err(told)?, values.map_err(told)?));
    }
    let places: Vec<&Place> = prepared.iter().map(|(_, place, _)| place).collect();
    let pulled = pull(session, &places, helm).await?;
    let charts = prepared.iter().map(|(_, place, _)| match place {
        Place::Local(path) => path.as_path(),
        Place::Remote(remote) => {
            let found = pulled.iter().find(|(known, _)| *known == remote);
            found.map_or(Path::new(""), |(_, path)| path.as_path())
        }
    });
    let renders = prepared.iter().zip(charts).enumerate().map(|(index, (it, chart))| Render {
        release: it.0,
        index,
        chart,
        values: &it.2,
        include_crds: block.include_crds,
        kubernetes,
    });
    let renders: Vec<Render<'_>> = renders.collect();
    let texts = join_all(renders.iter().map(|render| render.run(session))).await;
    let mut all = Vec::new();
    for text in texts {
        let text = text?;
        let text = trimmed(&text);
        if !text.is_empty() {
            let divider: &[u8] = if all.is_empty() { b"" } else { b"\n---\n" };
            all.extend_from_slice(divider);
            all.extend_from_slice(text);
        }
    }
    Ok(all)
}

/// Pulls each remote chart once.
async fn pull<'p>(
    session: &Session<'_>,
    places: &[&'p Place],
    helm: &Helm<'_>,
) -> Result<Vec<(&'p Remote, PathBuf)>, Reason> {
    let mut remotes: Vec<&'p Remote> = Vec::new();
    for place in places {
        if let Place::Remote(remote) = place
            && !remotes.contains(&remote)
        {
            remotes.push(remote);
        }
    }
    let options = helm.options();
    let pulls = remotes.iter().enumerate().map(|(index, remote)| {
        charts::pull(session, index, remote, &options.variables, options.offline)
    });
    let pulled: Result<Vec<PathBuf>, Reason> = join_all(pulls).await.into_iter().collect();
    Ok(remotes.into_iter().zip(pulled?).collect())
}

/// The variables, completed by the hint file where there is one.
fn hinted(
    location: &Path,
    block: &Helmfile,
    values: Vec<(String, Node)>,
) -> Result<Vec<(String, Node)>, Reason> {
    let file = find::hint_folder(location).join(HINT_FILE);
    match std::fs::read_to_string(&file) {
        Ok(content) => Hint::read(&content, HINT_FILE)?.apply(&block.vars, values),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(values),
        Err(error) => {
            let message = format!("{HINT_FILE} cannot be read: {error}");
            Err(Reason::new(ReasonCode::InvalidDeclaration, message))
        }
    }
}

/// What the charts are rendered for. A version that the Manifest names comes without the
/// cluster's API versions, as in Tazuna.
fn kubernetes(
    block: &Helmfile,
    known: Option<&Result<KubeFacts, Reason>>,
) -> Result<KubeFacts, Reason> {
    match (&block.kube_version, known) {
        (Some(version), _) => Ok(KubeFacts { version: version.clone(), api_versions: Vec::new() }),
        (None, Some(known)) => known.clone(),
        (None, None) => Ok(KubeFacts::assumed()),
    }
}

/// The helmfile as people know it.
fn named(file: &Path, location: &Path, shown: &str) -> String {
    match file.strip_prefix(location) {
        Ok(rest) if !rest.as_os_str().is_empty() => {
            format!("{}/{}", shown.trim_end_matches('/'), rest.display())
        }
        _ => shown.to_owned(),
    }
}

/// Without white space around it, as Go sees white space.
fn trimmed(text: &[u8]) -> &[u8] {
    match std::str::from_utf8(text) {
        Ok(text) => text.trim().as_bytes(),
        Err(_) => text.trim_ascii(),
    }
}

fn masked(session: &Session<'_>, reason: Reason) -> Reason {
    Reason { message: session.masked(&reason.message), ..reason }
}
