//! From the bytes of a saved file to clean lines: encodings, colours, log prefixes.

use std::{borrow::Cow, sync::LazyLock};

use regex::Regex;

use crate::error::{Error, ErrorKind, Result};

/// The text of a saved file. PowerShell's redirection writes UTF-16 with a byte order
/// mark; anything else is UTF-8.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes).map(Cow::Owned),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes).map(Cow::Owned),
        [0xef, 0xbb, 0xbf, rest @ ..] => Ok(String::from_utf8_lossy(rest)),
        bytes => Ok(String::from_utf8_lossy(bytes)),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String> {
    let units: Vec<u16> =
        bytes.chunks(2).map(|pair| unit([pair[0], pair.get(1).copied().unwrap_or(0)])).collect();
    if !bytes.len().is_multiple_of(2) {
        return Err(Error::new(
            ErrorKind::Config,
            "the saved output is UTF-16 that ends in the middle of a character",
        ));
    }
    Ok(String::from_utf16_lossy(&units))
}

/// A line without colours, log prefix and carriage returns; leading blanks stay.
pub(super) fn clean(line: &str) -> Cow<'_, str> {
    let line = line.trim_end_matches('\r');
    // What a terminal would have overwritten (a spinner).
    let line = line.rsplit_once('\r').map_or(line, |(_, last)| last);
    let line = strip(&ANSI, line.into());
    let line = strip(&LOG_PREFIX, line);
    strip(&TRAILING, line)
}

fn strip<'a>(pattern: &Regex, line: Cow<'a, str>) -> Cow<'a, str> {
    match pattern.replace_all(&line, "") {
        Cow::Borrowed(_) => line,
        Cow::Owned(stripped) => Cow::Owned(stripped),
    }
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant and is tested")
}

static ANSI: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"));

/// What GitHub puts before each line of a log that is downloaded: a time; `gh run view
/// --log` puts job and step before it.
static LOG_PREFIX: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:[^\t]*\t[^\t]*\t)?\x{feff}?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)(?: |$)",
    )
});

static TRAILING: LazyLock<Regex> = LazyLock::new(|| pattern(r"\s+$"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_colours_and_line_ends_go_and_indentation_stays() {
        for line in [
            "  added  x\r",
            "\u{1b}[32m  added\u{1b}[0m  x",
            "2026-11-24T06:00:00.0000000Z   added  x",
            "drift\tRun tazuna\t2026-11-24T06:00:00.1234567Z   added  x",
            "⠋ building\r  added  x",
        ] {
            assert_eq!(clean(line), "  added  x", "{line:?}");
        }
        assert_eq!(clean("2026-11-24T06:00:00.0000000Z"), "");
    }

    #[test]
    fn powershells_redirection_is_read() {
        let text = "Manifest: a\r\n";
        let bytes = |to: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to).collect::<Vec<_>>();
        let little = [vec![0xff, 0xfe], bytes(u16::to_le_bytes)].concat();
        let big = [vec![0xfe, 0xff], bytes(u16::to_be_bytes)].concat();
        assert_eq!(decode(&little).unwrap(), text);
        assert_eq!(decode(&big).unwrap(), text);
        assert!(decode(&little[..little.len() - 1]).is_err());
        assert_eq!(decode(b"\xef\xbb\xbfManifest: a\r\n").unwrap(), text);
    }
}
