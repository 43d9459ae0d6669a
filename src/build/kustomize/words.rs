//! A tool's own words, made fit for a reason: one line, the same at every run. Pure.

use std::{path::Path, sync::LazyLock};

use regex::{Captures, Regex};

/// Most characters of the tool's own words in a reason's one line.
const MESSAGE: usize = 400;

/// The lines with paths as people know them, relative to tazuna.yaml's folder.
pub(in crate::build) fn relative(lines: &[String], root: &Path) -> Vec<String> {
    let roots = [std::path::absolute(root).ok(), root.canonicalize().ok()];
    let roots: Vec<String> = roots
        .into_iter()
        .flatten()
        .filter(|root| root.parent().is_some())
        .map(|root| format!("{}/", root.display()).replace("/./", "/").replace("//", "/"))
        .collect();
    let short =
        |line: &String| roots.iter().fold(line.clone(), |line, root| line.replace(root, ""));
    lines.iter().map(short).collect()
}

/// The one line that tells most: the tool's last `Error: …`, else its last line. Without
/// what differs from run to run (times, process ids, temporary folders): a reason that
/// never stays the same would renew the issue at every run.
pub(in crate::build) fn telling(lines: &[String]) -> Option<String> {
    let lines: Vec<String> = lines.iter().map(|line| steady(line)).collect();
    let is_error = |line: &&String| line.get(..6).is_some_and(|s| s.eq_ignore_ascii_case("error:"));
    let line = lines.iter().rev().find(is_error).or(lines.last())?;
    let line = if is_error(&line) { line[6..].trim() } else { line.trim() };
    match line.char_indices().nth(MESSAGE) {
        Some((end, _)) => Some(format!("{}…", &line[..end])),
        None => Some(line.to_owned()),
    }
}

fn steady(line: &str) -> String {
    let line = match COMMAND_FAILED.captures(line) {
        Some(parts) => format!("Error: {}", parts[1].replace("\\\"", "\"")),
        None => KLOG.replace(line, "").into_owned(),
    };
    let folder = |parts: &Captures<'_>| format!("{}…", &parts[1]);
    TEMPORARY.replace_all(&line, folder).into_owned()
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant and is tested")
}

/// What kubectl puts before a line: severity, time, process id, place.
static KLOG: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^[IWEF][0-9]{4} [0-9:.]+ +[0-9]+ [^ \]]+\] "));

/// How kubectl says that it ends with an error.
static COMMAND_FAILED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"^[EF][0-9]{4} [0-9:.]+ +[0-9]+ [^ \]]+\] "command failed" err="(.*)"$"#)
});

/// Folders into which kustomize clones.
static TEMPORARY: LazyLock<Regex> = LazyLock::new(|| pattern("(/kustomize-)[0-9]+"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_tells_most_is_found() {
        let telling = |text: &str| telling(&text.lines().map(str::to_owned).collect::<Vec<_>>());
        let line = "# Warning: old\nError: no such file\nUsage:";
        assert_eq!(telling(line).unwrap(), "no such file");
        assert_eq!(telling("a\nb").unwrap(), "b");
        assert_eq!(telling(""), None);
        assert_eq!(telling(&"ü".repeat(500)).unwrap().chars().count(), MESSAGE + 1);
    }

    #[test]
    fn what_differs_from_run_to_run_is_left_out() {
        for (line, want) in [
            (
                r#"E1124 06:57:07.839933   26361 run.go:72] "command failed" err="Get \"https://h\": refused""#,
                r#"Get "https://h": refused"#,
            ),
            ("W1124 06:57:07.8 1 warnings.go:70] old field", "old field"),
            ("Error: open /tmp/kustomize-123456789/x", "open /tmp/kustomize-…/x"),
        ] {
            assert_eq!(telling(&[line.to_owned()]).unwrap(), want);
        }
    }
}
