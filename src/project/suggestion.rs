//! "Did you mean …?" for words that people misspell.

/// The candidate that `word` most likely stands for; `None` where nothing is close.
/// Letter case does not count.
pub(super) fn closest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let wanted = word.to_lowercase();
    candidates
        .iter()
        .map(|candidate| {
            (strsim::normalized_damerau_levenshtein(&wanted, &candidate.to_lowercase()), *candidate)
        })
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// `a`, `b` and `c`, each in backticks.
pub(super) fn listed<S: AsRef<str>>(words: &[S]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{}`", word.as_ref())).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_close_is_suggested() {
        let types = ["kustomize", "helmfile", "genesissecret", "oras"];
        assert_eq!(closest("kustomise", &types), Some("kustomize"));
        assert_eq!(closest("Kustomize", &types), Some("kustomize"));
        assert_eq!(closest("genesisSecret", &types), Some("genesissecret"));
        assert_eq!(closest("terraform", &types), None);
        assert_eq!(closest("", &types), None);
    }

    #[test]
    fn lists_read_as_a_sentence() {
        assert_eq!(listed(&["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(listed(&["a"]), "`a`");
    }
}
