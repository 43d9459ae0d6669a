//! From the files on disk to a [`Project`].

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    ContextRule, Manifest, Project,
    context_rule::PATTERN_HINT,
    document::{Document, FileName, as_text, field, items, text},
    go_path,
    manifest::{Surroundings, fail_duplicates, read},
    names,
    suggestion::{closest, listed},
};
use crate::{
    error::{Error, ErrorKind, Result},
    report::Warning,
    yaml::{Mark, Node, Value},
};

const API_VERSION: &str = "tazuna.pepabo.com/v1";
const KIND: &str = "Tazuna";

/// What to load.
#[derive(Clone, Debug)]
pub struct LoadRequest {
    /// The main tazuna.yaml.
    pub file: PathBuf,
    /// `-e/--environment`; empty counts as not given, as in Tazuna.
    pub environment: Option<String>,
}

/// Reads a tazuna.yaml and the files it includes, as Tazuna reads them.
///
/// # Errors
///
/// Of kind [`ErrorKind::Config`], whatever Tazuna fails on as a whole: a file that cannot
/// be read, a template or YAML error, a value of a wrong type, nested includes, an
/// environment that is not declared, a `context_matches` that is no regular expression.
/// The message starts with `file:line:column` where these are known. What concerns one
/// Manifest is its [`Fault`](super::Fault) instead, what Tazuna only warns about one of
/// [`Project::warnings`].
pub fn load(request: &LoadRequest) -> Result<Project> {
    let environment = request.environment.as_deref().filter(|name| !name.is_empty());
    let mut loading = Loading::new(request, environment)?;
    let main = loading.read_main()?;
    let spec = field(&main.root, "spec").cloned().unwrap_or_else(nothing);
    loading.check_type_meta(&main);
    loading.check_version(&main, &spec);
    let context_rule = loading.context_rule(&main, &spec)?;
    for element in items(&spec, "manifests") {
        match items(element, "includes") {
            [] => loading.add(element, &main),
            includes => {
                for include in includes {
                    loading.add_included(include, element, &main)?;
                }
            }
        }
    }
    Ok(loading.finish(&main, &spec, context_rule))
}

struct Loading<'a> {
    request: &'a LoadRequest,
    environment: Option<&'a str>,
    root: PathBuf,
    manifests: Vec<Manifest>,
    /// Names in `dependsOn`: of which Manifest, to which, where.
    dependencies: Vec<(String, String, crate::report::Location)>,
    warnings: Vec<Warning>,
}

impl<'a> Loading<'a> {
    fn new(request: &'a LoadRequest, environment: Option<&'a str>) -> Result<Self> {
        let parent = request.file.parent().ok_or_else(|| {
            Error::new(ErrorKind::Config, format!("{} is not a file", request.file.display()))
        })?;
        let root = if parent.as_os_str().is_empty() { PathBuf::from(".") } else { parent.into() };
        Ok(Self {
            request,
            environment,
            root,
            manifests: Vec::new(),
            dependencies: Vec::new(),
            warnings: Vec::new(),
        })
    }

    fn read_main(&mut self) -> Result<Document> {
        let file = &self.request.file;
        let relative = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = FileName { shown: file.display().to_string(), relative };
        self.read(file, name)
    }

    fn read(&mut self, path: &Path, name: FileName) -> Result<Document> {
        let mut document = Document::read(path, name, self.environment.unwrap_or_default())?;
        self.warnings.append(&mut document.warnings);
        Ok(document)
    }

    fn check_type_meta(&mut self, document: &Document) {
        for (name, expected) in [("apiVersion", API_VERSION), ("kind", KIND)] {
            let Some(node) = field(&document.root, name) else { continue };
            match as_text(node) {
                None | Some("") => {}
                Some(found) if found == expected => {}
                Some(found) => self.warnings.push(
                    Warning::new("wrong-kind", format!("`{name}` is `{found}`, not `{expected}`"))
                        .at(document.name.location(node.at))
                        .hint("check that the file is a tazuna.yaml"),
                ),
            }
        }
    }

    fn check_version(&mut self, document: &Document, spec: &Node) {
        let Some(node) = field(spec, "minimumSupportedTazunaVersion") else { return };
        let version = as_text(node).unwrap_or_default().trim();
        if version.is_empty() || is_version(version) {
            return;
        }
        self.warnings.push(
            Warning::new(
                "invalid-version",
                format!("`minimumSupportedTazunaVersion` is `{version}`, which is no version; Tazuna refuses it"),
            )
            .at(document.name.location(node.at))
            .hint("write a version such as `0.4.0`"),
        );
    }

    fn context_rule(&self, document: &Document, spec: &Node) -> Result<Option<ContextRule>> {
        let declared = match field(spec, "environments").map(|node| &node.value) {
            Some(Value::Map(entries)) => entries.as_slice(),
            _ => &[],
        };
        let holder = match self.environment {
            Some(name) if !declared.is_empty() => {
                let found = declared.iter().find(|(key, _)| key.name == name);
                let Some((_, environment)) = found else {
                    let names: Vec<&str> =
                        declared.iter().map(|(key, _)| key.name.as_str()).collect();
                    let at = field(spec, "environments").map(|node| node.at).unwrap_or_default();
                    return Err(undeclared(document, at, name, &names));
                };
                environment
            }
            _ => spec,
        };
        let patterns = items(holder, "context_matches");
        let own = field(holder, "context_match_mode").filter(|node| as_text(node) != Some(""));
        let mode = own.or_else(|| field(spec, "context_match_mode"));
        let all = match mode.map(|node| (node.at, as_text(node).unwrap_or_default())) {
            None | Some((_, "" | "or")) => false,
            Some((_, "and")) => true,
            Some((at, other)) => {
                let message = format!("`context_match_mode` must be `or` or `and`, not `{other}`");
                let error = document.name.error(at, &message);
                return Err(match closest(other, &["or", "and"]) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error,
                });
            }
        };
        if patterns.is_empty() {
            return Ok(None);
        }
        let rule = ContextRule {
            patterns: patterns
                .iter()
                .map(|node| as_text(node).unwrap_or_default().to_owned())
                .collect(),
            places: patterns.iter().map(|node| document.name.location(node.at)).collect(),
            all,
        };
        if let Some((index, message)) = rule.broken() {
            let at = patterns.get(index).map_or(holder.at, |pattern| pattern.at);
            return Err(document.name.error(at, &message).hint(PATTERN_HINT));
        }
        Ok(Some(rule))
    }

    fn add(&mut self, element: &Node, document: &Document) {
        let around = Surroundings {
            document,
            root: &self.root,
            has_environment: self.environment.is_some(),
        };
        let manifest = read(element, &around);
        if let Some(warning) =
            Some(&manifest.name).filter(|n| !n.is_empty()).and_then(|n| names::oddity(n))
        {
            let at = field(element, "name").map_or(element.at, |name| name.at);
            self.warnings.push(warning.about(&manifest.name).at(document.name.location(at)));
        }
        for dependency in items(element, "dependsOn") {
            let name = as_text(dependency).unwrap_or_default().to_owned();
            let place = document.name.location(dependency.at);
            self.dependencies.push((manifest.name.clone(), name, place));
        }
        self.manifests.push(manifest);
    }

    fn add_included(&mut self, include: &Node, element: &Node, main: &Document) -> Result<()> {
        let at = field(include, "path").map_or(element.at, |path| path.at);
        let Some(path) = text(include, "path") else {
            let message = "an element of `includes` has no `path`";
            return Err(main.name.error(include.at, message).hint("write `- path: <file>`"));
        };
        let full = go_path::join(&self.root, path);
        let name =
            FileName { shown: full.display().to_string(), relative: go_path::clean_relative(path) };
        if !full.is_file() {
            let what = if full.is_dir() { "is a folder" } else { "does not exist" };
            let message = format!("the included file `{path}` {what}");
            return Err(main.name.error(at, &message).hint(
                "the path of an included file is relative to the folder of the main tazuna.yaml",
            ));
        }
        let included = self.read(&full, name)?;
        self.check_type_meta(&included);
        let spec = field(&included.root, "spec").cloned().unwrap_or_else(nothing);
        for element in items(&spec, "manifests") {
            if let Some(nested) = items(element, "includes").first() {
                let message = "an included file may not have `includes` of its own";
                return Err(included
                    .name
                    .error(nested.at, message)
                    .hint(format!("include the file from {} instead", main.name.shown)));
            }
            self.add(element, &included);
        }
        Ok(())
    }

    fn finish(
        mut self,
        main: &Document,
        spec: &Node,
        context_rule: Option<ContextRule>,
    ) -> Project {
        fail_duplicates(&mut self.manifests);
        self.check_dependencies();

        if self.manifests.is_empty() {
            let at = field(spec, "manifests").map_or(main.root.at, |node| node.at);
            self.warnings.push(
                Warning::new("no-manifests", "tazuna.yaml declares no Manifest")
                    .at(main.name.location(Mark { line: at.line.max(1), column: at.column.max(1) }))
                    .hint("Manifests stand in a list under `spec.manifests`"),
            );
        }
        self.sort_warnings();
        Project {
            file: self.request.file.clone(),
            root: self.root,
            manifests: self.manifests,
            context_rule,
            warnings: self.warnings,
        }
    }

    /// As people read their files.
    fn sort_warnings(&mut self) {
        self.warnings.sort_by_key(|warning| {
            warning.location.as_ref().map(|place| (place.file.clone(), place.line, place.column))
        });
    }

    fn check_dependencies(&mut self) {
        let mut known: BTreeMap<&str, ()> = BTreeMap::new();
        for manifest in self.manifests.iter().filter(|manifest| !manifest.name.is_empty()) {
            known.insert(&manifest.name, ());
        }
        let names: Vec<&str> = known.keys().copied().collect();
        for (manifest, dependency, place) in &self.dependencies {
            let (message, hint) = if manifest == dependency {
                (format!("`{manifest}` depends on itself"), None)
            } else if known.contains_key(dependency.as_str()) {
                continue;
            } else {
                let near = closest(dependency, &names);
                let message =
                    format!("`dependsOn` names `{dependency}`, and there is no such Manifest");
                (message, near.map(|near| format!("did you mean `{near}`?")))
            };
            let hint = hint.unwrap_or_else(|| "`tazuna apply` refuses this file".to_owned());
            self.warnings.push(
                Warning::new("unknown-dependency", message)
                    .about(manifest)
                    .at(place.clone())
                    .hint(hint),
            );
        }
    }
}

fn undeclared(document: &Document, at: Mark, name: &str, names: &[&str]) -> Error {
    let message = format!(
        "the environment `{name}` is not declared; `spec.environments` has {}",
        listed(names)
    );
    let hint = closest(name, names).map_or_else(
        || "name one of them with `-e/--environment`, or declare it".to_owned(),
        |near| format!("did you mean `-e {near}`?"),
    );
    document.name.error(at, &message).hint(hint)
}

fn nothing() -> Node {
    Node { value: Value::Null, at: Mark { line: 1, column: 1 } }
}

/// What Masterminds/semver takes: one to three numbers, `v` before and suffixes after.
fn is_version(version: &str) -> bool {
    let bare = version.strip_prefix('v').unwrap_or(version);
    let (core, build) =
        bare.split_once('+').map_or((bare, None), |(core, build)| (core, Some(build)));
    let (numbers, pre) = core.split_once('-').map_or((core, None), |(core, pre)| (core, Some(pre)));
    let number = |part: &str| {
        part == "0"
            || (!part.is_empty()
                && !part.starts_with('0')
                && part.bytes().all(|b| b.is_ascii_digit()))
    };
    let suffix = |suffix: Option<&str>| {
        suffix.is_none_or(|suffix| {
            suffix.split('.').all(|part| {
                !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            })
        })
    };
    numbers.split('.').count() <= 3
        && numbers.split('.').all(number)
        && suffix(pre)
        && suffix(build)
}

#[cfg(test)]
mod tests {
    use super::is_version;

    #[test]
    fn versions_are_those_tazuna_takes() {
        for version in ["1.4.0", "v1.4.0", "0.4", "1", "1.0.0-rc.1", "1.0.0+build.5"] {
            assert!(is_version(version), "{version}");
        }
        for version in ["", "latest", "1.2.3.4", "1.x", "01.2.3", "1.0.0-", "v", ">=1.0"] {
            assert!(!is_version(version), "{version}");
        }
    }
}
