//! From places in rendered text back to places in the file that people edit.

use super::template::Segment;
use crate::yaml::{Mark, Node, Value};

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// Line, from 1.
    pub(super) line: u32,
    /// Column in characters, from 1.
    pub(super) column: u32,
}

impl Place {
    /// From counts that start at 1.
    pub(super) fn new(line: usize, column: usize) -> Self {
        let narrow = |count: usize| u32::try_from(count.max(1)).unwrap_or(u32::MAX);
        Self { line: narrow(line), column: narrow(column) }
    }

    /// The place of a byte.
    pub(super) fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self::new(before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// From places in rendered text to places in the file.
#[derive(Debug)]
pub(super) struct SourceMap {
    source: Lines,
    output: Lines,
    /// By `start`; `None` where the text was not a template.
    segments: Option<Vec<Segment>>,
}

impl SourceMap {
    /// For text that was not changed.
    pub(super) fn identity(source: &str) -> Self {
        Self { source: Lines::of(source), output: Lines::default(), segments: None }
    }

    /// For `output`, rendered from `source`; `segments` in the order of the output.
    pub(super) fn new(source: &str, output: &str, segments: Vec<Segment>) -> Self {
        Self { source: Lines::of(source), output: Lines::of(output), segments: Some(segments) }
    }

    /// Whether the text was not changed.
    pub(super) fn is_identity(&self) -> bool {
        self.segments.is_none()
    }

    /// The place in the file of a place in the rendered text; both count from 1, columns
    /// in characters.
    pub(super) fn place(&self, line: u32, column: u32) -> Place {
        let Some(segments) = &self.segments else { return Place { line, column } };
        let offset = self.output.offset(line, column);
        // Of several that start here only the last one holds this byte.
        let following = segments.partition_point(|segment| segment.start <= offset);
        let Some(segment) = following.checked_sub(1).and_then(|at| segments.get(at)) else {
            return Place { line: 1, column: 1 };
        };
        let ahead = if segment.verbatim { offset - segment.start } else { 0 };
        self.source.place(segment.offset + ahead)
    }

    /// Gives every node of a tree its place in the file.
    pub(super) fn relocate(&self, node: &mut Node) {
        if self.segments.is_none() {
            return;
        }
        self.relocate_mark(&mut node.at);
        match &mut node.value {
            Value::List(items) => items.iter_mut().for_each(|item| self.relocate(item)),
            Value::Map(entries) => {
                for (key, value) in entries {
                    self.relocate_mark(&mut key.at);
                    self.relocate(value);
                }
            }
            _ => {}
        }
    }

    fn relocate_mark(&self, mark: &mut Mark) {
        let place = self.place(mark.line, mark.column);
        *mark = Mark { line: place.line, column: place.column };
    }
}

/// A text's lines, so that finding a place costs one short look.
#[derive(Debug, Default)]
struct Lines {
    text: String,
    starts: Vec<usize>,
}

impl Lines {
    fn of(text: &str) -> Self {
        let starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(newline, _)| newline + 1))
            .collect();
        Self { text: text.to_owned(), starts }
    }

    /// The byte at a place; a place behind the end of its line is that end.
    fn offset(&self, line: u32, column: u32) -> usize {
        let index = (line.max(1) as usize) - 1;
        let Some(&start) = self.starts.get(index) else { return self.text.len() };
        let end = self.starts.get(index + 1).copied().unwrap_or(self.text.len());
        let line = &self.text[start..end];
        let ahead = (column.max(1) as usize) - 1;
        start + line.char_indices().nth(ahead).map_or(line.len(), |(at, _)| at)
    }

    fn place(&self, offset: usize) -> Place {
        let line = self.starts.partition_point(|&start| start <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let before = self.text.get(start..offset).unwrap_or_default();
        Place::new(line, before.chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::template::render, *};

    fn places_of(needle: &str, source: &str) -> Vec<(u32, u32)> {
        let rendered = render(source, "prod").expect("renders");
        rendered
            .text
            .match_indices(needle)
            .map(|(offset, _)| {
                let at = Place::of(&rendered.text, offset);
                let place = rendered.map.place(at.line, at.column);
                (place.line, place.column)
            })
            .collect()
    }

    #[test]
    fn lines_that_an_action_took_away_do_not_count() {
        let source = "spec:\n{{- if .Environment }}\n  a: 1\n{{- end }}\n  b: 2\n";
        assert_eq!(places_of("a:", source), [(3, 3)]);
        assert_eq!(places_of("b:", source), [(5, 3)]);
    }

    #[test]
    fn trimmed_text_keeps_its_column() {
        assert_eq!(places_of("b:", "a: 1\n{{ \"\" -}}\n\n   b: 2\n"), [(4, 4)]);
    }

    #[test]
    fn what_an_action_prints_stands_where_the_action_stands() {
        let source = "a: x\nb: {{ .Environment }} c\n";
        assert_eq!(places_of("prod", source), [(2, 7)]);
        assert_eq!(places_of("c", source), [(2, 23)]);
    }

    #[test]
    fn repeated_text_points_at_its_one_source() {
        let source = "é: {{ range len \"ab\" }}\n- n: {{ . }}\n{{- end }}\nz: 1\n";
        assert_eq!(places_of("n:", source), [(2, 3), (2, 3)]);
        assert_eq!(places_of("z:", source), [(4, 1)]);
    }

    proptest! {
        #[test]
        fn text_around_actions_keeps_its_place(
            lines in prop::collection::vec("[a-zé ]{0,12}", 1..12),
            action in prop::sample::select(vec![
                "{{ .Environment }}", "{{- /* c */ -}}", "{{ \"a\\nb\\n\" }}", "{{ if false }}\nq\n{{ end }}",
            ]),
            at in 0usize..12,
        ) {
            let mut lines = lines;
            let at = at % lines.len();
            lines[at].push_str(action);
            lines.push("NEEDLE: 1".into());
            let source = lines.join("\n");
            let expected = Place::of(&source, source.find("NEEDLE").expect("is there"));
            prop_assert_eq!(places_of("NEEDLE", &source), [(expected.line, expected.column)]);
        }
    }
}
