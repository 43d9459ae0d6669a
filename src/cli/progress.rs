//! Progress on a terminal while Manifests build; silence everywhere else.

use std::{collections::BTreeSet, sync::Mutex, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};

use crate::build::{Progress, Silent};

/// A spinner with the names of the Manifests that build now, where somebody can see it.
pub(super) fn new() -> Box<dyn Progress> {
    let in_ci = std::env::var_os("CI").is_some();
    if in_ci || !super::stderr_is_terminal() { Box::new(Silent) } else { Box::new(Spinner::new()) }
}

struct Spinner {
    bar: ProgressBar,
    building: Mutex<BTreeSet<String>>,
}

impl Spinner {
    fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        let style = ProgressStyle::with_template("{spinner} {wide_msg}");
        bar.set_style(style.expect("the template above is well formed"));
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar, building: Mutex::default() }
    }

    fn change(&self, change: impl FnOnce(&mut BTreeSet<String>)) {
        // A panic elsewhere may have left the lock poisoned; the names are still good.
        let mut building = self.building.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        change(&mut building);
        let names: Vec<&str> = building.iter().map(String::as_str).collect();
        self.bar.set_message(format!("building {}", names.join(", ")));
    }
}

impl Progress for Spinner {
    fn started(&self, manifest: &str) {
        self.change(|building| {
            building.insert(manifest.to_owned());
        });
    }

    fn finished(&self, manifest: &str, _ok: bool) {
        self.change(|building| {
            building.remove(manifest);
        });
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
