//! Brings a YAML tree into the form of the schema, with the rules by which Go's
//! encoding/json and sigs.k8s.io/yaml fill a struct.

use super::{
    schema::{Field, Shape},
    suggestion::closest,
};
use crate::yaml::{Key, Mark, Node, Value};

/// What conforming found besides the tree.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// Values of a wrong type; Go refuses the file because of any of them.
    pub(crate) mistakes: Vec<Mistake>,
    /// What Go silently accepts and people should know.
    pub(crate) remarks: Vec<Remark>,
}

/// A value of a wrong type.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// Where.
    pub(crate) at: Mark,
    /// One sentence.
    pub(crate) message: String,
    /// What to do.
    pub(crate) hint: Option<String>,
}

/// What Go silently accepts and people should know.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Remark {
    /// Stable word for scripts.
    pub(crate) code: &'static str,
    /// Which value, such as `spec.manifests[0].tags`.
    pub(crate) path: String,
    /// Where.
    pub(crate) at: Mark,
    /// One sentence.
    pub(crate) message: String,
    /// What to do.
    pub(crate) hint: Option<String>,
}

/// The tree in the schema's form: fields have the schema's spelling, unknown ones are
/// gone, strings are strings. Nulls stay where they are the whole value or an element of
/// a list.
///
/// Like Go: a field's name matches whatever its case; where it is given more than once the
/// last spelling in byte order wins (sigs.k8s.io/yaml sorts the keys), mappings are merged
/// and null changes nothing.
pub(crate) fn conform(node: &Node, shape: Shape) -> (Node, Findings) {
    let mut findings = Findings::default();
    let node = findings.conform(node, shape, "");
    findings.mistakes.sort_by_key(|mistake| (mistake.at.line, mistake.at.column));
    findings.remarks.sort_by_key(|remark| (remark.at.line, remark.at.column));
    (node, findings)
}

impl Findings {
    fn conform(&mut self, node: &Node, shape: Shape, path: &str) -> Node {
        let value = match (shape, &node.value) {
            (_, Value::Null) => Value::Null,
            (Shape::Any, value) => value.clone(),
            (Shape::Text, Value::String(text)) => Value::String(text.clone()),
            (Shape::Text, Value::Bool(truth)) => {
                self.remark_boolean(node.at, *truth, path);
                Value::String(truth.to_string())
            }
            (Shape::Text, Value::Number(number)) => Value::String(number_as_text(*number)),
            (Shape::Bool, Value::Bool(truth)) => Value::Bool(*truth),
            (Shape::Whole, Value::Number(number)) if number.fract() == 0.0 => {
                Value::Number(*number)
            }
            (Shape::List(item), Value::List(items)) => Value::List(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, node)| self.conform(node, *item, &format!("{path}[{index}]")))
                    .collect(),
            ),
            (Shape::Map(item), Value::Map(entries)) => Value::Map(
                entries
                    .iter()
                    .map(|(key, node)| {
                        (key.clone(), self.conform(node, *item, &join(path, &key.name)))
                    })
                    .collect(),
            ),
            (Shape::Object(fields), Value::Map(entries)) => {
                Value::Map(self.conform_object(entries, fields, path))
            }
            (_, found) => {
                self.mistakes.push(mistake(node.at, shape, found, path));
                Value::Null
            }
        };
        Node { value, at: node.at }
    }

    fn conform_object(
        &mut self,
        entries: &[(Key, Node)],
        fields: &'static [Field],
        path: &str,
    ) -> Vec<(Key, Node)> {
        let mut sorted: Vec<&(Key, Node)> = entries.iter().collect();
        sorted.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
        let mut result: Vec<(Key, Node)> = Vec::with_capacity(sorted.len());
        for (key, node) in sorted {
            let Some((name, shape)) = field_of(&key.name, fields) else {
                self.remark_unknown(key, fields, path);
                continue;
            };
            let node = self.conform(node, *shape, &join(path, name));
            match result.iter_mut().find(|(given, _)| given.name == *name) {
                None => result.push((Key { name: (*name).to_owned(), at: key.at }, node)),
                Some((given, present)) => {
                    self.remarks.push(Remark {
                        code: "repeated-field",
                        path: join(path, name),
                        at: key.at,
                        message: format!(
                            "`{}` is given more than once, in different letter case",
                            join(path, name)
                        ),
                        hint: Some(format!(
                            "keep one `{name}`; Tazuna takes the last spelling in byte order"
                        )),
                    });
                    if node.value != Value::Null {
                        given.at = key.at;
                        *present = merge(present, node);
                    }
                }
            }
        }
        result.sort_by_key(|(key, _)| (key.at.line, key.at.column));
        result
    }

    fn remark_unknown(&mut self, key: &Key, fields: &[Field], path: &str) {
        let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
        self.remarks.push(Remark {
            code: "unknown-field",
            path: join(path, &key.name),
            at: key.at,
            message: format!(
                "Tazuna does not know the field `{}` and ignores it",
                join(path, &key.name)
            ),
            hint: closest(&key.name, &names).map(|near| format!("did you mean `{near}`?")),
        });
    }

    fn remark_boolean(&mut self, at: Mark, truth: bool, path: &str) {
        self.remarks.push(Remark {
            code: "boolean-as-string",
            path: path.to_owned(),
            at,
            message: format!(
                "`{path}` is a boolean in YAML 1.1, and Tazuna takes it for the string `{truth}`"
            ),
            hint: Some("put the value in quotes".into()),
        });
    }
}

/// A later mapping fills the same struct; anything else replaces.
fn merge(present: &Node, later: Node) -> Node {
    match (&present.value, later.value) {
        (Value::Map(old), Value::Map(new)) => {
            let mut merged = old.clone();
            for (key, node) in new {
                match merged.iter_mut().find(|(given, _)| given.name == key.name) {
                    None => merged.push((key, node)),
                    Some(_) if node.value == Value::Null => {}
                    Some((_, slot)) => *slot = node,
                }
            }
            Node { value: Value::Map(merged), at: later.at }
        }
        (_, value) => Node { value, at: later.at },
    }
}

/// The exact name first, then whatever the case, as encoding/json looks fields up.
fn field_of(key: &str, fields: &'static [Field]) -> Option<&'static Field> {
    fields
        .iter()
        .find(|(name, _)| *name == key)
        .or_else(|| fields.iter().find(|(name, _)| folds_to(key, name)))
}

/// Go's simple folding: besides ASCII, the long s and the Kelvin sign fold to letters.
fn folds_to(key: &str, name: &str) -> bool {
    let fold = |letter: char| match letter {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    };
    key.chars().map(fold).eq(name.chars().map(fold))
}

/// As sigs.k8s.io/yaml writes a number for a string field: whole numbers in full, others
/// as Go's `%g` with the shortest digits.
fn number_as_text(number: f64) -> String {
    // What YAML read as an integer and as a float is not told apart below: `1e6` gives
    // `1000000` here and `1e+06` in Go.
    if number.fract() == 0.0 && number.abs() < 1e21 {
        return format!("{number:.0}");
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf".into() } else { "-Inf".into() };
    }
    let scientific = format!("{number:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return number.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

fn mistake(at: Mark, shape: Shape, found: &Value, path: &str) -> Mistake {
    let place = if path.is_empty() { "the file".to_owned() } else { format!("`{path}`") };
    let hint = match (shape, found) {
        (Shape::List(_), Value::String(_) | Value::Number(_) | Value::Bool(_)) => {
            Some("write it as a list, also for one value: `[value]`".to_owned())
        }
        (Shape::List(_), Value::Map(_)) => Some("begin each element with `- `".to_owned()),
        (Shape::Bool, Value::String(_)) => Some("leave the quotes out".to_owned()),
        _ => None,
    };
    Mistake {
        at,
        message: format!("{place} must be {}, found {}", expected(shape), name(found)),
        hint,
    }
}

fn expected(shape: Shape) -> &'static str {
    match shape {
        Shape::Text => "a string",
        Shape::Bool => "true or false",
        Shape::Whole => "a whole number",
        Shape::List(Shape::Text) => "a list of strings",
        Shape::List(Shape::Object(_) | Shape::Map(_)) => "a list of mappings",
        Shape::List(_) => "a list",
        Shape::Map(_) | Shape::Object(_) => "a mapping",
        Shape::Any => "anything",
    }
}

/// The kind of value, never the value itself: it may be a secret.
fn name(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::List(_) => "a list",
        Value::Map(_) => "a mapping",
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape::Object(&[
        ("name", Shape::Text),
        ("tags", Shape::List(&Shape::Text)),
        ("kustomize", Shape::Object(&[("a", Shape::Text), ("b", Shape::Text)])),
        ("n", Shape::Whole),
    ]);

    fn text(value: &str) -> Node {
        Node { value: Value::String(value.into()), at: Mark::default() }
    }

    fn plain(value: Value) -> Node {
        Node { value, at: Mark::default() }
    }

    fn map(entries: Vec<(&str, Node)>) -> Node {
        let entries = entries
            .into_iter()
            .enumerate()
            .map(|(index, (name, node))| {
                let line = u32::try_from(index).expect("few entries") + 1;
                (Key { name: name.into(), at: Mark { line, column: 1 } }, node)
            })
            .collect();
        plain(Value::Map(entries))
    }

    fn field<'a>(node: &'a Node, name: &str) -> Option<&'a Value> {
        let Value::Map(entries) = &node.value else { return None };
        entries.iter().find(|(key, _)| key.name == name).map(|(_, node)| &node.value)
    }

    /// Each line was seen in a run of sigs.k8s.io/yaml 1.6.
    #[test]
    fn spellings_compete_as_in_go() {
        for (entries, expected) in [
            (vec![("name", text("a")), ("Name", text("b"))], "a"),
            (vec![("Name", text("b")), ("name", text("a"))], "a"),
            (vec![("NAME", text("b")), ("name", plain(Value::Null))], "b"),
            (vec![("NAME", text("a")), ("Name", text("b"))], "b"),
        ] {
            let (node, findings) = conform(&map(entries), SHAPE);
            assert_eq!(field(&node, "name"), Some(&Value::String(expected.into())));
            assert_eq!(findings.remarks.len(), 1);
            assert_eq!(findings.remarks[0].code, "repeated-field");
        }
    }

    #[test]
    fn repeated_mappings_are_merged() {
        let upper = map(vec![("a", text("upper")), ("b", text("kept"))]);
        let lower = map(vec![("a", text("lower"))]);
        let (node, _) = conform(&map(vec![("kustomize", lower), ("Kustomize", upper)]), SHAPE);
        let Some(Value::Map(merged)) = field(&node, "kustomize") else { panic!("no mapping") };
        let merged = plain(Value::Map(merged.clone()));
        assert_eq!(field(&merged, "a"), Some(&Value::String("lower".into())));
        assert_eq!(field(&merged, "b"), Some(&Value::String("kept".into())));
    }

    #[test]
    fn unusual_letters_fold_as_in_go() {
        let tags = plain(Value::List(vec![text("a")]));
        let (node, _) = conform(&map(vec![("tag\u{17f}", tags)]), SHAPE);
        assert!(field(&node, "tags").is_some());
        let (node, _) = conform(&map(vec![("\u{212a}ustomize", map(vec![]))]), SHAPE);
        assert!(field(&node, "kustomize").is_some());
    }

    #[test]
    fn scalars_become_strings_as_in_go() {
        for (number, expected) in [
            (12.0, "12"),
            (1.5, "1.5"),
            (420.0, "420"),
            (1_234_567.5, "1.2345675e+06"),
            (1e-7, "1e-07"),
            (1.5e300, "1.5e+300"),
            (f64::INFINITY, "+Inf"),
        ] {
            assert_eq!(number_as_text(number), expected);
        }
        let tags = plain(Value::List(vec![plain(Value::Bool(true)), plain(Value::Null)]));
        let (node, findings) = conform(&map(vec![("tags", tags)]), SHAPE);
        let Some(Value::List(tags)) = field(&node, "tags") else { panic!("no list") };
        assert_eq!(tags[0].value, Value::String("true".into()));
        assert_eq!(findings.remarks[0].code, "boolean-as-string");
        assert!(findings.mistakes.is_empty());
    }

    #[test]
    fn wrong_types_are_mistakes_that_name_no_value() {
        let (_, findings) = conform(&map(vec![("tags", text("hunter2"))]), SHAPE);
        assert_eq!(
            findings.mistakes[0].message,
            "`tags` must be a list of strings, found a string"
        );
        let (_, findings) = conform(&map(vec![("n", plain(Value::Number(1.5)))]), SHAPE);
        assert_eq!(findings.mistakes[0].message, "`n` must be a whole number, found a number");
        let (_, findings) = conform(&text("x"), SHAPE);
        assert_eq!(findings.mistakes[0].message, "the file must be a mapping, found a string");
    }
}
