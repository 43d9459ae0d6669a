//! Unpacks an artifact's tar.gz with the limits and refusals of Tazuna's extractor.
//!
//! What Tazuna refuses is refused here. Beyond that no link may lead out of the folder by
//! way of another link, which a look at names alone does not see.

mod headers;
mod tree;

use std::{
    cell::Cell,
    fs::OpenOptions,
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use flate2::read::MultiGzDecoder;
use tar::EntryType;

use self::{headers::Extensions, tree::Tree};
use crate::process::scrub;

/// How much may be unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of all files together.
    pub bytes: u64,
    /// Most entries: files, folders and links.
    pub entries: usize,
}

impl Limits {
    /// Tazuna's own: 1 GiB and 10,000 entries.
    pub const TAZUNA: Self = Self { bytes: 1 << 30, entries: 10_000 };

    /// Most bytes of the whole archive. Its headers come on top of the files; without a
    /// bound for them a few kilobytes could unpack for ever.
    fn archive_bytes(self) -> u64 {
        self.bytes.saturating_add(128 << 20)
    }
}

/// Why an archive is not unpacked. No message holds more of the archive than a name.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// An entry that must not be.
    #[error("its entry `{entry}` {why}")]
    Refused {
        /// The entry's name, scrubbed and cut.
        entry: String,
        /// What is wrong with it.
        why: String,
    },
    /// More bytes than the limit.
    #[error("it unpacks to more than {} MiB", .0 >> 20)]
    TooLarge(u64),
    /// More entries than the limit.
    #[error("it has more than {0} entries")]
    TooMany(usize),
    /// Not a tar.gz, or one that is cut.
    #[error("it is no sound tar.gz: {0}")]
    Damaged(String),
    /// The disk did not take it.
    #[error("it cannot be unpacked here: {0}")]
    Disk(#[source] io::Error),
    /// Whoever asked for it does not want it any more.
    #[error("unpacking was stopped")]
    Stopped,
}

/// Unpacks a tar.gz into `folder`, which is there and empty. Once `stop` is set it ends
/// soon. What a failure leaves in `folder` is the caller's to remove.
///
/// # Errors
/// The first [`Fault`] that is met; nothing is ever written outside of `folder`.
pub fn extract(
    archive: impl Read,
    folder: &Path,
    limits: Limits,
    stop: &AtomicBool,
) -> Result<(), Fault> {
    let tree = Tree::new(folder).map_err(Fault::Disk)?;
    let end = Cell::new(None);
    let bounded = Bounded {
        inner: MultiGzDecoder::new(archive),
        left: limits.archive_bytes(),
        end: &end,
        stop,
    };
    let mut archive = tar::Archive::new(bounded);
    let result = unpack(&mut archive, tree, limits);
    match (end.get(), result) {
        (Some(End::Stopped), _) => Err(Fault::Stopped),
        (Some(End::TooMuch), Err(_)) => Err(Fault::TooLarge(limits.bytes)),
        (_, result) => result,
    }
}

fn unpack<R: Read>(
    archive: &mut tar::Archive<R>,
    mut tree: Tree,
    limits: Limits,
) -> Result<(), Fault> {
    let (mut count, mut bytes) = (0_usize, 0_u64);
    let mut extensions = Extensions::default();
    // Raw, because the reader's own handling of long names takes any length into memory.
    for entry in archive.entries().map_err(damaged)?.raw(true) {
        let mut entry = entry.map_err(damaged)?;
        let kind = entry.header().entry_type();
        if extensions.take(kind, &mut entry)? {
            continue;
        }
        count += 1;
        if count > limits.entries {
            return Err(Fault::TooMany(limits.entries));
        }
        let extensions = std::mem::take(&mut extensions);
        let name = extensions.name(&entry);
        let refused = |why: &str| Fault::Refused { entry: shown(&name), why: why.to_owned() };
        if kind == EntryType::XGlobalHeader {
            return Err(refused(
                "is a global header, which Tazuna refuses (`git archive` does that)",
            ));
        }
        let size = entry.header().entry_size().map_err(damaged)?;
        if !extensions.agrees_on_size(size) {
            return Err(refused("says two different sizes"));
        }
        let path = tree::clean(&name).map_err(&refused)?;
        // The oldest form of tar marks a folder by its name alone.
        let is_old_folder = entry.header().as_bytes()[156] == 0 && name.ends_with(b"/");
        match kind {
            EntryType::Regular if !is_old_folder => {
                bytes = bytes.saturating_add(size);
                if bytes > limits.bytes {
                    return Err(Fault::TooLarge(limits.bytes));
                }
                let mode = entry.header().mode().map_err(damaged)? & 0o777;
                let file = tree.for_file(&path).map_err(|fault| fault.told(&refused))?;
                write(&mut entry, &file, mode, size, &refused)?;
            }
            EntryType::Regular | EntryType::Directory if size == 0 => {
                tree.folder(&path).map_err(|fault| fault.told(&refused))?;
            }
            EntryType::Symlink if size == 0 => {
                let target = extensions.link(&entry);
                tree.symlink(&path, &target).map_err(|fault| fault.told(&refused))?;
            }
            EntryType::Link if size == 0 => {
                let target = extensions.link(&entry);
                tree.hard_link(&path, &target).map_err(|fault| fault.told(&refused))?;
            }
            EntryType::Directory | EntryType::Symlink | EntryType::Link | EntryType::Regular => {
                return Err(refused("is a folder or link with contents of its own"));
            }
            EntryType::Char | EntryType::Block | EntryType::Fifo => {
                return Err(refused("is a device or a pipe"));
            }
            _ => return Err(refused("is neither a file, a folder nor a link")),
        }
    }
    match tree.escaping_link().map_err(Fault::Disk)? {
        Some(link) => Err(Fault::Refused {
            entry: shown(link.as_os_str().as_encoded_bytes()),
            why: "is a link that leads out of the artifact".to_owned(),
        }),
        None => Ok(()),
    }
}

fn write(
    from: &mut impl Read,
    file: &Path,
    mode: u32,
    size: u64,
    refused: &dyn Fn(&str) -> Fault,
) -> Result<(), Fault> {
    let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(file);
    let mut file = opened.map_err(|error| tree::Fault::from(error).told(refused))?;
    let mut piece = vec![0; 64 * 1024];
    let mut written = 0;
    loop {
        let count = from.read(&mut piece).map_err(damaged)?;
        if count == 0 {
            break;
        }
        file.write_all(&piece[..count]).map_err(Fault::Disk)?;
        written += count as u64;
    }
    match written == size {
        true => Ok(()),
        false => Err(Fault::Damaged("it breaks off inside a file".to_owned())),
    }
}

fn damaged(error: io::Error) -> Fault {
    let words = scrub(&error.to_string());
    Fault::Damaged(words.lines().next().unwrap_or_default().chars().take(200).collect())
}

/// A name out of the archive, fit for people.
fn shown(name: &[u8]) -> String {
    let name = scrub(&String::from_utf8_lossy(name)).replace(['\n', '`'], " ");
    match name.char_indices().nth(100) {
        Some((cut, _)) => format!("{}…", &name[..cut]),
        None => name,
    }
}

#[derive(Clone, Copy)]
enum End {
    TooMuch,
    Stopped,
}

/// Ends a stream that goes on for too long, or that nobody wants any more.
struct Bounded<'a, R> {
    inner: R,
    left: u64,
    end: &'a Cell<Option<End>>,
    stop: &'a AtomicBool,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            self.end.set(Some(End::Stopped));
            return Err(io::Error::other("stopped"));
        }
        let count = self.inner.read(buffer)?;
        match self.left.checked_sub(count as u64) {
            Some(left) => self.left = left,
            None => {
                self.end.set(Some(End::TooMuch));
                return Err(io::Error::other("too much"));
            }
        }
        Ok(count)
    }
}
