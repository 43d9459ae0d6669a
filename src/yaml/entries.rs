//! The entries of a mapping under construction: no key twice, the last one wins.

use std::collections::HashMap;

use super::{Key, Node};

/// From this size on a key is looked up by hash, so that no mapping is quadratic.
const INDEXED: usize = 16;

/// Entries in the order of the text.
#[derive(Default)]
pub(crate) struct Entries {
    list: Vec<(Key, Node)>,
    index: HashMap<String, usize>,
}

impl Entries {
    /// Adds an entry; one of the same name is replaced in its place. Tells whether the
    /// name is new.
    pub(crate) fn insert(&mut self, key: Key, value: Node) -> bool {
        let known = if self.list.len() < INDEXED {
            self.list.iter().position(|(known, _)| known.name == key.name)
        } else {
            if self.index.is_empty() {
                let names = self.list.iter().map(|(key, _)| key.name.clone());
                self.index = names.zip(0..).collect();
            }
            let known = self.index.get(&key.name).copied();
            if known.is_none() {
                self.index.insert(key.name.clone(), self.list.len());
            }
            known
        };
        match known {
            Some(at) => self.list[at] = (key, value),
            None => self.list.push((key, value)),
        }
        known.is_none()
    }

    pub(crate) fn into_list(self) -> Vec<(Key, Node)> {
        self.list
    }
}
