//! `tazuna.hint.yaml`: defaults for `vars`, and rules that they must keep. Pure.

use super::format;
use crate::{
    project::{
        Variable,
        conform::conform,
        document::{field, items, text, texts},
        schema::HINT_FILE as SHAPE,
    },
    report::{Reason, ReasonCode},
    yaml::{self, Mark, Node, Value},
};

/// The file's name.
pub(super) const HINT_FILE: &str = "tazuna.hint.yaml";

/// A hint file whose own rules hold.
#[derive(Debug, Default)]
pub(super) struct Hint {
    vars: Vec<(String, HintVar)>,
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct HintVar {
    kind: Kind,
    required: bool,
    default: Option<Node>,
    format: Option<String>,
    required_with: Vec<String>,
    required_without: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    String,
    Slice,
    Map,
}

#[derive(Debug)]
struct Rule {
    vars: Vec<String>,
    message: Option<String>,
}

/// What is wrong, in one line.
type Problem = String;

impl Hint {
    /// Reads the file and checks it against itself, as Tazuna does.
    ///
    /// # Errors
    /// `shown` names the file.
    pub(super) fn read(content: &str, shown: &str) -> Result<Self, Reason> {
        let invalid = |problem: &str| {
            Reason::new(ReasonCode::InvalidDeclaration, format!("{shown}: {problem}"))
        };
        let tree = yaml::read_document(content).map_err(|error| {
            let line = error.at.line.max(1);
            invalid(&format!("line {line}: not YAML: {}", error.message))
        })?;
        let (root, findings) = conform(&tree, SHAPE);
        if let Some(mistake) = findings.mistakes.first() {
            return Err(invalid(&format!("line {}: {}", mistake.at.line, mistake.message)));
        }
        Self::of(&root).map_err(|problem| invalid(&problem))
    }

    fn of(root: &Node) -> Result<Self, Problem> {
        let vars = match field(root, "vars").map(|vars| &vars.value) {
            Some(Value::Map(vars)) => vars
                .iter()
                .map(|(key, node)| Ok((key.name.clone(), HintVar::of(&key.name, node)?)))
                .collect::<Result<Vec<_>, Problem>>()?,
            _ => Vec::new(),
        };
        let rules = items(root, "rules")
            .iter()
            .enumerate()
            .map(|(index, node)| Rule::of(index, node))
            .collect::<Result<_, _>>()?;
        let hint = Self { vars, rules };
        let known = |name: &String| hint.vars.iter().any(|(known, _)| known == name);
        for (name, var) in &hint.vars {
            let mut names = var.required_with.iter().chain(&var.required_without);
            if let Some(stranger) = names.find(|name| !known(name)) {
                return Err(format!(
                    "the var `{name}` refers to `{stranger}`, which is not declared"
                ));
            }
        }
        for (index, rule) in hint.rules.iter().enumerate() {
            if let Some(stranger) = rule.vars.iter().find(|name| !known(name)) {
                return Err(format!(
                    "rules[{index}] refers to `{stranger}`, which is not declared"
                ));
            }
        }
        Ok(hint)
    }

    /// Gives the variables that nobody declared their defaults, and checks all.
    ///
    /// # Errors
    /// The rule that does not hold.
    pub(super) fn apply(
        &self,
        declared: &[(String, Variable)],
        resolved: Vec<(String, Node)>,
    ) -> Result<Vec<(String, Node)>, Reason> {
        let broken = |problem: Problem| {
            Reason::new(ReasonCode::InvalidDeclaration, format!("{HINT_FILE}: {problem}"))
                .hint("give the Manifest the `vars` that its hint file asks for")
        };
        self.check_types(declared).map_err(broken)?;
        let given: Vec<&str> = resolved.iter().map(|(name, _)| name.as_str()).collect();
        let given = |name: &str| given.contains(&name);
        let mut added = Vec::new();
        for (name, var) in self.vars.iter().filter(|(name, _)| !given(name)) {
            if var.required {
                return Err(broken(format!("the var `{name}` is required")));
            }
            added.push((name.clone(), var.or_zero()));
        }
        for (name, var) in self.vars.iter().filter(|(name, _)| !given(name)) {
            if let Some(other) = var.required_with.iter().find(|other| given(other)) {
                return Err(broken(format!(
                    "the var `{name}` is required where `{other}` is given"
                )));
            }
        }
        for (name, var) in self.vars.iter().filter(|(name, _)| !given(name)) {
            let others = &var.required_without;
            if !others.is_empty() && !others.iter().any(|other| given(other)) {
                let others = others.join("`, `");
                return Err(broken(format!("the var `{name}` is required without `{others}`")));
            }
        }
        let broken_rule = self.rules.iter().find(|rule| !rule.vars.iter().any(|name| given(name)));
        let mut all = resolved;
        all.extend(added);
        self.check_formats(&all).map_err(broken)?;
        if let Some(rule) = broken_rule {
            let vars = rule.vars.join("`, `");
            let message = rule.message.clone();
            return Err(broken(
                message.unwrap_or_else(|| format!("one of `{vars}` must be given")),
            ));
        }
        Ok(all)
    }

    /// Whether what is declared has the form that the hint file says.
    fn check_types(&self, declared: &[(String, Variable)]) -> Result<(), Problem> {
        for (name, hint) in &self.vars {
            let Some((_, var)) = declared.iter().find(|(declared, _)| declared == name) else {
                continue;
            };
            let is_static = var.from.as_deref() == Some("static");
            let fits = match hint.kind {
                Kind::String => var.slice.is_none() && var.map.is_none(),
                Kind::Slice => !is_static || var.slice.is_some(),
                Kind::Map => !is_static || var.map.is_some(),
            };
            if !fits {
                return Err(format!("the var `{name}` must be a {}", hint.kind.as_str()));
            }
        }
        Ok(())
    }

    /// The value itself is not shown: it may be a secret.
    fn check_formats(&self, values: &[(String, Node)]) -> Result<(), Problem> {
        for (name, hint) in &self.vars {
            let Some(format) = &hint.format else { continue };
            let value = values.iter().find(|(given, _)| given == name);
            let text = value.and_then(|(_, value)| value.as_str()).unwrap_or_default();
            if !text.is_empty() && format::matches(format, text) == Some(false) {
                return Err(format!(
                    "the value of the var `{name}` is not of the format `{format}`"
                ));
            }
        }
        Ok(())
    }
}

impl HintVar {
    fn of(name: &str, node: &Node) -> Result<Self, Problem> {
        let kind = match text(node, "type").unwrap_or_default() {
            "string" => Kind::String,
            "slice" => Kind::Slice,
            "map" => Kind::Map,
            other => {
                return Err(format!(
                    "the var `{name}` has the type `{other}`; it is `string`, `slice` or `map`"
                ));
            }
        };
        let var = Self {
            kind,
            required: field(node, "required").is_some_and(|node| node.value == Value::Bool(true)),
            default: field(node, "default").cloned(),
            format: text(node, "format").map(ToOwned::to_owned),
            required_with: texts(node, "required_with"),
            required_without: texts(node, "required_without"),
        };
        let contradiction = |what| Err(format!("the var `{name}` is required and has {what}"));
        if var.required && var.default.is_some() {
            return contradiction("a default");
        }
        if let Some(format) = &var.format {
            if kind != Kind::String {
                return Err(format!("the var `{name}` has a format and is no string"));
            }
            if format::matches(format, "").is_none() {
                return Err(format!("the var `{name}` has the unknown format `{format}`"));
            }
        }
        if var.required && !var.required_with.is_empty() {
            return contradiction("`required_with`");
        }
        if var.required && !var.required_without.is_empty() {
            return contradiction("`required_without`");
        }
        Ok(var)
    }

    fn or_zero(&self) -> Node {
        let zero = || match self.kind {
            Kind::String => Value::String(String::new()),
            Kind::Slice => Value::List(Vec::new()),
            Kind::Map => Value::Map(Vec::new()),
        };
        self.default.clone().unwrap_or_else(|| Node { value: zero(), at: Mark::default() })
    }
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Slice => "slice",
            Self::Map => "map",
        }
    }
}

impl Rule {
    fn of(index: usize, node: &Node) -> Result<Self, Problem> {
        let kind = text(node, "type").unwrap_or_default();
        if kind != "oneof_required" {
            return Err(format!("rules[{index}] has the unknown type `{kind}`"));
        }
        let vars = texts(node, "vars");
        if vars.len() < 2 {
            return Err(format!("rules[{index}] needs two vars or more"));
        }
        Ok(Self { vars, message: text(node, "message").map(ToOwned::to_owned) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(hint: &str, vars: &[(&str, &str)]) -> Result<Vec<(String, Node)>, String> {
        let hint = Hint::read(hint, "h").map_err(|reason| reason.message)?;
        let static_ = |value: &str| Variable {
            from: Some("static".into()),
            text: Some(value.to_owned()),
            ..Variable::default()
        };
        let node = |value: &str| Node { value: Value::String(value.into()), at: Mark::default() };
        let declared: Vec<_> =
            vars.iter().map(|(name, value)| ((*name).to_owned(), static_(value))).collect();
        let resolved = vars.iter().map(|(name, value)| ((*name).to_owned(), node(value))).collect();
        hint.apply(&declared, resolved).map_err(|reason| reason.message)
    }

    #[test]
    fn what_nobody_declared_gets_its_default_or_its_types_zero() {
        let hint = "vars: {a: {type: string, default: x}, b: {type: string}, c: {type: slice}, \
                    d: {type: map}, e: {type: slice, default: [1, {k: v}]}}";
        let all = apply(hint, &[("b", "given"), ("other", "stays")]).unwrap();
        let value = |name: &str| all.iter().find(|(n, _)| n == name).unwrap().1.value.clone();
        assert_eq!(value("a"), Value::String("x".into()));
        assert_eq!(value("b"), Value::String("given".into()));
        assert_eq!(value("c"), Value::List(Vec::new()));
        assert_eq!(value("d"), Value::Map(Vec::new()));
        assert!(matches!(value("e"), Value::List(items) if items.len() == 2));
        assert_eq!(value("other"), Value::String("stays".into()));
    }

    #[test]
    fn each_rule_is_kept_or_named() {
        let string =
            |rest: &str| format!("vars: {{a: {{type: string{rest}}}, b: {{type: string}}}}");
        let rule = "vars: {a: {type: string}, b: {type: string}}\n\
                    rules: [{type: oneof_required, vars: [a, b]}]";
        let told = format!("{}, message: pick one}}]", rule.trim_end_matches("}]"));
        type Case<'a> = (String, &'a [(&'a str, &'a str)], Option<&'a str>);
        let cases: [Case<'_>; 15] = [
            (string(", required: true"), &[("b", "1")], Some("`a` is required")),
            (string(", required: true"), &[("a", "")], None),
            (string(", required_with: [b]"), &[("b", "1")], Some("required where `b`")),
            (string(", required_with: [b]"), &[], None),
            (string(", required_with: [b]"), &[("a", "1"), ("b", "1")], None),
            (string(", required_without: [b]"), &[], Some("required without `b`")),
            (string(", required_without: [b]"), &[("b", "1")], None),
            (string(", required_without: [b]"), &[("a", "1")], None),
            (string(", format: ip"), &[("a", "10.0.0.1")], None),
            (string(", format: ip"), &[("a", "")], None),
            (string(", format: ip"), &[("a", "hunter2")], Some("not of the format `ip`")),
            (rule.to_owned(), &[], Some("one of `a`, `b`")),
            (rule.to_owned(), &[("b", "")], None),
            (told, &[], Some("pick one")),
            ("vars: {a: {type: slice}}".to_owned(), &[("a", "1")], Some("must be a slice")),
        ];
        for (hint, vars, problem) in cases {
            match (apply(&hint, vars), problem) {
                (Ok(_), None) => {}
                (Err(message), Some(problem)) => {
                    assert!(message.contains(problem), "{hint}: {message}");
                    assert!(!message.contains("hunter2"));
                }
                (result, _) => panic!("{hint} {vars:?}: {result:?}"),
            }
        }
    }

    #[test]
    fn a_hint_file_that_contradicts_itself_is_refused() {
        for (hint, problem) in [
            ("vars: {a: {type: number}}", "type `number`"),
            ("vars: {a: {}}", "type ``"),
            ("vars: {a: {type: string, required: true, default: x}}", "required and has a default"),
            ("vars: {a: {type: slice, format: ip}}", "is no string"),
            ("vars: {a: {type: string, format: zip}}", "unknown format `zip`"),
            ("vars: {a: {type: string, required: true, required_with: [a]}}", "`required_with`"),
            ("vars: {a: {type: string, required_without: [z]}}", "refers to `z`"),
            ("rules: [{type: all, vars: [a, b]}]", "unknown type `all`"),
            ("rules: [{type: oneof_required, vars: [a]}]", "two vars"),
            (
                "vars: {a: {type: string}}\nrules: [{type: oneof_required, vars: [a, z]}]",
                "refers to `z`",
            ),
            ("vars: [a]", "vars"),
            ("a: [", "not YAML"),
        ] {
            let message = Hint::read(hint, "h").unwrap_err().message;
            assert!(message.contains(problem), "{hint}: {message}");
        }
    }
}
