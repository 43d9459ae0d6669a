//! Names that Tazuna takes and that make trouble later.

use crate::report::Warning;

/// `tazuna-state-` before it must leave a ConfigMap name of at most 253 characters.
const MAX_LENGTH: usize = 240;
/// The ConfigMap key that holds State's own facts.
const RESERVED: &str = "_metadata";

/// What is odd about a name that is not empty; Tazuna itself only warns.
pub(super) fn oddity(name: &str) -> Option<Warning> {
    if name == RESERVED {
        let message = format!("the name `{name}` is reserved by Tazuna");
        return Some(Warning::new("odd-name", message).hint("rename the Manifest"));
    }
    if name.len() > MAX_LENGTH {
        let message = format!(
            "a name of {} characters is too long: Tazuna cannot write State of this Manifest, so \
             everything in it reads `added` for ever",
            name.chars().count()
        );
        return Some(
            Warning::new("unrecordable-name", message)
                .hint(format!("use a name of at most {MAX_LENGTH} characters")),
        );
    }
    if !is_config_map_suffix(name) {
        let message = format!(
            "Tazuna cannot write State of `{name}`: `tazuna-state-{name}` is not a valid name of a \
             ConfigMap, so everything in it reads `added` for ever"
        );
        return Some(Warning::new("unrecordable-name", message).hint(rename_hint(name)));
    }
    if !is_tazuna_name(name) {
        let message = format!(
            "the name `{name}` is not of the form that Tazuna asks for: `a-z`, `0-9` and `-`"
        );
        return Some(Warning::new("odd-name", message).hint(rename_hint(name)));
    }
    None
}

/// Tazuna's `^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`.
fn is_tazuna_name(name: &str) -> bool {
    let edge = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let bytes = name.as_bytes();
    bytes.first().copied().is_some_and(edge)
        && bytes.last().copied().is_some_and(edge)
        && bytes.iter().all(|&letter| edge(letter) || letter == b'-')
}

/// Whether `tazuna-state-<name>` is a DNS-1123 subdomain, as ConfigMap names must be.
fn is_config_map_suffix(name: &str) -> bool {
    format!("x{name}").split('.').all(is_tazuna_name)
}

fn rename_hint(name: &str) -> String {
    let mut better = String::with_capacity(name.len());
    for letter in name.chars() {
        let letter = letter.to_ascii_lowercase();
        let allowed = letter.is_ascii_lowercase() || letter.is_ascii_digit();
        if allowed {
            better.push(letter);
        } else if !better.is_empty() && !better.ends_with('-') {
            better.push('-');
        }
    }
    let better = better.trim_end_matches('-');
    if better.is_empty() {
        "rename the Manifest".to_owned()
    } else {
        format!(
            "rename it, for example to `{better}`; its objects then count as those of a new Manifest"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(name: &str) -> Option<String> {
        oddity(name).map(|warning| warning.code)
    }

    #[test]
    fn good_names_are_quiet() {
        for name in ["a", "web-1", "0", &"x".repeat(240)] {
            assert_eq!(code(name), None, "{name}");
        }
    }

    #[test]
    fn names_without_a_config_map_are_told() {
        for name in ["Web", "a_b", "a__b", "web-", "a b", "a/b", "ü", "a..b", &"x".repeat(241)] {
            assert_eq!(code(name).as_deref(), Some("unrecordable-name"), "{name}");
        }
    }

    #[test]
    fn names_that_only_tazuna_dislikes_are_odd() {
        for name in ["a.b", "-a", "_metadata"] {
            assert_eq!(code(name).as_deref(), Some("odd-name"), "{name}");
        }
    }

    #[test]
    fn a_better_name_is_a_good_name() {
        for (name, better) in [("My_App__X", "`my-app-x`"), ("_a_", "`a`")] {
            assert!(rename_hint(name).contains(better));
        }
        assert_eq!(rename_hint("___"), "rename the Manifest");
    }
}
