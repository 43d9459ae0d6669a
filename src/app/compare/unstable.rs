//! Charts that render differently every time: what can never agree with State is told
//! apart from drift.

use std::{collections::BTreeMap, path::Path, time::Duration};

use crate::{
    build::{BuildOptions, Built, BuiltObject, Silent, build_all},
    domain::{ContentHash, DiffType, StateKey},
    project::{Backend, Manifest},
    report::{ManifestReport, Warning},
};

/// Most objects that a warning names.
const MOST_NAMED: usize = 5;

/// Two renderings that are further apart than this see another second on the clock.
const APART: Duration = Duration::from_millis(1_100);

/// Builds the Manifests that Helm renders and that look modified a second time, and takes
/// what differs between the two out of their entries. Says whether it built anything.
pub(super) async fn set_apart(
    root: &Path,
    manifests: &[&Manifest],
    options: &BuildOptions,
    built: &[Built],
    reports: &mut [ManifestReport],
) -> bool {
    let suspects: Vec<usize> = (0..manifests.len())
        .filter(|&at| is_helm(manifests[at]) && is_suspect(&reports[at]))
        .collect();
    if suspects.is_empty() {
        return false;
    }
    tokio::time::sleep(APART).await;
    let again: Vec<&Manifest> = suspects.iter().map(|&at| manifests[at]).collect();
    let again = build_all(root, &again, options, &Silent).await;
    for (&at, second) in suspects.iter().zip(&again.built) {
        // Where it fails now, nothing is known of it: the entries stay as they are.
        if let (Ok(first), Ok(second)) = (&built[at].objects, &second.objects) {
            take_out(&mut reports[at], &differing(first, second));
        }
    }
    true
}

/// One warning for each Manifest with unstable objects.
pub(super) fn warnings(reports: &[ManifestReport]) -> impl Iterator<Item = Warning> + '_ {
    reports.iter().filter(|report| !report.unstable.is_empty()).map(|report| {
        let count = report.unstable.len();
        let named: Vec<_> =
            report.unstable.iter().take(MOST_NAMED).map(StateKey::resource).collect();
        let more = count.saturating_sub(MOST_NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let message = match count {
            1 => format!("unstable output, not counted as drift: {} renders differently every time", named[0]),
            _ => format!(
                "unstable output, not counted as drift: {count} objects render differently every \
                 time: {}{more}",
                named.join(", ")
            ),
        };
        Warning::new("unstable-output", message).about(&report.name).hint(
            "the chart makes up something (a password, a certificate, the time): give it as a value",
        )
    })
}

fn is_helm(manifest: &Manifest) -> bool {
    matches!(manifest.backend, Backend::Helmfile(_) | Backend::Oras(_))
}

/// A generated name makes an object come and go, so that it reads added and removed.
fn is_suspect(report: &ManifestReport) -> bool {
    report.count(DiffType::Modified) > 0
        || (report.count(DiffType::Added) > 0 && report.count(DiffType::Removed) > 0)
}

/// The objects that two renderings do not have alike, sorted. Of what only the second has
/// there is no entry.
fn differing(first: &[BuiltObject], second: &[BuiltObject]) -> Vec<StateKey> {
    let second: BTreeMap<&StateKey, &Option<ContentHash>> =
        second.iter().map(|object| (&object.key, &object.hash)).collect();
    let differs = |object: &&BuiltObject| second.get(&object.key) != Some(&&object.hash);
    let mut keys: Vec<StateKey> =
        first.iter().filter(differs).map(|object| object.key.clone()).collect();
    keys.sort_unstable();
    keys
}

fn take_out(report: &mut ManifestReport, keys: &[StateKey]) {
    let is_unstable = |diff_type| matches!(diff_type, DiffType::Modified | DiffType::Added);
    report
        .entries
        .retain(|entry| !is_unstable(entry.diff_type) || keys.binary_search(&entry.key).is_err());
    report.unstable = keys.to_vec();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::diff;

    fn objects(objects: &[(&str, &str)]) -> Vec<BuiltObject> {
        let object = |(name, hash): &(&str, &str)| BuiltObject {
            key: StateKey::from_text(format!("m//v1/Secret/ns/{name}")),
            hash: Some(ContentHash::from_text(*hash)),
        };
        objects.iter().map(object).collect()
    }

    #[test]
    fn only_what_differs_between_two_renderings_is_set_apart() {
        let first = objects(&[("changed", "2"), ("job-x1", "1"), ("new", "1"), ("random", "8")]);
        let second = objects(&[("changed", "2"), ("job-x2", "1"), ("new", "1"), ("random", "9")]);
        let state = objects(&[("changed", "1"), ("job-x0", "1"), ("random", "7")]);
        let state = state.into_iter().map(|o| (o.key, o.hash.unwrap())).collect();
        let mut report = ManifestReport::compared("m", diff(&first, &state));
        assert!(is_suspect(&report));
        take_out(&mut report, &differing(&first, &second));
        let names = |keys: Vec<&StateKey>| {
            keys.iter()
                .map(|key| key.as_str().rsplit('/').next().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(report.unstable.iter().collect()), ["job-x1", "random"]);
        assert_eq!(
            names(report.entries.iter().map(|entry| &entry.key).collect()),
            ["new", "changed", "job-x0"]
        );
    }

    #[test]
    fn a_first_apply_is_not_rendered_twice() {
        let report = ManifestReport::compared("m", diff(&objects(&[("a", "1")]), &BTreeMap::new()));
        assert!(!is_suspect(&report));
    }
}
