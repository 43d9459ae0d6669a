//! Unpacked artifacts on disk, laid out as Tazuna lays them out: both tools share them.
//!
//! `blobs/sha256-<hex>/` holds an artifact, `refs/<reference with / : @ as _>` the digest
//! that a tag had when it was last pulled.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::reference::{Digest, Reference};
use crate::report::{Reason, ReasonCode};

pub(super) struct Cache {
    blobs: PathBuf,
    refs: PathBuf,
}

impl Cache {
    /// `folder` may not be there yet.
    pub(super) fn at(folder: &Path) -> Result<Self, Reason> {
        let folder = std::path::absolute(folder).map_err(|error| unusable(&error))?;
        Ok(Self { blobs: folder.join("blobs"), refs: folder.join("refs") })
    }

    /// Where an artifact is, if it is there.
    pub(super) fn blob(&self, digest: &Digest) -> Option<PathBuf> {
        let folder = self.place(digest);
        folder.is_dir().then_some(folder)
    }

    /// The digest that a tag had when it was last pulled. What is no digest is no answer:
    /// it would become a path.
    pub(super) fn digest_of(&self, reference: &Reference) -> Option<Digest> {
        let text = fs::read_to_string(self.refs.join(key(reference))).ok()?;
        Digest::parse(text.trim())
    }

    /// Notes the digest of a tag.
    pub(super) fn note(&self, reference: &Reference, digest: &Digest) -> Result<(), Reason> {
        let write = || -> io::Result<()> {
            fs::create_dir_all(&self.refs)?;
            let file = tempfile::Builder::new().prefix("ref-").tempfile_in(&self.refs)?;
            fs::write(file.path(), digest.as_str())?;
            file.persist(self.refs.join(key(reference))).map_err(|error| error.error)?;
            Ok(())
        };
        write().map_err(|error| unusable(&error))
    }

    /// An empty folder beside the artifacts; gone when it is dropped.
    pub(super) fn staging(&self) -> Result<TempDir, Reason> {
        let make = || {
            fs::create_dir_all(&self.blobs)?;
            tempfile::Builder::new().prefix("extract-").tempdir_in(&self.blobs)
        };
        make().map_err(|error| unusable(&error))
    }

    /// A file without a name on the same disk.
    pub(super) fn scratch(&self) -> Result<fs::File, Reason> {
        let make = || {
            fs::create_dir_all(&self.blobs)?;
            tempfile::tempfile_in(&self.blobs)
        };
        make().map_err(|error| unusable(&error))
    }

    /// Gives an unpacked artifact its name, at once and whole. One that is there already
    /// stays, unless it is to be replaced.
    pub(super) fn adopt(
        &self,
        staging: TempDir,
        digest: &Digest,
        replace: bool,
    ) -> Result<PathBuf, Reason> {
        let place = self.place(digest);
        if fs::rename(staging.path(), &place).is_err() {
            if !place.is_dir() || replace {
                let old = self.staging()?;
                let swap = || {
                    if place.is_dir() {
                        // Onto an empty folder a folder may be renamed.
                        fs::rename(&place, old.path())?;
                    }
                    fs::rename(staging.path(), &place)
                };
                swap().map_err(|error| unusable(&error))?;
            } else {
                // Somebody else was faster.
                return Ok(place);
            }
        }
        // It has another name now.
        drop(staging.keep());
        Ok(place)
    }

    fn place(&self, digest: &Digest) -> PathBuf {
        self.blobs.join(digest.as_str().replace(':', "-"))
    }
}

fn key(reference: &Reference) -> String {
    reference.text.replace(['/', ':', '@'], "_")
}

/// The path is left out: it may tell who runs this, and this may end in a public issue.
fn unusable(error: &io::Error) -> Reason {
    let message = format!("the cache of artifacts cannot be used: {}", error.kind());
    Reason::new(ReasonCode::Other, message)
        .hint("name a folder that can be written to with --cache-dir")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(digit: &str) -> Digest {
        Digest::parse(&format!("sha256:{}", digit.repeat(64))).unwrap()
    }

    #[test]
    fn the_layout_is_tazunas() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path()).unwrap();
        let reference = Reference::parse("127.0.0.1:5000/acme/base:v1.0").unwrap();
        assert_eq!(cache.digest_of(&reference), None);

        let staging = cache.staging().unwrap();
        fs::write(staging.path().join("a"), "1").unwrap();
        let place = cache.adopt(staging, &digest("a"), false).unwrap();
        cache.note(&reference, &digest("a")).unwrap();

        let hex = "a".repeat(64);
        assert_eq!(place, folder.path().join(format!("blobs/sha256-{hex}")));
        assert_eq!(fs::read_to_string(place.join("a")).unwrap(), "1");
        let noted = folder.path().join("refs/127.0.0.1_5000_acme_base_v1.0");
        assert_eq!(fs::read_to_string(&noted).unwrap(), format!("sha256:{hex}"));
        assert_eq!(cache.digest_of(&reference), Some(digest("a")));

        fs::write(noted, "sha256:../../../etc\n").unwrap();
        assert_eq!(cache.digest_of(&reference), None);
    }

    #[test]
    fn the_faster_one_wins_unless_it_is_to_be_replaced_and_nothing_is_left_over() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path()).unwrap();
        for (text, replace, want) in [("1", false, "1"), ("2", false, "1"), ("3", true, "3")] {
            let staging = cache.staging().unwrap();
            fs::write(staging.path().join("a"), text).unwrap();
            let place = cache.adopt(staging, &digest("b"), replace).unwrap();
            assert_eq!(fs::read_to_string(place.join("a")).unwrap(), want);
        }
        assert_eq!(fs::read_dir(folder.path().join("blobs")).unwrap().count(), 1);
    }
}
