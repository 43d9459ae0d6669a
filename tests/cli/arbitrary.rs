//! Any Report, for property tests of renderers and publishers.

use proptest::{collection::vec, option, prelude::*, sample::select};
use tazuna_drift::{
    domain::{ContentHash, DiffType, StateKey},
    report::*,
};

use crate::reports;

/// Text as foreign as it gets, and often just what Markdown, HTML and GitHub react to.
pub(crate) fn foreign() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        8 => "[a-z0-9-]{1,20}",
        2 => select(vec![
            "@team", "#12", "GH-7", "o/r#3", "<!--", "-->", "<b>", "</details>", "www.a.io", "```",
            "`", "``", "|", "\\|", "\\", "http://a.io", "a@b.io", "$x$", "$`y`$", "[a](b)", "![a](b)",
            "[x]", "**", "__", "~~", "\n", "\n\n# h", "- ", "1. ", "> ", "\u{202e}", "\u{200b}", "\0",
            "&lt;", "&#64;", "{{ x }}", "{% if %}", "::error::", "%0A", ":tada:", " ", "'", "\"", "=",
            "---", "[^1]", "\t", "東京", "😀", "<script>", "https://github.com/o/r/issues/1",
        ]).prop_map(String::from),
        1 => "\\PC{0,12}",
        1 => any::<char>().prop_map(String::from),
    ];
    vec(word, 1..5).prop_map(|words| words.concat())
}

fn hash() -> impl Strategy<Value = ContentHash> {
    prop_oneof![
        4 => "[0-9a-f]{64}".prop_map(ContentHash::from_text),
        1 => foreign().prop_map(ContentHash::from_text),
    ]
}

/// A time within some years, at a whole second.
pub(crate) fn time() -> impl Strategy<Value = jiff::Timestamp> {
    (1_700_000_000i64..1_900_000_000)
        .prop_map(|second| jiff::Timestamp::from_second(second).unwrap())
}

fn key(manifest: String) -> impl Strategy<Value = StateKey> {
    let part = || prop_oneof![9 => "[a-z0-9.-]{0,30}".boxed(), 1 => foreign().boxed()];
    (part(), "v[0-9]", part(), option::of(part()), part()).prop_map(
        move |(group, version, kind, namespace, name)| {
            let namespace = namespace.map(|n| format!("{n}/")).unwrap_or_default();
            StateKey::from_text(format!("{manifest}/{group}/{version}/{kind}/{namespace}{name}"))
        },
    )
}

fn entry(manifest: String, types: Vec<DiffType>) -> impl Strategy<Value = Entry> {
    (
        key(manifest),
        select(types),
        option::of(hash()),
        option::of(hash()),
        option::of(time()),
        option::of(select(vec![EntryTrend::New, EntryTrend::Changed, EntryTrend::Ongoing])),
    )
        .prop_map(|(key, diff_type, old_hash, new_hash, first_seen, trend)| Entry {
            key,
            diff_type,
            old_hash,
            new_hash,
            first_seen,
            trend,
        })
}

fn past() -> impl Strategy<Value = PastEntry> {
    (key("past".into()), select(DiffType::ALL.to_vec()), option::of(time()))
        .prop_map(|(key, diff_type, first_seen)| PastEntry { key, diff_type, first_seen })
}

fn reason() -> impl Strategy<Value = Reason> {
    (foreign(), option::of(foreign())).prop_map(|(message, hint)| Reason {
        code: ReasonCode::ToolFailed,
        message,
        hint,
        detail: vec!["the tool's own words".into()],
    })
}

fn ownership() -> impl Strategy<Value = Ownership> {
    select(vec![Ownership::Ours, Ownership::Unknown, Ownership::Foreign])
}

fn manifest(most: usize) -> impl Strategy<Value = ManifestReport> {
    let name = prop_oneof![4 => "[a-z][a-z0-9-]{0,40}".boxed(), 1 => foreign().boxed()];
    (name, 0..8u8, ownership()).prop_flat_map(move |(name, sort, ownership)| {
        let types = match sort {
            0 => vec![DiffType::Removed],
            1 | 2 => vec![],
            _ => DiffType::ALL.to_vec(),
        };
        let most = if types.is_empty() { 0 } else { most };
        let types = if types.is_empty() { vec![DiffType::Added] } else { types };
        let entries = vec(entry(name.clone(), types), 0..=most);
        (entries, vec("[a-z]{1,6}", 0..3), reason(), option::of(foreign())).prop_map(
            move |(mut entries, tags, reason, path)| {
                entries.sort_by(|a, b| (a.diff_type, &a.key).cmp(&(b.diff_type, &b.key)));
                let manifest = reports::manifest(&name, &[], entries);
                let manifest = ManifestReport { tags, path, ..manifest };
                match sort {
                    0 => ManifestReport {
                        orphaned_state: Some(OrphanedState {
                            config_map: format!("tazuna-state-{name}"),
                            ownership,
                        }),
                        declared_at: None,
                        ..manifest
                    },
                    1 => ManifestReport {
                        outcome: ManifestOutcome::Failed,
                        reason: Some(reason),
                        ..manifest
                    },
                    _ => manifest,
                }
            },
        )
    })
}

fn history() -> impl Strategy<Value = History> {
    let list = || vec(past(), 0..60);
    (option::of(time()), option::of(time()), list(), list(), list(), list()).prop_map(
        |(drift_since, clear_since, cleared, unknown, untracked, unverified)| History {
            drift_since,
            clear_since,
            cleared,
            unknown,
            untracked,
            unverified,
        },
    )
}

/// Any Report of up to `manifests` Manifests with up to `entries` entries each.
pub(crate) fn report(manifests: usize, entries: usize) -> impl Strategy<Value = Report> {
    let warnings = vec(
        (foreign(), foreign()).prop_map(|(message, hint)| Warning::new("w", message).hint(hint)),
        0..20,
    );
    (
        vec(manifest(entries), 0..=manifests),
        option::of(foreign()),
        option::of(foreign()),
        vec("[a-z]{1,6}", 0..3),
        option::of(history()),
        warnings,
        any::<bool>(),
    )
        .prop_map(|(manifests, name, environment, tags, history, warnings, local)| {
            let mut report = reports::report(manifests);
            report.context.name = name;
            report.selection.environment = environment;
            report.selection.tags = tags;
            report.history = history;
            report.warnings = warnings;
            if local {
                report.run = None;
                report.repository = None;
            }
            report
        })
}
