//! A tree written for helm: as JSON that go-yaml reads alike, and as an expression of Go's
//! templates. Pure.

use std::fmt::Write;

use crate::yaml::{Node, Value};

/// A tree as JSON. helm reads it as YAML 1.1, in which some characters must be escaped that
/// JSON leaves alone.
pub(super) fn json(node: &Node) -> String {
    let mut out = String::new();
    write_json(node, &mut out);
    out
}

fn write_json(node: &Node, out: &mut String) {
    match &node.value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number_text(*number)),
        Value::String(text) => quote(text, out),
        Value::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                write_json(item, out);
            }
            out.push(']');
        }
        Value::Map(entries) => {
            out.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                quote(&key.name, out);
                out.push_str(": ");
                write_json(value, out);
            }
            out.push('}');
        }
    }
}

/// A tree as an expression with sprig's `list` and `dict`.
pub(super) fn expression(node: &Node) -> String {
    match &node.value {
        Value::Null => "nil".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number_text(*number),
        Value::String(text) => quoted(text),
        Value::List(items) => {
            let items: String = items.iter().map(|item| format!(" {}", expression(item))).collect();
            format!("(list{items})")
        }
        Value::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| pair(&key.name, value));
            format!("(dict{})", entries.collect::<String>())
        }
    }
}

/// `expression` of a mapping of variables.
pub(super) fn variables(values: &[(String, Node)]) -> String {
    let entries = values.iter().map(|(name, value)| pair(name, value));
    format!("(dict{})", entries.collect::<String>())
}

fn pair(name: &str, value: &Node) -> String {
    format!(" {} {}", quoted(name), expression(value))
}

/// A whole number has no point, so that Go's template takes it for an integer.
fn number_text(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        format!("{number:.0}")
    } else {
        format!("{number:?}")
    }
}

/// A text in double quotes, as JSON, YAML and Go read it alike.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::new();
    quote(text, &mut out);
    out
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            // go-yaml refuses these or takes them for line breaks.
            '\0'..='\x1f'
            | '\x7f'..='\u{9f}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::yaml::{Key, Mark, read_document};

    fn node(value: Value) -> Node {
        Node { value, at: Mark::default() }
    }

    fn tree() -> impl Strategy<Value = Node> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i32>().prop_map(|n| Value::Number(n.into())),
            (-1e300..1e300).prop_map(Value::Number),
            "[\\x00-\\x7f\\u{80}-\\u{a0}\\u{2028}\\u{feff}é😀]{0,8}".prop_map(Value::String),
        ]
        .prop_map(node);
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(|l| node(Value::List(l))),
                prop::collection::btree_map("[a-z<:# \\n]{1,4}", inner, 0..4).prop_map(|map| {
                    let key = |name: String| Key { name, at: Mark::default() };
                    node(Value::Map(map.into_iter().map(|(name, v)| (key(name), v)).collect()))
                }),
            ]
        })
    }

    fn bare(node: &Node) -> Node {
        let value = match &node.value {
            Value::List(items) => Value::List(items.iter().map(bare).collect()),
            Value::Map(entries) => Value::Map(
                entries
                    .iter()
                    .map(|(k, v)| (Key { name: k.name.clone(), at: Mark::default() }, bare(v)))
                    .collect(),
            ),
            value => value.clone(),
        };
        Node { value, at: Mark::default() }
    }

    proptest! {
        #[test]
        fn json_is_read_as_yaml_without_a_change(tree in tree()) {
            prop_assert_eq!(bare(&read_document(&json(&tree)).unwrap()), tree);
        }
    }

    #[test]
    fn an_expression_is_one_that_go_parses() {
        let tree = read_document("{a: [1, x\"y, null, true, 1.5], b: {}, c: \"l\\n\"}").unwrap();
        assert_eq!(
            expression(&tree),
            r#"(dict "a" (list 1 "x\"y" nil true 1.5) "b" (dict) "c" "l\u000a")"#
        );
    }
}
