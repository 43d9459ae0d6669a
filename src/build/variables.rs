//! What the environment holds, as a value, so that a Build never reads it by itself.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt::{Debug, Formatter, Result},
    sync::Arc,
};

/// Environment variables by name. Never printed: some are secrets.
#[derive(Clone, Default)]
pub struct Variables(Arc<BTreeMap<String, String>>);

impl Variables {
    /// From pairs such as [`std::env::vars_os`] gives. What is not UTF-8 is read as well as
    /// it can be.
    pub fn new(pairs: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let text = |text: OsString| text.to_string_lossy().into_owned();
        Self(Arc::new(pairs.into_iter().map(|(name, value)| (text(name), text(value))).collect()))
    }

    /// The value of a variable; empty is a value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl Debug for Variables {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "Variables({})", self.0.len())
    }
}
