//! One State ConfigMap → [`ManifestState`]. Pure.

use std::{collections::BTreeMap, fmt};

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::{CONFIG_MAP_PREFIX, DamagedEntry, ManifestState};
use crate::{
    domain::{ContentHash, StateKey},
    report::StateMetadata,
};

/// The data key that holds no object but the State's own facts.
const METADATA_KEY: &str = "_metadata";

/// The Manifest whose State a ConfigMap of this name holds, or `None` for a ConfigMap
/// that is not State.
pub fn manifest_of(config_map: &str) -> Option<&str> {
    config_map.strip_prefix(CONFIG_MAP_PREFIX).filter(|manifest| !manifest.is_empty())
}

/// Reads the `data` of one State ConfigMap.
///
/// Tazuna reads a value with Go's encoding/json and fails where that fails; so does this,
/// but for the one Manifest. A State key keeps the Manifest that the data key names, even
/// where it is not the ConfigMap's: Tazuna compares keys as they stand.
pub fn parse(name: &str, data: &BTreeMap<String, String>) -> ManifestState {
    let mut metadata = StateMetadata::default();
    let mut entries = Ok(BTreeMap::new());
    for (data_key, value) in data {
        if data_key == METADATA_KEY {
            match string_fields(value, ["gitCommitHash", "lastSyncedAt"]) {
                Ok([commit, time]) => {
                    metadata.git_commit_hash = Some(commit).filter(|text| !text.is_empty());
                    metadata.last_synced_at = Some(time).filter(|text| !text.is_empty());
                }
                Err(problem) => entries = Err(damaged(data_key, problem)),
            }
            continue;
        }
        // The first damage is told; the rest is still read for `_metadata`.
        let Ok(good) = &mut entries else { continue };
        match string_fields(value, ["contentHash"]) {
            Ok([hash]) => {
                good.insert(StateKey::from_config_map_key(data_key), ContentHash::from_text(hash));
            }
            Err(problem) => entries = Err(damaged(data_key, problem)),
        }
    }
    ManifestState { config_map: name.to_owned(), metadata, entries }
}

fn damaged(data_key: &str, problem: String) -> DamagedEntry {
    DamagedEntry { data_key: data_key.to_owned(), problem }
}

/// The named string fields of a JSON object as Go's encoding/json puts them in a struct:
/// keys match whatever their case, the last one wins, other fields are ignored, what is
/// missing or `null` stays empty; anything else is an error.
fn string_fields<const N: usize>(text: &str, names: [&str; N]) -> Result<[String; N], String> {
    let mut json = serde_json::Deserializer::from_str(text);
    let fields = Fields(names).deserialize(&mut json).map_err(|error| error.to_string())?;
    json.end().map_err(|error| error.to_string())?;
    Ok(fields)
}

struct Fields<'n, const N: usize>([&'n str; N]);

impl<'de, const N: usize> DeserializeSeed<'de> for Fields<'_, N> {
    type Value = [String; N];

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, const N: usize> Visitor<'de> for Fields<'_, N> {
    type Value = [String; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with the string {}", self.0.join(" and "))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(std::array::from_fn(|_| String::new()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = std::array::from_fn(|_| String::new());
        while let Some(key) = map.next_key::<String>()? {
            match self.0.iter().position(|name| same_when_folded(name, &key)) {
                Some(index) => {
                    if let Some(text) = map.next_value_seed(OptionalText)? {
                        values[index] = text;
                    }
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(values)
    }
}

struct OptionalText;

impl<'de> DeserializeSeed<'de> for OptionalText {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        Option::deserialize(deserializer)
    }
}

/// Go's fold of object keys: ASCII case, and the two other letters whose simple folding
/// is an ASCII letter (long s, Kelvin sign).
fn same_when_folded(a: &str, b: &str) -> bool {
    fn folded(text: &str) -> impl Iterator<Item = char> {
        text.chars().map(|c| match c {
            '\u{17f}' => 's',
            '\u{212a}' => 'k',
            c => c.to_ascii_lowercase(),
        })
    }
    folded(a).eq(folded(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(data: &[(&str, &str)]) -> ManifestState {
        let data = data.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        parse("tazuna-state-web", &data)
    }

    fn hash_of(value: &str) -> Result<String, String> {
        let state = state(&[("web____v1__Secret__ns__a", value)]);
        match state.entries {
            Ok(entries) => Ok(entries.into_values().next().unwrap().to_string()),
            Err(damage) => {
                assert_eq!(damage.data_key, "web____v1__Secret__ns__a");
                Err(damage.problem)
            }
        }
    }

    #[test]
    fn only_named_state_config_maps_are_state() {
        assert_eq!(manifest_of("tazuna-state-web"), Some("web"));
        assert_eq!(manifest_of("tazuna-state-"), None);
        assert_eq!(manifest_of("kube-root-ca.crt"), None);
    }

    #[test]
    fn entries_and_metadata_are_read() {
        let state = state(&[
            ("_metadata", r#"{"gitCommitHash":"abc","lastSyncedAt":"2026-01-02T03:04:05Z"}"#),
            ("web__apps__v1__Deployment__shop__front", r#"{"contentHash":"f00"}"#),
            ("other____v1__Namespace__shop", r#"{"contentHash":"ba5"}"#),
        ]);
        assert_eq!(state.metadata.git_commit_hash.as_deref(), Some("abc"));
        assert_eq!(state.metadata.last_synced_at.as_deref(), Some("2026-01-02T03:04:05Z"));
        let keys: Vec<_> = state.entries.unwrap().into_keys().map(|key| key.to_string()).collect();
        assert_eq!(keys, ["other//v1/Namespace/shop", "web/apps/v1/Deployment/shop/front"]);
    }

    #[test]
    fn empty_metadata_says_nothing() {
        for value in ["{}", "null", r#"{"gitCommitHash":"","lastSyncedAt":null}"#] {
            let state = state(&[("_metadata", value)]);
            assert_eq!(state.metadata, StateMetadata::default());
            assert_eq!(state.entries, Ok(BTreeMap::new()));
        }
    }

    #[test]
    fn values_decode_as_in_go() {
        let good = [
            (r#"{"contentHash":"a"}"#, "a"),
            (r#" { "CONTENTHASH" : "a" } "#, "a"),
            ("{\"contentHa\u{17f}h\":\"a\"}", "a"),
            (r#"{"contentHash":"a","contenthash":"b"}"#, "b"),
            (r#"{"contentHash":"a","contentHash":null}"#, "a"),
            (r#"{"other":[1,{"contentHash":"x"}],"contentHash":"a"}"#, "a"),
            ("{}", ""),
            ("null", ""),
        ];
        for (value, hash) in good {
            assert_eq!(hash_of(value).as_deref(), Ok(hash), "{value}");
        }
        let bad =
            ["", "{", "[]", "\"a\"", "1", "{\"contentHash\":5}", "{\"contentHash\":{}}", "{} x"];
        for value in bad {
            assert!(hash_of(value).is_err(), "{value}");
        }
    }

    #[test]
    fn damage_names_the_data_key_and_keeps_the_metadata() {
        let state = state(&[
            ("_metadata", r#"{"gitCommitHash":"abc"}"#),
            ("web____v1__Secret__a", r#"{"contentHash":"1"}"#),
            ("web____v1__Secret__b", "<<<<<<< HEAD"),
        ]);
        assert_eq!(state.metadata.git_commit_hash.as_deref(), Some("abc"));
        let damage = state.entries.unwrap_err();
        assert_eq!(damage.data_key, "web____v1__Secret__b");
        assert!(damage.problem.contains("line 1 column 1"), "{}", damage.problem);
    }

    #[test]
    fn damaged_metadata_damages_the_state_as_in_tazuna() {
        let state = state(&[("_metadata", "{"), ("web____v1__Secret__a", "{}")]);
        assert_eq!(state.entries.unwrap_err().data_key, "_metadata");
    }
}
