//! Where the YAML 1.2 scanner and go-yaml's 1.1 scanner part: each difference is found at
//! its event and either mended in the text, which is then read again, or refused.

use granit_parser::{Event, ScalarStyle, ScanError, Span};

/// A change of the text after which both scanners agree about this place.
#[derive(Debug)]
pub(crate) struct Mend {
    /// Byte offset.
    pub(crate) at: usize,
    /// How many bytes go.
    pub(crate) remove: usize,
    /// What comes instead.
    pub(crate) insert: &'static str,
}

/// What to do about an event on which the scanners part.
#[derive(Debug)]
pub(crate) enum Difference {
    Mend(Vec<Mend>),
    /// Go refuses it, or reads it in a way that is not worth imitating.
    Refuse(&'static str),
}

/// Compares what go-yaml's scanner would make of the place of an event.
pub(crate) fn difference(
    text: &str,
    event: &Event<'_>,
    span: Span,
    in_flow: bool,
) -> Option<Difference> {
    if let Some(tag) = span.tag_span().and_then(|span| span.byte_range()) {
        // In go-yaml `,`, `[` and `]` belong to a tag.
        let insert = match text.as_bytes().get(tag.end) {
            Some(b',') => Some("%2C"),
            Some(b'[') => Some("%5B"),
            Some(b']') => Some("%5D"),
            _ => None,
        };
        if let Some(insert) = insert {
            return Some(Difference::Mend(vec![Mend { at: tag.end, remove: 1, insert }]));
        }
    }
    let Event::Scalar(_, style, ..) = event else { return None };
    let range = span.byte_range()?;
    let source = text.get(range.clone())?;
    match style {
        ScalarStyle::DoubleQuoted if has_escaped_slash(source) => {
            Some(Difference::Refuse("found unknown escape character `\\/`"))
        }
        ScalarStyle::Plain if in_flow && !source.is_empty() => {
            if source.contains('?') {
                return Some(Difference::Refuse("`?` in a flow collection must be quoted"));
            }
            // YAML 1.2 ends `a` in `[a:]` where 1.1 reads on to `a:`.
            match text.as_bytes().get(range.end..range.end + 2) {
                Some([b':', b',' | b'[' | b']' | b'{' | b'}']) => Some(Difference::Mend(vec![
                    Mend { at: range.start, remove: 0, insert: "\"" },
                    Mend { at: range.end + 1, remove: 0, insert: "\"" },
                ])),
                _ => None,
            }
        }
        _ => None,
    }
}

/// `\'` in double quotes is an apostrophe to go-yaml and an error to the scanner.
pub(crate) fn mend_error(text: &str, error: &ScanError) -> Option<Mend> {
    // The error stands at the scalar's start or at the escape: look from there on.
    let from = error.marker().byte_offset()?;
    let quote = if text.as_bytes().get(from) == Some(&b'"') { from + 1 } else { from };
    let mut at = quote;
    let bytes = text.as_bytes();
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return None,
            b'\\' if bytes.get(at + 1) == Some(&b'\'') => {
                return Some(Mend { at, remove: 2, insert: "\\x27" });
            }
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    None
}

fn has_escaped_slash(source: &str) -> bool {
    let mut bytes = source.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'\\' && bytes.next() == Some(b'/') {
            return true;
        }
    }
    false
}

/// Applies mends, which must be in order and apart.
pub(crate) fn apply(text: &str, mends: &[Mend]) -> String {
    let mut mended = String::with_capacity(text.len() + 8 * mends.len());
    let mut from = 0;
    for mend in mends {
        mended.push_str(&text[from..mend.at]);
        mended.push_str(mend.insert);
        from = mend.at + mend.remove;
    }
    mended.push_str(&text[from..]);
    mended
}
