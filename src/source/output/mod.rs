//! Saved output of `tazuna state diff` and `tazuna state drift` → what it says. Pure.

mod row;
mod text;

use std::sync::LazyLock;

use regex::Regex;

use self::row::Row;
use super::{SavedManifest, SavedOutput};
use crate::{
    domain::DiffType,
    error::{Error, ErrorKind, Result},
};

/// Reads saved output: Tazuna's own form and the one its documentation shows, in any of
/// the ways it gets into a file (colours, CRLF, byte order marks, UTF-16, log lines in
/// between, GitHub's log prefixes).
///
/// # Errors
///
/// [`ErrorKind::Config`] where the file is not such output, was cut off, holds two
/// outputs, contradicts itself, or was written by a run that failed. It is then unknown
/// whether there is drift.
pub fn parse(bytes: &[u8]) -> Result<SavedOutput> {
    let text = text::decode(bytes)?;
    let mut reader = Reader::default();
    let mut lines = text.split('\n').enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        reader.line = index + 1;
        reader.take(&text::clean(line), lines.peek().is_none())?;
    }
    reader.finish()
}

#[derive(Default)]
struct Reader {
    /// Number of the current line, from 1.
    line: usize,
    blocks: Vec<Block>,
    /// A line `Manifest: …` whose table has not begun.
    announced: Option<(usize, String)>,
    no_changes: Option<usize>,
    no_drift: Option<usize>,
    /// A line that says that the run failed.
    failure: Option<usize>,
}

struct Block {
    manifest: SavedManifest,
    /// Line of the table's head.
    line: usize,
    /// No blank line since the head.
    open: bool,
}

impl Reader {
    fn take(&mut self, line: &str, is_last: bool) -> Result<()> {
        if let Some(name) = line.strip_prefix("Manifest:") {
            self.announce(name.trim())
        } else if HEAD.is_match(line) {
            self.begin_table()
        } else if line.is_empty() {
            // The text's last line is empty when it ends with a line end.
            if let Some(block) = self.blocks.last_mut().filter(|_| !is_last) {
                block.open &= block.manifest.entries.is_empty();
            }
            Ok(())
        } else {
            match line {
                "No changes detected." => self.no_changes = Some(self.line),
                "No drift detected." => self.no_drift = Some(self.line),
                _ if FAILURE.is_match(line) => self.failure = Some(self.line),
                _ => return self.row(line, is_last),
            }
            Ok(())
        }
    }

    fn announce(&mut self, name: &str) -> Result<()> {
        self.no_table_after_announcement()?;
        self.announced = Some((self.line, name.to_owned()));
        Ok(())
    }

    /// A name of several words may be a log line that happens to begin so.
    fn no_table_after_announcement(&mut self) -> Result<()> {
        match self.announced.take() {
            Some((line, name)) if !name.contains(char::is_whitespace) => {
                Err(bad(line, format!("no table follows the line `Manifest: {name}`")))
            }
            _ => Ok(()),
        }
    }

    fn begin_table(&mut self) -> Result<()> {
        self.table_has_rows()?;
        let Some((_, name)) = self.announced.take() else {
            return Err(bad(self.line, "a table without a line `Manifest: …` before it"));
        };
        let manifest = SavedManifest { name, entries: Vec::new() };
        self.blocks.push(Block { manifest, line: self.line, open: true });
        Ok(())
    }

    fn table_has_rows(&self) -> Result<()> {
        match self.blocks.last() {
            Some(block) if block.manifest.entries.is_empty() => Err(bad(
                block.line,
                format!("the table of Manifest `{}` has no rows", block.manifest.name),
            )),
            _ => Ok(()),
        }
    }

    /// The Manifest whose table was begun last; empty before the first one.
    fn manifest(&self) -> &str {
        self.blocks.last().map_or("", |block| &block.manifest.name)
    }

    fn row(&mut self, line: &str, is_last: bool) -> Result<()> {
        let announced = self.announced.is_some();
        let open = !announced && self.blocks.last().is_some_and(|block| block.open);
        let row = row::read(line);
        // Without a line end after it, it may have been cut anywhere.
        let row = match row {
            Row::Other if open && is_last && line.starts_with("  ") => {
                Row::Broken("the file ends in the middle of it")
            }
            Row::Whole(row) if is_last && is_cut(&row) => {
                Row::Broken("the file ends in the middle of its HASH")
            }
            Row::Whole(row) if !row::is_resource(self.manifest(), &row.resource) => {
                Row::Broken("its RESOURCE is not group/version/kind/[namespace/]name")
            }
            row => row,
        };
        match (row, self.blocks.last_mut()) {
            (Row::Whole(_), _) if announced => {
                Err(bad(self.line, "a row before the head of its table"))
            }
            (Row::Whole(_), None) => {
                Err(bad(self.line, "a row without a line `Manifest: …` before it"))
            }
            (Row::Whole(row), Some(block)) => {
                let entry = row.into_entry(&block.manifest.name);
                block.manifest.entries.push(entry);
                Ok(())
            }
            (Row::Broken(problem), Some(_)) if open => {
                Err(bad(self.line, format!("a row that cannot be read: {problem}")))
            }
            (Row::Broken(_) | Row::Other, _) => Ok(()),
        }
    }

    fn finish(mut self) -> Result<SavedOutput> {
        self.no_table_after_announcement()?;
        self.table_has_rows()?;
        if let Some(line) = self.failure {
            return Err(bad(line, "the run that wrote this ended with an error")
                .hint("mend that run first; its words stand in the file"));
        }
        if self.blocks.is_empty() && self.no_changes.is_none() && self.no_drift.is_none() {
            return Err(Error::new(
                ErrorKind::Config,
                "this is not the output of `tazuna state diff` or `tazuna state drift`: it has \
                 neither a table nor `No changes detected.`",
            )
            .hint("save it with `tazuna state diff -f tazuna.yaml > diff.txt`"));
        }
        let mut manifests: Vec<SavedManifest> = Vec::new();
        let mut seen = std::collections::HashMap::<String, usize>::new();
        for block in self.blocks {
            let live = block.manifest.entries.iter().any(|entry| is_live(entry.diff_type));
            let said = if live { self.no_drift } else { self.no_changes };
            if let Some(said) = said {
                return Err(bad(said, "it says that there is nothing, and there are rows too")
                    .hint("a file may hold one output only"));
            }
            match seen.get(&block.manifest.name) {
                None => {
                    seen.insert(block.manifest.name.clone(), manifests.len());
                    manifests.push(block.manifest);
                }
                // `state diff` and `state drift` may stand one after the other.
                Some(&first)
                    if manifests[first]
                        .entries
                        .iter()
                        .all(|entry| is_live(entry.diff_type) != live) =>
                {
                    manifests[first].entries.extend(block.manifest.entries);
                }
                Some(_) => {
                    let problem = format!("Manifest `{}` has two tables", block.manifest.name);
                    return Err(bad(block.line, problem).hint("a file may hold one output only"));
                }
            }
        }
        for manifest in &mut manifests {
            manifest.entries.sort_by(|a, b| (a.diff_type, &a.key).cmp(&(b.diff_type, &b.key)));
        }
        Ok(SavedOutput { manifests })
    }
}

/// Whether a row that nothing follows, not even a line end, may lack the end of its hash.
fn is_cut(row: &row::WholeRow) -> bool {
    let bare = match row.diff_type {
        DiffType::Added | DiffType::Modified => &row.new_hash,
        _ => return false,
    };
    // A shortened old hash says that this output shortens its hashes.
    row.old_hash.is_none() && bare.as_ref().is_some_and(|hash| hash.as_str().len() < 64)
}

fn is_live(diff_type: DiffType) -> bool {
    matches!(diff_type, DiffType::LiveDrifted | DiffType::LiveMissing)
}

fn bad(line: usize, problem: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Config, format!("saved output, line {line}: {problem}"))
}

static HEAD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s+STATUS\s+RESOURCE\s+HASH$").expect("the pattern is a constant")
});

/// The command's own last word, and GitHub's about the step.
static FAILURE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(Error: |panic: |##\[error\]Process completed with exit code)")
        .expect("the pattern is a constant")
});
