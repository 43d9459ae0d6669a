//! `vars`: from declarations and the environment to what the helmfile's template sees. Pure.

use crate::{
    build::Variables,
    project::Variable,
    report::{Reason, ReasonCode},
    yaml::{Key, Mark, Node, Value},
};

/// What stands before a variable's name in the environment where its value is provided.
const PROVIDED: &str = "TAZUNA_DRIFT_VAR_";

/// A value that may be a secret is at least this long; shorter ones from the environment
/// are words like `prod`, and hiding those would hide what messages say.
const LONG_ENOUGH_TO_HIDE: usize = 8;

/// The values of `vars`.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Resolved {
    /// In order of declaration.
    pub(super) values: Vec<(String, Node)>,
    /// What may not be shown.
    pub(super) secrets: Vec<String>,
}

/// Gives each variable its value.
///
/// # Errors
/// What Tazuna refuses too, and a secret that nobody provided: it is never fetched.
pub(super) fn resolve(
    vars: &[(String, Variable)],
    environment: &Variables,
) -> Result<Resolved, Reason> {
    let mut resolved = Resolved::default();
    for (name, variable) in vars {
        let value = match variable.from.as_deref() {
            Some("env") => {
                let value = from_environment(name, variable, environment)?;
                if value.len() >= LONG_ENOUGH_TO_HIDE {
                    resolved.secrets.push(value.to_owned());
                }
                text(value)
            }
            Some("static") => from_declaration(name, variable)?,
            Some("op") => {
                let value = provided(name, variable, environment)?;
                resolved.secrets.push(value.to_owned());
                text(value)
            }
            from => {
                let problem = match from {
                    None => "has no `from`".to_owned(),
                    Some(from) => format!("has `from: {from}`"),
                };
                return Err(invalid(name, &problem).hint("`from` is `env`, `static` or `op`"));
            }
        };
        resolved.values.push((name.clone(), value));
    }
    Ok(resolved)
}

fn from_environment<'v>(
    name: &str,
    variable: &Variable,
    environment: &'v Variables,
) -> Result<&'v str, Reason> {
    let Some(env) = &variable.env else {
        return Err(invalid(name, "comes from the environment and has no `env`"));
    };
    environment.get(env).ok_or_else(|| {
        invalid(name, &format!("comes from the environment, and {env} is not set"))
            .hint(format!("set {env} for this run as it is set where Tazuna applies"))
    })
}

fn from_declaration(name: &str, variable: &Variable) -> Result<Node, Reason> {
    match (&variable.text, &variable.slice, &variable.map) {
        (Some(value), None, None) => Ok(text(value)),
        (None, Some(items), None) => {
            Ok(node(Value::List(items.iter().map(|item| text(item)).collect())))
        }
        (None, None, Some(entries)) => {
            let entry = |(name, value): &(String, String)| {
                (Key { name: name.clone(), at: Mark::default() }, text(value))
            };
            Ok(node(Value::Map(entries.iter().map(entry).collect())))
        }
        (None, None, None) => {
            Err(invalid(name, "is static and has no `static`, `staticSlice` or `staticMap`"))
        }
        _ => Err(invalid(name, "has more than one of `static`, `staticSlice` and `staticMap`")),
    }
}

fn provided<'v>(
    name: &str,
    variable: &Variable,
    environment: &'v Variables,
) -> Result<&'v str, Reason> {
    match variable.op {
        Some(true) => {}
        Some(false) => {
            return Err(invalid(
                name,
                "has an `op` without all of `key`, `vault`, `item`, `field`",
            ));
        }
        None => return Err(invalid(name, "comes from 1Password and has no `op`")),
    }
    let provided = provided_by(name);
    environment.get(&provided).filter(|value| !value.is_empty()).ok_or_else(|| {
        let message =
            format!("the var `{name}` is a secret in 1Password, and secrets are never fetched");
        Reason::new(ReasonCode::NeedsSecret, message)
            .hint(format!("provide its value in {provided}, or compare with `--source tazuna`"))
    })
}

/// The environment variable that may provide a secret: `db-password` is provided by
/// `TAZUNA_DRIFT_VAR_DB_PASSWORD`.
fn provided_by(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    format!("{PROVIDED}{}", name.chars().map(plain).collect::<String>())
}

fn invalid(name: &str, problem: &str) -> Reason {
    Reason::new(ReasonCode::InvalidDeclaration, format!("the helmfile's var `{name}` {problem}"))
}

fn text(value: &str) -> Node {
    node(Value::String(value.to_owned()))
}

fn node(value: Value) -> Node {
    Node { value, at: Mark::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env() -> Variables {
        let pairs = [
            ("HOST", "a"),
            ("EMPTY", ""),
            ("LONG", "0123456789"),
            ("TAZUNA_DRIFT_VAR_DB_PASSWORD", "hunter2"),
        ];
        Variables::new(pairs.map(|(name, value)| (name.into(), value.into())))
    }

    fn var(from: &str) -> Variable {
        Variable { from: Some(from.to_owned()), ..Variable::default() }
    }

    fn one(name: &str, variable: Variable) -> Result<Resolved, Reason> {
        resolve(&[(name.to_owned(), variable)], &env())
    }

    #[test]
    fn each_source_gives_its_value() {
        for (variable, want) in [
            (Variable { env: Some("HOST".into()), ..var("env") }, text("a")),
            (Variable { env: Some("EMPTY".into()), ..var("env") }, text("")),
            (Variable { text: Some(String::new()), ..var("static") }, text("")),
            (
                Variable { slice: Some(vec!["x".into()]), ..var("static") },
                node(Value::List(vec![text("x")])),
            ),
            (Variable { op: Some(true), ..var("op") }, text("hunter2")),
        ] {
            assert_eq!(one("db-password", variable).unwrap().values[0].1, want);
        }
    }

    #[test]
    fn what_may_be_secret_is_told_apart() {
        let op = one("db-password", Variable { op: Some(true), ..var("op") }).unwrap();
        assert_eq!(op.secrets, ["hunter2"]);
        let long = one("l", Variable { env: Some("LONG".into()), ..var("env") }).unwrap();
        assert_eq!(long.secrets, ["0123456789"]);
        let short = one("h", Variable { env: Some("HOST".into()), ..var("env") }).unwrap();
        assert_eq!(short.secrets, [""; 0]);
    }

    #[test]
    fn what_tazuna_refuses_is_refused_and_a_secret_is_asked_for() {
        use ReasonCode::{InvalidDeclaration, NeedsSecret};
        for (variable, code, want) in [
            (Variable::default(), InvalidDeclaration, "has no `from`"),
            (var("vault"), InvalidDeclaration, "`from: vault`"),
            (var("env"), InvalidDeclaration, "has no `env`"),
            (
                Variable { env: Some("NONE".into()), ..var("env") },
                InvalidDeclaration,
                "NONE is not set",
            ),
            (var("static"), InvalidDeclaration, "has no `static`"),
            (
                Variable { text: Some("a".into()), map: Some(Vec::new()), ..var("static") },
                InvalidDeclaration,
                "more than one",
            ),
            (var("op"), InvalidDeclaration, "has no `op`"),
            (Variable { op: Some(false), ..var("op") }, InvalidDeclaration, "without all of"),
            (Variable { op: Some(true), ..var("op") }, NeedsSecret, "never fetched"),
        ] {
            let reason = one("token", variable).unwrap_err();
            assert_eq!(reason.code, code, "{reason:?}");
            assert!(reason.message.contains(want), "{reason:?}");
        }
    }
}
