//! Which command for which case: what the tool may advise, ready to copy.
//!
//! The rules are Tazuna's: pruning walks declared Manifests only; a plain `tazuna apply`
//! makes State forget what was removed; `tazuna destroy` deletes what is declared *now*.
//! So neither of the last two is ever advised for today's tree.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{
    escape::{shell_word, units},
    issue::TazunaCommands,
};
use crate::{
    domain::{DiffType, StateKey},
    report::{ManifestReport, OrphanedState, Report, SourceKind, StateKind, StateMetadata},
};

/// A longer command is left out: nobody can read what they would run.
const LONGEST: usize = 600;
/// Most tags a command names.
const MOST_TAGS: usize = 12;
/// Most paths `git log` is given.
const MOST_PATHS: usize = 6;

/// A Tazuna command in both generations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Generations {
    /// The one to print.
    pub(super) command: String,
    /// The one to name.
    pub(super) other: String,
    /// `newer` or `older`: which generation `other` is for.
    pub(super) other_is: &'static str,
    /// What `--tags` of the command selects: `exact` (the Manifests it is about and no
    /// other), `selection` (what the run looked at) or `all`.
    pub(super) scope: &'static str,
    /// Whether the other form selects more, because it knows no `--tags`.
    pub(super) other_is_wider: bool,
}

/// What to type, where there is anything to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Advice {
    /// Brings State up to date.
    pub(super) sync: Option<Generations>,
    /// Deletes what is removed, and applies the rest.
    pub(super) prune: Option<Generations>,
    /// Who changed it.
    pub(super) log: Option<String>,
    /// Who took it out.
    pub(super) removed_log: Option<String>,
    /// The same comparison on the reader's machine.
    pub(super) reproduce: Option<String>,
    /// Lists the State there is.
    pub(super) list_state: String,
    /// Deletes what runs on untracked, as far as the keys make safe commands.
    pub(super) untracked: Vec<String>,
}

/// Most `kubectl delete` lines in one block.
const MOST_DELETIONS: usize = 10;

impl Advice {
    /// The commands of a Report.
    pub(super) fn of(report: &Report, commands: TazunaCommands) -> Self {
        let totals = report.totals;
        let removed: Vec<&ManifestReport> =
            declared(report).filter(|manifest| manifest.count(DiffType::Removed) > 0).collect();
        let pending = totals.drift > totals.removed;
        Self {
            sync: pending.then(|| sync(report, commands)).flatten(),
            prune: (!removed.is_empty()).then(|| prune(report, &removed, commands)).flatten(),
            log: log(report, |entry| entry.is_drift() && entry != DiffType::Removed),
            removed_log: log(report, |entry| entry == DiffType::Removed),
            reproduce: reproduce(report),
            list_state: format!("{} get configmaps -n tazuna", kubectl(report)),
            untracked: report
                .history
                .iter()
                .flat_map(|history| &history.untracked)
                .filter_map(|entry| delete(&kubectl(report), &entry.key))
                .take(MOST_DELETIONS)
                .collect(),
        }
    }
}

fn declared(report: &Report) -> impl Iterator<Item = &ManifestReport> {
    report.manifests.iter().filter(|manifest| manifest.orphaned_state.is_none())
}

fn short_enough(command: String) -> Option<String> {
    (units(&command) <= LONGEST).then_some(command)
}

/// ` -f FILE -e ENVIRONMENT`, as far as they are known.
fn base(report: &Report) -> String {
    let mut flags = String::new();
    let selection = &report.selection;
    for (flag, value) in [("-f", &selection.file), ("-e", &selection.environment)] {
        if let Some(value) = value {
            flags += &format!(" {flag} {}", shell_word(value));
        }
    }
    flags
}

fn tags(tags: &[&str]) -> String {
    match tags {
        [] => String::new(),
        tags => format!(" --tags {}", shell_word(&tags.join(","))),
    }
}

fn sync(report: &Report, commands: TazunaCommands) -> Option<Generations> {
    let selected: Vec<&str> = report.selection.tags.iter().map(String::as_str).collect();
    let scope = if selected.is_empty() { "all" } else { "selection" };
    let base = base(report);
    generations(
        commands,
        format!("tazuna apply --sync{base}{}", tags(&selected)),
        format!("tazuna state sync{base}"),
        scope,
    )
}

fn prune(
    report: &Report,
    removed: &[&ManifestReport],
    commands: TazunaCommands,
) -> Option<Generations> {
    let selected: Vec<&str> = report.selection.tags.iter().map(String::as_str).collect();
    let everything =
        declared(report).count() == removed.len() && report.selection.not_selected == 0;
    let (words, scope) = match exact_tags(report, removed) {
        _ if everything => (selected, "all"),
        Some(exact) => (exact, "exact"),
        None if selected.is_empty() => (selected, "all"),
        None => (selected, "selection"),
    };
    let base = base(report);
    generations(
        commands,
        format!("tazuna apply --sync --prune{base}{}", tags(&words)),
        format!("TAZUNA_STATE_SYNC_DELETE=true tazuna state sync{base}"),
        scope,
    )
}

fn generations(
    commands: TazunaCommands,
    newer: String,
    older: String,
    scope: &'static str,
) -> Option<Generations> {
    let (newer, older) = (short_enough(newer)?, short_enough(older)?);
    Some(match commands {
        TazunaCommands::ApplySync => Generations {
            command: newer,
            other: older,
            other_is: "older",
            scope,
            other_is_wider: scope != "all",
        },
        TazunaCommands::StateSync => Generations {
            command: older,
            other: newer,
            other_is: "newer",
            scope: "all",
            other_is_wider: false,
        },
    })
}

/// Tags that together select these Manifests and no other, or none where there are no such.
///
/// A tag says nothing about Manifests the run did not select, unless the run selected by
/// it: then those do not carry it.
fn exact_tags<'a>(report: &'a Report, wanted: &[&ManifestReport]) -> Option<Vec<&'a str>> {
    let wanted: BTreeSet<*const ManifestReport> =
        wanted.iter().map(|manifest| std::ptr::from_ref(*manifest)).collect();
    let is_wanted = |manifest: &ManifestReport| wanted.contains(&std::ptr::from_ref(manifest));
    let (mut inside, mut outside) = (BTreeSet::new(), BTreeSet::new());
    for manifest in declared(report) {
        let side = if is_wanted(manifest) { &mut inside } else { &mut outside };
        side.extend(manifest.tags.iter().map(String::as_str));
    }
    let usable = |tag: &&str| {
        !tag.is_empty()
            && !tag.contains([',', ' ', '"'])
            && !tag.chars().any(char::is_control)
            && (report.selection.not_selected == 0
                || report.selection.tags.iter().any(|selected| selected == tag))
    };
    let candidates: BTreeSet<&str> = inside.difference(&outside).copied().filter(usable).collect();
    let mut open: Vec<&ManifestReport> = declared(report).filter(|m| is_wanted(m)).collect();
    let mut chosen = Vec::new();
    while !open.is_empty() {
        let mut carriers: BTreeMap<&str, usize> = BTreeMap::new();
        for tag in open.iter().flat_map(|manifest| &manifest.tags) {
            if let Some(tag) = candidates.get(tag.as_str()) {
                *carriers.entry(tag).or_default() += 1;
            }
        }
        // Of equals the first by name, so that the same facts give the same command.
        let (best, _) = carriers.into_iter().rev().max_by_key(|(_, carriers)| *carriers)?;
        if chosen.len() == MOST_TAGS {
            return None;
        }
        chosen.push(best);
        open.retain(|manifest| !manifest.tags.iter().any(|tag| tag == best));
    }
    chosen.sort_unstable();
    Some(chosen)
}

/// `git log` over the paths of what drifted, relative to the root of the repository.
fn log(report: &Report, is_about: impl Fn(DiffType) -> bool) -> Option<String> {
    let file = report.selection.repository_path.as_ref().or(report.selection.file.as_ref())?;
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut paths = vec![file.clone()];
    for manifest in declared(report) {
        if !manifest.entries.iter().any(|entry| is_about(entry.diff_type)) {
            continue;
        }
        if let Some(path) = &manifest.path {
            paths.push(join(folder, path));
        }
    }
    paths.dedup();
    if paths.len() > MOST_PATHS {
        paths = vec![if folder.is_empty() { ".".to_owned() } else { folder.to_owned() }];
    }
    let paths: Vec<String> = paths.iter().map(|path| shell_word(path)).collect();
    short_enough(format!("git log --stat -5 -- {}", paths.join(" ")))
}

fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let absolute = if folder.starts_with('/') { "/" } else { "" };
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("{absolute}{}", parts.join("/"))
}

fn reproduce(report: &Report) -> Option<String> {
    let mut command = "tazuna-drift diff".to_owned();
    let source = &report.source;
    match source.kind {
        SourceKind::Native => {}
        SourceKind::Tazuna => command += " --source tazuna",
        SourceKind::Output => {
            let input = source.input.as_deref().unwrap_or("-");
            command += &format!(" --source output --input {}", shell_word(input));
        }
    }
    command += &base(report);
    command += &tags(&report.selection.tags.iter().map(String::as_str).collect::<Vec<_>>());
    match (&source.state, &report.context.name) {
        (Some(state), _) if state.kind == StateKind::Folder => {
            if let Some(path) = &state.path {
                command += &format!(" --state-dir {}", shell_word(path));
            }
        }
        (Some(_), Some(context)) => command += &format!(" --context {}", shell_word(context)),
        _ => {}
    }
    short_enough(command)
}

fn kubectl(report: &Report) -> String {
    match &report.context.name {
        Some(context) if context.len() <= 200 => {
            format!("kubectl --context {}", shell_word(context))
        }
        _ => "kubectl".to_owned(),
    }
}

/// What to type about a State whose Manifest is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct OrphanAdvice {
    /// Checks out the commit State was applied from and destroys there.
    pub(super) destroy: Option<Vec<String>>,
    /// Deletes each object; keys that make no safe command are left out.
    pub(super) delete: Vec<String>,
    /// How many objects [`Self::delete`] leaves out.
    pub(super) left_out: usize,
    /// Deletes the State itself.
    pub(super) forget: Option<String>,
    /// Shows the State.
    pub(super) look: Option<String>,
}

impl OrphanAdvice {
    /// The commands for an orphaned State.
    pub(super) fn of(report: &Report, manifest: &ManifestReport, orphan: &OrphanedState) -> Self {
        let kubectl = kubectl(report);
        let config_map = Some(&*orphan.config_map).filter(|name| is_name(name));
        let delete: Vec<String> = manifest
            .entries
            .iter()
            .filter_map(|entry| delete(&kubectl, &entry.key))
            .take(MOST_DELETIONS)
            .collect();
        Self {
            destroy: destroy(report, manifest),
            left_out: manifest.entries.len() - delete.len(),
            delete,
            forget: config_map.map(|name| format!("{kubectl} delete configmap -n tazuna {name}")),
            look: config_map
                .map(|name| format!("{kubectl} get configmap -n tazuna {name} -o yaml")),
        }
    }
}

/// Only a whole commit hash is ever checked out.
fn destroy(report: &Report, manifest: &ManifestReport) -> Option<Vec<String>> {
    let StateMetadata { git_commit_hash: Some(commit), .. } = manifest.state.as_ref()? else {
        return None;
    };
    let is_commit = commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit());
    let tag = format!("<a tag that only {} has>", manifest.name);
    let destroy = format!(
        "TAZUNA_DESTROY_EXECUTABLE=true tazuna destroy{} --tags {}",
        base(report),
        shell_word(&tag)
    );
    (is_commit && units(&destroy) <= LONGEST)
        .then(|| vec![format!("git checkout {commit}"), destroy])
}

/// `kubectl delete` of one object, where its key has the form that Kubernetes allows.
fn delete(kubectl: &str, key: &StateKey) -> Option<String> {
    let parts = key.parts()?;
    let kind = parts.kind.to_ascii_lowercase();
    let group = match parts.group {
        "" => String::new(),
        group => format!(".{group}"),
    };
    let namespace = match parts.namespace {
        Some(namespace) => format!(" -n {namespace}"),
        None => String::new(),
    };
    let sound = is_name(&kind)
        && is_name(parts.name)
        && (parts.group.is_empty() || is_name(parts.group))
        && parts.namespace.is_none_or(is_name);
    sound.then(|| format!("{kubectl} delete{namespace} {kind}{group}/{}", parts.name))
}

/// Nothing a shell or kubectl could take for anything but a name.
fn is_name(text: &str) -> bool {
    text.len() <= 253
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "._:-".contains(c))
}
