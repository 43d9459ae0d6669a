//! Any text as an issue's body, and any bytes as the JSON in a well-made hidden state.
#![no_main]

use std::io::Write;

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use flate2::{Compression, write::DeflateEncoder};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};
use tazuna_drift::publish::github::hidden::{self, Found};

fuzz_target!(|bytes: &[u8]| {
    let body = String::from_utf8_lossy(bytes);
    let _ = hidden::decode(&body);
    if let Found::State(state) = hidden::decode(&comment(bytes)) {
        let written = hidden::encode(&state);
        assert!(written.len() <= hidden::MOST_CHARACTERS);
        let replaced = hidden::replace(&body, &written);
        match hidden::decode(&replaced) {
            Found::State(read) => assert_eq!(hidden::encode(&read), written),
            other => panic!("{other:?}"),
        }
    }
});

fn comment(json: &[u8]) -> String {
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::fast());
    deflated.write_all(json).expect("writing to a Vec cannot fail");
    let deflated = deflated.finish().expect("writing to a Vec cannot fail");
    let payload = STANDARD_NO_PAD.encode(deflated);
    let sum: String =
        Sha256::digest(&payload)[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("<!-- tazuna-drift:state v1 {payload} {sum} -->")
}
