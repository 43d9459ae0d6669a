//! The labels' colours and descriptions, and which of them an issue lacks.

use super::{model::Issue, settings::Labels};

/// Colour (six hex digits) and description (at most 100 characters) of a label that has
/// to be created.
pub(super) fn appearance(labels: &Labels, name: &str) -> (&'static str, &'static str) {
    if name == labels.removed {
        ("b60205", "Resources left Tazuna and may still run in the cluster")
    } else if name == labels.finding {
        ("d4a72c", "The cluster is not what tazuna.yaml says")
    } else {
        ("ededed", "")
    }
}

/// All labels of a new issue.
pub(super) fn of_new(labels: &Labels, removed: bool) -> Vec<String> {
    let marked = removed.then(|| labels.removed.clone());
    [labels.finding.clone()].into_iter().chain(marked).chain(labels.more.iter().cloned()).collect()
}

/// Labels that an issue lacks.
pub(super) fn missing(labels: &Labels, issue: &Issue, removed: bool) -> Vec<String> {
    let marked = removed.then_some(&labels.removed);
    let wanted = [&labels.finding].into_iter().chain(marked);
    wanted.filter(|name| !issue.has_label(name)).cloned().collect()
}

/// The label that an issue has too much.
pub(super) fn surplus(labels: &Labels, issue: &Issue, removed: bool) -> Option<String> {
    (!removed && issue.has_label(&labels.removed)).then(|| labels.removed.clone())
}
