//! Takes secrets, colours and control characters out of a foreign tool's words. Pure.

use std::{borrow::Cow, sync::LazyLock};

use regex::Regex;

/// What stands in a secret's place.
const MASK: &str = "***";
/// Most times that a line is gone through.
const PASSES: usize = 8;

/// A text without what looks like a secret, without ANSI sequences and without control
/// characters but line ends. Rather too much is masked than too little.
pub fn scrub(text: &str) -> String {
    let mut scrubber = Scrubber::default();
    text.split('\n').map(|line| scrubber.line(line)).collect::<Vec<_>>().join("\n")
}

/// [`scrub`] for a text that comes line by line.
#[derive(Debug, Default)]
pub(super) struct Scrubber {
    pub(super) in_private_key: bool,
}

impl Scrubber {
    /// The scrubbed line; empty inside a private key.
    pub(super) fn line(&mut self, line: &str) -> String {
        let mut line = printable(line);
        if self.in_private_key {
            if let Some(end) = PRIVATE_KEY_END.find(&line) {
                self.in_private_key = false;
                line = format!("[private key]{}", &line[end.end()..]);
            } else if is_key_line(&line) {
                return String::new();
            } else {
                self.in_private_key = false;
            }
        }
        if let Some(begin) = PRIVATE_KEY_BEGIN.find(&line) {
            let (before, after) = (&line[..begin.start()], &line[begin.end()..]);
            line = match PRIVATE_KEY_END.find(after) {
                Some(end) => format!("{before}[private key]{}", &after[end.end()..]),
                None => {
                    self.in_private_key = true;
                    before.to_owned()
                }
            };
        }
        // What one mask leaves may be what another one looks for.
        for _ in 0..PASSES {
            let masked = masked(&line);
            if masked == line {
                break;
            }
            line = masked;
        }
        line
    }
}

fn masked(line: &str) -> String {
    PATTERNS.iter().fold(line.to_owned(), |line, (pattern, replacement)| {
        match pattern.replace_all(&line, replacement) {
            Cow::Borrowed(_) => line,
            Cow::Owned(masked) => masked,
        }
    })
}

/// PEM's body and its headers, indented or not.
fn is_key_line(line: &str) -> bool {
    let line = line.trim();
    !line.contains(' ') || line.starts_with("Proc-Type:") || line.starts_with("DEK-Info:")
}

fn printable(line: &str) -> String {
    let line = line.strip_suffix('\r').unwrap_or(line);
    ANSI.replace_all(line, "")
        .chars()
        .filter_map(|c| match c {
            '\t' => Some(' '),
            // Direction marks and zero-width characters can hide what a line says.
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}' => None,
            c if c.is_control() => None,
            c => Some(c),
        })
        .collect()
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant and is tested")
}

static ANSI: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\^_]")
});
static PRIVATE_KEY_BEGIN: LazyLock<Regex> =
    LazyLock::new(|| pattern("-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----"));
static PRIVATE_KEY_END: LazyLock<Regex> =
    LazyLock::new(|| pattern("-----END [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----"));

/// In order: the first ones mask what the later ones would mask only in part.
static PATTERNS: LazyLock<Vec<(Regex, String)>> = LazyLock::new(|| {
    [
        // Userinfo of a URL, up to the last `@` before the path. One slash is what a tool
        // leaves that takes the URL for a path and tidies it.
        (r"(?i)\b([a-z][a-z0-9+.-]*:/{1,3})[^\s/]+@", "${1}***@"),
        (r"(?i)(hooks\.slack\.com/(?:services|workflows|triggers)/)\S+", "${1}***"),
        (r"(?i)\b((?:proxy-)?authorization[\x22']?\s*[:=]\s*).+", "${1}***"),
        (r"(?i)\b(bearer\s+)[A-Za-z0-9._~+/=-]{8,}", "${1}***"),
        (r"(?i)\b(basic\s+)[A-Za-z0-9+/=_-]{16,}", "${1}***"),
        (r"\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|ops_eyJ)[A-Za-z0-9_-]{8,}", MASK),
        (r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}", MASK),
        (r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?", MASK),
        (
            concat!(
                r"(?i)([a-z0-9_.-]*(?:passw(?:or)?d|passphrase|pwd|secret|token|credential|",
                r"api[_-]?key|access[_-]?key|private[_-]?key|signature)[a-z0-9_.-]*",
                r#"["']?\s*[:=]\s*)((?:"(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s,;&"'])+)"#,
            ),
            "${1}***",
        ),
        (r#"(?i)(--?(?:password|token|secret)\s+)(?:"[^"]*"?|'[^']*'?|[^\s"'])+"#, "${1}***"),
    ]
    .into_iter()
    .map(|(text, replacement)| (pattern(text), replacement.to_owned()))
    .collect()
});

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_sense_of_a_message_stays_and_its_secret_goes() {
        for (text, want) in [
            (
                "fatal: unable to access 'https://bot:hunter2@git.example.com/a/b/': 403",
                "fatal: unable to access 'https://***@git.example.com/a/b/': 403",
            ),
            ("https://x:p@ss@host/a", "https://***@host/a"),
            ("lstat 'b/https:/bot:hunter2@host/x'", "lstat 'b/https:/***@host/x'"),
            ("password=hunter2 user=bob", "password=*** user=bob"),
            ("{\"password\": \"hun ter2\", \"a\": 1}", "{\"password\": ***, \"a\": 1}"),
            ("DB_PASSWORD: 'x y'", "DB_PASSWORD: ***"),
            ("token: abc", "token: ***"),
            ("Authorization: Basic dXNlcjpwYXNz", "Authorization: ***"),
            ("sent Bearer abcdefgh.ijk", "sent Bearer ***"),
            ("key AKIAIOSFODNN7EXAMPLE refused", "key *** refused"),
            ("AWS_SECRET_ACCESS_KEY=wJalrXUt/K7MD", "AWS_SECRET_ACCESS_KEY=***"),
            ("login --password hunter2 now", "login --password *** now"),
            ("\u{1b}[31mError:\u{1b}[0m no\u{7} such file\r", "Error: no such file"),
            (
                "a\n-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nb",
                "a\n\n\n[private key]\nb",
            ),
            (
                "-----BEGIN EC PRIVATE KEY-----\nMIIE\nthen something else",
                "\n\nthen something else",
            ),
        ] {
            assert_eq!(scrub(text), want);
        }
    }

    #[test]
    fn plain_words_of_the_tools_are_left_alone() {
        for text in [
            "Error: accumulating resources: accumulation err='accumulating resources from 'a.yaml': open /t/a.yaml: no such file or directory'",
            "error: yaml: line 3: did not find expected key",
            "see https://example.com/a@b and git@github.com:org/repo.git",
            "no matches for Id Secret.v1.[noGrp]/a.b; failed to find unique target for patch",
        ] {
            assert_eq!(scrub(text), text);
        }
    }

    proptest! {
        #[test]
        fn no_secret_shows_whatever_stands_around_it(
            before in "(\\PC{0,20} )?", after in "( \\PC{0,20})?",
            secret in "[a-zA-Z0-9]{20,40}", form in 0usize..9,
        ) {
            let planted = match form {
                0 => format!("https://user:{secret}@host/path"),
                1 => format!("password={secret}"),
                2 => format!("token: {secret}"),
                3 => format!("Bearer {secret}"),
                4 => format!("ghp_{secret}"),
                5 => format!("\"client_secret\":\"{secret}\""),
                6 => format!("ssh://{secret}@host"),
                7 => format!("-----BEGIN PRIVATE KEY-----\n{secret}\n-----END PRIVATE KEY-----"),
                _ => format!("pass\u{1b}[0mword=\u{1b}[1m{secret}"),
            };
            let text = format!("{before}{planted}{after}");
            prop_assert!(!scrub(&text).contains(&secret), "{}", scrub(&text));
        }

        #[test]
        fn what_is_scrubbed_has_no_control_characters_and_stays_as_it_is(
            text in "([\\x00-\\x7f]|\\PC|password=|://|@){0,60}",
        ) {
            let once = scrub(&text);
            prop_assert!(once.chars().all(|c| c == '\n' || !c.is_control()));
            prop_assert_eq!(scrub(&once), once);
        }
    }
}
