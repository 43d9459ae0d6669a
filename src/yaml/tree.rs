//! From the scanner's events to the tree, as go-yaml v2 decodes into plain Go values:
//! keys become strings, `<<` merges, aliases are expanded within Go's bounds.

use std::collections::HashMap;

use granit_parser::{Event, Options, Parser, ScalarStyle, Span, options};

use super::{
    Key, Mark, Node, Value, YamlError,
    entries::Entries,
    scalar::{self, Scalar},
    scanner::{self, Difference, Mend},
    text::count,
};

/// How deep collections may nest. Go allows 10,000; no object comes near, and the tree is
/// walked by recursion.
const DEPTH: usize = 1_000;
/// How many bytes of text aliases may copy in one document: a bound of our own beside Go's.
const ALIAS_BYTES: usize = 64 << 20;

/// Why a document could not be built.
pub(crate) enum Stop {
    /// The text must be changed and read again.
    Mend(Vec<Mend>),
    Error(YamlError),
}

impl From<YamlError> for Stop {
    fn from(error: YamlError) -> Self {
        Self::Error(error)
    }
}

/// The scanner's nearest to go-yaml.
pub(crate) fn options() -> Options {
    options! {
        emit_comments: false,
        emit_anchor_events: true,
        bom_inside_document_as_content: true,
        block_scalar_eof_without_line_feed: true,
        flow_nesting_limit: 10_000,
        block_nesting_limit: 10_000,
    }
}

/// Reads the first document of a text; `None` where there is none.
pub(crate) fn first_document(text: &str) -> Result<Option<Node>, Stop> {
    let mut builder = Builder::default();
    let mut separators = text.matches(scanner::SEPARATORS).count();
    for event in Parser::new_from_str_with_options(text, options()) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => {
                if let Some(mend) = scanner::mend_error(text, &error) {
                    return Err(Stop::Mend(vec![mend]));
                }
                let at = Mark {
                    line: u32::try_from(error.marker().line()).unwrap_or(u32::MAX),
                    column: count(error.marker().col()),
                };
                return Err(YamlError { at, message: error.info() }.into());
            }
        };
        match scanner::difference(text, &event, span, builder.in_flow()) {
            None => {}
            Some(Difference::Mend(mends)) => return Err(Stop::Mend(mends)),
            Some(Difference::Refuse(message)) => {
                return Err(YamlError { at: mark(span), message: message.into() }.into());
            }
        }
        if let Event::Scalar(_, style, ..) = &event {
            if separators > 0 && !builder.awaits_key() {
                separators -= scanner::harmless_separators(text, span, *style);
            }
            if builder.in_flow() && builder.awaits_key() && scanner::is_key_over_lines(text, span) {
                let message = "this key and its `:` are not on one line".into();
                return Err(YamlError { at: mark(span), message }.into());
            }
        }
        builder.take(event, span)?;
        if builder.root.is_some() {
            // To go-yaml a `%` in the first column is a directive, here out of place.
            let rest = span.byte_range().and_then(|range| text.get(range.end..)).unwrap_or("");
            if rest.trim_start().starts_with('%') {
                let message = "`%` cannot start a line here".into();
                return Err(YamlError { at: Mark::default(), message }.into());
            }
            break;
        }
    }
    if separators > 0 {
        let message = "U+2028 or U+2029 outside a quoted value is a line break to Go and cannot be \
                       read here; write it as `\\L` or `\\P` in double quotes";
        return Err(YamlError { at: Mark::default(), message: message.into() }.into());
    }
    Ok(builder.root)
}

pub(crate) fn mark(span: Span) -> Mark {
    Mark {
        line: u32::try_from(span.start.line()).unwrap_or(u32::MAX),
        column: count(span.start.col()),
    }
}

/// A finished node and what its uses need.
#[derive(Clone)]
struct Done {
    content: Content,
    at: Mark,
    is_merge: bool,
    is_alias: bool,
    /// How many nodes go-yaml decodes to get it.
    decodes: usize,
    /// About how many bytes it holds.
    bytes: usize,
}

/// Scalars keep Go's type until it is known whether they are a key or a value.
#[derive(Clone)]
enum Content {
    Scalar(Scalar),
    Collection(Value),
}

impl Done {
    fn into_node(self) -> Result<Node, YamlError> {
        let value = match self.content {
            Content::Collection(value) => value,
            Content::Scalar(Scalar::Null) => Value::Null,
            Content::Scalar(Scalar::Bool(value)) => Value::Bool(value),
            Content::Scalar(Scalar::Int(value)) => Value::Number(value as f64),
            Content::Scalar(Scalar::Uint(value)) => Value::Number(value as f64),
            Content::Scalar(Scalar::Float(value)) if !value.is_finite() => {
                let message = "infinity and not-a-number cannot be JSON".into();
                return Err(YamlError { at: self.at, message });
            }
            Content::Scalar(Scalar::Float(value)) => Value::Number(value),
            Content::Scalar(Scalar::String(text)) => Value::String(text),
        };
        Ok(Node { value, at: self.at })
    }

    fn into_key(self) -> Result<Key, YamlError> {
        let at = self.at;
        let name = match self.content {
            Content::Scalar(scalar) => scalar.into_key(),
            Content::Collection(_) => Err("a list or mapping cannot be a key"),
        };
        name.map(|name| Key { name, at })
            .map_err(|message| YamlError { at, message: message.into() })
    }
}

/// A collection that is still open.
struct Open {
    at: Mark,
    anchor: usize,
    flow: bool,
    decodes: usize,
    bytes: usize,
    items: Items,
}

enum Items {
    List(Vec<Node>),
    Map { entries: Entries, key: Option<PendingKey> },
}

enum PendingKey {
    Merge,
    Key(Key),
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, Option<Done>>,
    root: Option<Node>,
    decodes: usize,
    alias_decodes: usize,
    alias_bytes: usize,
}

impl Builder {
    fn in_flow(&self) -> bool {
        self.open.last().is_some_and(|open| open.flow)
    }

    fn awaits_key(&self) -> bool {
        self.open.last().is_some_and(|open| matches!(open.items, Items::Map { key: None, .. }))
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), YamlError> {
        let at = mark(span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                let tag = tag.map(|tag| format!("{}{}", tag.handle(), tag.suffix()));
                let tag = tag.as_deref().unwrap_or_default();
                let is_merge = text == "<<"
                    && (plain && tag.is_empty() || tag == "!" || tag.ends_with(":merge"));
                let scalar = scalar::resolve(tag, plain, &text)
                    .map_err(|message| YamlError { at, message })?;
                self.count(at, 1, false)?;
                self.finish(
                    Done {
                        content: Content::Scalar(scalar),
                        at,
                        is_merge,
                        is_alias: false,
                        decodes: 1,
                        bytes: text.len() + 64,
                    },
                    anchor,
                )
            }
            Event::Alias(id) => self.alias(id, at),
            Event::SequenceStart(style, anchor, _) => {
                let flow = style == granit_parser::StructureStyle::Flow;
                self.start(at, anchor, flow, Items::List(Vec::new()))
            }
            Event::MappingStart(style, anchor, _) => {
                let flow = style == granit_parser::StructureStyle::Flow;
                let items = Items::Map { entries: Entries::default(), key: None };
                self.start(at, anchor, flow, items)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            _ => Ok(()),
        }
    }

    fn start(
        &mut self,
        at: Mark,
        anchor: usize,
        flow: bool,
        items: Items,
    ) -> Result<(), YamlError> {
        if self.open.len() >= DEPTH {
            return Err(YamlError { at, message: format!("nested deeper than {DEPTH} levels") });
        }
        self.count(at, 1, false)?;
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
        self.open.push(Open { at, anchor, flow, decodes: 1, bytes: 0, items });
        Ok(())
    }

    fn end(&mut self) -> Result<(), YamlError> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let value = match open.items {
            Items::List(items) => Value::List(items),
            Items::Map { entries, .. } => Value::Map(entries.into_list()),
        };
        let done = Done {
            content: Content::Collection(value),
            at: open.at,
            is_merge: false,
            is_alias: false,
            decodes: open.decodes,
            bytes: open.bytes,
        };
        self.finish(done, open.anchor)
    }

    fn alias(&mut self, id: usize, at: Mark) -> Result<(), YamlError> {
        let error = |message: &str| YamlError { at, message: message.into() };
        let target = match self.anchors.get(&id) {
            Some(Some(done)) => done,
            Some(None) => return Err(error("this alias stands inside the value it names")),
            None => return Err(error("this alias names nothing")),
        };
        self.alias_bytes += target.bytes;
        if self.alias_bytes > ALIAS_BYTES {
            return Err(error("aliases make this document too large"));
        }
        let mut done = target.clone();
        done.is_alias = true;
        done.is_merge = false;
        done.decodes += 1;
        self.count(at, 1, false)?;
        self.count(at, done.decodes - 1, true)?;
        self.put(done)
    }

    /// Go's bound on what aliases may expand to (`decode.go`).
    fn count(&mut self, at: Mark, decodes: usize, by_alias: bool) -> Result<(), YamlError> {
        const LOW: f64 = 400_000.0;
        const HIGH: f64 = 4_000_000.0;
        self.decodes += decodes;
        if by_alias {
            self.alias_decodes += decodes;
        }
        if self.alias_decodes <= 100 || self.decodes <= 1000 {
            return Ok(());
        }
        let all = self.decodes as f64;
        let allowed = 0.99 - 0.89 * ((all - LOW) / (HIGH - LOW)).clamp(0.0, 1.0);
        if self.alias_decodes as f64 / all > allowed {
            return Err(YamlError { at, message: "document contains excessive aliasing".into() });
        }
        Ok(())
    }

    fn finish(&mut self, done: Done, anchor: usize) -> Result<(), YamlError> {
        if anchor != 0 {
            self.anchors.insert(anchor, Some(done.clone()));
        }
        self.put(done)
    }

    /// Puts a finished node where it belongs: root, item, key or value.
    fn put(&mut self, done: Done) -> Result<(), YamlError> {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(done.into_node()?);
            return Ok(());
        };
        open.decodes += done.decodes;
        open.bytes += done.bytes;
        match &mut open.items {
            Items::List(items) => items.push(done.into_node()?),
            Items::Map { entries, key } => match key.take() {
                None if done.is_merge => *key = Some(PendingKey::Merge),
                None => *key = Some(PendingKey::Key(done.into_key()?)),
                Some(PendingKey::Key(key)) => {
                    entries.insert(key, done.into_node()?);
                }
                Some(PendingKey::Merge) => merge(entries, done)?,
            },
        }
        Ok(())
    }
}

/// Merging is positional: what stands later in the mapping wins, merged or not. Of a list
/// of mappings the earlier wins.
fn merge(entries: &mut Entries, done: Done) -> Result<(), YamlError> {
    let want_map = || YamlError {
        at: done.at,
        message: "map merge requires map or sequence of maps as the value".into(),
    };
    match done.content {
        Content::Collection(Value::Map(merged)) => {
            for (key, value) in merged {
                entries.insert(key, value);
            }
        }
        Content::Collection(Value::List(items)) if !done.is_alias => {
            if !items.iter().all(|item| matches!(item.value, Value::Map(_))) {
                return Err(want_map());
            }
            for item in items.into_iter().rev() {
                if let Value::Map(merged) = item.value {
                    for (key, value) in merged {
                        entries.insert(key, value);
                    }
                }
            }
        }
        _ => return Err(want_map()),
    }
    Ok(())
}
