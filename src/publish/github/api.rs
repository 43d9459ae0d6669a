//! The requests that are made: one function each, with the words for when it fails.

use http::{Method, header};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{
    client::{GithubClient, Repeat, Reply},
    errors::Failure,
    model::{Comment, Issue},
};
use crate::error::Result;

const PER_PAGE: usize = 100;

/// Which issues to list.
#[derive(Clone, Copy)]
pub(super) enum Listing<'a> {
    /// Open ones with this label.
    Open(&'a str),
    /// Closed ones with this label.
    Closed(&'a str),
    /// Any by this author.
    By(&'a str),
}

/// An issue to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NewIssue {
    pub title: String,
    pub body: String,
    pub labels: Vec<String>,
    pub assignees: Vec<String>,
}

/// What changes at an issue; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Change {
    pub title: Option<String>,
    pub body: Option<String>,
    pub state: Option<NewState>,
}

/// Where an issue goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NewState {
    Completed,
    Duplicate,
    NotPlanned,
    Reopened,
}

impl GithubClient {
    /// Lists issues, at most so many pages of a hundred; pull requests are left out. The
    /// flag says whether there are more.
    pub(super) async fn issues(
        &self,
        listing: Listing<'_>,
        pages: usize,
    ) -> Result<(Vec<Issue>, bool)> {
        let which = match listing {
            Listing::Open(label) => format!("state=open&labels={}", encode(label)),
            Listing::Closed(label) => format!("state=closed&labels={}", encode(label)),
            Listing::By(login) => format!("state=all&creator={}", encode(login)),
        };
        let path = format!("/issues?{which}&per_page={PER_PAGE}");
        let what = format!("listing the issues of {}", self.repository());
        let (mut issues, more): (Vec<Issue>, bool) =
            self.pages(&path, pages).await.map_err(|failure| failure.about(&what))?;
        issues.retain(|issue| !issue.is_pull_request());
        Ok((issues, more))
    }

    /// Lists an issue's comments that are younger than `since`.
    pub(super) async fn comments(
        &self,
        number: u64,
        since: Option<Timestamp>,
    ) -> Result<Vec<Comment>, Failure> {
        let since = since.map(|since| format!("&since={}", encode(&since.to_string())));
        let path =
            format!("/issues/{number}/comments?per_page={PER_PAGE}{}", since.unwrap_or_default());
        Ok(self.pages(&path, 20).await?.0)
    }

    async fn pages<T: DeserializeOwned>(
        &self,
        path: &str,
        most: usize,
    ) -> Result<(Vec<T>, bool), Failure> {
        let mut all = Vec::new();
        for page in 1..=most {
            // The first page is asked for without a number, as everybody does.
            let number = if page == 1 { String::new() } else { format!("&page={page}") };
            let reply =
                self.send(Method::GET, &format!("{path}{number}"), None, Repeat::Freely).await?;
            let more = has_next(&reply);
            let rows: Vec<T> = parse(reply.json)?;
            let full = rows.len() >= PER_PAGE;
            all.extend(rows);
            if !more.unwrap_or(full) {
                return Ok((all, false));
            }
        }
        Ok((all, true))
    }

    /// Creates an issue. Not safe to repeat when nobody knows whether it arrived.
    pub(super) async fn create(&self, new: &NewIssue) -> Result<Issue, Failure> {
        let mut body = json!({ "title": new.title, "body": new.body, "labels": new.labels });
        if !new.assignees.is_empty() {
            body["assignees"] = json!(new.assignees);
        }
        let reply = self.send(Method::POST, "/issues", Some(&body), Repeat::IfRefused).await?;
        parse(reply.json)
    }

    /// Changes an issue.
    pub(super) async fn change(&self, number: u64, change: &Change) -> Result<(), Failure> {
        let mut body = json!({});
        if let Some(title) = &change.title {
            body["title"] = json!(title);
        }
        if let Some(text) = &change.body {
            body["body"] = json!(text);
        }
        if let Some(state) = change.state {
            let (state, reason) = match state {
                NewState::Completed => ("closed", "completed"),
                NewState::Duplicate => ("closed", "duplicate"),
                NewState::NotPlanned => ("closed", "not_planned"),
                NewState::Reopened => ("open", "reopened"),
            };
            body["state"] = json!(state);
            body["state_reason"] = json!(reason);
        }
        let path = format!("/issues/{number}");
        self.send(Method::PATCH, &path, Some(&body), Repeat::Freely).await.map(drop)
    }

    /// Closes an issue as a duplicate; an older GitHub Enterprise Server does not know that
    /// reason and hears "not planned".
    pub(super) async fn close_as_duplicate(
        &self,
        number: u64,
        body: String,
    ) -> Result<(), Failure> {
        let mut change = Change { title: None, body: Some(body), state: Some(NewState::Duplicate) };
        match self.change(number, &change).await {
            Err(failure) if failure.refuses_contents() => {
                change.state = Some(NewState::NotPlanned);
                self.change(number, &change).await
            }
            done => done,
        }
    }

    /// Comments. Not safe to repeat when nobody knows whether it arrived.
    pub(super) async fn comment(&self, number: u64, text: &str) -> Result<(), Failure> {
        let path = format!("/issues/{number}/comments");
        let body = json!({ "body": text });
        self.send(Method::POST, &path, Some(&body), Repeat::IfRefused).await.map(drop)
    }

    /// Whether the repository has a label.
    pub(super) async fn has_label(&self, name: &str) -> Result<bool, Failure> {
        let path = format!("/labels/{}", encode(name));
        match self.send(Method::GET, &path, None, Repeat::Freely).await {
            Ok(_) => Ok(true),
            Err(failure) if failure.status() == Some(404) => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// Creates a label; it does not matter when somebody else was faster.
    pub(super) async fn create_label(
        &self,
        name: &str,
        (color, description): (&str, &str),
    ) -> Result<(), Failure> {
        let mut body = json!({ "name": name, "color": color });
        if !description.is_empty() {
            body["description"] = json!(description);
        }
        match self.send(Method::POST, "/labels", Some(&body), Repeat::Freely).await {
            Err(failure) if !failure.already_exists() => Err(failure),
            _ => Ok(()),
        }
    }

    /// Gives an issue a label; the others stay.
    pub(super) async fn add_label(&self, number: u64, name: &str) -> Result<(), Failure> {
        let path = format!("/issues/{number}/labels");
        let body = json!({ "labels": [name] });
        self.send(Method::POST, &path, Some(&body), Repeat::Freely).await.map(drop)
    }

    /// Takes a label from an issue; it does not matter when it is gone already.
    pub(super) async fn remove_label(&self, number: u64, name: &str) -> Result<(), Failure> {
        let path = format!("/issues/{number}/labels/{}", encode(name));
        match self.send(Method::DELETE, &path, None, Repeat::Freely).await {
            Err(failure) if failure.status() != Some(404) => Err(failure),
            _ => Ok(()),
        }
    }
}

/// Whether the `Link` header names a next page; `None` without the header.
fn has_next(reply: &Reply) -> Option<bool> {
    let link = reply.headers.get(header::LINK)?.to_str().ok()?;
    Some(link.split(',').any(|part| part.contains("rel=\"next\"")))
}

fn parse<T: DeserializeOwned>(json: Value) -> Result<T, Failure> {
    serde_json::from_value(json).map_err(|error| Failure::Unreadable(error.to_string()))
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
