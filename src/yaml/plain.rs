//! The YAML that kustomize (go-yaml v3) rewrites without changing what it means: read
//! here by its rules, and refused wherever there is a doubt.

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle};

use super::{
    Key, Mark, Node, Value,
    entries::Entries,
    scalar::{self, Scalar},
    scanner, tree,
};

/// Why a text is not plain: what was found. It may well be valid YAML.
pub type NotPlain = &'static str;

/// How deep collections may nest.
const DEPTH: usize = 200;

/// Reads a text that is one document; `None` where there is none. A missing final line
/// feed is not supplied.
///
/// # Errors
/// Anything that kustomize may read differently, rewrite, or refuse.
pub fn read(text: &str) -> Result<Option<Node>, NotPlain> {
    if !text.chars().all(|char| char == '\t' || is_printable(char)) {
        return Err("an unusual character");
    }
    if text.lines().any(|line| line.starts_with("...") || line.starts_with('%')) {
        return Err("a document end or directive");
    }
    // Blank or comment lines with a tab are errors to go-yaml where a key may begin.
    let tab_only = |line: &str| {
        let rest = line.trim_start();
        line[..line.len() - rest.len()].contains('\t') && (rest.is_empty() || rest.starts_with('#'))
    };
    if text.lines().any(tab_only) {
        return Err("a blank line with a tab");
    }
    let mut reader = Reader { text, open: Vec::new(), root: None };
    for event in Parser::new_from_str_with_options(text, tree::options()) {
        let (event, span) = event.map_err(|_| "YAML that cannot be read here")?;
        if matches!(event, Event::DocumentStart(..)) && reader.root.is_some() {
            return Err("a second document");
        }
        if scanner::difference(text, &event, span, reader.in_flow()).is_some() {
            return Err("YAML that is read in several ways");
        }
        reader.take(event, span)?;
    }
    Ok(reader.root)
}

/// What go-yaml's emitter writes as it is (`is_printable`), and the line feed.
fn is_printable(char: char) -> bool {
    matches!(
        char,
        '\n' | ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}'
        | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..
    )
}

struct Open {
    flow: bool,
    at: Mark,
    items: Items,
}

enum Items {
    List(Vec<Node>),
    Map(Entries, Option<Key>),
}

struct Reader<'a> {
    text: &'a str,
    open: Vec<Open>,
    root: Option<Node>,
}

impl Reader<'_> {
    fn in_flow(&self) -> bool {
        self.open.last().is_some_and(|open| open.flow)
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), NotPlain> {
        let at = tree::mark(span);
        match event {
            Event::Scalar(.., anchor, tag) if anchor != 0 || tag.is_some() => {
                Err("an anchor or tag")
            }
            Event::Scalar(text, style, ..) => self.scalar(&text, style, at, span),
            Event::SequenceStart(_, anchor, ref tag) | Event::MappingStart(_, anchor, ref tag)
                if anchor != 0 || tag.is_some() =>
            {
                Err("an anchor or tag")
            }
            Event::SequenceStart(style, ..) => self.start(style, at, Items::List(Vec::new())),
            Event::MappingStart(style, ..) => {
                self.start(style, at, Items::Map(Entries::default(), None))
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let open = self.open.pop().ok_or("YAML that cannot be read here")?;
                let value = match open.items {
                    Items::List(items) => Value::List(items),
                    Items::Map(entries, _) => Value::Map(entries.into_list()),
                };
                self.put(Node { value, at: open.at })
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) | Event::Anchor(..) => Err("an alias"),
            _ => Ok(()),
        }
    }

    fn start(&mut self, style: StructureStyle, at: Mark, items: Items) -> Result<(), NotPlain> {
        if self.awaits_key() {
            return Err("a list or mapping as a key");
        }
        if self.open.len() >= DEPTH {
            return Err("deep nesting");
        }
        self.open.push(Open { flow: style == StructureStyle::Flow, at, items });
        Ok(())
    }

    fn awaits_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { items: Items::Map(_, None), .. }))
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        at: Mark,
        span: Span,
    ) -> Result<(), NotPlain> {
        if !text.chars().all(|char| char == '\t' || is_printable(char)) {
            return Err("an unusual character in a string");
        }
        if text.contains('\n') && text.starts_with([' ', '\t', '\n']) {
            return Err("a text of several lines that starts with a blank");
        }
        let in_flow = self.in_flow();
        let is_key = self.awaits_key();
        if is_key && in_flow && scanner::is_key_over_lines(self.text, span) {
            return Err("a key of several lines");
        }
        let value = match style {
            ScalarStyle::Plain => plain(text)?,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Value::String(text.to_owned()),
            ScalarStyle::Literal | ScalarStyle::Folded => {
                block(text, style, self.text, span)?;
                Value::String(text.to_owned())
            }
        };
        if !is_key {
            if value == Value::Null && in_flow {
                return Err("null in a flow collection");
            }
            return self.put(Node { value, at });
        }
        let Value::String(name) = value else { return Err("a key that is no string") };
        if name.is_empty() || name.contains(['\n', '\t']) || name == "<<" {
            return Err("an unusual key");
        }
        if let Some(Open { items: Items::Map(_, key), .. }) = self.open.last_mut() {
            *key = Some(Key { name, at });
        }
        Ok(())
    }

    fn put(&mut self, node: Node) -> Result<(), NotPlain> {
        match self.open.last_mut().map(|open| &mut open.items) {
            None => self.root = Some(node),
            Some(Items::List(_)) if node.value == Value::Null => return Err("null in a list"),
            Some(Items::List(items)) => items.push(node),
            Some(Items::Map(entries, key)) => {
                let key = key.take().ok_or("a list or mapping as a key")?;
                if !entries.insert(key, node) {
                    return Err("a key that occurs twice");
                }
            }
        }
        Ok(())
    }
}

/// An unquoted scalar that means the same to go-yaml v2, v3 and encoding/json on the way.
fn plain(text: &str) -> Result<Value, NotPlain> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "true" | "True" | "TRUE" => return Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Value::Bool(false)),
        _ => {}
    }
    let bytes = text.as_bytes();
    if bytes.len() > 4 && bytes[4] == b'-' && bytes[..4].iter().all(u8::is_ascii_digit) {
        return Err("what may be a timestamp");
    }
    match scalar::resolve("", true, text).map_err(|_| "an odd scalar")? {
        Scalar::String(text) => Ok(Value::String(text)),
        // `yes`, `on`, `n`…: booleans to YAML 1.1, strings to kustomize.
        Scalar::Bool(_) => Ok(Value::String(text.to_owned())),
        Scalar::Int(value) if is_plain_number(text) => Ok(Value::Number(value as f64)),
        Scalar::Float(value) if is_plain_number(text) => Ok(Value::Number(value)),
        _ => Err("an unusual number"),
    }
}

/// Decimal integers and fractions of usual length, and octal as in `0644`.
fn is_plain_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.len() > 15 || text.starts_with("-0") {
        return false;
    }
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    match digits.split_once('.') {
        None => {
            all_digits(digits) && !digits.contains(['8', '9'])
                || !digits.starts_with('0') && all_digits(digits)
        }
        Some((whole, fraction)) => {
            all_digits(whole) && all_digits(fraction) && (whole == "0" || !whole.starts_with('0'))
        }
    }
}

/// Refuses the block scalars that change when they are written again.
fn block(text: &str, style: ScalarStyle, source: &str, span: Span) -> Result<(), NotPlain> {
    let end = span.byte_range().map_or(source.len(), |range| range.end);
    if end >= source.len() && !source.ends_with('\n') {
        return Err("a block scalar at an end without a line feed");
    }
    if text.starts_with([' ', '\n', '\t']) || text.trim().is_empty() || text.ends_with("\n\n") {
        return Err("a block scalar with blanks at an end");
    }
    if style == ScalarStyle::Folded {
        let folded = text.strip_suffix('\n').unwrap_or(text);
        if folded.contains('\n') || folded.ends_with([' ', '\t']) {
            return Err("a folded scalar of several lines");
        }
    }
    Ok(())
}
