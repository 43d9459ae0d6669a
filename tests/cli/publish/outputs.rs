//! Step outputs, as the runner reads them.

use std::{collections::BTreeMap, fs, path::Path};

use tazuna_drift::publish::{
    github::{IssueAction, IssueResult},
    outputs,
};

use crate::reports;

/// Reads the file as GitHub's runner does.
fn read(path: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let mut values = BTreeMap::new();
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.split_once("<<").expect("the heredoc form");
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        values.insert(name.to_owned(), value.join("\n"));
    }
    values
}

#[test]
fn all_outputs_read_back_as_the_runner_reads_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("output");
    fs::write(&path, "before<<x\n1\nx\n").unwrap();
    let issue = IssueResult {
        number: Some(42),
        url: Some("https://github.com/acme/infra/issues/42".into()),
        action: IssueAction::Unchanged,
        warnings: vec![],
        preview: None,
    };
    let hostile = Path::new("a\ndrift<<y\nfalse\ny");
    let values = outputs::values(&reports::platform(), Some(&issue), Some(hostile), None);
    outputs::append(&path, &values).unwrap();
    let read = read(&path);
    assert_eq!(read.len(), 11);
    for (name, value) in [
        ("before", "1"),
        ("drift", "true"),
        ("incomplete", "false"),
        ("added", "1"),
        ("modified", "3"),
        ("removed", "5"),
        ("always-sync", "1"),
        ("issue-number", "42"),
        ("issue-url", "https://github.com/acme/infra/issues/42"),
        ("report", "a\ndrift<<y\nfalse\ny"),
        ("summary", ""),
    ] {
        assert_eq!(read[name], value, "{name}");
    }
}

#[test]
fn delimiters_are_never_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("output");
    outputs::append(&path, &outputs::values(&reports::platform(), None, None, None)).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let mut delimiters: Vec<&str> =
        text.lines().filter_map(|line| Some(line.split_once("<<")?.1)).collect();
    delimiters.sort_unstable();
    delimiters.dedup();
    assert_eq!(delimiters.len(), outputs::NAMES.len());
}
