//! Build × State → entries. Pure.

use std::collections::BTreeMap;

use crate::{
    build::BuiltObject,
    domain::{ContentHash, DiffType, StateKey},
    report::Entry,
};

/// Compares what a Manifest would build with what State holds of it.
///
/// `objects` must not hold a key twice. The entries come sorted by Diff type, then key,
/// as Tazuna prints them.
pub fn diff(objects: &[BuiltObject], state: &BTreeMap<StateKey, ContentHash>) -> Vec<Entry> {
    let mut built: Vec<&StateKey> = objects.iter().map(|object| &object.key).collect();
    built.sort_unstable();
    let mut entries: Vec<Entry> = objects
        .iter()
        .filter_map(|object| {
            let old = state.get(&object.key);
            let diff_type = match (&object.hash, old) {
                (None, _) => DiffType::AlwaysSync,
                (Some(_), None) => DiffType::Added,
                (Some(new), Some(old)) if new != old => DiffType::Modified,
                (Some(_), Some(_)) => return None,
            };
            let old = (diff_type == DiffType::Modified).then(|| old.cloned()).flatten();
            Some(entry(&object.key, diff_type, old, object.hash.clone()))
        })
        .collect();
    entries.extend(
        state
            .iter()
            .filter(|(key, _)| built.binary_search(key).is_err())
            .map(|(key, hash)| entry(key, DiffType::Removed, Some(hash.clone()), None)),
    );
    entries.sort_by(|a, b| (a.diff_type, &a.key).cmp(&(b.diff_type, &b.key)));
    entries
}

fn entry(
    key: &StateKey,
    diff_type: DiffType,
    old_hash: Option<ContentHash>,
    new_hash: Option<ContentHash>,
) -> Entry {
    Entry { key: key.clone(), diff_type, old_hash, new_hash, first_seen: None, trend: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(key: &str, hash: Option<&str>) -> BuiltObject {
        BuiltObject { key: StateKey::from_text(key), hash: hash.map(ContentHash::from_text) }
    }

    #[test]
    fn each_object_gets_the_type_tazuna_gives_it_in_tazunas_order() {
        let objects = [
            object("m//v1/ConfigMap/z", Some("1")),
            object("m//v1/ConfigMap/new", Some("1")),
            object("m//v1/ConfigMap/changed", Some("2")),
            object("m//v1/ConfigMap/same", Some("1")),
        ];
        let state = ["changed", "gone", "same", "z"]
            .map(|name| (StateKey::from_text(format!("m//v1/ConfigMap/{name}")), "1"))
            .map(|(key, hash)| (key, ContentHash::from_text(hash)));
        let entries = diff(&objects, &BTreeMap::from(state));
        let rows: Vec<String> = entries
            .iter()
            .map(|e| {
                let hash = |hash: &Option<ContentHash>| {
                    hash.as_ref().map_or("-".to_owned(), ToString::to_string)
                };
                let (old, new) = (hash(&e.old_hash), hash(&e.new_hash));
                format!("{} {} {old} {new}", e.diff_type, e.key.resource())
            })
            .collect();
        assert_eq!(
            rows,
            [
                "added /v1/ConfigMap/new - 1",
                "modified /v1/ConfigMap/changed 1 2",
                "removed /v1/ConfigMap/gone 1 -",
            ]
        );
    }

    #[test]
    fn an_object_that_is_never_fetched_is_always_sync_whatever_state_holds() {
        let key = StateKey::from_text("s//v1/Secret/ns/token");
        let objects = [object(key.as_str(), None)];
        for state in [BTreeMap::new(), BTreeMap::from([(key, ContentHash::from_text("1"))])] {
            let entries = diff(&objects, &state);
            assert_eq!(entries.len(), 1);
            assert_eq!(entries[0].diff_type, DiffType::AlwaysSync);
            assert_eq!(entries[0].old_hash, None);
        }
    }
}
