//! Dates, links and names as people read them.

use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

use crate::{
    domain::{ContentHash, StateKey},
    render::escape::cut,
    report::Report,
};

/// `23 Nov 2026`.
pub(in crate::render) fn day(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%-d %b %Y").to_string()
}

/// `23 Nov 2026, 06:17 UTC`.
pub(in crate::render) fn minute(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%-d %b %Y, %H:%M UTC").to_string()
}

/// A label and the address behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::render) struct Link {
    pub(in crate::render) label: String,
    pub(in crate::render) url: Option<String>,
}

/// An address that is longer than this is left out.
const LONGEST_URL: usize = 300;

impl Link {
    pub(in crate::render) fn new(label: &str, url: Option<String>) -> Self {
        Self { label: cut(label, 60), url: url.filter(|url| url.len() <= LONGEST_URL) }
    }

    /// A commit by its first seven characters.
    pub(in crate::render) fn commit(report: &Report, commit: &str) -> Self {
        let is_commit = commit.len() >= 7 && commit.bytes().all(|b| b.is_ascii_hexdigit());
        let url = report.repository.as_ref().filter(|_| is_commit);
        Self::new(
            if is_commit { &commit[..7] } else { commit },
            url.and_then(|repository| repository.commit_url(commit)),
        )
    }

    /// The workflow run.
    pub(in crate::render) fn run(report: &Report) -> Option<Self> {
        report.run.as_ref().map(|run| Self::new(&format!("run {}", run.id), run.url.clone()))
    }
}

/// How much room a row has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::render) enum Width {
    /// All that people can tell apart.
    Full,
    /// So that 200 rows of the longest names still fit into an issue.
    Narrow,
}

impl Width {
    const fn most(self) -> Most {
        match self {
            Self::Full => Most { kind: 60, name: 130, manifest: 90 },
            Self::Narrow => Most { kind: 30, name: 64, manifest: 32 },
        }
    }

    /// What a row without hashes may cost.
    pub(in crate::render) const fn row(self) -> usize {
        let most = self.most();
        most.kind + most.name + most.manifest + 42
    }
}

/// The longest that parts of a row may be, in escaped units.
struct Most {
    kind: usize,
    name: usize,
    manifest: usize,
}

/// A State key as `Kind` and `namespace/name`; a key of another form is all name.
pub(in crate::render) fn resource(key: &StateKey, width: Width) -> (String, String) {
    let most = width.most();
    match key.parts() {
        Some(parts) => {
            let name = match parts.namespace {
                Some(namespace) => format!("{namespace}/{}", parts.name),
                None => parts.name.to_owned(),
            };
            (cut(parts.kind, most.kind), cut(&name, most.name))
        }
        None if key.resource().is_empty() => {
            (String::new(), cut(key.as_str(), most.kind + most.name))
        }
        None => (String::new(), cut(&key.resource(), most.kind + most.name)),
    }
}

/// The whole State key, cut only where no real one is as long.
pub(in crate::render) fn whole_key(key: &StateKey) -> String {
    cut(key.as_str(), 600)
}

pub(in crate::render) fn manifest_name(name: &str, width: Width) -> String {
    if name.is_empty() { "(no name)".to_owned() } else { cut(name, width.most().manifest) }
}

pub(in crate::render) fn short(hash: Option<&ContentHash>) -> String {
    hash.map(|hash| cut(hash.short(), 24)).unwrap_or_default()
}

/// `12 ms`, `3.4 s`, `2 min 5 s`.
pub(in crate::render) fn duration(millis: u64) -> String {
    match millis {
        0..1000 => format!("{millis} ms"),
        1000..60_000 => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
        _ => format!("{} min {} s", millis / 60_000, millis % 60_000 / 1000),
    }
}
