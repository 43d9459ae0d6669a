//! Whose an orphaned State is, from the commit it was applied from.

use std::collections::BTreeSet;

use super::is_commit_id;
use crate::report::Ownership;

/// Whether an orphaned State belongs to this repository.
///
/// - `orphan_commit`: the commit that State says it was applied from.
/// - `known`: the commits that this repository knows, as
///   [`Repo::knows_commits`](super::Repo::knows_commits) gives them.
/// - `declared_state_commits`: the commits in State of the Manifests declared here.
/// - `shallow`, `has_repo`: whether the clone lacks history; whether there is one.
///
/// *Ours* when the commit is known. *Foreign* only when a full clone knows the commit of
/// every State of its own Manifests, of one at least, and not this one: then the lack of
/// it means something (a rewritten history would have lost the others as well).
pub fn ownership(
    orphan_commit: Option<&str>,
    known: &BTreeSet<String>,
    declared_state_commits: &[&str],
    shallow: bool,
    has_repo: bool,
) -> Ownership {
    let Some(commit) = orphan_commit.filter(|commit| has_repo && is_commit_id(commit)) else {
        return Ownership::Unknown;
    };
    if known.contains(commit) {
        return Ownership::Ours;
    }
    let knows_its_own = !declared_state_commits.is_empty()
        && declared_state_commits.iter().all(|commit| known.contains(*commit));
    if knows_its_own && !shallow { Ownership::Foreign } else { Ownership::Unknown }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "1111111111111111111111111111111111111111";
    const ALSO_OURS: &str = "2222222222222222222222222222222222222222";
    const LOST: &str = "3333333333333333333333333333333333333333";

    #[test]
    fn evidence_decides() {
        use Ownership::{Foreign, Ours, Unknown};
        let known = BTreeSet::from([OURS.to_owned(), ALSO_OURS.to_owned()]);
        let full = (false, true);
        let shallow = (true, true);
        let no_repo = (false, false);
        for (case, commit, declared, (shallow, has_repo), expected) in [
            ("known", Some(OURS), &[][..], full, Ours),
            ("known in a shallow clone", Some(OURS), &[], shallow, Ours),
            ("known, but no repository now", Some(OURS), &[OURS], no_repo, Unknown),
            ("unknown, all others known", Some(LOST), &[OURS, ALSO_OURS], full, Foreign),
            ("unknown, nothing to measure by", Some(LOST), &[], full, Unknown),
            ("unknown, as one of our own", Some(LOST), &[OURS, "f00"], full, Unknown),
            ("unknown, own State without commit", Some(LOST), &[OURS, ""], full, Unknown),
            ("unknown, shallow", Some(LOST), &[OURS], shallow, Unknown),
            ("no repository", Some(LOST), &[OURS], no_repo, Unknown),
            ("no commit", None, &[OURS], full, Unknown),
            ("empty commit", Some(""), &[OURS], full, Unknown),
            ("short commit", Some("3333333"), &[OURS], full, Unknown),
            ("not hex", Some("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"), &[OURS], full, Unknown),
        ] {
            assert_eq!(ownership(commit, &known, declared, shallow, has_repo), expected, "{case}");
        }
    }
}
