//! The hidden state's JSON: short names, and times and Manifests written once.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::hidden::{HiddenState, PendingEvent};
use crate::{
    domain::{DiffType, StateKey},
    history::{Past, PastManifest, Remembered, Summary},
};

/// Seconds since 1970.
type Seconds = i64;
/// Diff type, 24 bits of the hashes, place of the time in [`Wire::times`].
type WireEntry = (String, u8, u32, usize);

#[derive(Serialize, Deserialize)]
pub(super) struct Wire {
    #[serde(rename = "f")]
    fingerprint: String,
    #[serde(rename = "n", default)]
    sequence: u32,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    drift_since: Option<Seconds>,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    clear_since: Option<Seconds>,
    #[serde(rename = "x", default, skip_serializing_if = "is_false")]
    closed: bool,
    #[serde(rename = "i", default, skip_serializing_if = "is_false")]
    partial: bool,
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    follows: Option<u64>,
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pending: Option<WirePending>,
    #[serde(rename = "t", default)]
    times: Vec<Seconds>,
    #[serde(rename = "m", default)]
    manifests: Vec<WireManifest>,
    #[serde(rename = "u", default, skip_serializing_if = "Vec::is_empty")]
    untracked: Vec<(String, Seconds)>,
}

#[derive(Serialize, Deserialize)]
struct WirePending {
    i: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    t: Option<String>,
    a: Seconds,
    #[serde(default, skip_serializing_if = "is_false")]
    x: bool,
}

#[derive(Serialize, Deserialize)]
struct WireManifest {
    n: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    e: Vec<WireEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r: Option<(bool, [u32; 6], u32, Seconds)>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_false(value: &bool) -> bool {
    !*value
}

impl Wire {
    pub(super) fn of(state: &HiddenState) -> Self {
        let past = &state.past;
        let mut places = BTreeMap::new();
        for (_, _, entry) in past.entries() {
            places.insert(entry.first_seen.as_second(), 0);
        }
        for (number, place) in places.values_mut().enumerate() {
            *place = number;
        }
        let manifest = |(name, manifest): (&String, &PastManifest)| WireManifest {
            n: name.clone(),
            e: manifest
                .entries
                .iter()
                .map(|(key, entry)| {
                    let place = places[&entry.first_seen.as_second()];
                    (shorten(name, key), entry.diff_type as u8, entry.content, place)
                })
                .collect(),
            r: manifest.rest.map(|rest| {
                (rest.with_removed, rest.counts, rest.digest, rest.first_seen.as_second())
            }),
        };
        Self {
            fingerprint: past.fingerprint.clone(),
            sequence: state.sequence,
            drift_since: past.drift_since.map(Timestamp::as_second),
            clear_since: past.clear_since.map(Timestamp::as_second),
            closed: state.closed,
            partial: past.partial,
            follows: state.follows,
            pending: state.pending.as_ref().map(|event| WirePending {
                i: event.id.clone(),
                t: event.text.clone(),
                a: event.at.as_second(),
                x: event.closes,
            }),
            manifests: past.manifests.iter().map(manifest).collect(),
            untracked: past
                .untracked
                .iter()
                .map(|(key, time)| (key.as_str().to_owned(), time.as_second()))
                .collect(),
            times: places.into_keys().collect(),
        }
    }

    /// `None` where something is out of its range.
    pub(super) fn into_state(self) -> Option<HiddenState> {
        let mut manifests = BTreeMap::new();
        for WireManifest { n: name, e, r } in self.manifests {
            let mut manifest = PastManifest::default();
            for (key, diff_type, content, place) in e {
                let entry = Remembered {
                    diff_type: *DiffType::ALL.get(usize::from(diff_type))?,
                    content,
                    first_seen: time(*self.times.get(place)?)?,
                };
                manifest.entries.insert(lengthen(&name, &key)?, entry);
            }
            if let Some((with_removed, counts, digest, seconds)) = r {
                let first_seen = time(seconds)?;
                manifest.rest = Some(Summary { with_removed, counts, digest, first_seen });
            }
            manifests.insert(name, manifest);
        }
        let mut untracked = BTreeMap::new();
        for (key, seconds) in self.untracked {
            untracked.insert(StateKey::from_text(key), time(seconds)?);
        }
        let pending = match self.pending {
            None => None,
            Some(WirePending { i: id, t: text, a, x: closes }) => {
                Some(PendingEvent { id, text, at: time(a)?, closes })
            }
        };
        Some(HiddenState {
            past: Past {
                lost: false,
                partial: self.partial,
                fingerprint: self.fingerprint,
                drift_since: optional_time(self.drift_since)?,
                clear_since: optional_time(self.clear_since)?,
                manifests,
                untracked,
            },
            sequence: self.sequence,
            pending,
            closed: self.closed,
            follows: self.follows,
        })
    }
}

/// `:` and the key without its Manifest, or `!` and a key that does not start with it.
fn shorten(manifest: &str, key: &StateKey) -> String {
    let rest = key.as_str().strip_prefix(manifest).and_then(|rest| rest.strip_prefix('/'));
    match rest {
        Some(rest) => format!(":{rest}"),
        None => format!("!{key}"),
    }
}

fn lengthen(manifest: &str, short: &str) -> Option<StateKey> {
    match (short.strip_prefix(':'), short.strip_prefix('!')) {
        (Some(rest), _) => Some(StateKey::from_text(format!("{manifest}/{rest}"))),
        (_, Some(whole)) => Some(StateKey::from_text(whole)),
        _ => None,
    }
}

fn time(seconds: Seconds) -> Option<Timestamp> {
    Timestamp::from_second(seconds).ok()
}

fn optional_time(seconds: Option<Seconds>) -> Option<Option<Timestamp>> {
    match seconds {
        None => Some(None),
        Some(seconds) => time(seconds).map(Some),
    }
}
