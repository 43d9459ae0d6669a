//! Where gotmpl 0.6 differs from Go's text/template, and how that is put right.
//!
//! Found by running both over the same templates. What Go refuses and gotmpl takes without
//! harm stays taken: `{{ /* spaces */ }}`, an undefined variable in a branch that is not
//! run, a newline in a quoted string, `{{define}}` inside of `{{if}}`.

use std::borrow::Cow;

use gotmpl::parse::{ListNode, Node};

use super::{source_map::Place, template::TemplateFault};

/// Stands behind the file's text. Where it is not at the end of what was parsed, the
/// parser stopped early, as it silently does at an `{{end}}` that closes nothing.
pub(super) const END_MARK: &str = "\0end";

/// Whether the parser came to the end of the text.
pub(super) fn ends_with_mark(list: &ListNode) -> bool {
    matches!(list.nodes.last(), Some(Node::Text(text)) if text.text.ends_with(END_MARK))
}

/// An `{{end}}` or `{{else}}` that belongs to nothing, or an `{{if}}` and the like without
/// its `{{end}}`; which, and its place, by counting what opens and closes.
pub(super) fn unbalanced(source: &str) -> TemplateFault {
    let mut open: Vec<(&str, usize)> = Vec::new();
    let mut at = 0;
    let mut stray = None;
    while let Some(offset) = source[at..].find("{{").map(|found| at + found) {
        at = offset + 2;
        let word = source[at..].strip_prefix('-').unwrap_or(&source[at..]).trim_start();
        let word = word.split(|letter: char| !letter.is_ascii_alphabetic()).next();
        match word.unwrap_or_default() {
            word @ ("if" | "range" | "with" | "define" | "block") => open.push((word, offset)),
            word @ ("end" | "else") if open.is_empty() => {
                stray = Some((word, offset));
                break;
            }
            "end" => drop(open.pop()),
            _ => {}
        }
    }
    let place = |offset| Some(Place::of(source, offset));
    let (at, problem) = match (stray, open.last()) {
        (Some((word, offset)), _) => (place(offset), format!("unexpected `{{{{{word}}}}}`")),
        (None, Some((word, offset))) => {
            (place(*offset), format!("this `{{{{{word}}}}}` has no `{{{{end}}}}`"))
        }
        (None, None) => (None, "it has too many or too few `{{end}}`".to_owned()),
    };
    let hint =
        "each `{{if}}`, `{{range}}`, `{{with}}`, `{{block}}` and `{{define}}` needs one `{{end}}`";
    TemplateFault {
        at,
        message: format!("the template cannot be read: {problem}"),
        hint: Some(hint.to_owned()),
    }
}

/// The same text with every comment turned into an action of the same length that prints
/// nothing: gotmpl 0.6 trims the text behind `{{- /* … */}}`, where Go trims only the
/// text before it.
pub(super) fn without_comments(source: &str) -> Cow<'_, str> {
    let mut result = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(start) = source[at..].find("{{").map(|found| at + found + 2) {
        let body = match source[start..].strip_prefix('-') {
            Some(trimming) => start + 1 + (trimming.len() - trimming.trim_start().len()),
            None => start,
        };
        if !source[body..].starts_with("/*") {
            at = source[start..].find("}}").map_or(source.len(), |end| start + end);
            continue;
        }
        // An unclosed comment stays, for the parser to refuse.
        let Some(end) = source[body..].find("*/").map(|end| body + end + 2) else { break };
        result.push_str(&source[copied..body]);
        result.push_str("\"\"");
        let blank = |byte: u8| if byte == b'\n' { '\n' } else { ' ' };
        result.extend(source.as_bytes()[body + 2..end].iter().copied().map(blank));
        copied = end;
        at = end;
    }
    if copied == 0 {
        return Cow::Borrowed(source);
    }
    result.push_str(&source[copied..]);
    Cow::Owned(result)
}

#[cfg(test)]
mod tests {
    use super::super::template::render;

    #[test]
    fn comments_trim_only_where_they_say_so() {
        for (source, expected) in [
            ("a {{- /* c */ }} b", "a b"),
            ("a {{/* c */ -}} b", "a b"),
            ("a {{- /* c\nd */ -}} b", "ab"),
            ("a:\n  {{/* x */ -}}\n  b {{- /* z */}} d", "a:\n  b d"),
            ("{{/* x */}}{{/* y */}}a", "a"),
            ("{{ \"/* no */\" }} {{ \"{{/* no */}}\" }} x", "/* no */ {{/* no */}} x"),
            ("{{ \"}}\" }}{{/* c }} */}}a", "}}a"),
            ("spec:\n  {{- /* é */}}\n  a: {{/* x */}}1", "spec:\n  a: 1"),
        ] {
            assert_eq!(render(source, "").expect("renders").text, expected, "{source}");
        }
        assert!(render("a\n{{/* b", "").is_err());
    }
}
