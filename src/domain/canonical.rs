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
