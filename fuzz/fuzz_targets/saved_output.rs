//! Any bytes as the saved output of `tazuna state diff`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tazuna_drift::source::output;

fuzz_target!(|bytes: &[u8]| {
    let _ = output::parse(bytes);
});
