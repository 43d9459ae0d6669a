//! Foreign text as one word of a command that people copy into a shell.

/// Quotes where needed, so that the shell reads the text as one word and nothing else.
///
/// What cannot be seen is written in `$'…'`, so that the command shows what it holds.
pub fn shell_word(foreign: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./:=@%+,-".contains(c);
    if !foreign.is_empty() && foreign.chars().all(plain) {
        return foreign.to_owned();
    }
    let shown = super::visible(foreign);
    if shown == foreign {
        return format!("'{}'", foreign.replace('\'', r"'\''"));
    }
    let mut word = String::from("$'");
    for c in foreign.chars() {
        match c {
            '\\' | '\'' => word.extend(['\\', c]),
            c => match super::visible(c.encode_utf8(&mut [0; 4])) {
                same if same.starts_with(c) => word.push(c),
                // Bytes, because the shell of macOS does not know `\u`.
                _ => {
                    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                        word.push_str(&format!("\\x{byte:02x}"));
                    }
                }
            },
        }
    }
    word.push('\'');
    word
}

#[cfg(test)]
mod tests {
    use super::shell_word;

    #[test]
    fn plain_words_stay_and_others_are_quoted() {
        assert_eq!(shell_word("deploy/tazuna.yaml"), "deploy/tazuna.yaml");
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_word("it's; rm -rf $HOME `x`"), r"'it'\''s; rm -rf $HOME `x`'");
        assert_eq!(shell_word("~/x"), "'~/x'");
        assert_eq!(shell_word("a\nb'\u{202e}"), r"$'a\x0ab\'\xe2\x80\xae'");
    }
}
