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
    /// Adds an entry; one of the same name is replaced in its place.
    pub(crate) fn insert(&mut self, key: Key, value: Node) {
        if self.list.len() < INDEXED {
            match self.list.iter_mut().find(|(known, _)| known.name == key.name) {
                Some(entry) => *entry = (key, value),
                None => self.list.push((key, value)),
            }
            return;
        }
        if self.index.is_empty() {
            let names = self.list.iter().map(|(key, _)| key.name.clone());
            self.index = names.zip(0..).collect();
        }
        match self.index.get(&key.name) {
            Some(&at) => self.list[at] = (key, value),
            None => {
                self.index.insert(key.name.clone(), self.list.len());
                self.list.push((key, value));
            }
        }
    }

    pub(crate) fn into_list(self) -> Vec<(Key, Node)> {
        self.list
    }
}
