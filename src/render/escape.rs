//! The one home of escaping: nothing from a cluster, a repository or a config reaches
//! Markdown, a shell command, a URL or a log line without passing here.

mod markdown;
mod shell;
mod url;
mod visible;
mod workflow;

use std::fmt;

pub use markdown::{cell, code, fence, html_comment, message, text};
pub use shell::shell_word;
pub use url::{link, web_address};
pub use visible::{cost_of, cut, units, visible};
pub use workflow::{workflow_data, workflow_property};

/// Text that is safe where it stands: it was escaped here, or it is our own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Escaped(String);

impl Escaped {
    /// Our own words, which need no escaping.
    pub fn own(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// The text as it may be written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Gives the text away.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Escaped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
