//! Renders a file as the Go text/template that Tazuna takes it for, and keeps for every
//! byte of the result where in the file it came from.

use std::fmt;

use gotmpl::{
    MissingKey, Template, TemplateError,
    parse::{CommandNode, Expr, ListNode, Node, PipeNode, Pos, TextNode},
    tmap,
};

use super::{
    gotmpl_gaps::{END_MARK, ends_with_mark, unbalanced, without_comments},
    source_map::{Place, SourceMap},
};

/// Functions that Go's text/template knows without being given any.
const BUILT_IN: [&str; 19] = [
    "and", "call", "eq", "ge", "gt", "html", "index", "js", "le", "len", "lt", "ne", "not", "or",
    "print", "printf", "println", "slice", "urlquery",
];
/// The only field of the datum.
const ENVIRONMENT: &str = "Environment";
/// A template may repeat text without bound; no tazuna.yaml is near this.
const MAX_OUTPUT_BYTES: usize = 16 << 20;
const MAX_RANGE_ITERATIONS: u64 = 1_000_000;
/// Begins a marker. YAML forbids the character, so no usable output holds it.
const MARK: char = '\0';
const NAME: &str = "(file)";

/// A rendered file.
#[derive(Debug)]
pub(super) struct Rendered {
    /// What the template gave.
    pub(super) text: String,
    /// From places in `text` to places in the file.
    pub(super) map: SourceMap,
    /// Whether it reads `.Environment` anywhere.
    pub(super) uses_environment: bool,
}

/// Why a file cannot be rendered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TemplateFault {
    /// Where in the file, as far as it is known: the action that failed.
    pub(super) at: Option<Place>,
    /// What is wrong.
    pub(super) message: String,
    /// What to do.
    pub(super) hint: Option<String>,
}

/// Renders `source` with `.Environment` as its only datum, `missingkey=error` and Go's
/// built-in functions.
///
/// Places are exact for text that stands in the file. What an action prints has the place
/// of that action; a `{{define}}` has its own place wherever it is used.
pub(super) fn render(source: &str, environment: &str) -> Result<Rendered, TemplateFault> {
    if !source.contains("{{") {
        return Ok(Rendered {
            text: source.to_owned(),
            map: SourceMap::identity(source),
            uses_environment: false,
        });
    }
    let mut template = Template::new(NAME)
        .missing_key(MissingKey::Error)
        .max_range_iters(MAX_RANGE_ITERATIONS)
        .parse(&format!("{}{END_MARK}", without_comments(source)))
        .map_err(|error| {
            // The mark at the end would show in the message.
            explain(&Template::new(NAME).parse(source).err().unwrap_or(error), None)
        })?;
    if !template.lookup(NAME).is_some_and(ends_with_mark) {
        return Err(unbalanced(source));
    }
    let mut facts = Facts { source, unknown_function: None, uses_environment: false };
    let names: Vec<String> = template.templates().into_iter().map(ToOwned::to_owned).collect();
    for name in names {
        let Some(tree) = template.lookup(&name) else { continue };
        let marked = facts.mark(tree);
        template = template.add_parse_tree(&name, marked);
    }
    if let Some((name, offset)) = facts.unknown_function {
        return Err(unknown_function(&name, Place::of(source, offset)));
    }
    let data = tmap! { ENVIRONMENT => environment };
    let mut output = Output::default();
    // By its name, because the tree that was parsed first has no markers.
    template.execute_template_fmt(&mut output, NAME, &data).map_err(|error| {
        if output.overflown {
            return TemplateFault {
                at: None,
                message: "the rendered text is larger than 16 MiB".into(),
                hint: None,
            };
        }
        explain(&error, output.origin.map(|origin| Place::of(source, origin.offset)))
    })?;
    if let Some(end) = output.text.rfind(END_MARK) {
        output.text.truncate(end);
    }
    Ok(Rendered {
        map: SourceMap::new(source, &output.text, output.segments),
        text: output.text,
        uses_environment: facts.uses_environment,
    })
}

/// What is learnt on the way through the parsed templates.
struct Facts<'a> {
    source: &'a str,
    unknown_function: Option<(String, usize)>,
    uses_environment: bool,
}

impl Facts<'_> {
    /// The same tree with a marker before every node. A marker is text of its own, so it
    /// reaches the output as one write and changes no value.
    fn mark(&mut self, list: &ListNode) -> ListNode {
        let mut nodes = Vec::with_capacity(list.nodes.len() * 2);
        for node in &list.nodes {
            nodes.push(self.marker(node));
            nodes.push(self.mark_inside(node));
        }
        ListNode { pos: list.pos, nodes }
    }

    fn marker(&self, node: &Node) -> Node {
        let origin = match node {
            Node::Text(text) => self.text_origin(text),
            Node::List(list) => Origin::action(list.pos),
            Node::Action(action) => Origin::action(action.pos),
            Node::If(branch) | Node::Range(branch) | Node::With(branch) => {
                Origin::action(branch.pos)
            }
            Node::Template(call) => Origin::action(call.pos),
            Node::Define(define) => Origin::action(define.pos),
            Node::Break(pos) | Node::Continue(pos) => Origin::action(*pos),
        };
        Node::Text(TextNode { pos: list_pos(node), text: origin.to_string().into() })
    }

    /// The parser gives text the place it had before `-}}` trimmed it.
    fn text_origin(&self, text: &TextNode) -> Origin {
        let content = text.text.strip_suffix(END_MARK).unwrap_or(&text.text);
        let rest = self.source.get(text.pos.offset..).unwrap_or_default();
        let trimmed = rest.len() - rest.trim_start().len();
        let skip = if rest.starts_with(content) { 0 } else { trimmed };
        let offset = text.pos.offset + skip;
        let verbatim = self.source.get(offset..).is_some_and(|rest| rest.starts_with(content));
        Origin { offset, verbatim }
    }

    fn mark_inside(&mut self, node: &Node) -> Node {
        let mut node = node.clone();
        match &mut node {
            Node::List(list) => *list = self.mark(list),
            Node::Action(action) => self.look_at(&action.pipe),
            Node::If(branch) | Node::Range(branch) | Node::With(branch) => {
                self.look_at(&branch.pipe);
                branch.body = self.mark(&branch.body);
                branch.else_body = branch.else_body.as_ref().map(|body| self.mark(body));
            }
            Node::Template(call) => {
                if let Some(pipe) = &call.pipe {
                    self.look_at(pipe);
                }
            }
            Node::Text(_) | Node::Define(_) | Node::Break(_) | Node::Continue(_) => {}
        }
        node
    }

    fn look_at(&mut self, pipe: &PipeNode) {
        for CommandNode { args, .. } in &pipe.commands {
            for expression in args {
                self.look_at_expression(expression);
            }
        }
    }

    fn look_at_expression(&mut self, expression: &Expr) {
        match expression {
            // Go refuses an unknown function even where it is never called.
            Expr::Identifier(pos, name) if !BUILT_IN.contains(&name.as_str()) => {
                self.unknown_function.get_or_insert_with(|| (name.to_string(), pos.offset));
            }
            Expr::Field(_, fields) | Expr::Variable(_, _, fields) => {
                self.uses_environment |= fields.first().is_some_and(|name| name == ENVIRONMENT);
            }
            Expr::Pipe(_, pipe) => self.look_at(pipe),
            Expr::Chain(_, inner, _) => self.look_at_expression(inner),
            _ => {}
        }
    }
}

fn list_pos(node: &Node) -> Pos {
    match node {
        Node::Text(text) => text.pos,
        _ => Pos::new(0, 1),
    }
}

/// Where in the file what follows comes from.
#[derive(Clone, Copy, Debug)]
struct Origin {
    offset: usize,
    /// Whether it stands in the file as it stands in the output.
    verbatim: bool,
}

impl Origin {
    fn action(pos: Pos) -> Self {
        Self { offset: pos.offset, verbatim: false }
    }

    fn read(marker: &str) -> Option<Self> {
        let rest = marker.strip_prefix(MARK)?;
        let (verbatim, offset) = match rest.strip_prefix('t') {
            Some(offset) => (true, offset),
            None => (false, rest.strip_prefix('a')?),
        };
        Some(Self { offset: offset.parse().ok()?, verbatim })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MARK}{}{}", if self.verbatim { 't' } else { 'a' }, self.offset)
    }
}

/// A run of output with one origin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    /// First byte in the output.
    pub(super) start: usize,
    /// Where it comes from in the file, in bytes.
    pub(super) offset: usize,
    /// Whether the bytes after it come from the bytes after `offset`.
    pub(super) verbatim: bool,
}

/// Collects what the template writes, taking the markers out.
#[derive(Default)]
struct Output {
    text: String,
    segments: Vec<Segment>,
    origin: Option<Origin>,
    overflown: bool,
}

impl fmt::Write for Output {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if let Some(origin) = Origin::read(text) {
            self.origin = Some(origin);
            self.segments.push(Segment {
                start: self.text.len(),
                offset: origin.offset,
                verbatim: origin.verbatim,
            });
            return Ok(());
        }
        if self.text.len() + text.len() > MAX_OUTPUT_BYTES {
            self.overflown = true;
            return Err(fmt::Error);
        }
        self.text.push_str(text);
        Ok(())
    }
}

fn unknown_function(name: &str, at: Place) -> TemplateFault {
    let near = super::suggestion::closest(name, &BUILT_IN)
        .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    TemplateFault {
        at: Some(at),
        message: format!("the template function `{name}` does not exist"),
        hint: Some(format!(
            "Tazuna knows Go's built-in template functions only, none of sprig's{near}"
        )),
    }
}

fn explain(error: &TemplateError, at: Option<Place>) -> TemplateFault {
    let (at, message, hint) = match error {
        TemplateError::Parse { line, col, message, .. }
        | TemplateError::Lex { line, col, message, .. } => {
            (Some(Place::new(*line, *col)), format!("the template cannot be read: {message}"), None)
        }
        TemplateError::MissingKey { key } => (
            at,
            format!("the template asks for `.{key}`, which Tazuna does not give"),
            Some("the only value is `.Environment`, what `-e/--environment` names".into()),
        ),
        other => (at, format!("the template fails: {other}"), None),
    };
    TemplateFault { at, message, hint }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(source: &str) -> (Option<(u32, u32)>, String) {
        let fault = render(source, "prod").expect_err("must not render");
        (fault.at.map(|at| (at.line, at.column)), fault.message)
    }

    #[test]
    fn gives_the_environment() {
        let rendered = render("a: {{ .Environment }}\n", "prod").expect("renders");
        assert_eq!(rendered.text, "a: prod\n");
        assert!(rendered.uses_environment);
        assert_eq!(render("a: {{ .Environment }}", "").expect("renders").text, "a: ");
    }

    #[test]
    fn text_without_actions_is_itself() {
        let rendered = render("a: b\n", "").expect("renders");
        assert_eq!(rendered.text, "a: b\n");
        assert_eq!(rendered.map.place(1, 4), Place::new(1, 4));
    }

    #[test]
    fn branches_defines_and_ranges_render_as_in_go() {
        let source = "{{- define \"x\" }}[{{ . }}]{{ end -}}\n\
                      {{ if eq .Environment \"prod\" }}yes{{ else }}no{{ end }} \
                      {{ template \"x\" .Environment }}\
                      {{ range $i := slice \"ab\" 0 1 | len }}{{ $i }}{{ end }}";
        let rendered = render(source, "prod");
        let text = rendered.expect("renders").text;
        assert_eq!(text, "yes [prod]0");
    }

    #[test]
    fn a_fault_names_the_action() {
        assert_eq!(fault("a: b\nc: {{ .Foo }}\n").0, Some((2, 7)));
        assert!(fault("{{ .Foo }}").1.contains("`.Foo`"));
        let inside = "{{ if .Environment }}\n  x: {{ .Environment.y }}\n{{ end }}";
        assert_eq!(fault(inside).0, Some((2, 9)));
        assert_eq!(fault("a\n{{ if false }}{{ env \"HOME\" }}{{ end }}").0, Some((2, 18)));
        assert_eq!(fault("a\n  {{ end }}\nb").0, Some((2, 3)));
        assert_eq!(fault("{{ if true }}{{ end }}\n{{- else }}b").0, Some((2, 1)));
        assert_eq!(fault("a\n\nb: {{ .Environment").0.map(|at| at.0), Some(3));
    }

    #[test]
    fn endless_output_is_refused() {
        let (_, message) = fault(r#"{{ range 1000 }}{{ printf "%60000d" 1 }}{{ end }}"#);
        assert_eq!(message, "the rendered text is larger than 16 MiB");
    }
}
