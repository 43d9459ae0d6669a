//! The folder that is unpacked into: no path, however many links it takes, leads out of it.

use std::{
    collections::VecDeque,
    ffi::{OsStr, OsString},
    fs::{self, DirBuilder},
    io,
    os::unix::{
        ffi::{OsStrExt, OsStringExt},
        fs::{DirBuilderExt, symlink},
    },
    path::{Path, PathBuf},
};

/// Most links that one path may go through, as in Linux.
const HOPS: usize = 40;

/// Why something cannot be put where the archive wants it.
pub(super) enum Fault {
    /// The archive is to blame.
    Refused(&'static str),
    /// The disk is.
    Disk(io::Error),
}

impl Fault {
    /// With the entry's name.
    pub(super) fn told(self, refused: &dyn Fn(&str) -> super::Fault) -> super::Fault {
        match self {
            Self::Refused(why) => refused(why),
            Self::Disk(error) => super::Fault::Disk(error),
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{
            AlreadyExists, InvalidFilename, InvalidInput, IsADirectory, NotADirectory, NotFound,
        };
        match error.kind() {
            AlreadyExists | IsADirectory | NotADirectory => {
                Self::Refused("is in the way of another entry")
            }
            NotFound => Self::Refused("needs an entry that is not there"),
            InvalidFilename | InvalidInput => Self::Refused("has a name that no file can have"),
            _ => Self::Disk(error),
        }
    }
}

pub(super) struct Tree {
    root: PathBuf,
    links: Vec<Vec<OsString>>,
}

impl Tree {
    /// A folder that is there.
    pub(super) fn new(root: &Path) -> io::Result<Self> {
        Ok(Self { root: root.canonicalize()?, links: Vec::new() })
    }

    /// Makes a folder, with those above it.
    pub(super) fn folder(&self, path: &[OsString]) -> Result<(), Fault> {
        self.make(&self.resolve(path)?)
    }

    /// Where a file is to be written; the folders above it are made. A link of that name
    /// is followed, as writing would follow it.
    pub(super) fn for_file(&self, path: &[OsString]) -> Result<PathBuf, Fault> {
        let real = self.resolve(path)?;
        let (_, above) = real.split_last().ok_or(Fault::Refused("has no name"))?;
        self.make(above)?;
        Ok(self.place(&real))
    }

    /// Makes a symbolic link. Where it leads is looked at once all entries are there.
    pub(super) fn symlink(&mut self, path: &[OsString], target: &[u8]) -> Result<(), Fault> {
        self.within(path, target)?;
        let link = self.for_link(path)?;
        symlink(OsStr::from_bytes(target), self.place(&link))?;
        self.links.push(link);
        Ok(())
    }

    /// Makes a hard link. Its target counts from the link's own folder, as in Tazuna (tar
    /// itself would count from the archive's root). Only files can be linked to: a link to
    /// a link would lead somewhere else than that one.
    pub(super) fn hard_link(&self, path: &[OsString], target: &[u8]) -> Result<(), Fault> {
        let target = self.within(path, target)?;
        let target = self.place(&self.resolve_above(&target)?);
        if !target.symlink_metadata()?.is_file() {
            return Err(Fault::Refused("is a hard link to something that is no file"));
        }
        let link = self.for_link(path)?;
        Ok(fs::hard_link(target, self.place(&link))?)
    }

    /// The first link that leads out of the folder, or in a circle.
    pub(super) fn escaping_link(&self) -> io::Result<Option<PathBuf>> {
        for link in &self.links {
            match self.resolve(link) {
                Ok(_) => {}
                Err(Fault::Refused(_)) => return Ok(Some(link.iter().collect())),
                Err(Fault::Disk(error)) => return Err(error),
            }
        }
        Ok(None)
    }

    /// A link's target by names alone, from the root.
    fn within(&self, path: &[OsString], target: &[u8]) -> Result<Vec<OsString>, Fault> {
        if target.starts_with(b"/") {
            return Err(Fault::Refused("is a link to an absolute path"));
        }
        let (_, above) = path.split_last().ok_or(Fault::Refused("has no name"))?;
        let mut whole = above.to_vec();
        for part in parts(target) {
            match part.as_bytes() {
                b".." if whole.pop().is_none() => {
                    return Err(Fault::Refused("is a link that leads out of the artifact"));
                }
                b".." => {}
                _ => whole.push(part.to_owned()),
            }
        }
        Ok(whole)
    }

    /// Where a link itself is to be, with the folders above it made.
    fn for_link(&self, path: &[OsString]) -> Result<Vec<OsString>, Fault> {
        let link = self.resolve_above(path)?;
        self.make(&link[..link.len().saturating_sub(1)])?;
        Ok(link)
    }

    /// [`Self::resolve`], but a link at the very end is not followed.
    fn resolve_above(&self, path: &[OsString]) -> Result<Vec<OsString>, Fault> {
        let (last, above) = path.split_last().ok_or(Fault::Refused("has no name"))?;
        let mut real = self.resolve(above)?;
        real.push(last.clone());
        Ok(real)
    }

    /// The path without any link in it. What is not there yet counts as a folder.
    fn resolve(&self, path: &[OsString]) -> Result<Vec<OsString>, Fault> {
        let mut open: VecDeque<OsString> = path.iter().cloned().collect();
        let mut real: Vec<OsString> = Vec::new();
        let mut hops = 0;
        while let Some(part) = open.pop_front() {
            if part == ".." {
                if real.pop().is_none() {
                    return Err(Fault::Refused("leads out of the artifact by way of a link"));
                }
                continue;
            }
            real.push(part);
            let place = self.place(&real);
            match place.symlink_metadata() {
                Ok(meta) if meta.is_symlink() => {}
                Ok(_) => continue,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error.into()),
            }
            hops += 1;
            let target = fs::read_link(&place)?.into_os_string().into_vec();
            if hops > HOPS || target.starts_with(b"/") {
                return Err(Fault::Refused("goes through links that lead nowhere"));
            }
            real.pop();
            for part in parts(&target).collect::<Vec<_>>().into_iter().rev() {
                open.push_front(part.to_owned());
            }
        }
        Ok(real)
    }

    fn make(&self, real: &[OsString]) -> Result<(), Fault> {
        Ok(DirBuilder::new().recursive(true).mode(0o755).create(self.place(real))?)
    }

    fn place(&self, real: &[OsString]) -> PathBuf {
        self.root.join(real.iter().collect::<PathBuf>())
    }
}

/// An entry's name as Tazuna reads it: `a/../b` is `b`, and what leads out is refused.
pub(super) fn clean(name: &[u8]) -> Result<Vec<OsString>, &'static str> {
    if name.is_empty() {
        return Err("has no name");
    }
    if name.starts_with(b"/") {
        return Err("has an absolute path");
    }
    let mut whole: Vec<OsString> = Vec::new();
    for part in parts(name) {
        match part.as_bytes() {
            b".." if whole.pop().is_none() => return Err("leads out of the artifact with `..`"),
            b".." => {}
            _ => whole.push(part.to_owned()),
        }
    }
    Ok(whole)
}

fn parts(path: &[u8]) -> impl Iterator<Item = &OsStr> {
    let parts = path.split(|byte| *byte == b'/');
    parts.filter(|part| !part.is_empty() && *part != b".").map(OsStr::from_bytes)
}
