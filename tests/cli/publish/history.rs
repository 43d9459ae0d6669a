//! A Report against the last one: any two of them.

use proptest::prelude::*;
use tazuna_drift::{
    domain::DiffType::{Added, Modified, Removed},
    history::{self, MOST_LOOK_UPS, Past, Presence},
    report::*,
};

use super::stage::{FLAGS, FRONT, LB, drift, with_failed};
use crate::{arbitrary, reports};

fn seen(report: &Report) -> (Report, Past) {
    let mut report = report.clone();
    history::compare(&mut report, None, &[]);
    let past = history::remember(&report, None, history::fingerprint(&report, &[], true));
    (report, past)
}

#[test]
fn the_first_report_is_all_new() {
    let (report, past) = seen(&drift(&[(LB, Removed), (FLAGS, Added)]));
    for (_, entry) in report.entries_of(Removed).chain(report.entries_of(Added)) {
        assert_eq!(entry.trend, Some(EntryTrend::New));
        assert_eq!(entry.first_seen, Some(report.generated_at));
    }
    assert_eq!(past.drift_since, Some(report.generated_at));
    assert_eq!(past.clear_since, None);
}

#[test]
fn a_modified_entry_that_is_removed_now_is_removed_since_now() {
    let (_, past) = seen(&drift(&[(LB, Modified)]));
    let mut now = drift(&[(LB, Removed)]);
    now.generated_at = reports::at("12:00:00");
    let news = history::compare(&mut now, Some(&past), &[]);
    assert_eq!(news.changed, 1);
    assert_eq!(now.manifests[0].entries[0].first_seen, Some(reports::at("12:00:00")));
}

#[test]
fn a_manifest_that_is_declared_no_more_and_has_no_state_was_looked_at() {
    let (_, past) = seen(&drift(&[(FLAGS, Added), (LB, Removed)]));
    let mut now = reports::report(vec![]);
    assert_eq!(history::to_look_up(&now, &past).len(), 1);
    let answer = [(past.entries().next().unwrap().1.clone(), Presence::Gone)];
    history::compare(&mut now, Some(&past), &answer);
    assert_eq!(now.history.unwrap().cleared.len(), 2);
}

#[test]
fn what_turned_out_to_be_unstable_is_neither_cleared_nor_news() {
    let (first, past) = seen(&drift(&[(LB, Modified)]));
    let mut now = drift(&[]);
    now.manifests[0].unstable = vec![first.manifests[0].entries[0].key.clone()];
    assert!(!history::compare(&mut now, Some(&past), &[]).is_news());
    assert_eq!(now.history.unwrap().cleared, []);
}

#[test]
fn what_comes_back_from_untracked_is_news_and_keeps_its_time() {
    let (first, past) = seen(&drift(&[(LB, Removed)]));
    let key = first.manifests[0].entries[0].key.clone();
    let mut second = drift(&[]);
    history::compare(&mut second, Some(&past), &[(key, Presence::Running)]);
    let past = history::remember(&second, Some(&past), String::new());
    let mut third = drift(&[(LB, Removed)]);
    third.generated_at = reports::at("20:00:00");
    assert_eq!(history::to_look_up(&third, &past), []);
    let news = history::compare(&mut third, Some(&past), &[]);
    assert_eq!(news.changed, 1);
    assert_eq!(third.manifests[0].entries[0].first_seen, Some(first.generated_at));
    assert_eq!(third.history.unwrap().untracked, []);
}

#[test]
fn look_ups_are_bounded_and_nothing_is_lost_beyond() {
    let keys: Vec<String> = (0..80).map(|n| format!("web//v1/Service/web/s{n:02}")).collect();
    let entries: Vec<_> = keys.iter().map(|key| (key.as_str(), Removed)).collect();
    let (_, past) = seen(&drift(&entries));
    let mut now = drift(&[]);
    let asked = history::to_look_up(&now, &past);
    assert_eq!(asked.len(), MOST_LOOK_UPS);
    let answers: Vec<_> = asked.into_iter().map(|key| (key, Presence::Gone)).collect();
    history::compare(&mut now, Some(&past), &answers);
    let history = now.history.as_ref().unwrap();
    assert_eq!((history.cleared.len(), history.unknown.len()), (50, 30));
    let past = history::remember(&now, Some(&past), String::new());
    assert_eq!(history::to_look_up(&drift(&[]), &past).len(), 30);
}

#[test]
fn counts_alone_still_tell_growth_and_first_seen() {
    let (first, mut past) = seen(&drift(&[(FLAGS, Added), (FRONT, Modified), (LB, Removed)]));
    for manifest in past.manifests.values_mut() {
        manifest.summarize(false);
    }
    let mut same = drift(&[(FLAGS, Added), (FRONT, Modified), (LB, Removed)]);
    same.generated_at = reports::at("12:00:00");
    let news = history::compare(&mut same, Some(&past), &[]);
    assert!(!news.is_news());
    for (_, entry) in same.entries_of(Added).chain(same.entries_of(Removed)) {
        assert_eq!(entry.trend, Some(EntryTrend::Ongoing));
        assert_eq!(entry.first_seen, Some(first.generated_at));
    }
    let more = [(FLAGS, Added), ("web//v1/ConfigMap/web/more", Added), (FRONT, Modified)];
    let news = history::compare(&mut drift(&more), Some(&past), &[]);
    assert_eq!(news.grown, 1);
    let fewer = history::compare(&mut drift(&[(FRONT, Modified)]), Some(&past), &[]);
    assert!(!fewer.is_news());
    // `removed` ones were kept each by itself.
    let gone = history::to_look_up(&drift(&[]), &past);
    assert_eq!(gone.len(), 1);
}

#[test]
fn the_fingerprint_changes_with_facts() {
    let base = seen(&drift(&[(FLAGS, Added), (LB, Removed)])).0;
    let print = |report: &Report| history::fingerprint(report, &["apply"], true);
    let mut others = [
        seen(&drift(&[(FLAGS, Added)])).0,
        seen(&with_failed(base.clone(), "db")).0,
        base.clone(),
        base.clone(),
        base.clone(),
    ];
    others[2].context.server = Some("elsewhere".into());
    others[3].manifests[0].entries[0].first_seen = Some(reports::at("01:00:00"));
    others[4].manifests[2].entries[0].new_hash = Some(reports::hash("another"));
    for (number, other) in others.iter().enumerate() {
        assert_ne!(print(other), print(&base), "{number}");
    }
    assert_ne!(history::fingerprint(&base, &["sync"], true), print(&base));
}

proptest! {
    #[test]
    fn another_run_at_another_time_gives_the_same_fingerprint_and_no_news(
        report in arbitrary::report(4, 30),
    ) {
        let (first, past) = seen(&report);
        let mut second = report;
        second.generated_at = reports::at("23:59:59");
        second.run = None;
        second.phases.clear();
        for manifest in &mut second.manifests {
            manifest.build_millis = Some(9);
            manifest.objects = Some(77);
        }
        // Manifests of one name that end differently cannot be told apart; tazuna.yaml
        // with such names fails them.
        let mut names: Vec<&str> = first.manifests.iter().map(|m| m.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        prop_assume!(names.len() == first.manifests.len());
        let answers: Vec<_> = history::to_look_up(&second, &past)
            .into_iter()
            .map(|key| (key, Presence::Gone))
            .collect();
        let news = history::compare(&mut second, Some(&past), &answers);
        prop_assert!(!news.is_news(), "{news:?}");
        prop_assert_eq!(history::fingerprint(&second, &[], true), past.fingerprint.clone());
        let again = history::remember(&second, Some(&past), past.fingerprint.clone());
        prop_assert_eq!(again, past);
    }

    #[test]
    fn every_entry_of_last_time_is_accounted_for(
        before in arbitrary::report(4, 20),
        now in arbitrary::report(4, 20),
        answer in prop::sample::select(vec![
            Presence::Gone, Presence::Running, Presence::NotAllowed, Presence::Unknown,
        ]),
    ) {
        let (_, past) = seen(&before);
        let mut now = now;
        let answers: Vec<_> =
            history::to_look_up(&now, &past).into_iter().map(|key| (key, answer)).collect();
        history::compare(&mut now, Some(&past), &answers);
        let history = now.history.clone().unwrap();
        let lists = [&history.cleared, &history.unknown, &history.untracked, &history.unverified];
        for (_, key, _) in past.entries() {
            let listed = lists.iter().filter(|list| list.iter().any(|e| &e.key == key)).count();
            let there = now.manifests.iter().flat_map(|m| &m.entries).any(|e| {
                e.diff_type.is_drift() && &e.key == key
            });
            prop_assert!(there || listed >= 1, "{key} is lost");
        }
    }
}
