//! What the caller decides about the issue.

use std::{fmt, str::FromStr};

use crate::{
    error::{Error, ErrorKind},
    render::issue::IssueOptions,
};

/// What the caller decides about the issue.
#[derive(Clone, Debug)]
pub struct IssueSettings {
    /// `--issue-repo`, or the workflow's repository.
    pub repository: RepositoryName,
    /// `--issue-author`: whom to trust besides bots and people with write access.
    pub author: Option<String>,
    /// `--issue-labels`.
    pub labels: Labels,
    /// `--issue-assignees`: of a new issue.
    pub assignees: Vec<String>,
    /// `--closed-issue`.
    pub closed_issue: ClosedIssue,
    /// `--dry-run`: only reads, and tells what would be written.
    pub dry_run: bool,
    /// What the words depend on.
    pub words: IssueOptions,
}

/// What happens when drift is back and the issue is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClosedIssue {
    /// It is opened again.
    #[default]
    Reopen,
    /// A new one is created that links it.
    Recreate,
}

/// `owner/name` of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryName {
    owner: String,
    name: String,
}

impl RepositoryName {
    /// The owner.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The name without the owner.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl FromStr for RepositoryName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let plain = |part: &str| {
            !part.is_empty()
                && !part.chars().all(|c| c == '.')
                && part.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
        };
        match text.split_once('/') {
            Some((owner, name)) if plain(owner) && plain(name) => {
                Ok(Self { owner: owner.to_owned(), name: name.to_owned() })
            }
            _ => Err(Error::new(
                ErrorKind::Usage,
                format!("`{}` is no repository", text.escape_debug()),
            )
            .hint("write owner/name, such as acme/infra")),
        }
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

/// Labels of the issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    /// Issues are found by this one.
    pub finding: String,
    /// There while anything is `removed`.
    pub removed: String,
    /// Given to a new issue, and then left alone.
    pub more: Vec<String>,
}

impl Labels {
    /// The first name is the label that issues are found by; with `:removed` after it, it
    /// marks issues where something is removed. The other names are given to new issues.
    ///
    /// # Errors
    /// A name that GitHub would not take (longer than 50 characters with `:removed`, a
    /// comma, nothing at all).
    pub fn from_names(names: &[String]) -> Result<Self, Error> {
        let mut names = names.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
        let finding = names.next().ok_or_else(|| {
            Error::new(ErrorKind::Usage, "no label is given for the issue")
                .hint("issues are found by their label: name one with --issue-labels")
        })?;
        let removed = format!("{finding}:removed");
        let more: Vec<String> = names.filter(|name| *name != removed).map(str::to_owned).collect();
        for name in more.iter().chain([&removed]) {
            if name.chars().count() > 50 || name.contains(',') || name.chars().any(char::is_control)
            {
                return Err(Error::new(
                    ErrorKind::Usage,
                    format!("`{}` cannot be a label", name.escape_debug()),
                )
                .hint("GitHub takes at most 50 characters, and no comma"));
            }
        }
        Ok(Self { finding: finding.to_owned(), removed, more })
    }
}

impl Default for Labels {
    fn default() -> Self {
        Self { finding: "drift".to_owned(), removed: "drift:removed".to_owned(), more: Vec::new() }
    }
}
