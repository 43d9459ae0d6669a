//! The hidden state: it reads back, keeps its size, and survives what people do to it.

use std::io::Write;

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use flate2::{Compression, write::DeflateEncoder};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use tazuna_drift::{
    domain::{DiffType, StateKey},
    history,
    publish::github::{
        hidden::{Found, HiddenState, MOST_CHARACTERS, PendingEvent, decode, encode, replace},
        marker::Marker,
    },
    report::*,
};

use crate::{arbitrary, reports};

fn state_of(mut report: Report) -> HiddenState {
    history::compare(&mut report, None, &[]);
    let past = history::remember(&report, None, "0123456789abcdef".to_owned());
    HiddenState { past, sequence: 7, ..HiddenState::default() }
}

/// A Report of so many Manifests with so many entries each.
fn large(manifests: usize, entries: usize) -> Report {
    let types = [DiffType::Added, DiffType::Modified, DiffType::Removed];
    let manifest = |m: usize| {
        let key = |e: usize| format!("m{m}/apps/v1/Deployment/ns{}/workload-{e}-of-{m}", e % 7);
        // Removed ones are few, as in life.
        let kind = |e: usize| if e.is_multiple_of(50) { types[2] } else { types[e % 2] };
        let entries = (0..entries).map(|e| reports::entry(&key(e), kind(e))).collect();
        reports::manifest(&format!("m{m}"), &[], entries)
    };
    reports::report((0..manifests).map(manifest).collect())
}

fn read_back(comment: &str) -> HiddenState {
    match decode(comment) {
        Found::State(state) => *state,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_fits_is_kept_entry_by_entry() {
    let state = state_of(large(10, 60));
    let comment = encode(&state);
    assert!(comment.starts_with("<!-- tazuna-drift:state v1 ") && comment.ends_with(" -->"));
    assert_eq!(read_back(&comment), state);
}

#[test]
fn what_does_not_fit_is_kept_by_manifest_and_removed_entries_last() {
    for (manifests, entries) in [(1, 50_000), (40, 500), (300, 20), (5_000, 2)] {
        let state = state_of(large(manifests, entries));
        let comment = encode(&state);
        assert!(comment.len() <= MOST_CHARACTERS, "{}", comment.len());
        let kept = read_back(&comment);
        assert_eq!(kept.past.drift_since, state.past.drift_since);
        assert_eq!(kept.past.fingerprint, state.past.fingerprint);
        if (manifests, entries) == (40, 500) {
            let removed = |state: &HiddenState| {
                state.past.entries().filter(|(_, _, e)| e.diff_type == DiffType::Removed).count()
            };
            assert_eq!(removed(&kept), removed(&state));
            // The room is used.
            assert!(comment.len() > MOST_CHARACTERS / 8, "{}", comment.len());
        }
        // Whatever was given up, the same Report is no news.
        let mut again = large(manifests, entries);
        assert!(!history::compare(&mut again, Some(&kept.past), &[]).is_news());
    }
}

#[test]
fn a_bomb_is_damage() {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
    deflate.write_all(b"{\"f\":\"").unwrap();
    deflate.write_all(&vec![b'a'; 40_000_000]).unwrap();
    deflate.write_all(b"\"}").unwrap();
    let payload = STANDARD_NO_PAD.encode(deflate.finish().unwrap());
    let sum: String = Sha256::digest(&payload)[..4].iter().map(|b| format!("{b:02x}")).collect();
    let comment = format!("<!-- tazuna-drift:state v1 {payload} {sum} -->");
    assert_eq!(decode(&comment), Found::Damaged("it does not read back"));
}

#[test]
fn a_newer_version_is_named() {
    let newer = decode("<!-- tazuna-drift:state v2 abc 01234567 -->");
    assert_eq!(newer, Found::Damaged("another version of tazuna-drift wrote it"));
    assert_eq!(decode("<!-- tazuna-drift:state  -->"), Found::Damaged("it is cut or changed"));
    assert_eq!(decode("<!-- tazuna-drift:state -->"), Found::Damaged("it has no end"));
    assert_eq!(decode("no state at all"), Found::Nothing);
}

fn pending() -> impl Strategy<Value = Option<PendingEvent>> {
    let event = ("[0-9a-f]{16}", prop::option::of(arbitrary::foreign()), any::<bool>());
    prop::option::of(event.prop_map(|(id, text, closes)| PendingEvent {
        id,
        text,
        at: reports::at("10:00:00"),
        closes,
    }))
}

proptest! {
    #[test]
    fn any_state_reads_back(
        report in arbitrary::report(5, 20),
        untracked in prop::collection::btree_map(arbitrary::foreign(), 0..4_000_000_000i64, 0..5),
        pending in pending(),
        (closed, follows) in (any::<bool>(), prop::option::of(any::<u64>())),
    ) {
        let mut state = state_of(report);
        state.past.untracked = untracked
            .into_iter()
            .map(|(key, time)| {
                (StateKey::from_text(key), jiff::Timestamp::from_second(time).unwrap())
            })
            .collect();
        state.pending = pending;
        state.closed = closed;
        state.follows = follows;
        let comment = encode(&state);
        prop_assert!(comment.len() <= MOST_CHARACTERS);
        prop_assert!(!comment[4..comment.len() - 3].contains("--"));
        let body = format!("words -->\r\n\r\n{comment}\r\nmore words");
        prop_assert_eq!(decode(&body), Found::State(Box::new(state.clone())));
        let other = HiddenState { sequence: 99, ..state };
        let replaced = replace(&body, &encode(&other));
        prop_assert!(replaced.starts_with("words -->") && replaced.ends_with("more words"));
        prop_assert_eq!(decode(&replaced), Found::State(Box::new(other)));
    }

    #[test]
    fn damage_never_panics_and_never_reads_back_as_something_else(
        place in any::<prop::sample::Index>(),
        length in 0..40usize,
        text in ".{0,20}",
    ) {
        let state = state_of(large(2, 5));
        let comment = encode(&state);
        let start = place.index(comment.len());
        let end = (start + length).min(comment.len());
        let damaged = format!("{}{text}{}", &comment[..start], &comment[end..]);
        if let Found::State(read) = decode(&damaged) {
            prop_assert_eq!(*read, state);
        }
    }

    #[test]
    fn foreign_text_never_panics(text in "(<!-- tazuna-drift:state |v1| |-->|[a-zA-Z0-9+/=\n]|.){0,60}") {
        let _ = decode(&text);
        let _ = replace(&text, "x");
        let _ = Marker::find(&text);
    }

    #[test]
    fn any_marker_reads_back_and_closes_no_comment(
        target in "[A-Za-z0-9._~/=,;:+%@-]{1,60}",
        name in prop::option::of(arbitrary::foreign()),
        server in prop::option::of(arbitrary::foreign()),
    ) {
        let marker = Marker::new(&target, &ClusterContext { name, server });
        let comment = marker.comment();
        prop_assert!(!comment[4..comment.len() - 3].contains("--"), "{comment}");
        prop_assert!(!comment[4..comment.len() - 3].contains(['<', '>', '\n', '`']), "{comment}");
        let body = format!("<!-- tazuna-drift:target=forged cluster=a@b -->\n{comment}\n");
        prop_assert_eq!(Marker::find(&body), Some(marker));
    }
}
