//! Foreign text stays text: checked with a real CommonMark and GFM parser.

use comrak::{Arena, Options, nodes::NodeValue, parse_document};
use proptest::prelude::*;
use tazuna_drift::render::escape::{self, visible};

use crate::arbitrary::foreign;

/// GitHub's extensions.
pub(crate) fn options() -> Options<'static> {
    let mut options = Options::default();
    let on = &mut options.extension;
    on.strikethrough = true;
    on.table = true;
    on.autolink = true;
    on.tasklist = true;
    on.footnotes = true;
    on.math_dollars = true;
    on.math_code = true;
    on.alerts = true;
    options
}

/// A document as its text nodes (code apart) and the names of its other elements.
#[derive(Debug, Default)]
struct Seen {
    text: Vec<String>,
    code: Vec<String>,
    cells: usize,
    others: Vec<String>,
}

impl Seen {
    fn of(markdown: &str) -> Self {
        let arena = Arena::new();
        let mut seen = Self::default();
        let mut apart = true;
        for node in parse_document(&arena, markdown, &options()).descendants() {
            let value = &node.data.borrow().value;
            if let NodeValue::Text(text) = value {
                if apart {
                    seen.text.push(String::new());
                }
                seen.text.last_mut().unwrap().push_str(text);
                apart = false;
                continue;
            }
            apart = true;
            match value {
                NodeValue::Code(code) => seen.code.push(code.literal.clone()),
                NodeValue::HtmlInline(html)
                    if ["<span>", "</span>", "<code>", "</code>"].contains(&&**html) => {}
                NodeValue::TableCell => seen.cells += 1,
                NodeValue::Document | NodeValue::Paragraph => {}
                NodeValue::Table(_) | NodeValue::TableRow(_) => {}
                other => seen.others.push(format!("{other:?}")),
            }
        }
        seen
    }

    /// What GitHub would find in the rendered text, which it searches node by node.
    fn found_by_github(&self) -> Option<&String> {
        let live =
            regex::Regex::new(r"(?i)@[\w]|#\d|\bgh-\d|www\.|://|\$.*\$|:[a-z0-9_+-]+:").unwrap();
        self.text.iter().find(|text| live.is_match(text))
    }
}

/// How a word stands in our templates: alone, within a line, in a list, under a heading.
const PLACES: [&str; 4] = ["X\n", "before X after\n", "- X\n", "before: X\n"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn foreign_prose_is_prose(foreign in foreign(), place in 0usize..PLACES.len()) {
        let shown = visible(&foreign);
        prop_assume!(!shown.is_empty());
        let (before, after) = PLACES[place].split_once('X').unwrap();
        let markdown = format!("{before}{}{after}", escape::text(&foreign));
        let seen = Seen::of(&markdown);
        let others: Vec<_> = seen.others.iter()
            .filter(|o| !o.starts_with("List") && !o.starts_with("Item")).collect();
        prop_assert!(others.is_empty(), "{markdown:?}: {others:?}");
        prop_assert!(seen.code.is_empty());
        let (before, after) = (before.trim_start_matches("- "), after.trim_end());
        prop_assert_eq!(seen.text.concat(), format!("{before}{shown}{after}"), "{}", markdown);
        prop_assert_eq!(seen.found_by_github(), None, "{}", markdown);
    }

    #[test]
    fn a_foreign_message_is_prose_and_code(parts in proptest::collection::vec(foreign(), 1..4)) {
        let message = parts.join("`");
        let shown = visible(&message).replace('`', "");
        let seen = Seen::of(&format!("a {} b\n", escape::message(&message)));
        prop_assert!(seen.others.is_empty(), "{:?}", seen.others);
        prop_assert_eq!(seen.found_by_github(), None);
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
        let read = seen.text.concat() + &seen.code.concat();
        prop_assert_eq!(letters(&read), letters(&shown) + 2, "{}", read);
    }

    #[test]
    fn foreign_code_is_code(foreign in foreign()) {
        prop_assume!(!foreign.is_empty());
        let seen = Seen::of(&format!("a {} b\n", escape::code(&foreign)));
        prop_assert!(seen.others.is_empty(), "{:?}", seen.others);
        prop_assert_eq!(seen.code, vec![visible(&foreign).into_owned()]);
        prop_assert_eq!(seen.text.concat(), "a  b");
    }

    #[test]
    fn foreign_cells_stay_in_their_cell(one in foreign(), two in foreign(), three in foreign()) {
        prop_assume!(![&one, &two, &three].iter().any(|text| text.trim().is_empty()));
        let (a, b) = (escape::cell(&one), escape::cell(&two));
        let c = escape::text(&three);
        let seen = Seen::of(&format!("| a | b | c |\n| --- | --- | --- |\n| {a} | {b} | {c} |\n"));
        prop_assert_eq!(seen.cells, 6);
        prop_assert!(seen.others.is_empty(), "{:?}", seen.others);
        prop_assert_eq!(seen.found_by_github(), None);
        let shown = seen.code.concat() + &seen.text[3..].concat();
        let (one, two, three) = (visible(&one), visible(&two), visible(&three));
        let sum = |text: &str| text.chars().filter(|c| *c != ' ').map(u64::from).sum::<u64>();
        prop_assert_eq!(sum(&shown), sum(&one) + sum(&two) + sum(&three));
    }

    #[test]
    fn foreign_lines_stay_in_their_fence(lines in proptest::collection::vec(foreign(), 0..5)) {
        let fence = escape::fence("text", lines.iter().map(String::as_str));
        let arena = Arena::new();
        let markdown = format!("{fence}\n\nafter\n");
        let root = parse_document(&arena, &markdown, &options());
        let mut children = root.children();
        let block = children.next().unwrap();
        let NodeValue::CodeBlock(block) = &block.data.borrow().value else { panic!() };
        let shown: String = lines.iter().map(|line| format!("{}\n", visible(line))).collect();
        prop_assert_eq!(&block.literal, &shown);
        prop_assert_eq!(children.count(), 1);
    }

    #[test]
    fn foreign_text_cannot_end_a_comment(foreign in foreign()) {
        let seen = Seen::of(&format!("<!-- {} -->\n\nafter\n", escape::html_comment(&foreign)));
        prop_assert_eq!(seen.text, vec!["after"]);
        prop_assert_eq!(seen.others.len(), 1);
    }

    #[test]
    fn a_foreign_address_gives_one_link_or_none(foreign in foreign(), address in foreign()) {
        let web = format!("https://h.io/{address}");
        for (url, links) in [(Some(&address), 0), (Some(&web), 1), (None, 0)] {
            if url.is_some_and(|url| links == 0 && url.starts_with("http")) {
                continue;
            }
            let markdown = format!("a {}\n", escape::link(&foreign, url.map(|u| u.as_str())));
            let seen = Seen::of(&markdown);
            prop_assert_eq!(seen.others.len(), links, "{}: {:?}", markdown, seen.others);
            prop_assert!(seen.others.iter().all(|other| other.starts_with("Link")));
        }
    }

    #[test]
    fn a_shell_reads_back_one_word(words in proptest::collection::vec(foreign(), 1..3)) {
        prop_assume!(!words.iter().any(|word| word.contains('\0')));
        let command: Vec<String> = words.iter().map(|w| escape::shell_word(w)).collect();
        let run = std::process::Command::new("bash")
            .env("LC_ALL", "C.UTF-8")
            .args(["-c", &format!("printf '%s\\0' {}", command.join(" "))])
            .output();
        // A machine without bash proves nothing either way.
        let Ok(run) = run else { return Ok(()) };
        let expected: String = words.iter().map(|word| format!("{word}\0")).collect();
        prop_assert_eq!(String::from_utf8_lossy(&run.stdout), expected);
    }
}
