//! `context_matches`: which kubeconfig contexts a tazuna.yaml allows.

use regex::Regex;

use super::suggestion::listed;
use crate::{
    error::{Error, ErrorKind, Result},
    report::{Location, Refusal, RefusalCode},
};

/// What to do about a broken pattern.
pub(super) const PATTERN_HINT: &str =
    "patterns have Go's RE2 syntax, without look-around and back-references";

/// `context_matches` with its mode, for the environment that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextRule {
    /// RE2 regular expressions, each against the whole name; never empty.
    pub patterns: Vec<String>,
    /// Where each stands.
    pub places: Vec<Location>,
    /// Whether all must match (`and`) or one (`or`, the default).
    pub all: bool,
}

impl ContextRule {
    /// Whether the context of this name is allowed.
    ///
    /// Tazuna matches the whole name (its `pkg/kubecontext`): `prod` does not allow
    /// `preprod`, though the documentation has patterns such as `^kind-`.
    ///
    /// # Errors
    ///
    /// A pattern that is no regular expression, with its place.
    pub fn allows(&self, context: &str) -> Result<bool> {
        let unmatched = self.unmatched(context, whole)?;
        Ok(if self.all { unmatched.is_empty() } else { unmatched.len() < self.patterns.len() })
    }

    /// Why the context of this name is refused; `None` where it is allowed.
    ///
    /// # Errors
    ///
    /// As [`ContextRule::allows`].
    pub fn refusal(&self, context: &str) -> Result<Option<Refusal>> {
        if self.allows(context)? {
            return Ok(None);
        }
        let unmatched = self.unmatched(context, whole)?;
        let partly = self.unmatched(context, str::to_owned)?.len() < unmatched.len();
        let hint = if partly {
            "Tazuna matches a pattern against the whole name: allow more with `.*`, such as `prod-.*`"
        } else {
            "use the context of the cluster that this tazuna.yaml is for, or choose its environment with `-e`"
        };
        let which = if self.all { "" } else { "any of " };
        Ok(Some(Refusal {
            code: RefusalCode::ContextMismatch,
            message: format!(
                "`context_matches` does not allow the context `{context}`: it does not match {which}{}",
                listed(&unmatched)
            ),
            hint: Some(hint.to_owned()),
        }))
    }

    /// The first pattern that is no regular expression: which, and what is wrong with it.
    pub(super) fn broken(&self) -> Option<(usize, String)> {
        self.patterns.iter().enumerate().find_map(|(index, pattern)| {
            compile(pattern, whole).err().map(|error| (index, complaint(pattern, &error)))
        })
    }

    fn unmatched(&self, context: &str, form: fn(&str) -> String) -> Result<Vec<&str>> {
        let mut unmatched = Vec::new();
        for (index, pattern) in self.patterns.iter().enumerate() {
            let regex =
                compile(pattern, form).map_err(|error| self.invalid(index, pattern, &error))?;
            if !regex.is_match(context) {
                unmatched.push(pattern.as_str());
            }
        }
        Ok(unmatched)
    }

    fn invalid(&self, index: usize, pattern: &str, error: &regex::Error) -> Error {
        let place = self.places.get(index).map_or_else(String::new, |at| {
            format!("{}:{}:{}: ", at.file, at.line, at.column.unwrap_or(1))
        });
        Error::new(ErrorKind::Config, format!("{place}{}", complaint(pattern, error)))
            .hint(PATTERN_HINT)
    }
}

/// Compiles the pattern in a form. It must be one by itself too: `a)(b` is not, though it
/// is in brackets.
fn compile(pattern: &str, form: fn(&str) -> String) -> Result<Regex, regex::Error> {
    Regex::new(pattern).and_then(|_| Regex::new(&form(pattern)))
}

fn complaint(pattern: &str, error: &regex::Error) -> String {
    // The last line of the regex crate's message is the reason, the others draw it.
    let told = error.to_string();
    let reason = told.lines().last().unwrap_or_default().trim_start_matches("error: ");
    format!("`context_matches` holds `{pattern}`, which is no regular expression: {reason}")
}

fn whole(pattern: &str) -> String {
    format!("^(?:{pattern})$")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(patterns: &[&str], all: bool) -> ContextRule {
        let places = (1..=patterns.len())
            .map(|line| Location {
                file: "tazuna.yaml".into(),
                line: u32::try_from(line).expect("few patterns"),
                column: Some(5),
            })
            .collect();
        ContextRule { patterns: patterns.iter().map(|&p| p.into()).collect(), places, all }
    }

    #[test]
    fn one_is_enough_unless_all_must_match() {
        assert!(rule(&["prod", "stage"], false).allows("stage").expect("valid"));
        assert!(!rule(&["prod", "stage"], true).allows("stage").expect("valid"));
        assert!(rule(&["st.*", ".*ge"], true).allows("stage").expect("valid"));
        assert!(!rule(&["prod", "stage"], false).allows("dev").expect("valid"));
    }

    #[test]
    fn a_pattern_is_for_the_whole_name() {
        let rule = rule(&["prod"], false);
        assert!(!rule.allows("preprod-cluster").expect("valid"));
        let refusal = rule.refusal("prod-tokyo").expect("valid").expect("refused");
        assert!(refusal.message.contains("`prod-tokyo`"));
        assert!(refusal.hint.expect("a hint").contains("whole name"));
        let other = rule.refusal("dev").expect("valid").expect("refused");
        assert!(!other.hint.expect("a hint").contains("whole name"));
        assert_eq!(rule.refusal("prod").expect("valid"), None);
    }

    #[test]
    fn a_broken_pattern_is_told_with_its_place() {
        let error = rule(&["ok", "pro(d"], false).allows("prod").expect_err("broken");
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().starts_with("tazuna.yaml:2:5: "), "{error}");
        assert!(error.to_string().contains("unclosed group"), "{error}");
        assert!(rule(&["a)(b"], false).allows("ab").is_err());
    }
}
