//! The job summary: Markdown appended to the file that `GITHUB_STEP_SUMMARY` names.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
};

use crate::error::{Error, ErrorKind, Result};

/// GitHub's limit a step; a summary above it is not shown at all.
pub const MOST_BYTES: usize = 1024 * 1024;

/// How many bytes still fit: other commands of the same step may have written, too. The
/// renderer keeps to it.
pub fn room(path: &Path) -> usize {
    let there = fs::metadata(path).map_or(0, |data| data.len());
    // Line ends before and after what comes are set apart.
    MOST_BYTES.saturating_sub(usize::try_from(there).unwrap_or(MOST_BYTES) + 2)
}

/// Appends Markdown.
///
/// # Errors
/// The file cannot be written, or GitHub would not show so much.
pub fn append(path: &Path, markdown: &str) -> Result<()> {
    let text = format!("{}{}\n", separation(path), markdown.trim_end());
    if text.len() > room(path) + 2 {
        return Err(Error::new(
            ErrorKind::Publish,
            format!("the job summary has {} bytes, and only {} fit", text.len(), room(path)),
        )
        .hint("GitHub shows at most 1024 KiB a step: keep the report as an artifact instead"));
    }
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| {
            Error::new(
                ErrorKind::Publish,
                format!("the job summary {} cannot be written", path.display()),
            )
            .caused_by(error)
            .hint("GITHUB_STEP_SUMMARY must name a file in a folder that is there")
        })
}

/// A line end, where what is there does not end with one: a heading would not be one.
fn separation(path: &Path) -> &'static str {
    match fs::read(path) {
        Ok(bytes) if bytes.last().is_some_and(|last| *last != b'\n') => "\n",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_appended_on_a_line_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("summary.md");
        append(&path, "# One\n").unwrap();
        fs::write(&path, "other words").unwrap();
        append(&path, "# Two\n\n").unwrap();
        append(&path, "# Three").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "other words\n# Two\n# Three\n");
    }

    #[test]
    fn what_the_step_has_written_already_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("summary.md");
        fs::write(&path, vec![b'x'; MOST_BYTES - 10]).unwrap();
        assert_eq!(room(&path), 8);
        append(&path, "123456789").unwrap_err();
        let after = fs::metadata(&path).unwrap().len();
        assert_eq!(after as usize, MOST_BYTES - 10);
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = append(&folder.path().join("none/summary.md"), "x").unwrap_err();
        assert!(error.explain().contains("summary.md"), "{}", error.explain());
        assert!(error.explain().contains("GITHUB_STEP_SUMMARY"));
    }
}
