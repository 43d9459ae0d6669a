//! The hidden state: what the next run needs to know, as one HTML comment.
//!
//! `<!-- tazuna-drift:state v1 <base64 of deflated JSON> <checksum> -->`. The alphabet is
//! the one with `+` and `/`: that of URLs could write `--` into an HTML comment.

use std::io::{Read, Write};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD as BASE64};
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::wire::Wire;
use crate::history::Past;

/// Most characters the comment may have.
pub const MOST_CHARACTERS: usize = 20_000;

const OPENING: &str = "<!-- tazuna-drift:state ";
const CLOSING: &str = " -->";
/// An entry's four bytes of content do not compress, and Base64 makes five characters of them.
const LEAST_PER_ENTRY: usize = 5;
const VERSION: &str = "v1";
/// Far more than what fits compressed; a bomb ends here.
const MOST_JSON_BYTES: u64 = 8 * 1024 * 1024;

/// What the issue remembers for the next run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HiddenState {
    /// The last Report.
    pub past: Past,
    /// How many events there were; part of the next one's id.
    pub sequence: u32,
    /// An event whose comment may not be posted yet.
    pub pending: Option<PendingEvent>,
    /// Set when this program closed the issue because all was clear.
    pub closed: bool,
    /// The issue that this one continues.
    pub follows: Option<u64>,
}

/// An event that is in the body and whose comment may not be posted yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingEvent {
    /// The comment carries the same id.
    pub id: String,
    /// The comment's words; absent when they are too long to be kept here.
    pub text: Option<String>,
    /// When the event was found; the comment is younger.
    pub at: Timestamp,
    /// Whether the issue closes after the comment.
    pub closes: bool,
}

/// What a body holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// No hidden state.
    Nothing,
    /// A state that reads back.
    State(Box<HiddenState>),
    /// Something that is none, and why.
    Damaged(&'static str),
}

/// Writes the comment, at most [`MOST_CHARACTERS`] long: with each entry by itself where
/// there is room, else per Manifest; `removed` entries are the last to be given up.
pub fn encode(state: &HiddenState) -> String {
    let mut state = state.clone();
    loop {
        // Compressing megabytes to learn that they do not fit takes most of a second.
        let least = entries(&state) * LEAST_PER_ENTRY;
        if least > MOST_CHARACTERS {
            shrink(&mut state, least);
            continue;
        }
        let comment = encode_all(&state);
        if comment.len() <= MOST_CHARACTERS {
            return comment;
        }
        shrink(&mut state, comment.len());
    }
}

fn entries(state: &HiddenState) -> usize {
    state.past.manifests.values().map(|manifest| manifest.entries.len()).sum()
}

fn encode_all(state: &HiddenState) -> String {
    let json = serde_json::to_vec(&Wire::of(state)).expect("plain data always has a JSON form");
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
    let deflated = deflate
        .write_all(&json)
        .and_then(|()| deflate.finish())
        .expect("writing to memory cannot fail");
    let payload = BASE64.encode(deflated);
    format!("{OPENING}{VERSION} {payload} {}{CLOSING}", checksum(&payload))
}

/// Forgets about as much as is too much: the largest Manifests first.
fn shrink(state: &mut HiddenState, length: usize) {
    let entries = entries(state);
    let past = &mut state.past;
    let length = length as f64;
    let share = ((length - MOST_CHARACTERS as f64) / length * 1.05).clamp(0.1, 1.0);
    // At least one: with a goal of none, nothing would ever be forgotten.
    let goal = ((entries as f64 * share).ceil() as usize).max(1);
    for with_removed in [false, true] {
        let mut manifests: Vec<_> = past.manifests.values_mut().collect();
        manifests.sort_by_key(|manifest| std::cmp::Reverse(manifest.entries.len()));
        let mut forgotten = 0;
        for manifest in manifests {
            if forgotten >= goal {
                return;
            }
            forgotten += manifest.summarize(with_removed);
        }
        if forgotten > 0 {
            return;
        }
    }
    // Not even counts per Manifest fit.
    past.partial = true;
    if past.manifests.is_empty() {
        past.untracked =
            past.untracked.clone().into_iter().take(past.untracked.len() / 2).collect();
        state.pending = None;
    }
    let keep = past.manifests.len() / 2;
    past.manifests = std::mem::take(&mut past.manifests).into_iter().take(keep).collect();
}

/// Reads the comment out of an issue's body; the last one counts.
pub fn decode(body: &str) -> Found {
    let Some((start, end)) = place(body) else {
        return if body.contains(OPENING.trim_end()) {
            Found::Damaged("it has no end")
        } else {
            Found::Nothing
        };
    };
    let words: Vec<&str> = body[start + OPENING.len()..end - CLOSING.len()].split(' ').collect();
    match words[..] {
        [VERSION, payload, sum] if checksum(payload) == sum => match read(payload) {
            Some(state) => Found::State(Box::new(state)),
            None => Found::Damaged("it does not read back"),
        },
        [VERSION, _, _] => Found::Damaged("its checksum is wrong"),
        [version, _, _] if version.starts_with('v') => {
            Found::Damaged("another version of tazuna-drift wrote it")
        }
        _ => Found::Damaged("it is cut or changed"),
    }
}

/// The same body with another hidden state; it is added where there is none.
pub fn replace(body: &str, comment: &str) -> String {
    match place(body) {
        Some((start, end)) => format!("{}{comment}{}", &body[..start], &body[end..]),
        None => format!("{}\n{comment}\n", body.trim_end()),
    }
}

fn place(body: &str) -> Option<(usize, usize)> {
    let start = body.rfind(OPENING)?;
    let end = start + body[start..].find(CLOSING)? + CLOSING.len();
    // Two words may share a space; then nothing stands between the opening and the end.
    (end - CLOSING.len() >= start + OPENING.len()).then_some((start, end))
}

fn read(payload: &str) -> Option<HiddenState> {
    let deflated = BASE64.decode(payload).ok()?;
    let mut json = Vec::new();
    let mut limited = DeflateDecoder::new(&deflated[..]).take(MOST_JSON_BYTES + 1);
    limited.read_to_end(&mut json).ok()?;
    if json.len() as u64 > MOST_JSON_BYTES {
        return None;
    }
    serde_json::from_slice::<Wire>(&json).ok()?.into_state()
}

fn checksum(payload: &str) -> String {
    Sha256::digest(payload)[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}
