//! Any texts as the name and data of a State ConfigMap.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use tazuna_drift::state::config_map;

fuzz_target!(|input: (String, BTreeMap<String, String>)| {
    let (name, mut data) = input;
    let _ = config_map::manifest_of(&name);
    let state = config_map::parse(&name, &data);
    if let Ok(entries) = &state.entries {
        assert!(entries.len() <= data.len());
    }
    // The State's own facts are read by other rules than an object's.
    if let Some(value) = data.values().next().cloned() {
        data.insert("_metadata".into(), value);
        let _ = config_map::parse(&name, &data);
    }
});
