//! The helmfile as a Go template, rendered by Helm's own engine: as a partial of a chart
//! made for it.

use std::{ffi::OsString, path::Path};

use super::{
    literal::{quoted, variables},
    session::Session,
};
use crate::{
    process,
    project::{conform::conform, helmfile::ReleaseFile, schema::RELEASE_FILE},
    report::{Reason, ReasonCode},
    yaml::{self, Node},
};

/// The name by which Helm knows the helmfile. A partial, so that `include` gives it whole:
/// what Helm renders as an object or by `tpl` loses each `<no value>`, which Tazuna keeps.
const PARTIAL: &str = "helmfile/templates/_helmfile";

/// The one template that is rendered.
const MAIN: &str = "helmfile/templates/out.yaml";

const CHART: &str = "apiVersion: v2\nname: helmfile\nversion: 0.1.0\n";

/// Renders the helmfile with its variables and reads the result. `shown` names the file.
///
/// # Errors
/// A template that Go refuses, what is not YAML, or fields of the wrong type.
pub(super) async fn render(
    session: &Session<'_>,
    file: &Path,
    shown: &str,
    values: &[(String, Node)],
    environment: Option<&str>,
) -> Result<ReleaseFile, Reason> {
    let content = std::fs::read(file)
        .map_err(|_| Reason::new(ReasonCode::PathNotFound, format!("{shown} cannot be read")))?;
    let text = match needs_rendering(&content) {
        true => through_helm(session, &content, shown, values, environment).await?,
        false => String::from_utf8(content).map_err(|_| {
            Reason::new(ReasonCode::InvalidDeclaration, format!("{shown} is not UTF-8"))
        })?,
    };
    read(&text, shown)
        .map_err(|reason| Reason { message: session.masked(&reason.message), ..reason })
}

/// Text without an action is its own result.
fn needs_rendering(content: &[u8]) -> bool {
    memchr::memmem::find(content, b"{{").is_some() || std::str::from_utf8(content).is_err()
}

async fn through_helm(
    session: &Session<'_>,
    content: &[u8],
    shown: &str,
    values: &[(String, Node)],
    environment: Option<&str>,
) -> Result<String, Reason> {
    let environment = environment.filter(|name| !name.is_empty()).unwrap_or("default");
    let main = format!(
        "{{{{- $values := {} -}}}}\nout: {{{{ include {} (dict \"Values\" $values \
         \"StateValues\" $values \"Environment\" (dict \"Name\" {})) | toJson }}}}\n",
        variables(values),
        quoted(PARTIAL),
        quoted(environment),
    );
    session.write("wrapper/Chart.yaml", CHART.as_bytes())?;
    session.write("wrapper/templates/_helmfile", content)?;
    session.write("wrapper/templates/out.yaml", main.as_bytes())?;
    let args = ["template", "helmfile"].map(OsString::from).into_iter();
    let args = args.chain([session.path("wrapper").into()]).collect();
    let stdout = session.helm("the template", args).await.map_err(|failed| {
        let message = telling(&failed.reason.message, shown);
        Reason {
            message,
            code: match failed.reason.code {
                ReasonCode::ToolFailed if !failed.said.is_empty() => ReasonCode::InvalidDeclaration,
                code => code,
            },
            ..failed.reason
        }
    })?;
    let document = yaml::documents(&stdout).next();
    let out = document.and_then(|document| Some(document.ok()?.get("out")?.as_str()?.to_owned()));
    out.ok_or_else(|| {
        Reason::new(ReasonCode::ToolFailed, format!("helm did not give {shown} back as it should"))
    })
}

/// Helm's words as if the helmfile had been rendered alone.
fn telling(message: &str, shown: &str) -> String {
    // It says again which template it was executing.
    let message = message.replace(&format!("executing \"{PARTIAL}\" "), "");
    let Some(at) = message.rfind(PARTIAL) else {
        // `fail` and `required` name only the outermost template.
        return match message.split_once(MAIN).and_then(|(_, rest)| rest.split_once("): ")) {
            Some((_, said)) => format!("{shown}: {said}"),
            None => message,
        };
    };
    format!("{shown}{}", message[at + PARTIAL.len()..].replacen("): ", ": ", 1))
}

fn read(text: &str, shown: &str) -> Result<ReleaseFile, Reason> {
    let invalid = |line: u32, problem: &str| {
        let message =
            format!("{shown}, as its template renders it, line {}: {problem}", line.max(1));
        Reason::new(ReasonCode::InvalidDeclaration, message)
    };
    let tree = yaml::read_document(text).map_err(|error| {
        invalid(error.at.line, &format!("not YAML: {}", process::scrub(&error.message)))
    })?;
    let (root, findings) = conform(&tree, RELEASE_FILE);
    match findings.mistakes.first() {
        Some(mistake) => Err(invalid(mistake.at.line, &mistake.message)),
        None => Ok(ReleaseFile::read(&root)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_helmfile_and_its_line() {
        for (said, want) in [
            (
                "the template: parse error at (helmfile/templates/_helmfile:3): unexpected EOF",
                "app/helmfile.yaml:3: unexpected EOF",
            ),
            (
                "the template: template: helmfile/templates/out.yaml:2:8: executing \
                 \"helmfile/templates/out.yaml\" at <include \"helmfile/templates/_helmfile\" x>: \
                 error calling include: template: helmfile/templates/_helmfile:3:4: executing \
                 \"helmfile/templates/_helmfile\" at <.Values.a.b>: nil pointer",
                "app/helmfile.yaml:3:4: at <.Values.a.b>: nil pointer",
            ),
            (
                "the template: execution error at (helmfile/templates/out.yaml:2:8): no (way): x",
                "app/helmfile.yaml: no (way): x",
            ),
            ("helm ended with exit code 1", "helm ended with exit code 1"),
        ] {
            assert_eq!(telling(said, "app/helmfile.yaml"), want);
        }
    }

    #[test]
    fn fields_of_a_wrong_type_are_named() {
        let message = read("releases:\n- name: [a]\n", "h.yaml").unwrap_err().message;
        assert!(message.contains("line 2") && message.contains("name"), "{message}");
        assert!(read("a: b\n", "h").unwrap().releases.is_empty());
        assert!(read("", "h").unwrap().releases.is_empty());
    }
}
