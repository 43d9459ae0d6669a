//! The headers of a tar archive that describe the entry after them: long names, PAX.

use std::{borrow::Cow, io::Read};

use tar::{Entry, EntryType, PaxExtensions};

use super::{Fault, damaged};

/// Most bytes of one such header, as in Go's archive/tar.
const LIMIT: u64 = 1 << 20;

/// What the headers since the last entry say of the next one.
#[derive(Default)]
pub(super) struct Extensions {
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    pax_name: Option<Vec<u8>>,
    pax_link: Option<Vec<u8>>,
    size: Option<Vec<u8>>,
}

impl Extensions {
    /// Takes an entry that is such a header; `false` for any other entry.
    pub(super) fn take<R: Read>(
        &mut self,
        kind: EntryType,
        entry: &mut Entry<'_, R>,
    ) -> Result<bool, Fault> {
        match kind {
            EntryType::GNULongName => self.name = Some(text(entry)?),
            EntryType::GNULongLink => self.link = Some(text(entry)?),
            EntryType::XHeader => self.pax(&contents(entry)?)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn pax(&mut self, records: &[u8]) -> Result<(), Fault> {
        for record in PaxExtensions::new(records) {
            let record = record.map_err(damaged)?;
            // Without a value the record takes the key back.
            let value = Some(record.value_bytes().to_vec()).filter(|value| !value.is_empty());
            match record.key_bytes() {
                b"path" => self.pax_name = value,
                b"linkpath" => self.pax_link = value,
                b"size" => self.size = value,
                key if key.starts_with(b"GNU.sparse.") => {
                    return Err(Fault::Damaged("it holds sparse files".to_owned()));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The entry's whole name.
    pub(super) fn name<'a, R: Read>(&'a self, entry: &'a Entry<'_, R>) -> Vec<u8> {
        let long = self.pax_name.as_ref().or(self.name.as_ref());
        long.map_or_else(|| entry.header().path_bytes(), Cow::from).into_owned()
    }

    /// What a link names.
    pub(super) fn link<R: Read>(&self, entry: &Entry<'_, R>) -> Vec<u8> {
        match self.pax_link.as_ref().or(self.link.as_ref()) {
            Some(link) => link.clone(),
            None => entry.header().link_name_bytes().unwrap_or_default().into_owned(),
        }
    }

    /// Whether a size given here is the one in the entry's own header. Another one is for
    /// files that no limit lets through, or made to be read in two ways.
    pub(super) fn agrees_on_size(&self, size: u64) -> bool {
        self.size.as_ref().is_none_or(|said| said.as_slice() == size.to_string().as_bytes())
    }
}

/// Up to the first NUL.
fn text<R: Read>(entry: &mut Entry<'_, R>) -> Result<Vec<u8>, Fault> {
    let mut bytes = contents(entry)?;
    if let Some(end) = memchr::memchr(0, &bytes) {
        bytes.truncate(end);
    }
    Ok(bytes)
}

fn contents<R: Read>(entry: &mut Entry<'_, R>) -> Result<Vec<u8>, Fault> {
    let size = entry.size();
    if size > LIMIT {
        return Err(Fault::Damaged("a header is longer than 1 MiB".to_owned()));
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes).map_err(damaged)?;
    match bytes.len() as u64 == size {
        true => Ok(bytes),
        false => Err(Fault::Damaged("it breaks off inside a header".to_owned())),
    }
}
