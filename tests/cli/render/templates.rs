//! Templates of the user's own.

use std::fs;

use tazuna_drift::render::{
    BUILT_IN, MACROS, MarkdownOptions, Rendered, SUMMARY, Templates, markdown,
};
use tempfile::TempDir;

use crate::reports::*;

fn load(name: &str, text: &str) -> (TempDir, Templates) {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(name), text).unwrap();
    let templates = Templates::load(Some(folder.path())).unwrap();
    (folder, templates)
}

fn render(templates: &Templates) -> Rendered {
    markdown(&platform(), templates, MarkdownOptions::default())
}

#[test]
fn one_template_is_replaced_and_the_others_stay() {
    let (_folder, templates) = load(
        SUMMARY,
        "{% import 'macros.md.j2' as m %}# Ours\n{{ m.headline(v) }}\n{{ v.cluster|code }} {{ '<b>' }}\n",
    );
    let rendered = render(&templates);
    assert!(rendered.warnings.is_empty());
    insta::assert_snapshot!(rendered.text);
}

#[test]
fn a_broken_template_is_told_with_its_line_and_the_report_is_not_lost() {
    let built_in = render(&Templates::built_in()).text;
    let cases = [
        (SUMMARY, "fine\n{% if v.totals %}\nnever ended\n"),
        (SUMMARY, "fine\n{{ v.totls.removed }}\n"),
        (SUMMARY, "fine\n\n{{ nobody }}\n"),
        (SUMMARY, "{{ v.removed }}\n"),
        (SUMMARY, "{{ v.cluster|nope }}\n"),
        (SUMMARY, "{% include 'other.j2' %}\n"),
        (MACROS, "{% macro headline(v) %}\n"),
        (MACROS, "{% macro headline(v) %}{{ v.gone }}{% endmacro %}\n"),
    ];
    let mut said = Vec::new();
    for (name, text) in cases {
        let (_folder, templates) = load(name, text);
        let rendered = render(&templates);
        assert_eq!(rendered.text, built_in);
        assert_eq!(rendered.warnings.len(), 1, "{text}");
        said.push(rendered.warnings[0].to_string());
    }
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_file_that_overrides_nothing_is_refused() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("README.md"), "notes do no harm").unwrap();
    assert!(Templates::load(Some(folder.path())).is_ok());
    fs::write(folder.path().join("sumary.md.j2"), "x").unwrap();
    let said = Templates::load(Some(folder.path())).unwrap_err().explain();
    assert!(said.contains("did you mean `summary.md.j2`?"), "{said}");
    let missing = folder.path().join("none");
    assert!(Templates::load(Some(&missing)).unwrap_err().explain().contains("cannot read"));
}

#[test]
fn every_built_in_template_can_be_written_out_and_used_again() {
    let folder = TempDir::new().unwrap();
    for (name, text) in BUILT_IN {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let templates = Templates::load(Some(folder.path())).unwrap();
    let rendered = render(&templates);
    assert!(rendered.warnings.is_empty());
    assert_eq!(rendered.text, render(&Templates::built_in()).text);
}
