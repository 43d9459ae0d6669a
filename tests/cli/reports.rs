//! Reports as a small platform would give them, for the tests of renderers and publishers.

use jiff::Timestamp;
use tazuna_drift::{
    domain::{ContentHash, DiffType, StateKey},
    report::*,
};

/// A time of day of 23 November 2026.
pub(crate) fn at(clock: &str) -> Timestamp {
    format!("2026-11-23T{clock}Z").parse().unwrap()
}

/// A hash that is easy to tell from others.
pub(crate) fn hash(seed: &str) -> ContentHash {
    ContentHash::of(seed.as_bytes())
}

/// An entry with the hashes its Diff type has.
pub(crate) fn entry(key: &str, diff_type: DiffType) -> Entry {
    use DiffType::*;
    Entry {
        key: StateKey::from_text(key),
        diff_type,
        old_hash: (!matches!(diff_type, Added | AlwaysSync)).then(|| hash(&format!("old {key}"))),
        new_hash: matches!(diff_type, Added | Modified | LiveDrifted)
            .then(|| hash(&format!("new {key}"))),
        first_seen: None,
        trend: None,
    }
}

/// A compared Manifest with these entries.
pub(crate) fn manifest(name: &str, tags: &[&str], entries: Vec<Entry>) -> ManifestReport {
    ManifestReport {
        name: name.into(),
        manifest_type: Some("kustomize".into()),
        path: Some(format!("manifests/{name}")),
        description: None,
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        declared_at: Some(Location { file: "tazuna.yaml".into(), line: 14, column: Some(5) }),
        outcome: ManifestOutcome::Compared,
        reason: None,
        orphaned_state: None,
        artifact: None,
        objects: Some(12),
        state: Some(StateMetadata {
            git_commit_hash: Some("77aa001c0ffee77aa001c0ffee77aa001c0ffee7".into()),
            last_synced_at: Some("2026-11-21T09:30:00Z".into()),
        }),
        entries,
        unstable: Vec::new(),
        build_millis: Some(31),
    }
}

/// A State whose Manifest is gone.
pub(crate) fn orphan(name: &str, ownership: Ownership, keys: &[&str]) -> ManifestReport {
    ManifestReport {
        manifest_type: None,
        path: None,
        declared_at: None,
        objects: None,
        build_millis: None,
        orphaned_state: Some(OrphanedState {
            config_map: format!("tazuna-state-{name}"),
            ownership,
        }),
        ..manifest(name, &[], keys.iter().map(|key| entry(key, DiffType::Removed)).collect())
    }
}

/// A Manifest that could not be built.
pub(crate) fn failed(name: &str, reason: Reason) -> ManifestReport {
    ManifestReport {
        outcome: ManifestOutcome::Failed,
        reason: Some(reason),
        objects: None,
        ..manifest(name, &[], vec![])
    }
}

/// A Report over these Manifests, made by a workflow run for the cluster `prod-tokyo`.
pub(crate) fn report(manifests: Vec<ManifestReport>) -> Report {
    Report {
        schema_version: SCHEMA_VERSION,
        generator: Generator { name: "tazuna-drift".into(), version: "1.2.3".into() },
        target: Target { id: Some("tazuna.yaml,production".into()), named: false },
        generated_at: at("06:17:00"),
        context: ClusterContext {
            name: Some("prod-tokyo".into()),
            server: Some("k8s.example.net:6443".into()),
        },
        selection: Selection {
            file: Some("tazuna.yaml".into()),
            repository_path: Some("tazuna.yaml".into()),
            environment: Some("production".into()),
            tags: vec![],
            not_selected: 0,
        },
        repository: Some(Repository {
            name: Some("acme/infra".into()),
            server_url: Some("https://github.com".into()),
            commit: Some("9f2c1ab5d0c4f5f0c5b1e6c9a3d2b1e0f9a8b7c6".into()),
            git_ref: Some("refs/heads/main".into()),
            shallow: false,
        }),
        run: Some(WorkflowRun {
            id: "4711".into(),
            url: Some("https://github.com/acme/infra/actions/runs/4711".into()),
            event: Some("schedule".into()),
            workflow: Some("drift".into()),
        }),
        source: Source {
            kind: SourceKind::Native,
            input: None,
            state: Some(StateSource {
                kind: StateKind::Cluster,
                path: None,
                config_maps: manifests.len(),
            }),
        },
        tools: vec![Tool { name: "kustomize".into(), version: Some("v5.8.1".into()) }],
        refused: None,
        totals: Totals::of(&manifests),
        manifests,
        history: None,
        warnings: vec![],
        phases: [("project", 12), ("state", 340), ("build", 1910), ("diff", 3)]
            .map(|(name, millis)| Phase { name: name.into(), millis })
            .to_vec(),
    }
}

/// All four Diff types and an orphaned State.
pub(crate) fn platform() -> Report {
    use DiffType::*;
    report(vec![
        manifest(
            "ingress-nginx",
            &["ingress", "base"],
            vec![
                entry("ingress-nginx/apps/v1/Deployment/ingress/controller", Modified),
                entry("ingress-nginx//v1/Service/ingress/old-lb", Removed),
            ],
        ),
        manifest(
            "web",
            &["apps"],
            vec![
                entry("web//v1/ConfigMap/web/flags", Added),
                entry("web/apps/v1/Deployment/web/frontend", Modified),
                entry("web/rbac.authorization.k8s.io/v1/ClusterRole/web-reader", Modified),
            ],
        ),
        manifest(
            "postgres",
            &["db"],
            vec![entry("postgres//v1/PersistentVolumeClaim/db/data-0", Removed)],
        ),
        ManifestReport {
            manifest_type: Some("genesissecret".into()),
            ..manifest(
                "registry-login",
                &["base"],
                vec![entry("registry-login//v1/Secret/web/registry", AlwaysSync)],
            )
        },
        manifest("monitoring", &["base"], vec![]),
        orphan(
            "legacy-api",
            Ownership::Ours,
            &[
                "legacy-api//v1/Service/legacy/api",
                "legacy-api/apps/v1/Deployment/legacy/api",
                "legacy-api/rbac.authorization.k8s.io/v1/ClusterRole/legacy-api",
            ],
        ),
    ])
}

/// An entry of an earlier Report, first seen two days before.
pub(crate) fn past(key: &str, diff_type: DiffType) -> PastEntry {
    let first_seen = Some("2026-11-21T06:17:00Z".parse().unwrap());
    PastEntry { key: StateKey::from_text(key), diff_type, first_seen }
}

/// [`platform`] as the history stage hands it on: some entries are older, one is new, one
/// left State and runs on, one Manifest could not be looked at this time.
pub(crate) fn platform_with_history() -> Report {
    let mut manifests = platform().manifests;
    manifests.insert(
        4,
        failed(
            "cert-manager",
            Reason::new(
                ReasonCode::ToolFailed,
                "helm failed: chart version 1.19.1 not found in `oci://charts.example.net/jetstack`",
            )
            .hint("check the version in `manifests/cert-manager/helmfile.yaml`"),
        ),
    );
    for entry in manifests.iter_mut().flat_map(|manifest| &mut manifest.entries) {
        (entry.first_seen, entry.trend) = match entry.key.as_str() {
            "ingress-nginx//v1/Service/ingress/old-lb" | "web//v1/ConfigMap/web/flags" => {
                (Some(at("06:17:00")), Some(EntryTrend::New))
            }
            "web/apps/v1/Deployment/web/frontend" => {
                (Some(at("00:17:00")), Some(EntryTrend::Changed))
            }
            _ => (Some("2026-11-21T06:17:00Z".parse().unwrap()), Some(EntryTrend::Ongoing)),
        };
    }
    let mut report = report(manifests);
    report.history = Some(History {
        drift_since: Some("2026-11-21T06:17:00Z".parse().unwrap()),
        clear_since: None,
        cleared: vec![past("web//v1/ConfigMap/web/limits", DiffType::Added)],
        unknown: vec![
            past("cert-manager//v1/ServiceAccount/cert-manager/webhook", DiffType::Modified),
            past("cert-manager/apps/v1/Deployment/cert-manager/webhook", DiffType::Modified),
        ],
        untracked: vec![past("web/batch/v1/CronJob/web/report", DiffType::Removed)],
        unverified: vec![past("web/batch/v1/CronJob/web/cleanup", DiffType::Removed)],
    });
    report
}

/// What a hostile name may look like.
pub(crate) const HOSTILE: &str =
    "`x`|@team #1 <!-- --> ::error::y\n\u{202e}GH-1 ![a](http://b) www.c.de $d$ ``` </details>";

/// Hostile text wherever foreign text may stand.
pub(crate) fn hostile() -> Report {
    use DiffType::*;
    let key = |kind: &str| format!("{HOSTILE}//v1/{kind}/ns/{HOSTILE}").replace("</d", "<d");
    let mut report = report(vec![
        ManifestReport {
            path: Some(HOSTILE.into()),
            description: Some(HOSTILE.into()),
            tags: vec![HOSTILE.into(), "$(reboot)".into()],
            state: Some(StateMetadata {
                git_commit_hash: Some(HOSTILE.into()),
                last_synced_at: Some(HOSTILE.into()),
            }),
            ..manifest(
                HOSTILE,
                &[],
                vec![
                    entry(&key(HOSTILE), Added),
                    entry(&key("Secret"), Modified),
                    entry(&key("@team"), Removed),
                ],
            )
        },
        failed(HOSTILE, Reason::new(ReasonCode::ToolFailed, HOSTILE).hint(HOSTILE)),
        orphan(HOSTILE, Ownership::Ours, &[&key("Service")]),
    ]);
    report.context.name = Some(HOSTILE.into());
    report.selection.file = Some(HOSTILE.into());
    report.selection.environment = Some("$(reboot); `reboot`'\n".into());
    report.warnings = vec![Warning::new("unknown-field", HOSTILE).about(HOSTILE).hint(HOSTILE)];
    report
}
