//! Any bytes as a Build's text, and as a resource file of kustomize.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tazuna_drift::{domain::object, yaml};

fuzz_target!(|bytes: &[u8]| {
    let objects = object::from_output("m", bytes, Some("default"));
    // The documents alone hold no fewer objects than what is kept of them.
    if let Ok(objects) = objects {
        assert!(yaml::documents(bytes).all(|document| document.is_ok()));
        assert!(objects.is_sorted_by(|one, next| one.key < next.key));
    }
    if let Ok(text) = str::from_utf8(bytes) {
        let decoded = yaml::read_document(text);
        // What is plain to kustomize is no error to Go's decoder.
        if let Ok(Some(_)) = yaml::plain::read(text) {
            assert!(decoded.is_ok(), "{decoded:?}");
        }
    }
});
