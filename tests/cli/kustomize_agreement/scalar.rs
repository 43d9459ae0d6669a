//! Scalars as people write them, in every style, and as they come out by accident.

use super::random::Random;

/// Words that need no quotes.
const WORDS: [&str; 18] = [
    "a",
    "foo",
    "hello world",
    "http://x:80/?a=b&c",
    "x.y",
    "shop",
    "10m",
    "/bin/sh",
    "v1.2.3",
    "registry.example.com/x:v1",
    "$(VAR)",
    "${X}",
    "a=b",
    "--flag=1",
    "é漢😀",
    "a-b_c",
    "64Mi",
    "0 3 * * *",
];

/// Numbers, booleans and nulls in all spellings that are met in real files.
const VALUES: [&str; 24] = [
    "1",
    "0",
    "-3",
    "8080",
    "0644",
    "0755",
    "1.5",
    "0.5",
    "0.10",
    "1.0",
    "1.10",
    "100000000000",
    "true",
    "false",
    "True",
    "TRUE",
    "yes",
    "no",
    "on",
    "off",
    "y",
    "N",
    "Yes",
    "null",
];

/// Spellings that mean something else to one reader or the other.
const ODD: [&str; 60] = [
    "~",
    "1e3",
    "1E3",
    "1.0e+5",
    "0x1F",
    "0o17",
    "0b11",
    "1_000",
    "+12",
    "-0",
    "-0.0",
    "00",
    "08",
    "0.",
    ".5",
    "5.",
    ".inf",
    "-.Inf",
    ".nan",
    "1e400",
    "123456789012345678",
    "18446744073709551616",
    "9007199254740993",
    "0.30000000000000004",
    "2001-12-14",
    "2001-1-1",
    "12:30",
    "1:30:00",
    "2001-12-14T21:59:43Z",
    "=",
    "<<",
    "-",
    "?x",
    "-x",
    ":x",
    "x:",
    "NULL",
    "Null",
    "nUll",
    "oN",
    "_1",
    "1_",
    "0_7",
    "+",
    ".",
    "..",
    "0x",
    "0xg",
    "1e",
    "e1",
    "NaN",
    "inf",
    "a: b",
    "a #b",
    "\u{a0}",
    "\u{feff}a",
    "\u{200b}",
    "a\u{2028}b",
    "TRue",
    "!",
];

/// Lines of texts that go over several of them.
const LINES: [&str; 22] = [
    "set -e",
    "exec app --port=80",
    "  indented",
    "    more",
    "key: value",
    "# a comment",
    "- item",
    "",
    "",
    "\"quoted\"",
    "it's",
    "{{ .Values.x }}",
    "a\\b",
    "tab\there",
    "trailing ",
    "é漢😀",
    "|",
    "server { listen 80; }",
    "100%",
    "%a",
    "a: |",
    "----- BEGIN -----",
];

/// A value behind `key:` or `-`, from its blank to before its line feed. `indent` is the
/// column of the key.
pub(super) fn value(random: &mut Random, indent: usize) -> String {
    match random.below(100) {
        0..45 => format!(" {}", random.pick(&WORDS)),
        45..62 => format!(" {}", random.pick(&VALUES)),
        62..64 if odd(random) => format!(" {}", random.pick(&ODD)),
        62..80 => string(random, indent),
        80..92 => block(random, indent),
        92..94 => " {}".into(),
        94..96 => " []".into(),
        96..98 => format!(" [{}, \"b\", 3]", random.pick(&WORDS[..2])),
        98 => format!(" {{a: {}, \"b\": [c]}}", random.pick(&VALUES[..22])),
        _ => String::new(),
    }
}

/// A value that is certainly a string.
pub(super) fn string(random: &mut Random, indent: usize) -> String {
    let text = match random.below(10) {
        0..5 => random.pick(&WORDS).to_owned(),
        5..7 => random.pick(&VALUES).to_owned(),
        7 if random.chance(200) => random.pick(&ODD).to_owned(),
        7 => random.pick(&ODD[..54]).to_owned(),
        8 => String::new(),
        _ => format!("first\n{}", lines(random).join("\n")),
    };
    match random.below(20) {
        0..11 => format!(" \"{}\"", double_quoted(&text)),
        11..17 if !text.contains('\n') => format!(" '{}'", text.replace('\'', "''")),
        17 if text.contains(' ') && !text.contains(['\n', '*']) => over_lines(&text, indent),
        _ => format!(" {}", random.pick(&WORDS)),
    }
}

fn double_quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t")
}

/// A scalar that goes on in the next line.
fn over_lines(text: &str, indent: usize) -> String {
    format!(" {}", text.replacen(' ', &format!("\n{}", " ".repeat(indent + 2)), 1))
}

fn lines(random: &mut Random) -> Vec<&'static str> {
    (0..random.between(1, 6)).map(|_| random.pick(&LINES)).collect()
}

fn block(random: &mut Random, indent: usize) -> String {
    let mut lines = lines(random);
    if !odd(random) {
        // What people write: it starts and ends with something.
        lines.insert(0, "#!/bin/sh");
        lines.push("done");
    }
    let head = match odd(random) {
        true => random.pick(&["|+", ">", ">-", ">+", "|2", "|-2", "|1-"]),
        false => random.pick(&["|", "|", "|", "|-"]),
    };
    let folded = head.starts_with('>') && !odd(random);
    let lines = if folded { &lines[..1] } else { &lines[..] };
    let comment = if random.chance(50) { " # why" } else { "" };
    let margin = " ".repeat(indent + 2);
    let mut text = format!(" {head}{comment}");
    for line in lines {
        text.push('\n');
        if !line.is_empty() || random.chance(200) {
            text.push_str(&margin);
            text.push_str(line);
        }
    }
    if odd(random) {
        text.push_str(random.pick(&["\n", "\n\n", "\n  ", ""]));
    }
    text
}

/// Rare, so that most folders stay plain.
fn odd(random: &mut Random) -> bool {
    random.chance(12)
}
