//! Whatever a Report holds: the text keeps its budget, is well formed and tells the counts.

use std::collections::BTreeMap;

use comrak::{
    Arena,
    nodes::{AstNode, NodeValue},
    parse_document,
};
use proptest::prelude::*;
use tazuna_drift::{
    domain::DiffType,
    render::{
        MarkdownOptions, Templates,
        escape::units,
        issue::{Detail, IssueOptions, Occasion, TazunaCommands, body, comment, title},
        markdown,
    },
    report::*,
};

use super::{escape, issue::options};
use crate::{arbitrary, reports};

/// The parts of a rendered document that must be right.
#[derive(Debug, Default)]
struct Document {
    /// Rows below a heading (tables without their head, list items).
    rows: BTreeMap<String, usize>,
    /// Cells of the table of counts, a row each.
    counts: Vec<Vec<String>>,
    problems: Vec<String>,
}

fn text_of<'a>(node: &'a AstNode<'a>) -> String {
    let mut text = String::new();
    for node in node.descendants() {
        match &node.data.borrow().value {
            NodeValue::Text(t) => text.push_str(t),
            NodeValue::Code(code) => text.push_str(&code.literal),
            _ => {}
        }
    }
    text
}

impl Document {
    fn of(markdown: &str) -> Self {
        let arena = Arena::new();
        let root = parse_document(&arena, markdown, &escape::options());
        let mut document = Self::default();
        let mut heading = String::new();
        let (mut open, mut rows) = (0i32, 0);
        for node in root.descendants() {
            let problem = match &node.data.borrow().value {
                NodeValue::Heading(h) if h.level == 2 => {
                    heading = text_of(node);
                    continue;
                }
                NodeValue::TableRow(is_head) => {
                    rows += 1;
                    if !is_head {
                        *document.rows.entry(heading.clone()).or_default() += 1;
                    }
                    let cells: Vec<String> = node.children().map(text_of).collect();
                    let of_counts = node.parent().and_then(|table| table.first_child());
                    if of_counts.map(text_of).is_some_and(|head| head.ends_with("looked at")) {
                        document.counts.push(cells);
                    }
                    continue;
                }
                NodeValue::Table(_) => {
                    rows += 1;
                    continue;
                }
                NodeValue::Item(_) => {
                    *document.rows.entry(heading.clone()).or_default() += 1;
                    continue;
                }
                NodeValue::CodeBlock(block) => (!block.closed).then(|| "open fence".to_owned()),
                NodeValue::HtmlBlock(html) => {
                    // What is folded belongs to no heading.
                    heading.clear();
                    open += html.literal.matches("<details>").count() as i32;
                    open -= html.literal.matches("</details>").count() as i32;
                    (!(0..=1).contains(&open)).then(|| format!("details: {open}"))
                }
                NodeValue::Link(link) => (!link.url.starts_with("https://github.com/acme/infra/"))
                    .then(|| link.url.clone()),
                NodeValue::HtmlInline(html) => {
                    let ours = ["span", "code", "b", "sub", "summary", "details"];
                    let name = html.trim_matches(['<', '/', '>']);
                    (!ours.contains(&name)).then(|| html.clone())
                }
                NodeValue::Image(_)
                | NodeValue::Math(_)
                | NodeValue::FootnoteReference(_)
                | NodeValue::TaskItem(_)
                | NodeValue::Strikethrough
                | NodeValue::BlockQuote
                | NodeValue::ThematicBreak => Some("foreign element".to_owned()),
                _ => None,
            };
            document.problems.extend(problem);
        }
        if open != 0 {
            document.problems.push(format!("{open} details stay open"));
        }
        // A row that a line was meant to be and that is none would break its table in two.
        let mut fence: Option<&str> = None;
        let mut lines = 0;
        for line in markdown.lines() {
            match fence {
                Some(end) if line == end => fence = None,
                Some(_) => {}
                None if line.starts_with("```") => {
                    fence = Some(line.trim_end_matches(|c: char| c != '`'));
                }
                None => lines += usize::from(line.starts_with("| ")),
            }
        }
        if lines != rows {
            document.problems.push(format!("{lines} lines look like rows, {rows} are"));
        }
        document
    }

    fn removed_rows(&self) -> usize {
        let below = |word: &str| {
            let rows = self.rows.iter().filter(|(heading, _)| heading.contains(word));
            rows.map(|(_, rows)| rows).sum::<usize>()
        };
        below("Removed: look") + below("State without a Manifest")
    }

    fn counted(&self, column: &str) -> usize {
        let Some(head) = self.counts.first() else { return 0 };
        let Some(at) = head.iter().position(|cell| cell == column) else { return 0 };
        self.counts[1..].iter().map(|row| row[at].parse().unwrap_or(0)).sum()
    }
}

fn tells_the_counts(report: &Report, document: &Document) -> Result<(), TestCaseError> {
    let named = report.manifests.iter().filter(|manifest| {
        !manifest.entries.is_empty()
            || manifest.outcome != ManifestOutcome::Compared
            || manifest.orphaned_state.is_some()
    });
    prop_assert_eq!(document.counts.len().saturating_sub(1), named.count(), "{:#?}", document);
    for diff_type in DiffType::ALL {
        let column = diff_type.as_str();
        prop_assert_eq!(document.counted(column), report.totals.count(diff_type), "{}", column);
    }
    Ok(())
}

fn has_anything(report: &Report) -> bool {
    report.has_drift() || !report.is_complete() || report.totals.orphaned_states > 0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_body_keeps_its_budget_and_tells_the_counts(
        report in arbitrary::report(12, 60), budget in 38_000usize..60_000, names in any::<bool>(),
    ) {
        let detail = if names { Detail::Names } else { Detail::Full };
        let options = IssueOptions { budget, detail, ..options() };
        let body = body(&report, &options);
        prop_assert!(units(&body) <= budget, "{}", units(&body));
        let document = Document::of(&body);
        prop_assert!(document.problems.is_empty(), "{:?}\n{body}", document.problems);
        if has_anything(&report) {
            tells_the_counts(&report, &document)?;
            let word = format!("{} removed · {} modified · {} added",
                report.totals.removed, report.totals.modified, report.totals.added);
            prop_assert!(body.contains(&word));
            prop_assert!(document.removed_rows() >= report.totals.removed.min(200));
        }
        let title = title(&report, &options).unwrap();
        prop_assert!(units(&title) <= 256 && title.lines().count() == 1);
    }

    #[test]
    fn a_tight_body_keeps_its_budget_and_its_totals(
        report in arbitrary::report(40, 30), budget in 9_000usize..20_000,
    ) {
        let body = body(&report, &IssueOptions { budget, ..options() });
        prop_assert!(units(&body) <= budget, "{}", units(&body));
        let document = Document::of(&body);
        prop_assert!(document.problems.is_empty(), "{:?}\n{body}", document.problems);
        if has_anything(&report) {
            let removed = format!("{} removed", report.totals.removed);
            prop_assert!(body.contains(&removed));
        }
    }

    #[test]
    fn the_same_facts_in_another_run_differ_in_run_and_time_alone(
        report in arbitrary::report(6, 60), now in arbitrary::time(),
    ) {
        let options = IssueOptions { budget: 12_000, ..options() };
        let mut later = report.clone();
        later.generated_at = now;
        later.phases.clear();
        if let Some(run) = &mut later.run {
            run.id = "4712000".into();
            run.url = Some("https://github.com/acme/infra/actions/runs/4712000".into());
        }
        let facts = |report: &Report| {
            let time = report.generated_at.strftime("%-d %b %Y, %H:%M UTC").to_string();
            body(report, &options).replace("4712000", "4711").replace(&time, "then")
        };
        prop_assert_eq!(facts(&report), facts(&later));
    }

    #[test]
    fn a_comment_is_one_short_line(report in arbitrary::report(8, 40)) {
        for occasion in [Occasion::News, Occasion::Clear, Occasion::Reopened] {
            let text = comment(&report, &occasion, &options());
            prop_assert!(units(&text) <= 20_000);
            prop_assert_eq!(text.lines().count(), 1);
            let document = Document::of(&text);
            prop_assert!(document.problems.is_empty(), "{:?}\n{text}", document.problems);
        }
    }

    #[test]
    fn a_summary_keeps_its_budget_and_tells_the_counts(
        report in arbitrary::report(12, 40), budget in proptest::option::of(60_000usize..200_000),
    ) {
        let options = MarkdownOptions { commands: TazunaCommands::ApplySync, budget };
        let text = markdown(&report, &Templates::built_in(), options).text;
        prop_assert!(text.len() <= budget.unwrap_or(usize::MAX));
        let document = Document::of(&text);
        prop_assert!(document.problems.is_empty(), "{:?}\n{text}", document.problems);
        if has_anything(&report) {
            tells_the_counts(&report, &document)?;
            if budget.is_none() {
                prop_assert_eq!(document.removed_rows(), report.totals.removed);
            }
        }
    }
}

/// `manifests` Manifests of `entries` entries each, with names of a usual length.
fn large(manifests: usize, entries: usize) -> Report {
    let types = [DiffType::Added, DiffType::Modified, DiffType::Removed];
    let manifest = |m: usize| {
        let name = format!("manifest-{m:05}");
        let key = |e: usize| format!("{name}/apps/v1/Deployment/namespace-{m}/deployment-{e:06}");
        let entries = (0..entries).map(|e| reports::entry(&key(e), types[e * 3 / entries]));
        reports::manifest(&name, &["all"], entries.collect())
    };
    reports::report((0..manifests).map(manifest).collect())
}

#[test]
fn a_flood_is_bounded_and_summed_up() {
    for report in [large(5, 10_000), large(5_000, 10), large(20_000, 0), large(50_000, 1)] {
        let body = body(&report, &options());
        assert!(units(&body) <= 40_000);
        let document = Document::of(&body);
        assert!(document.problems.is_empty(), "{:?}", document.problems);
        assert!(document.removed_rows() >= report.totals.removed.min(200));
        let text = markdown(
            &report,
            &Templates::built_in(),
            MarkdownOptions { budget: Some(1_000_000), ..MarkdownOptions::default() },
        );
        assert!(text.text.len() <= 1_000_000);
        assert!(Document::of(&text.text).problems.is_empty());
    }
    let body = body(&large(5_000, 10), &options());
    let rest = body.lines().find(|line| line.contains("more Manifests")).unwrap();
    let named = Document::of(&body).counts.len() - 1;
    assert_eq!(
        rest,
        format!("…and {} more Manifests with {} entries.", 5_000 - named, (5_000 - named) * 10)
    );
}
