//! The State key: how Tazuna names one object of one Manifest.

use std::{borrow::Cow, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `manifest/group/version/kind/namespace/name`; cluster-scoped objects have no
/// `namespace/`; the core group is empty (`web//v1/Secret/ns/name`).
///
/// Ordered by bytes, as Tazuna sorts its rows. Tazuna does not escape what it joins, so a
/// key read back from State may differ from the one that was written (a name that holds
/// `__`); it is kept as it is.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct StateKey(String);

/// The segments of a [`StateKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyParts<'a> {
    /// Name of the Manifest.
    pub manifest: &'a str,
    /// API group; empty for the core group.
    pub group: &'a str,
    /// API version, without the group.
    pub version: &'a str,
    /// Kind as in the object.
    pub kind: &'a str,
    /// Namespace; `None` for an object without one.
    pub namespace: Option<&'a str>,
    /// Name of the object.
    pub name: &'a str,
}

impl StateKey {
    /// Joins the parts as Tazuna does.
    pub fn new(parts: KeyParts<'_>) -> Self {
        let KeyParts { manifest, group, version, kind, namespace, name } = parts;
        match namespace {
            None | Some("") => Self(format!("{manifest}/{group}/{version}/{kind}/{name}")),
            Some(namespace) => {
                Self(format!("{manifest}/{group}/{version}/{kind}/{namespace}/{name}"))
            }
        }
    }

    /// Takes a key that is already joined, as saved output and reports hold it.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Decodes a `data` key of a State ConfigMap, where `/` is written `__`.
    pub fn from_config_map_key(key: &str) -> Self {
        Self(key.replace("__", "/"))
    }

    /// The whole key.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The Manifest's name: everything before the first `/`.
    pub fn manifest(&self) -> &str {
        self.0.split_once('/').map_or(self.0.as_str(), |(manifest, _)| manifest)
    }

    /// What `tazuna state diff` prints in RESOURCE: the key without the Manifest, or the
    /// whole key where it has too few segments to be one.
    pub fn resource(&self) -> Cow<'_, str> {
        match self.parts() {
            None => Cow::Borrowed(&self.0),
            // A namespace that is there and empty is not printed.
            Some(KeyParts { namespace: Some(""), group, version, kind, name, .. }) => {
                Cow::Owned(format!("{group}/{version}/{kind}/{name}"))
            }
            Some(parts) => Cow::Borrowed(&self.0[parts.manifest.len() + 1..]),
        }
    }

    /// The segments, or `None` where there are fewer than five. As in Tazuna everything
    /// from the sixth one on is the name.
    pub fn parts(&self) -> Option<KeyParts<'_>> {
        let mut segments = self.0.splitn(6, '/');
        let (manifest, group, version, kind, fifth) = (
            segments.next()?,
            segments.next()?,
            segments.next()?,
            segments.next()?,
            segments.next()?,
        );
        let (namespace, name) = match segments.next() {
            None => (None, fifth),
            Some(name) => (Some(fifth), name),
        };
        Some(KeyParts { manifest, group, version, kind, namespace, name })
    }
}

impl fmt::Display for StateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaced_and_cluster_scoped_keys_read_back() {
        let key = StateKey::from_text("web/apps/v1/Deployment/shop/front");
        let parts = key.parts().unwrap();
        assert_eq!((parts.manifest, parts.group, parts.kind), ("web", "apps", "Deployment"));
        assert_eq!((parts.namespace, parts.name), (Some("shop"), "front"));
        assert_eq!(StateKey::new(parts), key);

        let key = StateKey::from_text("m//v1/Namespace/shop");
        let parts = key.parts().unwrap();
        assert_eq!((parts.group, parts.namespace, parts.name), ("", None, "shop"));
        assert_eq!(StateKey::new(parts), key);
        assert_eq!(key.resource(), "/v1/Namespace/shop");
    }

    #[test]
    fn a_double_underscore_in_a_name_decodes_to_another_key_as_in_tazuna() {
        let key = StateKey::from_config_map_key("m____v1__ConfigMap__ns__a__b");
        assert_eq!(key.as_str(), "m//v1/ConfigMap/ns/a/b");
        assert_eq!(key.parts().map(|parts| parts.name), Some("a/b"));
        assert_eq!(key.manifest(), "m");
    }

    #[test]
    fn odd_keys_are_printed_as_tazuna_prints_them() {
        let resource = |key: &str| StateKey::from_text(key).resource().into_owned();
        assert_eq!(resource("m//v1/ConfigMap/ns/a/b"), "/v1/ConfigMap/ns/a/b");
        assert_eq!(resource("m//v1/ConfigMap//a"), "/v1/ConfigMap/a");
        assert_eq!(resource("m/v1/ConfigMap/a"), "m/v1/ConfigMap/a");
        assert_eq!(resource("m"), "m");
    }
}
