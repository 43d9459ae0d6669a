//! The last lines of a stream that may be endless, scrubbed.

use std::sync::LazyLock;

use memchr::memmem;

use super::scrub::Scrubber;

/// Most lines that are given.
const LINES: usize = 20;
/// Most bytes over all lines.
const BYTES: usize = 8 * 1024;
/// Most bytes of one line.
const LINE: usize = 4 * 1024;
/// How much of the stream is kept, unscrubbed, at least and at most. Lines are scrubbed
/// at the end only: a tool may babble for hours.
const KEPT: (usize, usize) = (128 * 1024, 512 * 1024);

/// Takes a stream piece by piece and keeps its end.
#[derive(Debug, Default)]
pub(super) struct LastLines {
    kept: Vec<u8>,
    /// The beginning of the first kept line is lost, and with it what would tell a secret.
    first_is_cut: bool,
    /// What is lost ends inside a private key.
    in_private_key: bool,
}

impl LastLines {
    /// Takes the next piece.
    pub(super) fn push(&mut self, piece: &[u8]) {
        self.kept.extend_from_slice(piece);
        if self.kept.len() > KEPT.1 {
            self.forget();
        }
    }

    /// Drops the front, up to a line's end where there is one.
    fn forget(&mut self) {
        let least = self.kept.len() - KEPT.0;
        let (end, is_cut) = match memchr::memchr(b'\n', &self.kept[least..]) {
            Some(end) => (least + end + 1, false),
            None => (least, true),
        };
        let lost = &self.kept[..end];
        match (BEGIN.rfind(lost), END.rfind(lost)) {
            (begin @ Some(_), end) => self.in_private_key = begin > end,
            (None, Some(_)) => self.in_private_key = false,
            (None, None) => {}
        }
        self.first_is_cut = is_cut;
        self.kept.drain(..end);
    }

    /// The lines, without empty ones.
    pub(super) fn finish(self) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.kept);
        let mut scrubber = Scrubber { in_private_key: self.in_private_key };
        let mut lines: Vec<String> = Vec::new();
        for (index, line) in text.split('\n').enumerate() {
            let line = match self.first_is_cut && index == 0 {
                true => "…".to_owned(),
                false => shortened(scrubber.line(line).trim_end()),
            };
            if !line.is_empty() {
                lines.push(line);
            }
        }
        let mut room = BYTES;
        let fitting = lines.iter().rev().take(LINES).take_while(|line| {
            let fits = line.len() <= room;
            room = room.saturating_sub(line.len());
            fits
        });
        let first = lines.len() - fitting.count();
        lines.split_off(first)
    }
}

fn shortened(line: &str) -> String {
    match line.char_indices().map(|(at, _)| at).take_while(|at| *at <= LINE).last() {
        Some(end) if line.len() > LINE => format!("{}…", &line[..end]),
        _ => line.to_owned(),
    }
}

static BEGIN: LazyLock<memmem::FinderRev<'_>> =
    LazyLock::new(|| memmem::FinderRev::new("-----BEGIN "));
static END: LazyLock<memmem::FinderRev<'_>> = LazyLock::new(|| memmem::FinderRev::new("-----END "));

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(pieces: &[&[u8]]) -> Vec<String> {
        let mut lines = LastLines::default();
        pieces.iter().for_each(|piece| lines.push(piece));
        lines.finish()
    }

    #[test]
    fn the_last_twenty_lines_stay() {
        let text: String = (0..1000).map(|n| format!("line {n}\n")).collect();
        let lines = of(&[text.as_bytes()]);
        assert_eq!(lines.len(), 20);
        assert_eq!((lines[0].as_str(), lines[19].as_str()), ("line 980", "line 999"));
    }

    #[test]
    fn a_long_line_is_shortened_after_its_secrets_are_gone() {
        let line = format!("{} https://user:{}@host", "x".repeat(4000), "hunter2".repeat(100));
        let lines = of(&[line.as_bytes()]);
        assert_eq!(lines.len(), 1);
        assert!(!lines[0].contains("hunter2") && lines[0].ends_with("***@host"), "{lines:?}");
        let lines = of(&["ü".repeat(9000).as_bytes()]);
        assert!(lines[0].len() <= 4100 && lines[0].ends_with('…'));
    }

    #[test]
    fn of_an_endless_line_only_its_presence_is_told() {
        let mut lines = LastLines::default();
        lines.push(b"password=");
        (0..20).for_each(|_| lines.push("hunter2".repeat(10_000).as_bytes()));
        lines.push(b"\nthe end");
        assert_eq!(lines.finish(), ["…", "the end"]);
    }

    #[test]
    fn a_stream_of_many_megabytes_leaves_its_last_lines() {
        let mut lines = LastLines::default();
        (0..200_000).for_each(|n| lines.push(format!("line {n}\n").as_bytes()));
        let lines = lines.finish();
        assert_eq!(lines.len(), 20);
        assert_eq!((lines[0].as_str(), lines[19].as_str()), ("line 199980", "line 199999"));
    }

    #[test]
    fn a_key_block_is_hidden_even_when_only_its_end_is_still_there() {
        for lines in [40, 40_000] {
            let body = "MIIEowIBAAKCAQEA0Zx\n".repeat(lines);
            let text = format!("-----BEGIN RSA PRIVATE KEY-----\n{body}");
            let lines = of(&[text.as_bytes(), b"the end of it\n"]);
            assert_eq!(lines, ["the end of it"]);
        }
    }

    proptest! {
        #[test]
        fn where_the_stream_is_cut_into_pieces_does_not_matter(
            text in "([a-z =:/@\n]|https://u:p@h){0,80}", cuts in prop::collection::vec(0usize..80, 0..5),
        ) {
            let bytes = text.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.push(0);
            cuts.push(bytes.len());
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|w| &bytes[w[0]..w[1]]).collect();
            prop_assert_eq!(of(&pieces), of(&[bytes]));
        }
    }
}
