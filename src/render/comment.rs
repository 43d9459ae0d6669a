//! A comment on the issue: what is new, in one paragraph.

use minijinja::{context, value::Serde};
use serde::Serialize;

use super::{
    issue::Occasion,
    templates::{COMMENT, Rendered, Templates},
    view::{Link, Width, day, manifest_name, resource},
};
use crate::{
    domain::{DiffType, StateKey},
    report::{EntryTrend, PastEntry, Report},
};

/// Entries of one sort that a comment names; of the others it gives the number.
const NAMED: usize = 10;

/// One entry.
#[derive(Debug, Serialize)]
struct Item {
    diff_type: &'static str,
    kind: String,
    name: String,
    manifest: String,
}

impl Item {
    fn of(key: &StateKey, manifest: &str, diff_type: DiffType) -> Self {
        let (kind, name) = resource(key, Width::Full);
        Self {
            diff_type: diff_type.as_str(),
            kind,
            name,
            manifest: manifest_name(manifest, Width::Full),
        }
    }
}

/// Some entries by name, and how many more there are.
#[derive(Debug, Default, Serialize)]
struct Items {
    total: usize,
    named: Vec<Item>,
    more: usize,
}

impl Items {
    fn add(&mut self, item: impl FnOnce() -> Item) {
        self.total += 1;
        if self.named.len() < NAMED {
            self.named.push(item());
        } else {
            self.more += 1;
        }
    }

    fn of_past(entries: &[PastEntry]) -> Self {
        let mut items = Self::default();
        for entry in entries {
            items.add(|| Item::of(&entry.key, entry.key.manifest(), entry.diff_type));
        }
        items
    }
}

/// Everything a comment may tell.
#[derive(Debug, Serialize)]
struct News {
    occasion: &'static str,
    kept: Option<u64>,
    new_removed: Items,
    new: Items,
    changed: Items,
    cleared: Items,
    untracked: Items,
    unverified: Items,
    /// Kinds of what could not be looked for, as RBAC names them by kind and group.
    unverified_kinds: Vec<String>,
    unknown: usize,
    removed: usize,
    drift: usize,
    manifests: usize,
    drift_since: Option<String>,
    run: Option<Link>,
}

/// Renders a comment. Its length is bounded by the number of entries it names.
pub(super) fn render(report: &Report, occasion: &Occasion, templates: &Templates) -> Rendered {
    templates.render(COMMENT, &context! { c => Serde(news(report, occasion)) })
}

fn news(report: &Report, occasion: &Occasion) -> News {
    let (occasion, kept) = match occasion {
        Occasion::News => ("news", None),
        Occasion::Clear => ("clear", None),
        Occasion::Reopened => ("reopened", None),
        Occasion::Duplicate { kept } => ("duplicate", Some(*kept)),
    };
    let history = report.history.clone().unwrap_or_default();
    let mut news = News {
        occasion,
        kept,
        new_removed: Items::default(),
        new: Items::default(),
        changed: Items::default(),
        cleared: Items::of_past(&history.cleared),
        untracked: Items::of_past(&history.untracked),
        unverified: Items::of_past(&history.unverified),
        unverified_kinds: kinds(&history.unverified),
        unknown: history.unknown.len(),
        removed: report.totals.removed,
        drift: report.totals.drift,
        manifests: report.totals.manifests,
        drift_since: history.drift_since.map(day),
        run: Link::run(report),
    };
    for manifest in &report.manifests {
        for entry in manifest.entries.iter().filter(|entry| entry.diff_type.is_drift()) {
            let item = || Item::of(&entry.key, &manifest.name, entry.diff_type);
            match entry.trend {
                Some(EntryTrend::New) if entry.diff_type == DiffType::Removed => {
                    news.new_removed.add(item);
                }
                Some(EntryTrend::New) => news.new.add(item),
                Some(EntryTrend::Changed) => news.changed.add(item),
                Some(EntryTrend::Ongoing) | None => {}
            }
        }
    }
    news
}

/// `kind` or `kind.group`, each once, a few of them.
fn kinds(entries: &[PastEntry]) -> Vec<String> {
    let mut kinds: Vec<String> = entries
        .iter()
        .filter_map(|entry| entry.key.parts())
        .map(|parts| match parts.group {
            "" => parts.kind.to_owned(),
            group => format!("{}.{group}", parts.kind),
        })
        .map(|kind| super::escape::cut(&kind, 80))
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.truncate(NAMED);
    kinds
}
