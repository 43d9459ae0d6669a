//! What holds of any text that is read as YAML and hashed.

use std::fmt::Write;

use proptest::{collection::vec, prelude::*, sample::select};
use tazuna_drift::{
    domain::{BuiltObject, object},
    yaml::{self, Node, Value},
};

/// Text that looks like YAML, as often as not.
fn yaml_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => select(vec![
            "a", "k: ", "- ", "\n", "\n  ", "\n    ", ": ", "? ", "{", "}", "[", "]", ", ", "|", ">",
            "|2-", "&x ", "*x", "<<: ", "!!int ", "!!binary ", "\"", "'", "\\", "\\u12", "---\n",
            "...\n", "# c", "%", "\t", "\r", "\u{feff}", "\u{85}", "\u{2028}", "~", "yes", "0x1", "1e9",
            ".inf", "kind: List\n", "items:\n", "metadata:\n  name: n\n", "{\"a\":1}", "\0",
        ]).prop_map(String::from),
        1 => "\\PC{0,6}",
        1 => any::<char>().prop_map(String::from),
    ];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// JSON data. Numbers are such as float64 holds.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let number = prop_oneof![
        any::<f64>().prop_filter("JSON has no infinity", |number| number.is_finite()),
        any::<i32>().prop_map(f64::from),
    ];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        number.prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(serde_json::Value::Array),
            vec((any::<String>(), inner), 0..6)
                .prop_map(|entries| serde_json::Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn same(node: &Node, json: &serde_json::Value) -> bool {
    match (&node.value, json) {
        (Value::Null, serde_json::Value::Null) => true,
        (Value::Bool(one), serde_json::Value::Bool(other)) => one == other,
        (Value::Number(one), serde_json::Value::Number(other)) => Some(*one) == other.as_f64(),
        (Value::String(one), serde_json::Value::String(other)) => one == other,
        (Value::List(one), serde_json::Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Map(one), serde_json::Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, one)| other.get(&key.name).is_some_and(|other| same(one, other)))
        }
        _ => false,
    }
}

fn objects(text: &str) -> Vec<BuiltObject> {
    object::from_output("m", text.as_bytes(), None).unwrap()
}

proptest! {
    #[test]
    fn no_text_makes_the_readers_panic(text in yaml_like()) {
        let _ = yaml::read_document(&text);
        let _ = yaml::plain::read(&text);
        let _ = yaml::documents(text.as_bytes()).count();
        let _ = object::from_output("m", text.as_bytes(), Some("n"));
    }

    #[test]
    fn no_bytes_make_the_readers_panic(bytes in vec(any::<u8>(), 0..200)) {
        let _ = yaml::documents(&bytes).count();
        let _ = object::from_output("m", &bytes, None);
    }

    #[test]
    fn json_reads_as_serde_json_reads_it(data in json()) {
        let text = serde_json::json!({ "v": data }).to_string();
        let mut documents = yaml::documents(text.as_bytes());
        let node = documents.next().unwrap().unwrap();
        prop_assert!(documents.next().is_none());
        prop_assert!(same(node.get("v").unwrap(), &data), "{node:?}");
    }

    #[test]
    fn the_hash_depends_on_neither_order_nor_dropped_fields(
        mut fields in vec(("[a-z]{1,8}", json()), 0..6),
        turn in 0usize..6,
        dropped in json(),
    ) {
        fields.retain(|(name, _)| !["kind", "metadata", "status"].contains(&name.as_str()));
        fields.sort_by(|one, other| one.0.cmp(&other.0));
        fields.dedup_by(|one, other| one.0 == other.0);
        let text = |fields: &[(String, serde_json::Value)], metadata: &str, more: &str| {
            let mut text = format!("{{\"kind\":\"X\",\"metadata\":{{\"name\":\"n\"{metadata}}}");
            for (name, value) in fields {
                write!(text, ",\"{name}\":{value}").unwrap();
            }
            text + more + "}"
        };
        let plain = objects(&text(&fields, "", ""));
        let turn = turn.min(fields.len());
        fields.rotate_left(turn);
        let metadata = format!(",\"uid\":{dropped},\"managedFields\":{dropped}");
        let more = format!(",\"status\":{dropped}");
        prop_assert_eq!(objects(&text(&fields, &metadata, &more)), plain);
    }
}

#[test]
fn deep_nesting_is_an_error_and_not_a_crash() {
    for text in [
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        (0..3_000).map(|depth| format!("{}k:\n", " ".repeat(depth))).collect(),
        format!("{{\"kind\":\"X\",\"v\":{}", "[".repeat(100_000)),
    ] {
        assert!(object::from_output("m", text.as_bytes(), None).is_err());
    }
}

#[test]
fn aliases_that_multiply_are_an_error() {
    let mut text = format!("kind: X\nl0: &l0 {:?}\n", "x".repeat(10_000));
    for level in 1..40 {
        let below = level - 1;
        writeln!(text, "l{level}: &l{level} [{}]", vec![format!("*l{below}"); 9].join(", "))
            .unwrap();
    }
    assert!(object::from_output("m", text.as_bytes(), None).is_err());
}
