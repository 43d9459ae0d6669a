//! `--tags`: which Manifests a run looks at.

use std::collections::BTreeSet;

use super::{
    Manifest, Project,
    suggestion::{closest, listed},
};
use crate::report::Warning;

/// What `--tags` leaves.
#[derive(Clone, Debug)]
pub struct Selected<'a> {
    /// In the order of tazuna.yaml.
    pub manifests: Vec<&'a Manifest>,
    /// How many declared Manifests were left out.
    pub not_selected: usize,
    /// One with the code `unknown-tag` for every tag that no Manifest carries.
    pub warnings: Vec<Warning>,
}

impl Project {
    /// The Manifests that carry any of `tags`; all of them where there are none. As in
    /// Tazuna a tag must be equal to the letter.
    pub fn select(&self, tags: &[String]) -> Selected<'_> {
        let wanted: BTreeSet<&str> = tags.iter().map(String::as_str).collect();
        let carries = |manifest: &&Manifest| {
            wanted.is_empty() || manifest.tags.iter().any(|tag| wanted.contains(tag.as_str()))
        };
        let manifests: Vec<&Manifest> = self.manifests.iter().filter(carries).collect();
        let known: BTreeSet<&str> =
            self.manifests.iter().flat_map(|manifest| &manifest.tags).map(String::as_str).collect();
        let warnings = wanted.difference(&known).map(|tag| unknown(tag, &known)).collect();
        Selected { not_selected: self.manifests.len() - manifests.len(), manifests, warnings }
    }
}

fn unknown(tag: &str, known: &BTreeSet<&str>) -> Warning {
    let known: Vec<&str> = known.iter().copied().collect();
    let hint = match closest(tag, &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "no Manifest has `tags`".to_owned(),
        None => format!("the tags are {}", listed(&known)),
    };
    Warning::new("unknown-tag", format!("no Manifest carries the tag `{tag}`")).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::{super::Backend, *};
    use crate::report::Location;

    fn project(tags: &[&[&str]]) -> Project {
        let manifest = |(index, tags): (usize, &&[&str])| Manifest {
            name: format!("m{index}"),
            description: None,
            backend: Backend::GenesisSecret,
            type_name: "genesissecret".into(),
            path: None,
            tags: tags.iter().map(|&tag| tag.into()).collect(),
            declared_at: Location { file: "tazuna.yaml".into(), line: 1, column: None },
            fault: None,
        };
        Project {
            file: "tazuna.yaml".into(),
            root: ".".into(),
            manifests: tags.iter().enumerate().map(manifest).collect(),
            context_rule: None,
            warnings: Vec::new(),
        }
    }

    fn names(selected: &Selected<'_>) -> Vec<String> {
        selected.manifests.iter().map(|manifest| manifest.name.clone()).collect()
    }

    #[test]
    fn any_of_the_tags_is_enough() {
        let project = project(&[&["a"], &["b", "c"], &[], &["d"]]);
        let selected = project.select(&["c".into(), "a".into(), "a".into()]);
        assert_eq!(names(&selected), ["m0", "m1"]);
        assert_eq!(selected.not_selected, 2);
        assert!(selected.warnings.is_empty());
        assert_eq!(project.select(&[]).manifests.len(), 4);
    }

    #[test]
    fn a_tag_nobody_carries_is_told() {
        let project = project(&[&["network"], &["web"]]);
        let selected = project.select(&["netwrok".into(), "A".into()]);
        assert!(selected.manifests.is_empty());
        let hints: Vec<&str> =
            selected.warnings.iter().filter_map(|warning| warning.hint.as_deref()).collect();
        assert_eq!(hints, ["the tags are `network` and `web`", "did you mean `network`?"]);
    }
}
