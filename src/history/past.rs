//! What is remembered of the last Report of a target.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::{
    domain::{DiffType, StateKey},
    report::{Entry, ManifestReport},
};

/// What is remembered of the last Report of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// Set when something was remembered and cannot be read any more: nothing can then be
    /// called new.
    pub lost: bool,
    /// Set when there was no room to remember every Manifest: what is not remembered is
    /// then not called new.
    pub partial: bool,
    /// [`fingerprint`](super::fingerprint) of what was last published.
    pub fingerprint: String,
    /// Since when there was drift.
    pub drift_since: Option<Timestamp>,
    /// Since when there was none, if there was none.
    pub clear_since: Option<Timestamp>,
    /// Drift by the Manifest's name; entries that were unknown are among them.
    pub manifests: BTreeMap<String, PastManifest>,
    /// `removed` entries that left State while the object still ran, with the time they
    /// were first seen.
    pub untracked: BTreeMap<StateKey, Timestamp>,
}

/// Drift of one Manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastManifest {
    /// Entries that are remembered each by itself.
    pub entries: BTreeMap<StateKey, Remembered>,
    /// What there was no room to remember each by itself.
    pub rest: Option<Summary>,
}

/// Entries of one Manifest as counts: all but the `removed` ones, or all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Whether the `removed` entries are among them.
    pub with_removed: bool,
    /// How many there were of each Diff type, in the order of [`DiffType::ALL`].
    pub counts: [u32; 6],
    /// 24 bits that change when any of them does.
    pub digest: u32,
    /// When the oldest was first seen.
    pub first_seen: Timestamp,
}

/// One entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// How it differed.
    pub diff_type: DiffType,
    /// [`Remembered::content`] of its hashes.
    pub content: u32,
    /// When it was first seen.
    pub first_seen: Timestamp,
}

impl Past {
    /// Something was remembered, and it cannot be read any more.
    pub fn afresh() -> Self {
        Self { lost: true, ..Self::default() }
    }
}

impl Remembered {
    /// An entry that was first seen then.
    pub fn of(entry: &Entry, first_seen: Timestamp) -> Self {
        Self { diff_type: entry.diff_type, content: Self::content(entry), first_seen }
    }

    /// 24 bits that change when an entry's hashes do. Short forms are compared, because
    /// saved output may hold nothing longer.
    pub fn content(entry: &Entry) -> u32 {
        let mut sha = Sha256::new();
        for hash in [&entry.old_hash, &entry.new_hash] {
            sha.update(hash.as_ref().map_or("", |hash| hash.short()));
            sha.update([0]);
        }
        first_bits(sha)
    }
}

impl PastManifest {
    /// Forgets the single entries, all but the `removed` ones or all, and keeps their
    /// counts. Returns how many that were.
    pub fn summarize(&mut self, with_removed: bool) -> usize {
        let covered = |entry: &Remembered| Summary::covers(with_removed, entry.diff_type);
        let rows: Vec<_> = self.entries.iter().filter(|(_, entry)| covered(entry)).collect();
        let Some(oldest) = rows.iter().map(|(_, entry)| entry.first_seen).min() else { return 0 };
        let mut summary = Summary {
            with_removed,
            counts: [0; 6],
            digest: digest_of(rows.iter().map(|(key, entry)| (*key, **entry))),
            first_seen: oldest,
        };
        for (_, entry) in &rows {
            summary.counts[entry.diff_type as usize] += 1;
        }
        if let Some(earlier) = self.rest {
            for (count, more) in summary.counts.iter_mut().zip(earlier.counts) {
                *count += more;
            }
            summary.first_seen = summary.first_seen.min(earlier.first_seen);
            // A digest over both cannot be told from the Report any more: it will differ
            // once, and only grown counts are news.
            summary.digest ^= earlier.digest;
        }
        let forgotten = rows.len();
        self.entries.retain(|_, entry| !covered(entry));
        self.rest = Some(summary);
        forgotten
    }
}

impl Summary {
    fn covers(with_removed: bool, diff_type: DiffType) -> bool {
        with_removed || diff_type != DiffType::Removed
    }

    /// Whether an entry of this Diff type is among what was summarized.
    pub fn may_hold(&self, diff_type: DiffType) -> bool {
        Self::covers(self.with_removed, diff_type)
    }

    /// Whether the Manifest's entries are the ones that were summarized.
    pub fn is_same(&self, manifest: &ManifestReport) -> bool {
        let mut rows: Vec<_> = manifest
            .entries
            .iter()
            .filter(|entry| entry.diff_type.is_drift() && self.may_hold(entry.diff_type))
            .map(|entry| (&entry.key, Remembered::of(entry, Timestamp::UNIX_EPOCH)))
            .collect();
        rows.sort_by_key(|(key, _)| *key);
        digest_of(rows.into_iter()) == self.digest
    }

    /// Whether there are more entries of some Diff type than were summarized.
    pub fn has_grown(&self, manifest: &ManifestReport) -> bool {
        DiffType::ALL
            .into_iter()
            .filter(|diff_type| diff_type.is_drift() && self.may_hold(*diff_type))
            .any(|diff_type| manifest.count(diff_type) > self.counts[diff_type as usize] as usize)
    }
}

fn digest_of<'a>(rows: impl Iterator<Item = (&'a StateKey, Remembered)>) -> u32 {
    let mut sha = Sha256::new();
    for (key, entry) in rows {
        sha.update(key.as_str());
        sha.update([0, entry.diff_type as u8]);
        sha.update(entry.content.to_be_bytes());
    }
    first_bits(sha)
}

fn first_bits(sha: Sha256) -> u32 {
    let bytes = sha.finalize();
    u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]])
}
