//! Where results go: stdout, or a file that appears whole or not at all.

use std::{
    io::{self, Write},
    path::Path,
};

use crate::error::{Error, ErrorKind, Result};

/// Writes to stdout. A reader that stops reading (`| head`) is no failure.
pub(super) fn to_stdout(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => {
            Err(Error::new(ErrorKind::Io, "cannot write to standard output").caused_by(error))
        }
        Ok(()) => Ok(()),
    }
}

/// Writes a file by way of a temporary one beside it, so that nobody reads half of it.
pub(super) fn to_file(path: &Path, text: &str) -> Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let write = || -> io::Result<()> {
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // A temporary file is private by default; a report is for the next step too.
            builder.permissions(std::fs::Permissions::from_mode(0o644));
        }
        let mut file = builder.prefix(".tazuna-drift-").tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error| {
        Error::new(ErrorKind::Io, format!("cannot write {}", path.display()))
            .hint("the folder must exist and be writable")
            .caused_by(error)
    })
}

/// Columns of the terminal, or 100 where nobody says.
pub(super) fn width() -> usize {
    let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    asked
        .or_else(|| console::Term::stdout().size_checked().map(|(_, columns)| columns.into()))
        .filter(|columns| *columns >= 40)
        .unwrap_or(100)
}
