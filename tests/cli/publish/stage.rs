//! Where the stories play: one repository, one target, and Reports that come one by one.

use std::{collections::BTreeMap, time::Duration};

use futures::future::BoxFuture;
use tazuna_drift::{
    domain::{DiffType, StateKey},
    error::Error,
    history::Presence,
    publish::github::{
        ClientSettings, ClosedIssue, Credentials, GithubClient, IssueAction, IssueResult,
        IssueSettings, Labels, LookUp, Retry, SecretString, publish_issue,
    },
    render::issue::IssueOptions,
    report::*,
};
use wiremock::MockServer;

use super::fake::Fake;
use crate::reports;

pub(super) struct Stage {
    pub(super) server: MockServer,
    pub(super) github: Fake,
    pub(super) client: GithubClient,
    pub(super) settings: IssueSettings,
    /// What the cluster answers; a key that is not here is asked for in vain.
    pub(super) cluster: Cluster,
    hour: i8,
}

#[derive(Default)]
pub(super) struct Cluster(pub(super) BTreeMap<String, Presence>);

impl LookUp for Cluster {
    fn presence<'a>(&'a self, keys: &'a [StateKey]) -> BoxFuture<'a, Vec<(StateKey, Presence)>> {
        let answer = |key: &StateKey| {
            let known = self.0.get(key.as_str()).copied();
            (key.clone(), known.unwrap_or_else(|| panic!("nobody expected {key} to be asked for")))
        };
        Box::pin(std::future::ready(keys.iter().map(answer).collect()))
    }
}

/// A client's settings whose pauses do not slow tests down.
pub(super) fn client_settings(api_url: &str) -> ClientSettings {
    let mut settings = ClientSettings::new(Credentials::Token(SecretString::from("t-secret")));
    settings.api_url = api_url.to_owned();
    settings.timeout = Duration::from_millis(700);
    settings.retry =
        Retry { tries: 3, pause: Duration::from_millis(1), longest_pause: Duration::from_secs(3) };
    settings
}

impl Stage {
    pub(super) async fn new() -> Self {
        let (server, github) = Fake::start().await;
        let settings = IssueSettings {
            repository: "acme/infra".parse().unwrap(),
            author: None,
            labels: Labels::default(),
            assignees: vec![],
            closed_issue: ClosedIssue::Reopen,
            dry_run: false,
            words: IssueOptions { budget: 60_000, ..IssueOptions::default() },
        };
        let client = GithubClient::connect(&client_settings(&server.uri()), &settings.repository)
            .await
            .unwrap();
        Self { server, github, client, settings, cluster: Cluster::default(), hour: 0 }
    }

    /// Publishes, one hour after the last time and by another run.
    pub(super) async fn run(&mut self, report: &Report) -> IssueResult {
        self.try_run(report).await.map(|(result, _)| result).unwrap()
    }

    /// The same, with the Report as it became.
    pub(super) async fn try_run(
        &mut self,
        report: &Report,
    ) -> Result<(IssueResult, Report), Error> {
        self.hour += 1;
        let mut report = report.clone();
        report.generated_at = reports::at(&format!("{:02}:17:00", self.hour));
        report.run.as_mut().unwrap().id = format!("{}", 4710 + i32::from(self.hour));
        let result =
            publish_issue(&self.client, &self.settings, &mut report, &self.cluster).await?;
        Ok((result, report))
    }

    /// What was done, in one word.
    pub(super) async fn act(&mut self, report: &Report) -> IssueAction {
        self.run(report).await.action
    }

    pub(super) fn cluster_says(&mut self, key: &str, presence: Presence) {
        self.cluster.0.insert(key.to_owned(), presence);
    }
}

pub(super) const LB: &str = "ingress//v1/Service/ingress/old-lb";
pub(super) const PVC: &str = "db//v1/PersistentVolumeClaim/db/data-0";
pub(super) const FLAGS: &str = "web//v1/ConfigMap/web/flags";
pub(super) const FRONT: &str = "web/apps/v1/Deployment/web/front";

/// A Report over the Manifests `ingress`, `db` and `web` with these entries.
pub(super) fn drift(entries: &[(&str, DiffType)]) -> Report {
    let of = |name: &str| {
        let mine = entries.iter().filter(|(key, _)| key.split('/').next() == Some(name));
        reports::manifest(name, &[], mine.map(|(key, kind)| reports::entry(key, *kind)).collect())
    };
    reports::report(["ingress", "db", "web"].map(of).to_vec())
}

/// The same, but this Manifest could not be built.
pub(super) fn with_failed(mut report: Report, name: &str) -> Report {
    let reason = Reason::new(ReasonCode::ToolFailed, "helm failed: chart not found");
    for manifest in &mut report.manifests {
        if manifest.name == name {
            *manifest = reports::failed(name, reason.clone());
        }
    }
    report.totals = Totals::of(&report.manifests);
    report
}
