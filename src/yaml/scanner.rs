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
    let range = span.byte_range()?;
    if let Event::Anchor(_, name) = event {
        return odd_name(name);
    }
    if let Event::Alias(_) = event {
        return odd_name(text.get(range)?.trim_start_matches('*'));
    }
    if !in_flow && event.is_node() && is_indented_by_tab(&text[..range.start]) {
        return Some(Difference::Refuse("a tab cannot indent"));
    }
    let Event::Scalar(_, style, ..) = event else { return None };
    let source = text.get(range.clone())?;
    match style {
        ScalarStyle::DoubleQuoted => refused_escape(source).map(Difference::Refuse),
        ScalarStyle::Plain if in_flow && !source.is_empty() => {
            if source.starts_with(':') {
                return Some(Difference::Refuse("`:` in a flow collection must be quoted"));
            }
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

/// go-yaml knows letters, digits, `_` and `-` in the names of anchors only.
fn odd_name(name: &str) -> Option<Difference> {
    let odd = |char: char| !char.is_ascii_alphanumeric() && char != '_' && char != '-';
    name.contains(odd).then_some(Difference::Refuse("this anchor's name has an odd character"))
}

/// In block context go-yaml skips no tab where a key may begin.
fn is_indented_by_tab(before: &str) -> bool {
    let rest = before.trim_end_matches([' ', '\t']);
    before[rest.len()..].contains('\t')
        && (rest.is_empty() || rest.ends_with(['\n', '\r', '-', '?']))
}

/// Escapes that are JSON's but not go-yaml's.
fn refused_escape(source: &str) -> Option<&'static str> {
    let bytes = source.as_bytes();
    let mut at = 0;
    while let Some(escape) = bytes[at..].iter().position(|&byte| byte == b'\\') {
        at += escape + 1;
        match bytes.get(at) {
            Some(b'/') => return Some("found unknown escape character `\\/`"),
            Some(b'u')
                if matches!(bytes.get(at + 1..at + 3), Some([b'd' | b'D', high])
                if matches!(high, b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F')) =>
            {
                return Some("found invalid Unicode character escape code (a surrogate)");
            }
            _ => {}
        }
        at = (at + 1).min(bytes.len());
    }
    None
}

/// Whether a scalar in a flow mapping has its `:` on a later line than it begins: to
/// go-yaml it is then no key, unless a `?` makes it one.
pub(crate) fn is_key_over_lines(text: &str, span: Span) -> bool {
    let Some(range) = span.byte_range() else { return false };
    let rest = &text[range.end..];
    let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    rest[blank..].starts_with(':')
        && text[range.start..range.end + blank].contains(['\r', '\n'])
        && !text[..range.start].trim_end_matches([' ', '\t', '\r', '\n']).ends_with('?')
}

/// U+2028 and U+2029 are line breaks to go-yaml only. Inside a quoted value they read the
/// same to both, unless blanks, an escape or another break stand beside them.
pub(crate) fn harmless_separators(text: &str, span: Span, style: ScalarStyle) -> usize {
    let quoted = matches!(style, ScalarStyle::DoubleQuoted | ScalarStyle::SingleQuoted);
    let Some(source) = span.slice(text).filter(|_| quoted) else { return 0 };
    let parts: Vec<&str> = source.split(SEPARATORS).collect();
    let odd = |part: &&str, first: bool, last: bool| {
        let edge = [' ', '\t', '\r', '\n'];
        part.is_empty()
            || (!last && (part.ends_with(edge) || part.ends_with('\\')))
            || (!first
                && (part.starts_with(edge) || part.starts_with("---") || part.starts_with("...")))
    };
    let last = parts.len() - 1;
    let harmless = !parts.iter().enumerate().any(|(at, part)| odd(part, at == 0, at == last));
    if harmless { last } else { 0 }
}

/// LS and PS.
pub(crate) const SEPARATORS: [char; 2] = ['\u{2028}', '\u{2029}'];

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
