//! GitHub's replies, as far as they are read.

use serde::Deserialize;

/// An issue.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Issue {
    pub number: u64,
    pub html_url: String,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    state: String,
    #[serde(default)]
    pub locked: bool,
    #[serde(default)]
    labels: Vec<Label>,
    #[serde(default)]
    user: Option<User>,
    #[serde(default)]
    author_association: String,
    #[serde(default)]
    pull_request: Option<serde::de::IgnoredAny>,
}

/// A comment of an issue.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Comment {
    #[serde(default)]
    pub body: Option<String>,
    #[serde(default)]
    user: Option<User>,
    #[serde(default)]
    author_association: String,
}

#[derive(Clone, Debug, Deserialize)]
struct User {
    #[serde(default)]
    login: String,
    #[serde(rename = "type", default)]
    kind: String,
}

/// GitHub's description allows both forms.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Label {
    Name(String),
    Whole {
        #[serde(default)]
        name: String,
    },
}

impl Issue {
    pub(super) fn body(&self) -> &str {
        self.body.as_deref().unwrap_or_default()
    }

    pub(super) fn is_open(&self) -> bool {
        self.state == "open"
    }

    /// The list of issues holds pull requests too.
    pub(super) fn is_pull_request(&self) -> bool {
        self.pull_request.is_some()
    }

    /// GitHub compares names without case.
    pub(super) fn has_label(&self, wanted: &str) -> bool {
        let names = self.labels.iter().map(|label| match label {
            Label::Name(name) | Label::Whole { name } => name,
        });
        names.into_iter().any(|name| name.to_lowercase() == wanted.to_lowercase())
    }

    pub(super) fn author(&self) -> &str {
        self.user.as_ref().map_or("", |user| &user.login)
    }

    pub(super) fn is_trusted(&self, author: Option<&str>) -> bool {
        is_trusted(self.user.as_ref(), &self.author_association, author)
    }
}

impl Comment {
    pub(super) fn is_trusted(&self, author: Option<&str>) -> bool {
        is_trusted(self.user.as_ref(), &self.author_association, author)
    }
}

/// A bot, someone who may write to the repository, or whom the caller names: anybody can
/// copy a marker into an issue of a public repository.
fn is_trusted(user: Option<&User>, association: &str, author: Option<&str>) -> bool {
    let named = |user: &User| author.is_some_and(|author| user.login.eq_ignore_ascii_case(author));
    matches!(association, "OWNER" | "MEMBER" | "COLLABORATOR")
        || user.is_some_and(|user| user.kind == "Bot" || named(user))
}
