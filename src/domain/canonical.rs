//! Canonical JSON: what is hashed. The bytes are those of Go's encoding/json.

use std::io::Write;

use crate::yaml::{Key, Node, Value};

/// Appends a value as compact JSON: keys sorted by bytes, numbers and strings as Go writes
/// them. Sorts the value's mappings on the way.
pub(super) fn write(out: &mut Vec<u8>, value: &mut Value) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => write_number(out, *number),
        Value::String(text) => write_string(out, text),
        Value::List(items) => {
            out.push(b'[');
            for (index, item) in items.iter_mut().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(out, &mut item.value);
            }
            out.push(b']');
        }
        Value::Map(entries) => write_map(out, entries),
    }
}

/// Appends a mapping; see [`write`].
pub(super) fn write_map(out: &mut Vec<u8>, entries: &mut [(Key, Node)]) {
    entries.sort_unstable_by(|(one, _), (other, _)| one.name.as_bytes().cmp(other.name.as_bytes()));
    out.push(b'{');
    for (index, (key, node)) in entries.iter_mut().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_string(out, &key.name);
        out.push(b':');
        write(out, &mut node.value);
    }
    out.push(b'}');
}

/// The shortest digits; `e` notation below 1e-6 and from 1e21 (encoding/json, `floatEncoder`).
fn write_number(out: &mut Vec<u8>, number: f64) {
    let size = number.abs();
    let written = if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{number:e}");
        match text.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => {
                write!(out, "{digits}e+{exponent}")
            }
            _ => write!(out, "{text}"),
        }
    } else {
        write!(out, "{number}")
    };
    written.expect("writing to a Vec cannot fail");
}

/// encoding/json, `appendString` with `escapeHTML`.
fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut from = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let escape: &[u8] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            8 => b"\\b",
            12 => b"\\f",
            b'<' => b"\\u003c",
            b'>' => b"\\u003e",
            b'&' => b"\\u0026",
            0..=31 => b"",
            // U+2028 and U+2029 end lines in JavaScript.
            0xe2 if bytes[at..].starts_with(b"\xe2\x80\xa8") => b"\\u2028",
            0xe2 if bytes[at..].starts_with(b"\xe2\x80\xa9") => b"\\u2029",
            _ => continue,
        };
        out.extend_from_slice(&bytes[from..at]);
        if escape.is_empty() {
            write!(out, "\\u{byte:04x}").expect("writing to a Vec cannot fail");
        } else {
            out.extend_from_slice(escape);
        }
        from = if byte == 0xe2 { at + 3 } else { at + 1 };
    }
    out.extend_from_slice(&bytes[from..]);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::yaml;

    fn canonical(text: &str) -> String {
        let mut node = yaml::read_document(text).unwrap();
        let mut out = Vec::new();
        write(&mut out, &mut node.value);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_are_written_as_go_writes_them() {
        for (number, want) in [
            ("1.0", "1"),
            ("-0.0", "-0"),
            ("0.000001", "0.000001"),
            ("0.0000001", "1e-7"),
            ("1e20", "100000000000000000000"),
            ("1e21", "1e+21"),
            ("-1.5e+300", "-1.5e+300"),
            ("9007199254740993", "9007199254740992"),
            ("5e-324", "5e-324"),
        ] {
            assert_eq!(canonical(number), want);
        }
    }

    #[test]
    fn strings_are_escaped_as_go_escapes_them() {
        assert_eq!(canonical(r#""<a&b>""#), r#""\u003ca\u0026b\u003e""#);
        assert_eq!(canonical(r#""\L\P\b\f\n\r\t\a\"\\é😀""#), {
            r#""\u2028\u2029\b\f\n\r\t\u0007\"\\é😀""#
        });
        // U+2027 begins with the same byte as U+2028.
        assert_eq!(canonical("\u{2027}"), "\"\u{2027}\"");
    }

    #[test]
    fn keys_are_sorted_by_bytes_at_every_level() {
        assert_eq!(
            canonical("{b: {é: 1, z: 2}, B: [{d: 1, c: 2}]}"),
            r#"{"B":[{"c":2,"d":1}],"b":{"z":2,"é":1}}"#
        );
    }

    proptest! {
        #[test]
        fn any_string_and_number_reads_back(text in any::<String>(), number in any::<f64>()) {
            prop_assume!(number.is_finite());
            let mut out = Vec::new();
            write_string(&mut out, &text);
            prop_assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
            out.clear();
            write_number(&mut out, number);
            let read = serde_json::from_slice::<f64>(&out).unwrap();
            prop_assert_eq!(read.to_bits(), number.to_bits());
        }
    }
}
