//! Compares a Report with what is remembered of the last one.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{MOST_LOOK_UPS, Past, Presence, Remembered};
use crate::{
    domain::{DiffType, StateKey},
    report::{Entry, EntryTrend, History, ManifestOutcome, ManifestReport, PastEntry, Report},
};

/// What people should hear of: how many things are news against the last Report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Entries that were not there.
    pub new: usize,
    /// Entries with another Diff type or other hashes.
    pub changed: usize,
    /// `removed` entries that left State since while the object still runs.
    pub untracked: usize,
    /// `removed` entries that left State and that nobody could look for.
    pub unverified: usize,
    /// Manifests of which only counts are remembered and some count grew.
    pub grown: usize,
}

impl News {
    /// Whether there is any. Entries that went away are none.
    pub fn is_news(self) -> bool {
        self != Self::default()
    }
}

/// State keys of `removed` entries that left State, and of those that had left it before:
/// at most [`MOST_LOOK_UPS`]. Without an answer the former count as unknown and the
/// latter stay untracked.
pub fn to_look_up(report: &Report, past: &Past) -> Vec<StateKey> {
    let now = Current::of(report);
    let left = past
        .entries()
        .filter(|(name, key, entry)| {
            entry.diff_type == DiffType::Removed && !now.holds(key) && now.compared(name)
        })
        .map(|(_, key, _)| key);
    let untracked = past.untracked.keys().filter(|key| !now.holds(key));
    left.chain(untracked).take(MOST_LOOK_UPS).cloned().collect()
}

/// Fills in what a Report says against the last one: first seen and trend of each entry,
/// and the Report's history. `past` is `None` for the first Report of a target.
pub fn compare(
    report: &mut Report,
    past: Option<&Past>,
    presence: &[(StateKey, Presence)],
) -> News {
    let mut news = News::default();
    let time = report.generated_at;
    for manifest in &mut report.manifests {
        compare_manifest(manifest, past, time, &mut news);
    }
    let mut history = History::default();
    if let Some(past) = past {
        sort_out(report, past, presence, &mut history, &mut news);
    }
    let clear = report.is_clear() && history.unknown.is_empty() && history.untracked.is_empty();
    // A drift that came back after a clear Report starts anew.
    let since = past.filter(|past| clear || past.clear_since.is_none());
    history.drift_since = since.and_then(|past| past.drift_since);
    if clear {
        history.clear_since = Some(past.and_then(|past| past.clear_since).unwrap_or(time));
    } else {
        let open =
            report.has_drift() || !history.unknown.is_empty() || !history.untracked.is_empty();
        history.drift_since = history.drift_since.or(open.then_some(time));
    }
    report.history = Some(history);
    news
}

fn compare_manifest(
    manifest: &mut ManifestReport,
    past: Option<&Past>,
    time: Timestamp,
    news: &mut News,
) {
    let last = past.and_then(|past| past.manifests.get(&manifest.name));
    let rest = last.and_then(|last| last.rest).map(|rest| (rest, rest.is_same(manifest)));
    if rest.is_some_and(|(rest, same)| !same && rest.has_grown(manifest)) {
        news.grown += 1;
    }
    for entry in manifest.entries.iter_mut().filter(|entry| entry.diff_type.is_drift()) {
        let single = last.and_then(|last| last.entries.get(&entry.key));
        let (first_seen, trend) = match (single, rest, past) {
            (_, _, Some(past)) if past.lost => (time, None),
            (Some(single), _, _) => against(entry, single, time),
            (None, Some((rest, same)), _) if rest.may_hold(entry.diff_type) => {
                (rest.first_seen, same.then_some(EntryTrend::Ongoing))
            }
            (None, _, Some(past)) if past.partial && last.is_none() => {
                (past.drift_since.unwrap_or(time), None)
            }
            _ => newly(entry, past, time),
        };
        match trend {
            Some(EntryTrend::New) => news.new += 1,
            Some(EntryTrend::Changed) => news.changed += 1,
            Some(EntryTrend::Ongoing) | None => {}
        }
        entry.first_seen = Some(first_seen);
        entry.trend = trend;
    }
}

fn against(entry: &Entry, last: &Remembered, time: Timestamp) -> (Timestamp, Option<EntryTrend>) {
    if last.diff_type != entry.diff_type {
        // "removed since" must not say when it was merely modified.
        (time, Some(EntryTrend::Changed))
    } else if last.content != Remembered::content(entry) {
        (last.first_seen, Some(EntryTrend::Changed))
    } else {
        (last.first_seen, Some(EntryTrend::Ongoing))
    }
}

fn newly(entry: &Entry, past: Option<&Past>, time: Timestamp) -> (Timestamp, Option<EntryTrend>) {
    match past.and_then(|past| past.untracked.get(&entry.key)) {
        Some(first_seen) => (*first_seen, Some(EntryTrend::Changed)),
        None => (time, Some(EntryTrend::New)),
    }
}

/// Puts each entry that is not there any more where it belongs.
fn sort_out(
    report: &Report,
    past: &Past,
    presence: &[(StateKey, Presence)],
    history: &mut History,
    news: &mut News,
) {
    let now = Current::of(report);
    let answers: BTreeMap<&StateKey, Presence> =
        presence.iter().map(|(key, presence)| (key, *presence)).collect();
    let answer = |key| answers.get(key).copied().unwrap_or(Presence::Unknown);
    for (name, key, entry) in past.entries().filter(|(_, key, _)| !now.holds(key)) {
        let list = if !now.compared(name) {
            &mut history.unknown
        } else if entry.diff_type != DiffType::Removed {
            &mut history.cleared
        } else {
            match answer(key) {
                Presence::Gone | Presence::Tracked => &mut history.cleared,
                Presence::Unknown => &mut history.unknown,
                Presence::Running => {
                    news.untracked += 1;
                    &mut history.untracked
                }
                Presence::NotAllowed => {
                    news.unverified += 1;
                    &mut history.unverified
                }
            }
        };
        list.push(past_entry(key, entry.diff_type, entry.first_seen));
    }
    for (key, first_seen) in past.untracked.iter().filter(|(key, _)| !now.holds(key)) {
        let list = match answer(key) {
            Presence::Gone | Presence::Tracked => &mut history.cleared,
            Presence::Running | Presence::Unknown => &mut history.untracked,
            Presence::NotAllowed => {
                news.unverified += 1;
                &mut history.unverified
            }
        };
        list.push(past_entry(key, DiffType::Removed, *first_seen));
    }
    for list in [
        &mut history.cleared,
        &mut history.unknown,
        &mut history.untracked,
        &mut history.unverified,
    ] {
        list.sort_by(|a, b| (a.diff_type, &a.key).cmp(&(b.diff_type, &b.key)));
    }
}

/// What to remember of a Report that [`compare`] has filled in. Entries that are unknown
/// now are remembered as they were.
pub fn remember(report: &Report, past: Option<&Past>, fingerprint: String) -> Past {
    let empty = History::default();
    let history = report.history.as_ref().unwrap_or(&empty);
    let mut next = Past {
        lost: false,
        partial: false,
        fingerprint,
        drift_since: history.drift_since,
        clear_since: history.clear_since,
        manifests: BTreeMap::new(),
        untracked: history
            .untracked
            .iter()
            .map(|entry| (entry.key.clone(), entry.first_seen.unwrap_or(report.generated_at)))
            .collect(),
    };
    for manifest in &report.manifests {
        for entry in manifest.entries.iter().filter(|entry| entry.diff_type.is_drift()) {
            let first_seen = entry.first_seen.unwrap_or(report.generated_at);
            let manifest = next.manifests.entry(manifest.name.clone()).or_default();
            manifest.entries.insert(entry.key.clone(), Remembered::of(entry, first_seen));
        }
    }
    if let Some(past) = past {
        let unknown: BTreeSet<&StateKey> = history.unknown.iter().map(|entry| &entry.key).collect();
        for (name, key, entry) in past.entries().filter(|(_, key, _)| unknown.contains(key)) {
            let manifest = next.manifests.entry(name.to_owned()).or_default();
            manifest.entries.insert(key.clone(), *entry);
        }
        let now = Current::of(report);
        for (name, manifest) in &past.manifests {
            if manifest.rest.is_some() && !now.compared(name) {
                next.manifests.entry(name.clone()).or_default().rest = manifest.rest;
            }
        }
    }
    next
}

impl Past {
    /// Each entry that is remembered by itself, with the name of its Manifest.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &StateKey, &Remembered)> {
        self.manifests.iter().flat_map(|(name, manifest)| {
            let entries = manifest.entries.iter();
            entries.map(move |(key, entry)| (name.as_str(), key, entry))
        })
    }
}

/// What a Report holds now.
struct Current<'a> {
    keys: BTreeSet<&'a StateKey>,
    not_compared: BTreeSet<&'a str>,
}

impl<'a> Current<'a> {
    fn of(report: &'a Report) -> Self {
        let drift = report.manifests.iter().flat_map(|manifest| &manifest.entries);
        let drift = drift.filter(|entry| entry.diff_type.is_drift());
        // What is unstable did not go away: it only stopped to count.
        let unstable = report.manifests.iter().flat_map(|manifest| &manifest.unstable);
        Self {
            keys: drift.map(|entry| &entry.key).chain(unstable).collect(),
            not_compared: report
                .manifests
                .iter()
                .filter(|manifest| manifest.outcome != ManifestOutcome::Compared)
                .map(|manifest| manifest.name.as_str())
                .collect(),
        }
    }

    fn holds(&self, key: &StateKey) -> bool {
        self.keys.contains(key)
    }

    /// A Manifest that the Report does not mention is declared nowhere and has no State
    /// any more: that was looked at.
    fn compared(&self, name: &str) -> bool {
        !self.not_compared.contains(name)
    }
}

fn past_entry(key: &StateKey, diff_type: DiffType, first_seen: Timestamp) -> PastEntry {
    PastEntry { key: key.clone(), diff_type, first_seen: Some(first_seen) }
}
