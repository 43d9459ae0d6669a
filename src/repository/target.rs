//! The target id: what one run looks at, as one word that fits in an HTML comment.

use sha2::{Digest, Sha256};

/// Longer ids keep their beginning and get a hash.
const MAX_LENGTH: usize = 200;
/// Hex digits of the hash: 64 bits tell apart more targets than anybody has.
const HASH_LENGTH: usize = 16;

/// `path;env=<environment>;tags=<a>,<b>`, without the parts that are not there.
///
/// Only `[A-Za-z0-9._~/=,;:+%@-]` and never `--`; everything else, and what separates the
/// parts, is percent-encoded, so that different inputs give different ids. Tags count as a
/// set. At most 200 characters: a longer id ends in `%~` and a hash of the whole.
pub fn target_id(repository_path: &str, environment: Option<&str>, tags: &[String]) -> String {
    let mut id = encode(repository_path);
    if let Some(environment) = environment.filter(|name| !name.is_empty()) {
        id.push_str(";env=");
        id.push_str(&encode(environment));
    }
    let mut tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    tags.sort_unstable();
    tags.dedup();
    if !tags.is_empty() {
        let tags: Vec<String> = tags.into_iter().map(encode).collect();
        id.push_str(";tags=");
        id.push_str(&tags.join(","));
    }
    if id.len() > MAX_LENGTH { shorten(&id) } else { id }
}

/// The id that `--target` gives: the name itself, encoded as [`target_id`] encodes.
pub fn named_target(name: &str) -> String {
    let id = encode(name);
    if id.len() > MAX_LENGTH { shorten(&id) } else { id }
}

/// `;` and `,` separate parts, `%` encodes, and of two `-` the second is encoded.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        let plain = match byte {
            b'-' => !encoded.ends_with('-'),
            b'.' | b'_' | b'~' | b'/' | b'=' | b':' | b'+' | b'@' => true,
            other => other.is_ascii_alphanumeric(),
        };
        if plain {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn shorten(id: &str) -> String {
    let hash: String =
        Sha256::digest(id.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    // `%~` is no percent-encoding, so no id that was not shortened ends like this.
    let kept = MAX_LENGTH - HASH_LENGTH - 2;
    format!("{}%~{}", &id[..kept], &hash[..HASH_LENGTH])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn tags(tags: &[&str]) -> Vec<String> {
        tags.iter().map(|&tag| tag.to_owned()).collect()
    }

    #[test]
    fn reads_like_the_command_line() {
        assert_eq!(target_id("infra/tazuna.yaml", None, &[]), "infra/tazuna.yaml");
        assert_eq!(
            target_id("tazuna.yaml", Some("production"), &tags(&["web", "base", "web"])),
            "tazuna.yaml;env=production;tags=base,web"
        );
        assert_eq!(target_id("a b/ü--->.yaml", Some(""), &[]), "a%20b/%C3%BC-%2D-%3E.yaml");
    }

    #[test]
    fn parts_cannot_be_taken_for_one_another() {
        let ids = [
            target_id("a", Some("b"), &[]),
            target_id("a;env=b", None, &[]),
            target_id("a", None, &tags(&["b"])),
            target_id("a", Some("b;tags=c"), &[]),
            target_id("a", Some("b"), &tags(&["c"])),
            target_id("a", None, &tags(&["b,c"])),
            target_id("a", None, &tags(&["b", "c"])),
            target_id("a", None, &tags(&[""])),
            target_id("a", None, &[]),
            target_id("a%20", None, &[]),
            target_id("a ", None, &[]),
        ];
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
    }

    fn parts() -> impl Strategy<Value = (String, Option<String>, Vec<String>)> {
        let word = || prop_oneof!["[-;,=%~a>]{0,6}", "\\PC{0,80}"];
        (word(), proptest::option::of(word()), prop::collection::vec(word(), 0..6))
    }

    proptest! {
        #[test]
        fn any_id_fits_in_a_comment((path, environment, tags) in parts()) {
            let id = target_id(&path, environment.as_deref(), &tags);
            prop_assert!(id.len() <= 200);
            prop_assert!(!id.contains("--"), "{}", id);
            prop_assert!(
                id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._~/=,;:+%@-".contains(&b)),
                "{}", id
            );
        }

        #[test]
        fn different_targets_have_different_ids(a in parts(), b in parts()) {
            let normal = |(path, environment, tags): &(String, Option<String>, Vec<String>)| {
                let tags: BTreeSet<String> = tags.iter().cloned().collect();
                (path.clone(), environment.clone().filter(|e| !e.is_empty()), tags)
            };
            let id = |(path, environment, tags): &(String, Option<String>, Vec<String>)| {
                target_id(path, environment.as_deref(), tags)
            };
            prop_assert_eq!(normal(&a) == normal(&b), id(&a) == id(&b));
        }
    }
}
