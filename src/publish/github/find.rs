//! Finds the issue of a target: by label and marker, and only then further away.

use super::{
    api::Listing,
    client::GithubClient,
    hidden::PendingEvent,
    marker::{Marker, event_comment},
    model::{Comment, Issue},
    settings::IssueSettings,
};
use crate::{error::Result, report::Warning};

/// Ten thousand open issues with the label are more than anybody has.
const OPEN_PAGES: usize = 100;
/// How far back closed issues are looked through.
const EARLIER_PAGES: usize = 10;

/// Issues of a target.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Ours, the lowest number first.
    pub ours: Vec<Issue>,
    /// One of the same target on another cluster.
    pub other_cluster: Option<(Issue, Marker)>,
    /// Issues that carry the marker and whose author is not trusted.
    pub warnings: Vec<Warning>,
}

/// Sorts issues by whose they are.
pub(super) fn sort_out(issues: Vec<Issue>, marker: &Marker, settings: &IssueSettings) -> Found {
    let mut found = Found::default();
    for issue in issues {
        let Some(its) = Marker::find(issue.body()).filter(|its| its.target == marker.target) else {
            continue;
        };
        if !issue.is_trusted(settings.author.as_deref()) {
            found.warnings.push(
                Warning::new(
                    "untrusted-issue",
                    format!(
                        "issue #{} carries the marker of this target, but its author `{}` is \
                         neither a bot nor has write access: it is ignored",
                        issue.number,
                        issue.author()
                    ),
                )
                .hint("if this program wrote it, name the account with --issue-author"),
            );
        } else if its.is_other_cluster(marker) {
            found.other_cluster = Some((issue, its));
        } else {
            found.ours.push(issue);
        }
    }
    found.ours.sort_by_key(|issue| issue.number);
    found
}

/// Open issues of the target: one request, unless more than a hundred carry the label.
pub(super) async fn open(
    client: &GithubClient,
    marker: &Marker,
    settings: &IssueSettings,
) -> Result<Found> {
    let (issues, _) = client.issues(Listing::Open(&settings.labels.finding), OPEN_PAGES).await?;
    Ok(sort_out(issues, marker, settings))
}

/// Before one is created: closed issues with the label, then any by the same author, so
/// that a removed label or a closed issue makes no duplicate.
pub(super) async fn earlier(
    client: &GithubClient,
    marker: &Marker,
    settings: &IssueSettings,
) -> Result<Found> {
    let label = &settings.labels.finding;
    let (issues, _) = client.issues(Listing::Closed(label), EARLIER_PAGES).await?;
    let mut found = sort_out(issues, marker, settings);
    if !found.ours.is_empty() || found.other_cluster.is_some() {
        return Ok(found);
    }
    let login = settings.author.as_deref().unwrap_or(&client.login);
    let (issues, _) = client.issues(Listing::By(login), EARLIER_PAGES).await?;
    let further = sort_out(issues, marker, settings);
    found.ours = further.ours;
    found.other_cluster = further.other_cluster;
    for warning in further.warnings {
        if !found.warnings.contains(&warning) {
            found.warnings.push(warning);
        }
    }
    Ok(found)
}

/// Whether the comment of an event is there.
pub(super) async fn is_posted(
    client: &GithubClient,
    number: u64,
    event: &PendingEvent,
    settings: &IssueSettings,
) -> Result<bool> {
    // A day earlier: this machine's clock may be ahead of GitHub's.
    let since = event.at - jiff::SignedDuration::from_hours(24);
    let what = format!("listing the comments of issue #{number}");
    let comments =
        client.comments(number, Some(since)).await.map_err(|failure| failure.about(&what))?;
    Ok(tells(&comments, &event.id, settings))
}

/// Whether one of our comments tells this event.
pub(super) fn tells(comments: &[Comment], id: &str, settings: &IssueSettings) -> bool {
    let sign = event_comment(id);
    comments.iter().any(|comment| {
        comment.body.as_deref().is_some_and(|body| body.contains(&sign))
            && comment.is_trusted(settings.author.as_deref())
    })
}
