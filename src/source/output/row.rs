//! One row of Tazuna's table: `"  %-14s %-60s %s"`.

use std::sync::LazyLock;

use regex::Regex;

use crate::{
    domain::{ContentHash, DiffType, StateKey},
    report::Entry,
};

/// Width of RESOURCE in Tazuna's format, in characters; longer ones are not cut.
const RESOURCE: usize = 60;

/// A row as far as it is one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// Some other line.
    Other,
    /// It begins like a row and is none: what is missing.
    Broken(&'static str),
    /// RESOURCE as it stands there, with the hashes.
    Whole(WholeRow),
}

/// A row whose parts are all there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WholeRow {
    pub(super) diff_type: DiffType,
    pub(super) resource: String,
    pub(super) old_hash: Option<ContentHash>,
    pub(super) new_hash: Option<ContentHash>,
}

impl WholeRow {
    /// The entry, once the Manifest is known.
    pub(super) fn into_entry(self, manifest: &str) -> Entry {
        Entry {
            key: key(manifest, &self.resource),
            diff_type: self.diff_type,
            old_hash: self.old_hash,
            new_hash: self.new_hash,
            first_seen: None,
            trend: None,
        }
    }
}

/// Reads a clean line.
pub(super) fn read(line: &str) -> Row {
    let Some(inner) = line.strip_prefix("  ") else { return Row::Other };
    let word = inner.split(char::is_whitespace).next().unwrap_or_default();
    let Some(diff_type) = DiffType::from_word(word) else { return Row::Other };
    let rest = inner[word.len()..].trim_start();
    if rest.is_empty() {
        return Row::Broken("its RESOURCE is missing");
    }
    let Some((resource, hashes)) = split(diff_type, rest) else {
        return Row::Broken("its HASH is missing or cut off");
    };
    let (old_hash, new_hash) = hashes;
    Row::Whole(WholeRow { diff_type, resource: resource.to_owned(), old_hash, new_hash })
}

type Hashes = (Option<ContentHash>, Option<ContentHash>);

/// RESOURCE and HASH. By Tazuna's columns where the line keeps to them, else by the form
/// that HASH has for this Diff type.
fn split(diff_type: DiffType, rest: &str) -> Option<(&str, Hashes)> {
    if let Some((end, ' ')) = rest.char_indices().nth(RESOURCE) {
        let resource = rest[..end].trim_end();
        // Any text passes for the HASH of always-sync, so there the padding has to show.
        let is_certain = diff_type != DiffType::AlwaysSync || resource.len() < end;
        if is_certain
            && !resource.contains("  ")
            && let Some(hashes) = hashes(diff_type, &rest[end + 1..])
        {
            return Some((resource, hashes));
        }
    }
    let form = &FORMS[DiffType::ALL.iter().position(|known| *known == diff_type)?];
    let parts = form.captures(rest)?;
    if diff_type == DiffType::AlwaysSync {
        return Some((parts.get(1).or(parts.get(2))?.as_str(), (None, None)));
    }
    let (resource, hash) = match (parts.get(1), parts.get(2)) {
        (Some(resource), Some(hash)) => (resource, hash),
        _ => (parts.get(3)?, parts.get(4)?),
    };
    Some((resource.as_str(), hashes(diff_type, hash.as_str())?))
}

/// What HASH says; `None` where it does not have the form of this Diff type.
fn hashes(diff_type: DiffType, text: &str) -> Option<Hashes> {
    let text = text.trim();
    let within = |text: &str, before: &str| {
        Some(hash(text.strip_prefix(before)?.strip_suffix(')')?)).filter(|hash| hash.is_some())
    };
    match diff_type {
        DiffType::Added => Some((None, Some(word(text)?))),
        DiffType::Modified => match text.split_once(" -> ") {
            Some((old, new)) => Some((Some(word(old)?), Some(word(new)?))),
            None => Some((None, Some(word(text)?))),
        },
        // A bare hash is understood as well.
        DiffType::Removed => match within(text, "(was: ") {
            Some(old) => Some((old, None)),
            None if text.starts_with('(') => None,
            None => Some((Some(word(text)?), None)),
        },
        // Never compared, so whatever stands there means nothing.
        DiffType::AlwaysSync => Some((None, None)),
        DiffType::LiveDrifted => {
            let (live, stored) = text.split_once(' ')?;
            Some((within(stored.trim_start(), "(stored: ")?, Some(word(live)?)))
        }
        DiffType::LiveMissing => Some((within(text, "(stored: ")?, None)),
    }
}

fn word(text: &str) -> Option<ContentHash> {
    let text = text.trim();
    (!text.contains(char::is_whitespace)).then(|| hash(text)).flatten()
}

/// The hash without the dots that say it was shortened.
fn hash(text: &str) -> Option<ContentHash> {
    let text = text.trim_end_matches('…').trim_end_matches("...");
    (!text.is_empty()).then(|| ContentHash::from_text(text))
}

/// Per Diff type, in the order of [`DiffType::ALL`]: RESOURCE, blanks, HASH to the end. For
/// always-sync only RESOURCE: before a HASH as it is known, else up to the first blank.
static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r"^(\S.*?) +(\S+)$",
        r"^(\S.*?) +(\S+ -> \S+|\S+)$",
        r"^(\S.*?) +(\(was: .*\))$|^(\S+) +([0-9a-f]{6,}(?:\.{3}|…)?)$",
        r"^(\S.*?)(?: {2,}.*| +\([^()]*\)| +[0-9a-f]{7,})$|^(\S+)(?: .*)?$",
        r"^(\S.*?) +(\S+ +\(stored: .*\))$",
        r"^(\S.*?) +(\(stored: .*\))$",
    ]
    .into_iter()
    .map(|text| Regex::new(text).expect("the pattern is a constant and is tested"))
    .collect()
});

/// The State key of RESOURCE, which the program prints without the Manifest and the
/// documentation with it.
fn key(manifest: &str, resource: &str) -> StateKey {
    if names_the_manifest(manifest, resource) {
        StateKey::from_text(resource)
    } else {
        StateKey::from_text(format!("{manifest}/{resource}"))
    }
}

/// Whether this can be RESOURCE in a table of that Manifest: `group/version/kind/…/name`,
/// or the whole key where it has too few segments (State may hold such).
pub(super) fn is_resource(manifest: &str, resource: &str) -> bool {
    resource.matches('/').count() >= 3 || resource.split('/').next() == Some(manifest)
}

/// Whether RESOURCE begins with the Manifest's name rather than with an API group that
/// is called the same: the version tells, which comes third or second.
fn names_the_manifest(manifest: &str, resource: &str) -> bool {
    let segments: Vec<&str> = resource.split('/').collect();
    match segments[..] {
        [first, ..] if manifest.is_empty() || first != manifest => false,
        [_, _, third, _, ..] if is_version(third) => true,
        [_, second, _, _, ..] if is_version(second) => false,
        [_, second, _, _, ..] => second.is_empty() || segments.len() >= 6,
        _ => true,
    }
}

/// The form of Kubernetes API versions.
fn is_version(text: &str) -> bool {
    static VERSION: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^v[0-9]+((alpha|beta)[0-9]+)?$").expect("the pattern is a constant")
    });
    VERSION.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_that_is_called_as_the_manifest_is_told_from_the_manifest() {
        for (resource, want) in [
            ("apps/v1/Deployment/ns/name", "apps/apps/v1/Deployment/ns/name"),
            ("apps/apps/v1/Deployment/ns/name", "apps/apps/v1/Deployment/ns/name"),
            ("apps//v1/Namespace/name", "apps//v1/Namespace/name"),
            ("apps/v1beta1/Thing/name", "apps/apps/v1beta1/Thing/name"),
            ("apps/rbac/v1/ClusterRole/name", "apps/rbac/v1/ClusterRole/name"),
            ("apps/v1/Deployment/ns/odd/name", "apps/apps/v1/Deployment/ns/odd/name"),
            ("/v1/Secret/ns/name", "apps//v1/Secret/ns/name"),
            ("apps//v1/Secret", "apps//v1/Secret"),
            ("apps/odd", "apps/odd"),
        ] {
            assert_eq!(key("apps", resource).as_str(), want, "{resource}");
        }
    }

    #[test]
    fn a_row_that_is_cut_off_anywhere_is_broken_or_no_row() {
        let hash = "a".repeat(64);
        let whole = format!("  {:<14} {:<60} (was: {hash})", "removed", "/v1/Service/ns/old");
        assert!(matches!(read(&whole), Row::Whole(_)));
        for end in 0..whole.len() {
            let row = read(whole[..end].trim_end());
            assert!(!matches!(row, Row::Whole(_)), "{:?} gave {row:?}", &whole[..end]);
        }
    }
}
