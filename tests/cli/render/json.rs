//! The Report's public JSON form.

use proptest::prelude::*;
use tazuna_drift::render::{json, read_json, schema};

use crate::{arbitrary, reports::*};

/// Where the schema is committed. `UPDATE_EXPECT=1 cargo test` writes it.
const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/report.schema.json");

#[test]
fn the_committed_schema_is_that_of_the_code() {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(SCHEMA, schema()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(SCHEMA).unwrap(), schema(), "run with UPDATE_EXPECT=1");
}

#[test]
fn the_public_form_keeps_its_names() {
    insta::assert_snapshot!(json(&platform()));
}

#[test]
fn a_file_that_is_no_report_is_refused_with_the_place() {
    let good = json(&platform());
    let cases = [
        ("empty", String::new()),
        ("cut", good[..good.len() / 2].to_owned()),
        ("not json", "Manifest: web\n".to_owned()),
        ("another json", "{\"items\": []}".to_owned()),
        ("newer", good.replacen("\"schemaVersion\": 1", "\"schemaVersion\": 2", 1)),
        ("wrong field", good.replacen("\"compared\"", "\"compard\"", 1)),
        ("not an object", "[1]".to_owned()),
    ];
    let said: Vec<String> = cases
        .iter()
        .map(|(case, text)| {
            format!("{case}: {}", read_json("drift.json", text).unwrap_err().explain())
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_later_field_and_a_byte_order_mark_do_no_harm() {
    let text = json(&platform()).replacen('{', "\u{feff}{ \"later\": {\"a\": 1},", 1);
    assert_eq!(read_json("r", &text).unwrap(), platform());
}

proptest! {
    #[test]
    fn what_is_written_reads_back(report in arbitrary::report(4, 5)) {
        prop_assert_eq!(read_json("r", &json(&report)).unwrap(), report);
    }
}
