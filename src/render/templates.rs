//! The templates: embedded, strict, escaped by default, and one by one replaceable.

use std::{collections::BTreeMap, fs, path::Path};

use minijinja::{
    AutoEscape, Environment, Error as TemplateError, ErrorKind as TemplateErrorKind, Output, State,
    UndefinedBehavior, Value, syntax::SyntaxConfig,
};

use super::escape::{self, Escaped};
use crate::{
    domain::ContentHash,
    error::{Error, ErrorKind, Result},
};

/// Macros that the other templates share.
pub const MACROS: &str = "macros.md.j2";
/// The Markdown report and the job summary.
pub const SUMMARY: &str = "summary.md.j2";
/// The body of the issue.
pub const ISSUE: &str = "issue.md.j2";
/// A comment on the issue.
pub const COMMENT: &str = "comment.md.j2";

/// Every template by name, with the text that is built in.
pub const BUILT_IN: [(&str, &str); 4] = [
    (MACROS, include_str!("../../templates/macros.md.j2")),
    (SUMMARY, include_str!("../../templates/summary.md.j2")),
    (ISSUE, include_str!("../../templates/issue.md.j2")),
    (COMMENT, include_str!("../../templates/comment.md.j2")),
];

/// A rendered text, and what was wrong with the user's templates on the way.
#[derive(Debug)]
pub struct Rendered {
    /// The text; from the built-in template where the user's failed.
    pub text: String,
    /// One error per broken template: its name, the line, and why. Not empty means that
    /// [`Self::text`] is not what the user asked for.
    pub warnings: Vec<Error>,
}

/// The templates to render with.
#[derive(Debug)]
pub struct Templates {
    built_in: Environment<'static>,
    /// The built-in ones with the user's in their places; absent without any.
    user: Option<Environment<'static>>,
    /// The user's templates that are no templates, by name.
    broken: BTreeMap<String, TemplateError>,
    digest: String,
}

impl Templates {
    /// The built-in templates.
    pub fn built_in() -> Self {
        Self {
            built_in: environment(&BTreeMap::new()).0,
            user: None,
            broken: BTreeMap::new(),
            digest: String::new(),
        }
    }

    /// The built-in templates, with those in the folder `directory` (`--template-dir`) in
    /// their places. A file that is no valid template is told when it is rendered.
    ///
    /// # Errors
    /// A folder or file that cannot be read, and a `*.j2` file that overrides nothing.
    pub fn load(directory: Option<&Path>) -> Result<Self> {
        let Some(directory) = directory else { return Ok(Self::built_in()) };
        let unreadable = |path: &Path, error: std::io::Error| {
            Error::new(ErrorKind::Config, format!("cannot read templates from {}", path.display()))
                .caused_by(error)
                .hint("--template-dir names a folder that holds templates")
        };
        let mut overrides = BTreeMap::new();
        for file in fs::read_dir(directory).map_err(|error| unreadable(directory, error))? {
            let path = file.map_err(|error| unreadable(directory, error))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !name.ends_with(".j2") {
                continue;
            }
            if BUILT_IN.iter().all(|(known, _)| *known != name) {
                return Err(unknown(&path, &name));
            }
            overrides.insert(name, fs::read_to_string(&path).map_err(|e| unreadable(&path, e))?);
        }
        let digest = match overrides.is_empty() {
            true => String::new(),
            false => ContentHash::of(format!("{overrides:?}").as_bytes()).to_string(),
        };
        let (user, broken) = environment(&overrides);
        let user = (!overrides.is_empty()).then_some(user);
        Ok(Self { built_in: environment(&BTreeMap::new()).0, user, broken, digest })
    }

    /// Tells one set of the user's templates from another; empty where there are none.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Renders a template; the user's where there is one and it works.
    pub(super) fn render(&self, name: &str, context: &Value) -> Rendered {
        let mut warnings = Vec::new();
        if let Some(user) = &self.user {
            let broken = self.broken.get(name).or_else(|| self.broken.get(MACROS));
            let rendered = match broken {
                Some(error) => Err(explain(name, error)),
                None => user
                    .get_template(name)
                    .and_then(|template| template.render(context))
                    .map_err(|error| explain(name, &error)),
            };
            match rendered {
                Ok(text) => return Rendered { text: tidy(&text), warnings },
                Err(error) => warnings.push(error.hint(
                    "the built-in template was used instead, so that the report is not lost",
                )),
            }
        }
        Rendered { text: self.render_built_in(name, context), warnings }
    }

    /// Renders a built-in template.
    pub(super) fn render_built_in(&self, name: &str, context: &Value) -> String {
        let rendered =
            self.built_in.get_template(name).and_then(|template| template.render(context));
        // Tests render each of them with any Report. Should one fail all the same, the
        // reader must learn that instead of reading an empty report as "no drift".
        match rendered {
            Ok(text) => tidy(&text),
            Err(error) => format!(
                "**This report could not be rendered.** {}\n",
                escape::text(&explain(name, &error).explain())
            ),
        }
    }
}

fn unknown(path: &Path, name: &str) -> Error {
    let known = BUILT_IN.map(|(known, _)| known);
    let error = Error::new(
        ErrorKind::Config,
        format!("the template {} overrides none of ours", path.display()),
    );
    match known
        .into_iter()
        .max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)))
    {
        Some(close) if strsim::jaro_winkler(close, name) > 0.85 => {
            error.hint(format!("did you mean `{close}`?"))
        }
        _ => error.hint(format!("the names are {}", known.join(", "))),
    }
}

/// An environment of the built-in templates with others in their places, and those of the
/// others that are no templates.
fn environment(
    overrides: &BTreeMap<String, String>,
) -> (Environment<'static>, BTreeMap<String, TemplateError>) {
    let mut environment = bare();
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("markdown".into()));
    let mut broken = BTreeMap::new();
    for (name, built_in) in BUILT_IN {
        let text = overrides.get(name).map_or(built_in, String::as_str);
        if let Err(error) = environment.add_template_owned(name, text.to_owned()) {
            broken.insert(name.to_owned(), error);
        }
    }
    (environment, broken)
}

/// Strict, with our filters and our formatter, without templates and without escaping.
pub(super) fn bare() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build();
    environment.set_syntax(syntax.expect("the delimiters are the standard ones"));
    environment.set_formatter(format_value);
    let safe = |text: Escaped| Value::from_safe_string(text.into_string());
    environment.add_filter("code", move |text: String| safe(escape::code(&text)));
    environment.add_filter("cell", move |text: String| safe(escape::cell(&text)));
    environment.add_filter("shell", |text: String| escape::shell_word(&text));
    environment.add_filter("link", move |text: String, url: Option<String>| {
        safe(escape::link(&text, url.as_deref()))
    });
    environment.add_filter("fence", move |lines: Vec<String>| {
        safe(escape::fence("text", lines.iter().map(String::as_str)))
    });
    environment.add_filter("sh", move |lines: Vec<String>| {
        safe(escape::fence("sh", lines.iter().map(String::as_str)))
    });
    environment.add_filter("message", move |text: String| safe(escape::message(&text)));
    environment.add_filter("count", count);
    environment
}

/// `1 resource`, `2 resources`, `3 entries`.
fn count(number: usize, noun: &str) -> String {
    match noun.strip_suffix('y') {
        _ if number == 1 => format!("1 {noun}"),
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{number} {stem}ies"),
        _ => format!("{number} {noun}s"),
    }
}

/// Escapes everything that is not our own; nothing where there is nothing.
fn format_value(
    out: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &Value,
) -> std::result::Result<(), TemplateError> {
    if value.is_none() {
        return Ok(());
    }
    let escapes = matches!(state.auto_escape(), AutoEscape::Custom(name) if name == "markdown");
    match value.as_str() {
        Some(text) if escapes && !value.is_safe() => {
            Ok(out.write_str(escape::text(text).as_str())?)
        }
        Some(text) => Ok(out.write_str(text)?),
        None if value.is_number() || value.kind() == minijinja::value::ValueKind::Bool => {
            Ok(out.write_str(&value.to_string())?)
        }
        None if value.is_undefined() => {
            Err(TemplateError::new(TemplateErrorKind::UndefinedError, "this value is not defined"))
        }
        None => Err(TemplateError::new(
            TemplateErrorKind::BadEscape,
            format!("a {} cannot be printed as it is", value.kind()),
        )),
    }
}

/// No more than one empty line in a row outside fences, and one newline at the end: what a
/// template leaves where it has nothing to say.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut fence: Option<&str> = None;
    let mut empty = true;
    for line in text.lines() {
        match fence {
            Some(open) if line == open => fence = None,
            None if line.starts_with("```") => {
                fence = Some(&line[..line.len() - line.trim_start_matches('`').len()]);
            }
            _ => {}
        }
        let is_empty = line.trim().is_empty();
        if is_empty && empty && fence.is_none() {
            continue;
        }
        empty = is_empty;
        out.push_str(if is_empty { "" } else { line });
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// What is wrong with a user's template, and where.
pub(super) fn explain(name: &str, error: &TemplateError) -> Error {
    let place = match (error.name(), error.line()) {
        (Some(at), Some(line)) => format!("{at}, line {line}"),
        (None, Some(line)) => format!("{name}, line {line}"),
        _ => name.to_owned(),
    };
    let why = error
        .detail()
        .map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind()));
    Error::new(ErrorKind::Config, format!("the template {place} cannot be rendered: {why}"))
}
