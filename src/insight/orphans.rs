//! Orphaned State: State whose Manifest is declared nowhere in this tazuna.yaml.
//!
//! Tazuna never shows it, because it walks declared Manifests only. All its entries are
//! `removed`. It may belong to another tazuna.yaml that shares the cluster.

use std::collections::BTreeSet;

use regex::Regex;

use crate::{
    diff::diff,
    report::{
        ManifestOutcome, ManifestReport, OrphanedState, Ownership, Reason, ReasonCode, Warning,
    },
    state::{ManifestState, NAMESPACE, State},
};

/// `--orphans`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OrphanPolicy {
    /// Orphaned State is drift: its entries are `removed`.
    #[default]
    Report,
    /// Orphaned State is a warning.
    Warn,
    /// Orphaned State is not looked at.
    Ignore,
}

/// What to do with orphaned State.
#[derive(Clone, Debug, Default)]
pub struct OrphanRule {
    /// `--orphans`.
    pub policy: OrphanPolicy,
    /// `--orphans-match`: only Manifest names that this matches (unanchored).
    pub only: Option<Regex>,
}

/// Orphaned State, as far as the rule lets it through.
#[derive(Debug, Default, PartialEq)]
pub struct Orphans {
    /// By Manifest name.
    pub reports: Vec<ManifestReport>,
    /// About what is not reported.
    pub warnings: Vec<Warning>,
}

/// Finds orphaned State.
///
/// `declared` holds the names of all declared Manifests, the ones that `--tags` leaves
/// out included. `ownership` judges the commit that State was applied from.
pub fn find(
    state: &State,
    declared: &BTreeSet<&str>,
    rule: &OrphanRule,
    ownership: impl Fn(Option<&str>) -> Ownership,
) -> Orphans {
    let mut orphans = Orphans::default();
    if rule.policy == OrphanPolicy::Ignore {
        return orphans;
    }
    for (name, manifest) in &state.manifests {
        let passes = rule.only.as_ref().is_none_or(|only| only.is_match(name));
        if declared.contains(name.as_str()) || !passes {
            continue;
        }
        let whose = ownership(manifest.metadata.git_commit_hash.as_deref());
        if manifest.entries.as_ref().is_ok_and(|entries| entries.is_empty()) {
            orphans.warnings.push(
                Warning::new(
                    "empty-orphaned-state",
                    format!("State of `{name}` is empty and no Manifest declares it"),
                )
                .about(name)
                .hint(format!("kubectl delete configmap -n {} {}", NAMESPACE, manifest.config_map)),
            );
        } else if rule.policy == OrphanPolicy::Warn || whose == Ownership::Foreign {
            orphans.warnings.push(not_reported(name, manifest, whose));
        } else {
            orphans.reports.push(report(name, manifest, whose));
        }
    }
    orphans
}

fn not_reported(name: &str, manifest: &ManifestState, whose: Ownership) -> Warning {
    let entries = match &manifest.entries {
        Ok(entries) => format!("{} entries", entries.len()),
        Err(_) => "entries that cannot be read".to_owned(),
    };
    let why = match whose {
        Ownership::Foreign => "; its commit is not in this repository, so it is not reported",
        Ownership::Ours | Ownership::Unknown => "",
    };
    Warning::new(
        "orphaned-state",
        format!("State of `{name}` has {entries} and no Manifest declares it{why}"),
    )
    .about(name)
    .hint("--orphans report shows its entries; --orphans ignore or --orphans-match leaves it out")
}

fn report(name: &str, manifest: &ManifestState, ownership: Ownership) -> ManifestReport {
    let (outcome, reason, entries) = match &manifest.entries {
        Ok(entries) => (ManifestOutcome::Compared, None, diff(&[], entries)),
        Err(damage) => (
            ManifestOutcome::Failed,
            Some(Reason::new(ReasonCode::DamagedState, damage.to_string())),
            Vec::new(),
        ),
    };
    ManifestReport {
        outcome,
        reason,
        orphaned_state: Some(OrphanedState { config_map: manifest.config_map.clone(), ownership }),
        objects: Some(0),
        state: Some(manifest.metadata.clone()),
        ..ManifestReport::compared(name, entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{ContentHash, DiffType, StateKey},
        report::{ClusterContext, StateKind, StateMetadata, StateSource},
        state::DamagedEntry,
    };

    fn state(manifests: &[(&str, Option<&str>, usize)]) -> State {
        let manifests = manifests.iter().map(|(name, commit, entries)| {
            let entries = (0..*entries)
                .map(|n| StateKey::from_text(format!("{name}//v1/ConfigMap/ns/c{n}")))
                .map(|key| (key, ContentHash::from_text("00")))
                .collect();
            let metadata =
                StateMetadata { git_commit_hash: commit.map(str::to_owned), last_synced_at: None };
            let config_map = format!("tazuna-state-{name}");
            ((*name).to_owned(), ManifestState { config_map, metadata, entries: Ok(entries) })
        });
        State {
            source: StateSource { kind: StateKind::Folder, path: None, config_maps: 2 },
            context: ClusterContext::default(),
            manifests: manifests.collect(),
            warnings: Vec::new(),
        }
    }

    fn names(orphans: &Orphans) -> (Vec<&str>, Vec<&str>) {
        (
            orphans.reports.iter().map(|report| report.name.as_str()).collect(),
            orphans.warnings.iter().map(|warning| warning.code.as_str()).collect(),
        )
    }

    #[test]
    fn every_entry_of_an_undeclared_manifest_is_removed() {
        let state = state(&[("gone", None, 2), ("web", None, 1)]);
        let declared = BTreeSet::from(["web"]);
        let orphans = find(&state, &declared, &OrphanRule::default(), |_| Ownership::Unknown);
        assert_eq!(names(&orphans), (vec!["gone"], vec![]));
        assert_eq!(orphans.reports[0].count(DiffType::Removed), 2);
        assert_eq!(
            orphans.reports[0].orphaned_state.as_ref().unwrap().config_map,
            "tazuna-state-gone"
        );
    }

    #[test]
    fn policy_pattern_and_evidence_decide_what_is_reported() {
        let state = state(&[("ours", Some("a"), 1), ("theirs", Some("b"), 1), ("void", None, 0)]);
        let judge = |commit: Option<&str>| match commit {
            Some("a") => Ownership::Ours,
            Some(_) => Ownership::Foreign,
            None => Ownership::Unknown,
        };
        let run = |policy, only: Option<&str>| {
            let only = only.map(|pattern| Regex::new(pattern).unwrap());
            let orphans = find(&state, &BTreeSet::new(), &OrphanRule { policy, only }, judge);
            format!("{:?}", names(&orphans))
        };
        assert_eq!(
            run(OrphanPolicy::Report, None),
            r#"(["ours"], ["orphaned-state", "empty-orphaned-state"])"#
        );
        assert_eq!(
            run(OrphanPolicy::Warn, None),
            r#"([], ["orphaned-state", "orphaned-state", "empty-orphaned-state"])"#
        );
        assert_eq!(run(OrphanPolicy::Ignore, None), "([], [])");
        assert_eq!(run(OrphanPolicy::Report, Some("^our")), r#"(["ours"], [])"#);
    }

    #[test]
    fn orphaned_state_that_cannot_be_read_fails_instead_of_reading_as_clear() {
        let mut state = state(&[("gone", None, 1)]);
        state.manifests.get_mut("gone").unwrap().entries = Err(DamagedEntry {
            data_key: "gone____v1__ConfigMap__ns__c".into(),
            problem: "not JSON".into(),
        });
        let orphans =
            find(&state, &BTreeSet::new(), &OrphanRule::default(), |_| Ownership::Unknown);
        assert_eq!(orphans.reports[0].outcome, ManifestOutcome::Failed);
        let reason = orphans.reports[0].reason.as_ref().unwrap();
        assert!(reason.message.contains("gone____v1__ConfigMap__ns__c"), "{}", reason.message);
    }
}
