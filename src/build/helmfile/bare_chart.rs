//! A copy of a chart without the dependencies it declares and does not hold: the SDK that
//! Tazuna uses renders such a chart, the command refuses it.

use std::{fs, io, path::Path};

use super::literal::json;
use crate::yaml::{self, Node, Value};

/// The files that declare dependencies; the second is that of older charts.
const DECLARE: [&str; 2] = ["Chart.yaml", "requirements.yaml"];

/// Deeper than any chart; a link to a parent folder ends there.
const DEEPEST: usize = 32;

/// Copies a chart's folder and leaves declarations of `missing` out.
///
/// # Errors
/// The system's; a packaged chart is `NotADirectory`.
pub(super) fn copy(from: &Path, to: &Path, missing: &[String]) -> io::Result<()> {
    copy_folder(from, to, DEEPEST)?;
    for name in DECLARE {
        let file = to.join(name);
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let mut tree = yaml::read_document(&text)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.message))?;
        strip(&mut tree, missing);
        fs::write(&file, json(&tree))?;
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path, depth: usize) -> io::Result<()> {
    if depth == 0 {
        return Err(io::Error::other("the chart's folders are nested too deep"));
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (path, target) = {
            let entry = entry?;
            (entry.path(), to.join(entry.file_name()))
        };
        // Helm follows links.
        let kind = fs::metadata(&path)?;
        if kind.is_dir() {
            copy_folder(&path, &target, depth - 1)?;
        } else if kind.is_file() {
            fs::write(&target, fs::read(&path)?)?;
        }
    }
    Ok(())
}

fn strip(tree: &mut Node, missing: &[String]) {
    let Value::Map(entries) = &mut tree.value else { return };
    for (_, node) in entries.iter_mut().filter(|(key, _)| key.name == "dependencies") {
        if let Value::List(dependencies) = &mut node.value {
            dependencies.retain(|dependency| {
                let name = dependency.get("name").and_then(Node::as_str).unwrap_or_default();
                !missing.iter().any(|missing| missing == name)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("a"), folder.path().join("b"));
        fs::create_dir_all(from.join("templates")).unwrap();
        fs::write(from.join("templates/x.yaml"), "x").unwrap();
        let chart =
            "name: a\nversion: 1.10\ndependencies: [{name: here}, {name: gone, alias: g}]\n";
        fs::write(from.join("Chart.yaml"), chart).unwrap();
        copy(&from, &to, &["gone".to_owned()]).unwrap();
        assert_eq!(
            fs::read_to_string(to.join("Chart.yaml")).unwrap(),
            r#"{"name": "a","version": 1.1,"dependencies": [{"name": "here"}]}"#
        );
        assert_eq!(fs::read_to_string(to.join("templates/x.yaml")).unwrap(), "x");
        assert_eq!(fs::read_to_string(from.join("Chart.yaml")).unwrap(), chart);
    }

    #[test]
    fn a_chart_within_itself_comes_to_an_end() {
        let folder = tempfile::tempdir().unwrap();
        let chart = folder.path().join("a");
        fs::create_dir(&chart).unwrap();
        std::os::unix::fs::symlink(&chart, chart.join("again")).unwrap();
        assert!(copy(&chart, &folder.path().join("b"), &[]).is_err());
    }
}
