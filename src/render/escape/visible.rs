//! Characters nobody can see, and text that is too long.

use std::borrow::Cow;

/// Whether a character hides, reorders or breaks the text around it.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Writes control, bidirectional and invisible characters as Rust and JSON write them
/// (`\n`, `\u202e`), so that the text is one line and looks like what it is.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c if is_hidden(c) && (c as u32) <= 0xffff => {
                shown.push_str(&format!("\\u{:04x}", c as u32));
            }
            c if is_hidden(c) => shown.push_str(&format!("\\u{{{:x}}}", c as u32)),
            c => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// UTF-16 units of a text: the larger of the ways GitHub may count characters.
pub fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// What a character may cost once it is escaped for Markdown, in UTF-16 units.
fn cost(c: char) -> usize {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | '-' | '/' => 1,
        '@' | '$' | '#' => 18,
        ':' => 14,
        '.' | '_' | '(' | ')' | '+' | '=' | ',' | ';' | '\'' => 2,
        c if c.is_ascii_punctuation() => 6,
        c => c.len_utf8(),
    }
}

/// What a text may cost once it is visible, cut to `most` and escaped, in UTF-16 units or
/// bytes, whichever are more.
pub fn cost_of(text: &str, most: usize) -> usize {
    let mut sum = 0;
    for c in text.chars() {
        sum += if is_hidden(c) { 14 } else { cost(c) };
        if sum >= most {
            return most;
        }
    }
    sum
}

/// Makes a text visible and cuts its middle out where, escaped, it would cost more than
/// about `most` UTF-16 units or bytes. Both ends stay: names differ at their ends.
pub fn cut(text: &str, most: usize) -> String {
    let shown = visible(text);
    if shown.len() <= most / 6 || shown.chars().map(cost).sum::<usize>() <= most {
        return shown.into_owned();
    }
    let half = most.saturating_sub(1) / 2;
    let mut left = half;
    let head: String = shown.chars().take_while(|c| take(&mut left, *c)).collect();
    let mut left = half;
    let mut tail: Vec<char> = shown.chars().rev().take_while(|c| take(&mut left, *c)).collect();
    tail.reverse();
    format!("{head}…{}", tail.into_iter().collect::<String>())
}

fn take(left: &mut usize, c: char) -> bool {
    let fits = cost(c) <= *left;
    *left = left.saturating_sub(cost(c));
    fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_spelt_out() {
        assert_eq!(visible("a\u{202e}b\r\n\t\0\u{1b}[31m"), "a\\u202eb\\r\\n\\t\\u0000\\u001b[31m");
        assert_eq!(visible("tag\u{e0041}"), "tag\\u{e0041}");
        assert_eq!(visible("東京 café"), "東京 café");
    }

    #[test]
    fn a_long_text_keeps_both_ends() {
        assert_eq!(cut("short", 20), "short");
        let long = format!("start{}end", "x".repeat(300));
        let short = cut(&long, 41);
        assert!(short.starts_with("start") && short.ends_with("end") && short.contains('…'));
        assert_eq!(short.chars().count(), 41);
    }
}
