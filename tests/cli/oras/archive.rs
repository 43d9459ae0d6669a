//! Archives made by hand, byte by byte: the well-meaning crates write no bad ones.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

/// A tar archive under construction.
#[derive(Default)]
pub(crate) struct Tar(Vec<u8>);

impl Tar {
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        self.entry(b'0', name, "", text.as_bytes())
    }

    pub(crate) fn folder(self, name: &str) -> Self {
        self.entry(b'5', name, "", b"")
    }

    pub(crate) fn symlink(self, name: &str, target: &str) -> Self {
        self.entry(b'2', name, target, b"")
    }

    pub(crate) fn hard_link(self, name: &str, target: &str) -> Self {
        self.entry(b'1', name, target, b"")
    }

    /// Any entry, with a sound checksum.
    pub(crate) fn entry(self, kind: u8, name: &str, link: &str, contents: &[u8]) -> Self {
        let size = contents.len() as u64;
        let mut tar = self.header(kind, name, link, size);
        tar.0.extend_from_slice(contents);
        tar.0.resize(tar.0.len().next_multiple_of(512), 0);
        tar
    }

    /// A header that claims this size, without contents.
    pub(crate) fn header(mut self, kind: u8, name: &str, link: &str, size: u64) -> Self {
        let mut header = [0_u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..108].copy_from_slice(b"0000644\0");
        header[108..116].copy_from_slice(b"0000000\0");
        header[116..124].copy_from_slice(b"0000000\0");
        header[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
        header[136..148].copy_from_slice(b"00000000000\0");
        header[156] = kind;
        header[157..157 + link.len()].copy_from_slice(link.as_bytes());
        header[257..265].copy_from_slice(b"ustar\x0000");
        header[148..156].copy_from_slice(b"        ");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.0.extend_from_slice(&header);
        self
    }

    /// The archive without its end, as it is before packing.
    pub(crate) fn raw(self) -> Vec<u8> {
        self.0
    }

    /// The whole tar.gz.
    pub(crate) fn packed(mut self) -> Vec<u8> {
        self.0.extend_from_slice(&[0; 1024]);
        gzip(&self.0)
    }
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
