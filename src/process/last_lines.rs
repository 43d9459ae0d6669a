//! The last lines of a stream that may be endless, scrubbed line by line.

use std::collections::VecDeque;

use super::scrub::Scrubber;

/// Most lines that are kept.
const LINES: usize = 20;
/// Most bytes that are kept over all lines.
const BYTES: usize = 8 * 1024;
/// Most bytes of one line that are looked at.
const LINE: usize = 4 * 1024;

/// Takes a stream piece by piece and keeps its end.
#[derive(Debug, Default)]
pub(super) struct LastLines {
    kept: VecDeque<String>,
    bytes: usize,
    line: Vec<u8>,
    line_is_cut: bool,
    scrubber: Scrubber,
}

impl LastLines {
    /// Takes the next piece.
    pub(super) fn push(&mut self, mut piece: &[u8]) {
        while let Some(end) = piece.iter().position(|byte| *byte == b'\n') {
            self.extend(&piece[..end]);
            self.end_line();
            piece = &piece[end + 1..];
        }
        self.extend(piece);
    }

    /// The lines, without empty ones.
    pub(super) fn finish(mut self) -> Vec<String> {
        self.end_line();
        self.kept.into()
    }

    fn extend(&mut self, piece: &[u8]) {
        let room = LINE - self.line.len();
        self.line_is_cut |= piece.len() > room;
        self.line.extend_from_slice(&piece[..piece.len().min(room)]);
    }

    fn end_line(&mut self) {
        let text = String::from_utf8_lossy(&self.line);
        // A word cut in two may be a secret that no longer looks like one.
        let whole = if self.line_is_cut {
            text.rsplit_once(char::is_whitespace).map_or("", |(whole, _)| whole)
        } else {
            &text
        };
        let mut line = self.scrubber.line(whole).trim_end().to_owned();
        if self.line_is_cut {
            line.push('…');
        }
        self.line.clear();
        self.line_is_cut = false;
        if line.is_empty() {
            return;
        }
        self.bytes += line.len();
        self.kept.push_back(line);
        while self.kept.len() > LINES || (self.bytes > BYTES && self.kept.len() > 1) {
            self.bytes -= self.kept.pop_front().map_or(0, |line| line.len());
        }
    }
}

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
    fn a_secret_at_the_cut_of_an_endless_line_does_not_show() {
        let line = format!("{} https://user:hunter2{}", "x".repeat(4000), "y".repeat(9000));
        let lines = of(&[line.as_bytes()]);
        assert_eq!(lines.len(), 1);
        assert!(!lines[0].contains("hunter2") && lines[0].ends_with('…'), "{lines:?}");
    }

    #[test]
    fn a_key_block_is_hidden_even_when_only_its_end_is_among_the_last_lines() {
        let body = "MIIEowIBAAKCAQEA0Zx\n".repeat(40);
        let text = format!("-----BEGIN RSA PRIVATE KEY-----\n{body}");
        assert!(of(&[text.as_bytes()]).iter().all(|line| !line.contains("MIIE")));
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
