//! Foreign text in GitHub's Markdown: as prose, as code, in a fence, in a comment.
//!
//! GitHub looks for mentions, issue numbers and math in the *rendered* text, where a
//! backslash or an entity is gone again. So the character that would start one gets an
//! element of its own: the name that follows is then in another text node.

use std::borrow::Cow;

use super::{Escaped, visible};

/// Foreign text as prose, in a paragraph, a list, a heading or a table cell.
pub fn text(foreign: &str) -> Escaped {
    part(foreign, true, true)
}

/// A part of a line: the first, the last, both, or neither.
fn part(foreign: &str, first: bool, last: bool) -> Escaped {
    let shown = visible(foreign);
    let chars: Vec<char> = shown.chars().collect();
    let mut out = String::with_capacity(shown.len() + 16);
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let after = chars.get(at + 1).copied();
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // In a table a backslash before a pipe is read before anything else is.
            '|' => out.push_str("&#124;"),
            // Math is also found in the source, before any element is.
            '$' => out.push_str("<span>&#36;</span>"),
            '@' => lone(&mut out, c),
            '#' if at == 0 => out.push_str("<span>#</span>"),
            '#' if after.is_some_and(char::is_alphanumeric) => lone(&mut out, c),
            '-' if is_digit(after) && follows_gh(&chars[..at]) => {
                lone(&mut out, c);
            }
            ':' if is_digit(before) && is_digit(after) => out.push(c),
            ':' if after.is_some_and(|c| !c.is_whitespace()) => lone(&mut out, c),
            '.' if follows_www(&chars[..at]) => lone(&mut out, c),
            // What would begin a list or underline a heading at the start of a line.
            '-' | '+' | '=' if at == 0 => escape(&mut out, c),
            '.' | ')'
                if at > 0
                    && after.is_none_or(char::is_whitespace)
                    && chars[..at].iter().all(char::is_ascii_digit) =>
            {
                escape(&mut out, c);
            }
            ' ' if (first && at == 0) || (last && after.is_none()) => out.push_str("&#32;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '!' | '~' => escape(&mut out, c),
            c => out.push(c),
        }
    }
    Escaped(out)
}

fn is_digit(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_ascii_digit())
}

fn lone(out: &mut String, c: char) {
    out.push_str("<span>");
    out.push(c);
    out.push_str("</span>");
}

fn escape(out: &mut String, c: char) {
    out.push('\\');
    out.push(c);
}

fn follows_gh(before: &[char]) -> bool {
    matches!(before, [.., g, h] if g.eq_ignore_ascii_case(&'g') && h.eq_ignore_ascii_case(&'h'))
}

fn follows_www(before: &[char]) -> bool {
    before.len() >= 3 && before[before.len() - 3..].iter().all(|c| c.eq_ignore_ascii_case(&'w'))
}

/// A message: prose, with what stands between single backticks as inline code.
pub fn message(foreign: &str) -> Escaped {
    let pieces: Vec<&str> = foreign.split('`').collect();
    // Code that touches code, or nothing, would read as a longer run of backticks.
    let inner = pieces.iter().skip(1).rev().skip(1);
    if pieces.len().is_multiple_of(2) || inner.into_iter().any(|piece| piece.is_empty()) {
        return text(foreign);
    }
    let escaped = pieces.iter().enumerate().map(|(at, piece)| match at % 2 {
        0 if piece.is_empty() => String::new(),
        0 => part(piece, at == 0, at + 1 == pieces.len()).into_string(),
        _ => code(piece).into_string(),
    });
    Escaped(escaped.collect())
}

/// Foreign text as inline code, outside tables.
pub fn code(foreign: &str) -> Escaped {
    let shown = visible(foreign);
    // Spaces alone are not stripped, and nothing at all is no code span.
    if shown.trim_matches(' ').is_empty() {
        return Escaped(format!("`{}`", if shown.is_empty() { " " } else { &*shown }));
    }
    let fence = "`".repeat(free_run(&shown));
    let bare = |c: Option<char>| matches!(c, Some('`' | ' '));
    let pad = if bare(shown.chars().next()) || bare(shown.chars().next_back()) { " " } else { "" };
    Escaped(format!("{fence}{pad}{shown}{pad}{fence}"))
}

/// Foreign text as inline code in a table cell, where a code span cannot hold every pipe.
pub fn cell(foreign: &str) -> Escaped {
    if !foreign.contains('|') {
        return code(foreign);
    }
    Escaped(format!("<code>{}</code>", text(foreign)))
}

/// Foreign lines as a fenced block, with a language word of ours.
pub fn fence<'a>(language: &'static str, lines: impl IntoIterator<Item = &'a str>) -> Escaped {
    let lines: Vec<Cow<'_, str>> = lines.into_iter().map(visible).collect();
    let longest = lines.iter().map(|line| free_run(line)).max().unwrap_or(1);
    let fence = "`".repeat(longest.max(3));
    let mut out = format!("{fence}{language}\n");
    for line in &lines {
        out.push_str(line);
        out.push('\n');
    }
    out.push_str(&fence);
    Escaped(out)
}

/// One backtick more than the longest run in the text.
fn free_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest + 1
}

/// Foreign text inside `<!-- … -->`: it cannot end the comment, and stays readable.
pub fn html_comment(foreign: &str) -> Escaped {
    let shown = visible(foreign);
    let mut out = String::with_capacity(shown.len());
    for c in shown.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '-' if out.ends_with('-') => out.push_str("&#45;"),
            c => out.push(c),
        }
    }
    // `<!-- …-` and our own `-->` would make three.
    if out.ends_with('-') {
        out.pop();
        out.push_str("&#45;");
    }
    Escaped(out)
}
