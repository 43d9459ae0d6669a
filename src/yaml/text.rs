//! What must be settled about a text before a YAML 1.2 scanner may read it as Go's would.

use std::borrow::Cow;

use super::{Mark, YamlError};

/// Drops a byte-order mark at the start, makes NEL (U+0085) the line break it is in YAML
/// 1.1, and refuses the characters that go-yaml refuses (`readerc.go`).
pub(crate) fn prepare(text: &str) -> Result<Cow<'_, str>, YamlError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some((at, char)) = text.char_indices().find(|&(_, char)| !is_allowed(char)) {
        return Err(YamlError {
            at: mark(text, at),
            message: format!("the control character U+{:04X} is not allowed", char as u32),
        });
    }
    Ok(if text.contains('\u{85}') {
        Cow::Owned(text.replace('\u{85}', "\n"))
    } else {
        Cow::Borrowed(text)
    })
}

fn is_allowed(char: char) -> bool {
    matches!(
        char,
        ' '..='~' | '\n' | '\t' | '\r' | '\u{85}' | '\u{a0}'..='\u{d7ff}'
        | '\u{e000}'..='\u{fffd}' | '\u{10000}'..
    )
}

/// The place of a byte offset.
pub(crate) fn mark(text: &str, at: usize) -> Mark {
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Mark {
        line: count(before.bytes().filter(|&byte| byte == b'\n').count()),
        column: count(before[line_start..].chars().count()),
    }
}

/// A count from 0 as a place from 1.
pub(crate) fn count(from_zero: usize) -> u32 {
    u32::try_from(from_zero).map_or(u32::MAX, |value| value.saturating_add(1))
}

/// The place of a byte offset in a text that may not be UTF-8.
pub(crate) fn byte_mark(text: &[u8], at: usize) -> Mark {
    let before = &text[..at.min(text.len())];
    let line_start =
        before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    Mark {
        line: count(before.iter().filter(|&&byte| byte == b'\n').count()),
        column: count(String::from_utf8_lossy(&before[line_start..]).chars().count()),
    }
}
