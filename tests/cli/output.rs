//! Saved output: folder cases, and what is printed is read back.

use std::{fmt::Write as _, fs, path::Path};

use proptest::prelude::*;
use tazuna_drift::{
    domain::{ContentHash, DiffType, KeyParts, StateKey},
    error::ErrorKind,
    report::Entry,
    source::{SavedManifest, SavedOutput, output::parse},
};

/// `good/NAME.txt` reads as `good/NAME.expected` says, `bad/NAME.txt` is refused with the
/// words in `bad/NAME.expected`. With `UPDATE_EXPECT` set the expectations are written
/// instead; read them before they are committed.
#[test]
fn every_case_in_the_folder_reads_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/output");
    let mut count = 0;
    for kind in ["good", "bad"] {
        for file in fs::read_dir(folder.join(kind)).unwrap().map(|entry| entry.unwrap().path()) {
            if file.extension().is_none_or(|extension| extension != "txt") {
                continue;
            }
            let got = match parse(&fs::read(&file).unwrap()) {
                Ok(saved) => shown(&saved),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Config);
                    error.explain() + "\n"
                }
            };
            assert_eq!(got.starts_with("error: "), kind == "bad", "{}: {got}", file.display());
            let expected = file.with_extension("expected");
            if std::env::var_os("UPDATE_EXPECT").is_some() {
                fs::write(&expected, &got).unwrap();
            }
            let want = fs::read_to_string(&expected).unwrap_or_default();
            assert_eq!(got, want, "{}", file.display());
            count += 1;
        }
    }
    assert!(count > 30, "only {count} cases were found");
}

fn shown(saved: &SavedOutput) -> String {
    let mut text = String::new();
    for manifest in &saved.manifests {
        writeln!(text, "{}", manifest.name).unwrap();
        for entry in &manifest.entries {
            let hash = |hash: &Option<ContentHash>| {
                hash.as_ref().map_or("-".to_owned(), ToString::to_string)
            };
            let (old, new) = (hash(&entry.old_hash), hash(&entry.new_hash));
            writeln!(text, "  {} | {} | {old} | {new}", entry.diff_type, entry.key).unwrap();
        }
    }
    if text.is_empty() { "nothing\n".to_owned() } else { text }
}

/// Tazuna's printer, as its format is documented.
fn print(saved: &SavedOutput, documented: bool, noise: &[String]) -> String {
    let mut noise = noise.iter().cycle();
    let mut text = String::new();
    let mut line = |line: String| {
        if let Some(noise) = noise.next() {
            text.push_str(noise);
        }
        text.push_str(&line);
        text.push('\n');
    };
    for manifest in &saved.manifests {
        line(format!("Manifest: {}", manifest.name));
        line(format!("  {:<14} {:<60} {}", "STATUS", "RESOURCE", "HASH"));
        for entry in &manifest.entries {
            let of = |hash: &Option<ContentHash>| hash.as_ref().map(ContentHash::to_string);
            let (old, new) = (of(&entry.old_hash), of(&entry.new_hash));
            let hash = match (entry.diff_type, old, new) {
                (DiffType::AlwaysSync, ..) => "(not fetched)".to_owned(),
                (DiffType::Modified, Some(old), Some(new)) => format!("{old}... -> {new}..."),
                (DiffType::LiveDrifted, Some(old), Some(new)) => format!("{new} (stored: {old})"),
                (DiffType::LiveMissing, Some(old), _) => format!("(stored: {old})"),
                (_, Some(old), None) => format!("(was: {old})"),
                (_, None, Some(new)) => new,
                odd => panic!("no such row: {odd:?}"),
            };
            let resource = match documented {
                true => entry.key.to_string(),
                false => entry.key.resource().to_string(),
            };
            line(format!("  {:<14} {resource:<60} {hash}", entry.diff_type.as_str()));
        }
        line(String::new());
    }
    if saved.manifests.is_empty() {
        line("No changes detected.".to_owned());
    }
    text
}

fn entry(documented: bool) -> impl Strategy<Value = (DiffType, [String; 5], String, String)> {
    let hash = if documented { "[0-9a-f]{7}" } else { "[0-9a-f]{64}" };
    (
        prop::sample::select(&DiffType::ALL[..4]),
        // Group `m` and `a.b` are also names of Manifests; `!` stands for no namespace.
        (
            "(|m|a\\.b|apps|[a-z]{1,8}(\\.[a-z]{1,12}){1,3})",
            "v[1-9]((alpha|beta)[1-9])?",
            "[A-Z][A-Za-z]{0,30}",
            "(!|[a-z0-9-]{1,40})",
            "([a-z0-9]|[a-z0-9][a-z0-9.:_-]{0,80}[a-z0-9]|[a-z]{1,5} [a-z:]{1,50})",
        )
            .prop_map(|(group, version, kind, namespace, name)| {
                [group, version, kind, namespace, name]
            }),
        hash,
        hash,
    )
}

fn saved(documented: bool) -> impl Strategy<Value = SavedOutput> {
    let manifest = (
        "(m|a\\.b|[a-z0-9][a-z0-9-]{0,20}[a-z0-9]|Odd_Name)",
        prop::collection::vec(entry(documented), 1..6),
    );
    prop::collection::vec(manifest, 0..5).prop_map(move |manifests| {
        let mut saved = SavedOutput::default();
        for (name, entries) in manifests {
            if saved.manifests.iter().any(|manifest| manifest.name == name) {
                continue;
            }
            let mut entries: Vec<Entry> = entries
                .into_iter()
                .map(|(diff_type, [group, version, kind, namespace, object], old, new)| {
                    let key = StateKey::new(KeyParts {
                        manifest: &name,
                        group: &group,
                        version: &version,
                        kind: &kind,
                        namespace: (namespace != "!").then_some(namespace.as_str()),
                        name: &object,
                    });
                    let (has_old, has_new) = match diff_type {
                        DiffType::AlwaysSync => (false, false),
                        DiffType::Modified => (documented, true),
                        DiffType::Added => (false, true),
                        _ => (true, false),
                    };
                    Entry {
                        key,
                        diff_type,
                        old_hash: has_old.then(|| ContentHash::from_text(old)),
                        new_hash: has_new.then(|| ContentHash::from_text(new)),
                        first_seen: None,
                        trend: None,
                    }
                })
                .collect();
            entries.sort_by(|a, b| (a.diff_type, &a.key).cmp(&(b.diff_type, &b.key)));
            saved.manifests.push(SavedManifest { name, entries });
        }
        saved
    })
}

/// Lines that get between Tazuna's own, or nothing.
fn noise() -> impl Strategy<Value = Vec<String>> {
    let line = prop_oneof![
        3 => Just(String::new()),
        1 => "time=2026-11-24T06:00:00Z level=(INFO|WARN|ERROR) msg=\"[a-zA-Z: ]{0,30}\"\n",
        1 => "\\{\"level\":\"warn\",\"msg\":\"(Manifest: x|No changes detected\\.)\"\\}\n",
        1 => "##\\[(group|endgroup|debug)\\][a-z ]{0,20}\n",
        1 => "W1124 06:00:00.000000 [0-9]{1,5} warnings\\.go:70\\] [a-z/ ]{0,20}\n",
    ];
    prop::collection::vec(line, 1..6)
}

/// Ways in which a whole file is changed on its way.
fn disguise(text: &str, way: usize) -> Vec<u8> {
    let prefixed = |prefix: &str| {
        text.trim_end_matches('\n')
            .split('\n')
            .map(|line| format!("{prefix}{line}\n"))
            .collect::<String>()
    };
    match way {
        1 => text.replace('\n', "\r\n").into_bytes(),
        2 => prefixed("2026-11-24T06:00:00.0000000Z ").into_bytes(),
        3 => prefixed("drift\tRun it\t2026-11-24T06:00:00.0000000Z ").into_bytes(),
        4 => prefixed("\u{1b}[0m\u{1b}[36m").into_bytes(),
        5 => {
            [&[0xff, 0xfe][..], &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()]
                .concat()
        }
        6 => text.trim_end().as_bytes().to_vec(),
        _ => text.as_bytes().to_vec(),
    }
}

fn kinds_with_two_forms() -> impl Strategy<Value = (bool, SavedOutput)> {
    any::<bool>().prop_flat_map(|documented| (Just(documented), saved(documented)))
}

proptest! {
    #[test]
    fn what_tazuna_prints_is_read_back(
        (documented, saved) in kinds_with_two_forms(), noise in noise(), way in 0usize..7,
    ) {
        // A shortened hash that nothing follows may have been cut.
        let way = if documented && way == 6 { 0 } else { way };
        let text = print(&saved, documented, &noise);
        let read = parse(&disguise(&text, way));
        prop_assert_eq!(read.map_err(|error| format!("{} in\n{text}", error.explain())), Ok(saved));
    }

    #[test]
    fn the_live_table_is_read_back(saved in saved(false), live in 1usize..3) {
        let mut saved = saved;
        for entry in saved.manifests.iter_mut().flat_map(|manifest| &mut manifest.entries) {
            let hash = Some(ContentHash::of(entry.key.as_str().as_bytes()));
            entry.diff_type = DiffType::ALL[3 + live];
            entry.old_hash = hash.clone();
            entry.new_hash = hash.filter(|_| entry.diff_type == DiffType::LiveDrifted);
        }
        for manifest in &mut saved.manifests {
            manifest.entries.sort_by(|a, b| a.key.cmp(&b.key));
        }
        let text = print(&saved, false, &[]);
        prop_assert_eq!(parse(text.as_bytes()).map_err(|error| error.explain()), Ok(saved));
    }

    #[test]
    fn output_that_is_cut_off_never_loses_a_row_unnoticed(
        saved in saved(false), share in 0.0..1.0f64,
    ) {
        let text = print(&saved, false, &[]);
        let end = (text.len() as f64 * share) as usize;
        // What can be known from what is left: every row that begins before the cut.
        let begun = text[..end].lines().filter(|line| {
            line.starts_with("  ") && !line.starts_with("  STATUS") && line.len() > 2
        });
        let begun = begun.count();
        if let Ok(read) = parse(&text.as_bytes()[..end]) {
            let rows: usize = read.manifests.iter().map(|manifest| manifest.entries.len()).sum();
            prop_assert_eq!(rows, begun);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "(Manifest: |  STATUS RESOURCE HASH|  added |  removed |/v1/|\n|ü|\\PC){0,30}") {
        let _ = parse(&bytes);
        let _ = parse(text.as_bytes());
    }
}
