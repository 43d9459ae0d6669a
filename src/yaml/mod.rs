//! YAML as Go reads it: text → [`Node`] tree with places. Pure.

mod entries;
mod json;
pub mod plain;
mod scalar;
mod scanner;
mod stream;
mod text;
mod tree;

use std::{borrow::Cow, fmt};

pub use stream::{Documents, documents};

/// How often a text is mended and read again before it counts as too odd.
const MENDS: usize = 64;

/// Reads the first document of a text by Go's YAML 1.1 rules (sigs.k8s.io/yaml, go-yaml
/// v2). A text without a document is null. What follows the document is not looked at.
///
/// # Errors
/// What go-yaml refuses, or what cannot be JSON, and where.
///
/// ```
/// let node = tazuna_drift::yaml::read_document("enabled: yes").unwrap();
/// assert_eq!(node.get("enabled").unwrap().value, tazuna_drift::yaml::Value::Bool(true));
/// ```
pub fn read_document(text: &str) -> Result<Node, YamlError> {
    let mut text = text::prepare(text)?;
    for _ in 0..MENDS {
        let mends = match tree::first_document(&text) {
            Ok(node) => {
                return Ok(node.unwrap_or(Node { value: Value::Null, at: Mark::default() }));
            }
            Err(tree::Stop::Error(error)) => return Err(error),
            Err(tree::Stop::Mend(mends)) => mends,
        };
        text = Cow::Owned(scanner::apply(&text, &mends));
    }
    Err(YamlError { at: Mark::default(), message: "too many YAML 1.1 oddities".into() })
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it begins.
    pub at: Mark,
}

impl Node {
    /// The value of a key, where this is a mapping that has it.
    pub fn get(&self, name: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(entries) => {
                entries.iter().find(|(key, _)| key.name == name).map(|(_, node)| node)
            }
            _ => None,
        }
    }

    /// The text, where this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

/// A place in the text that was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// JSON data, as Go gets it from YAML: every number is a float64.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, or nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A string.
    String(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping in the order of the text, no key twice (the last one wins).
    Map(Vec<(Key, Node)>),
}

/// A mapping's key and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The key as a string.
    pub name: String,
    /// Where it begins.
    pub at: Mark,
}

/// Why a text cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    /// Where.
    pub at: Mark,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for YamlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.at.line, self.at.column, self.message)
    }
}

impl std::error::Error for YamlError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(node: &Node) -> String {
        match &node.value {
            Value::Null => "null".into(),
            Value::Bool(value) => value.to_string(),
            Value::Number(value) => value.to_string(),
            Value::String(text) => format!("{text:?}"),
            Value::List(items) => {
                format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(","))
            }
            Value::Map(entries) => {
                let entries =
                    entries.iter().map(|(key, value)| format!("{}:{}", key.name, shown(value)));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
            }
        }
    }

    fn read(text: &str) -> String {
        match read_document(text) {
            Ok(node) => shown(&node),
            Err(error) => format!("error at {error}"),
        }
    }

    #[test]
    fn values_and_keys_follow_yaml_1_1() {
        assert_eq!(read("a: yes\non: 0644\n1.0: 0b11\nb: ~"), "{a:true,true:420,1:3,b:null}");
        assert_eq!(read("a: 'yes'\nb: !!str 12\nc: !!int \"12\""), r#"{a:"yes",b:"12",c:12}"#);
        assert_eq!(read(""), "null");
        assert_eq!(read("a: 1\na: 2"), "{a:2}");
    }

    #[test]
    fn merging_is_positional_and_of_a_list_the_earlier_wins() {
        let base = "a: &a {k: a}\nb: &b {k: b, l: b}\n";
        assert!(read(&format!("{base}c: {{k: c, <<: *a}}")).ends_with(r#"c:{k:"a"}}"#));
        assert!(read(&format!("{base}c: {{<<: *a, k: c}}")).ends_with(r#"c:{k:"c"}}"#));
        assert!(read(&format!("{base}c: {{<<: [*a, *b]}}")).contains(r#"k:"a""#));
        assert_eq!(read("{\"<<\": {k: v}}"), r#"{<<:{k:"v"}}"#);
        assert!(read("<<: 3").starts_with("error"));
    }

    #[test]
    fn aliases_cannot_cycle_or_blow_up() {
        assert!(read("a: &a [*a]").starts_with("error at line 1, column 8"));
        let mut bomb = String::from("a0: &a0 [x, x]\n");
        for level in 1..30 {
            let below = level - 1;
            bomb.push_str(&format!("a{level}: &a{level} [*a{below}, *a{below}]\n"));
        }
        assert!(read(&bomb).contains("excessive aliasing"));
    }

    #[test]
    fn the_scanners_of_yaml_1_1_and_1_2_are_reconciled() {
        assert_eq!(read(r#"{a: "it\'s", l: [a:, b]}"#), r#"{a:"it's",l:["a:","b"]}"#);
        assert_eq!(read("[x, !!str, y]"), r#"["x","y"]"#);
        assert!(read("a: \"\\/\"").starts_with("error at line 1, column 4"));
        assert!(read("[a?b]").starts_with("error"));
        assert_eq!(read("a: \"x\u{85}y\""), r#"{a:"x y"}"#);
    }

    #[test]
    fn places_are_told_from_one() {
        let node = read_document("a:\n  - b: 1\n    é: x").unwrap();
        let Value::List(items) = &node.get("a").unwrap().value else { panic!() };
        let Value::Map(entries) = &items[0].value else { panic!() };
        assert_eq!(entries[1].0.at, Mark { line: 3, column: 5 });
        assert_eq!(entries[1].1.at, Mark { line: 3, column: 8 });
        assert_eq!(read_document("a: b\n c: d").unwrap_err().at.line, 2);
    }
}
