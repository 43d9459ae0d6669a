//! A stream of documents as apimachinery's YAMLOrJSONDecoder splits it: JSON objects
//! first, else YAML documents divided by lines that start with `---`.

use super::{Node, Value, YamlError, json, read_document, text};

/// How far the decoder looks for a `{`, in bytes.
const GUESS: usize = 4_096;

/// The documents of a stream, read one by one; ends after the first error.
pub struct Documents<'a> {
    text: &'a [u8],
    at: usize,
    /// Line of `at`, from 0; only kept for YAML.
    line: u32,
    mode: Mode,
}

enum Mode {
    /// So many values were JSON.
    Json(usize),
    Yaml,
    Done,
}

/// Reads a stream of documents as Tazuna does. Each is a mapping; documents that are null
/// or empty are left out.
///
/// # Errors
/// What Go's decoder refuses, and a document that is no mapping.
pub fn documents(text: &[u8]) -> Documents<'_> {
    let json = is_json(&text[..text.len().min(GUESS)]);
    Documents { text, at: 0, line: 0, mode: if json { Mode::Json(0) } else { Mode::Yaml } }
}

fn is_json(start: &[u8]) -> bool {
    let valid = start.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    valid.trim_start().starts_with('{')
}

impl Iterator for Documents<'_> {
    type Item = Result<Node, YamlError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let document = match self.mode {
                Mode::Json(count) => match self.next_json(count) {
                    Some(document) => document,
                    None => continue,
                },
                Mode::Yaml => self.next_yaml(),
                Mode::Done => return None,
            };
            match document {
                Ok(Some(Node { value: Value::Null, .. })) => {}
                Ok(Some(node @ Node { value: Value::Map(_), .. })) => return Some(Ok(node)),
                Ok(None) => self.mode = Mode::Done,
                Ok(Some(node)) => {
                    self.mode = Mode::Done;
                    let message = "this document is not a mapping".into();
                    return Some(Err(YamlError { at: node.at, message }));
                }
                Err(error) => {
                    self.mode = Mode::Done;
                    return Some(Err(error));
                }
            }
        }
    }
}

impl<'a> Documents<'a> {
    /// `None` where the stream turned out to be YAML from here on.
    fn next_json(&mut self, count: usize) -> Option<Result<Option<Node>, YamlError>> {
        let error = match json::value(self.text, self.at) {
            None => return Some(Ok(None)),
            Some(Ok(parsed)) if matches!(parsed.node.value, Value::Map(_) | Value::Null) => {
                self.at = parsed.end;
                self.mode = Mode::Json(count + 1);
                return Some(Ok(Some(parsed.node)));
            }
            Some(Ok(_)) => YamlError {
                at: text::byte_mark(self.text, self.at),
                message: "this JSON value is not an object".into(),
            },
            Some(Err(error)) => error,
        };
        // Two objects make it JSON for good; before that Go tries YAML.
        if count > 1 || !self.skip_to_yaml() {
            return Some(Err(error));
        }
        self.line = text::byte_mark(self.text, self.at).line - 1;
        self.mode = Mode::Yaml;
        None
    }

    /// Skips white space up to and with one line feed. Go reads four bytes at a time here,
    /// so with fewer left it gives up.
    fn skip_to_yaml(&mut self) -> bool {
        loop {
            let Some(window) = self.text.get(self.at..self.at + 4) else { return false };
            let valid = window.utf8_chunks().next().map_or("", |chunk| chunk.valid());
            match valid.chars().next() {
                None | Some(char::REPLACEMENT_CHARACTER) => return false,
                Some(space) if space.is_whitespace() => {
                    self.at += space.len_utf8();
                    if space == '\n' {
                        return true;
                    }
                }
                Some(_) => return true,
            }
        }
    }

    fn next_yaml(&mut self) -> Result<Option<Node>, YamlError> {
        let first_line = self.line;
        let Some(chunk) = self.chunk()? else { return Ok(None) };
        let moved = |mut error: YamlError| {
            error.at.line = error.at.line.saturating_add(first_line);
            error
        };
        let chunk = match String::from_utf8(chunk) {
            Ok(chunk) => chunk,
            Err(error) => {
                let at = text::byte_mark(error.as_bytes(), error.utf8_error().valid_up_to());
                return Err(moved(YamlError { at, message: "this is not UTF-8".into() }));
            }
        };
        let mut node = read_document(&chunk).map_err(moved)?;
        node.at.line = node.at.line.saturating_add(first_line);
        Ok(Some(node))
    }

    /// The lines up to the next separator. A separator with nothing before it stays, so
    /// that a chunk may begin with `---`.
    fn chunk(&mut self) -> Result<Option<Vec<u8>>, YamlError> {
        let mut chunk = Vec::new();
        while let Some(line) = self.next_line() {
            if let Some(rest) = line.strip_prefix(b"---") {
                let valid = rest.utf8_chunks().next().map_or("", |chunk| chunk.valid());
                let rest_is_blank = valid.len() == rest.len() && valid.trim().is_empty();
                if !rest_is_blank && !valid.trim_start().starts_with('#') {
                    return Err(YamlError {
                        at: super::Mark { line: self.line, column: 1 },
                        message: "a line that starts with `---` ends the document and may hold \
                                  only a comment"
                            .into(),
                    });
                }
                if !chunk.is_empty() {
                    return Ok(Some(chunk));
                }
            }
            chunk.extend_from_slice(line);
            chunk.push(b'\n');
        }
        Ok((!chunk.is_empty()).then_some(chunk))
    }

    fn next_line(&mut self) -> Option<&'a [u8]> {
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return None;
        }
        self.line = self.line.saturating_add(1);
        let Some(end) = rest.iter().position(|&byte| byte == b'\n') else {
            self.at = self.text.len();
            return Some(rest);
        };
        self.at += end + 1;
        let line = &rest[..end];
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of the documents' fields, and the error that ends them.
    fn read(text: &str) -> (Vec<String>, Option<YamlError>) {
        let mut names = Vec::new();
        for document in documents(text.as_bytes()) {
            match document {
                Ok(Node { value: Value::Map(entries), .. }) => {
                    names.extend(entries.into_iter().map(|(key, _)| key.name));
                }
                Ok(other) => panic!("{other:?}"),
                Err(error) => return (names, Some(error)),
            }
        }
        (names, None)
    }

    fn names(text: &str) -> Vec<String> {
        let (names, error) = read(text);
        assert_eq!(error, None, "{text:?}");
        names
    }

    #[test]
    fn documents_are_divided_by_lines() {
        assert_eq!(names("a: 1\n---\nb: 2\n--- # c\nc: 3"), ["a", "b", "c"]);
        assert_eq!(names("a: 1\r\n---\r\nb: 2\r\n"), ["a", "b"]);
        assert_eq!(names("---\n---\n# nothing\n---\nnull\n"), Vec::<String>::new());
        assert_eq!(names("a: 1\n...\nb: 2\n---\nc: 3\n"), ["a", "c"]);
    }

    #[test]
    fn json_objects_follow_each_other_and_may_turn_into_yaml() {
        assert_eq!(names(r#" {"a":1}{"b":2} null {"c":3}"#), ["a", "b", "c"]);
        assert_eq!(names("{\"a\":1}\n---\nb: 2\n"), ["a", "b"]);
        assert_eq!(names("{a: 1}\n"), ["a"]);
        let (before, error) = read("{\"a\":1}\n{\"b\":2}\n---\nc: 3\n");
        assert_eq!(before, ["a", "b"]);
        assert!(error.unwrap().message.contains("not JSON"));
    }

    #[test]
    fn the_first_error_ends_the_stream_and_tells_its_line() {
        for (text, before, line) in [
            ("a: 1\n---\nb: [\n---\nc: 1\n", 1, 3),
            ("a: 1\n--- b\n", 0, 2),
            ("a: 1\n---\n- b\n", 1, 3),
            ("a: 1\n---\n\nb: \u{1}\n", 1, 4),
        ] {
            let (names, error) = read(text);
            let error = error.unwrap();
            assert_eq!((names.len(), error.at.line), (before, line), "{text:?}: {error}");
        }
    }
}
