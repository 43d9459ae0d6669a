//! The name of an artifact, read as Tazuna's library (oras-go) reads it. Pure.

use std::{fmt, sync::LazyLock};

use regex::Regex;

use crate::report::{Reason, ReasonCode};

/// A digest of a known algorithm, in lower case; safe as a file's name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Digest(String);

impl Digest {
    /// `None` for anything that is not wholly a digest.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (algorithm, hex) = text.split_once(':')?;
        let length = match algorithm {
            "sha256" => 64,
            "sha384" => 96,
            "sha512" => 128,
            _ => return None,
        };
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (hex.len() == length && hex.bytes().all(is_hex)).then(|| Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Cut to what people compare with their eyes.
    pub(super) fn short(&self) -> &str {
        let end = self.0.find(':').map_or(0, |colon| colon + 1 + 12);
        &self.0[..end]
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `registry/repository:tag` or `registry/repository@digest`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// As declared; the name of its entry in the cache is made of it.
    pub(super) text: String,
    /// Host, with a port where one is given.
    pub(super) registry: String,
    pub(super) repository: String,
    pub(super) version: Version,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Version {
    Tag(String),
    /// A tag before a digest counts for nothing.
    Digest(Digest),
}

static REGISTRY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$")
});
static REPOSITORY: LazyLock<Regex> = LazyLock::new(|| {
    let part = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*";
    pattern(&format!("^{part}(?:/{part})*$"))
});
static TAG: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant and is tested")
}

impl Reference {
    /// A reason says what is wrong, and never holds what was declared: somebody may have
    /// written a password into it.
    pub(super) fn parse(text: &str) -> Result<Self, Reason> {
        let invalid = |problem: &str| {
            Reason::new(ReasonCode::InvalidDeclaration, format!("`oras.reference` {problem}")).hint(
                "write it as `registry.example.com/repository:tag`, or with `@sha256:…` for one \
                 that never changes",
            )
        };
        let (registry, rest) = text.split_once('/').ok_or_else(|| invalid("names no registry"))?;
        if !REGISTRY.is_match(registry) {
            return Err(invalid("does not begin with the host of a registry"));
        }
        let (repository, version) = match rest.split_once('@') {
            Some((name, digest)) => {
                let digest = Digest::parse(digest)
                    .ok_or_else(|| invalid("ends with something that is no digest"))?;
                let name = name.split_once(':').map_or(name, |(name, _)| name);
                (name, Version::Digest(digest))
            }
            None => {
                let (name, tag) =
                    rest.split_once(':').ok_or_else(|| invalid("has no tag or digest"))?;
                if !TAG.is_match(tag) {
                    return Err(invalid("ends with something that is no tag"));
                }
                (name, Version::Tag(tag.to_owned()))
            }
        };
        if !REPOSITORY.is_match(repository) {
            return Err(invalid("names no valid repository (lower case only)"));
        }
        Ok(Self {
            text: text.to_owned(),
            registry: registry.to_owned(),
            repository: repository.to_owned(),
            version,
        })
    }

    /// The digest, where the reference pins one.
    pub(super) fn pinned(&self) -> Option<&Digest> {
        match &self.version {
            Version::Digest(digest) => Some(digest),
            Version::Tag(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hex(length: usize) -> String {
        "0123456789abcdef".chars().cycle().take(length).collect()
    }

    #[test]
    fn reads_what_tazunas_library_reads() {
        let tag = |registry: &str, repository: &str, tag: &str| Reference {
            text: String::new(),
            registry: registry.to_owned(),
            repository: repository.to_owned(),
            version: Version::Tag(tag.to_owned()),
        };
        for (text, want) in [
            ("ghcr.io/acme/base:v1", tag("ghcr.io", "acme/base", "v1")),
            ("127.0.0.1:5000/a:_x.Y-1", tag("127.0.0.1:5000", "a", "_x.Y-1")),
            ("[::1]:5000/a:1", tag("[::1]:5000", "a", "1")),
            // No registry is added: this one is called `acme`.
            ("acme/base:v1", tag("acme", "base", "v1")),
            ("r/a__b/c-d.e:1", tag("r", "a__b/c-d.e", "1")),
        ] {
            let read = Reference::parse(text).unwrap();
            assert_eq!(Reference { text: String::new(), ..read }, want, "{text}");
        }
        let digest = format!("sha256:{}", hex(64));
        for text in [format!("r/a@{digest}"), format!("r/a:v1@{digest}")] {
            let read = Reference::parse(&text).unwrap();
            assert_eq!(
                (read.repository.as_str(), read.pinned().unwrap().as_str()),
                ("a", &*digest)
            );
        }
    }

    #[test]
    fn what_is_no_reference_is_refused_without_being_repeated() {
        let short = format!("r/a@sha256:{}", hex(63));
        let unknown = format!("r/a@md5:{}", hex(32));
        for text in [
            "",
            "base:v1",
            "ghcr.io/acme/base",
            "ghcr.io/Acme/base:v1",
            "ghcr.io/acme//base:v1",
            "ghcr.io/../base:v1",
            "ghcr.io/a:v 1",
            "bot:hunter2@ghcr.io/acme/base:v1",
            "https://ghcr.io/acme/base:v1",
            "ghcr.io/a:v1:v2",
            &short,
            &unknown,
        ] {
            let reason = Reference::parse(text).unwrap_err();
            assert_eq!(reason.code, ReasonCode::InvalidDeclaration, "{text}");
            assert!(!reason.message.contains("hunter2"));
        }
    }

    proptest! {
        #[test]
        fn a_digest_is_always_a_plain_file_name(text in "(sha256|sha512|\\PC{0,4}):[0-9a-f./]{60,130}") {
            if let Some(digest) = Digest::parse(&text) {
                prop_assert!(!digest.as_str().contains(['/', '.']));
                prop_assert!(digest.as_str().starts_with(digest.short()));
            }
        }
    }
}
