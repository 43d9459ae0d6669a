//! The fingerprint: whether a fact that the issue tells has changed.

use std::sync::LazyLock;

use regex::Regex;
use sha2::{Digest, Sha256};

use crate::report::{PastEntry, Report};

/// Sixteen hex digits over the entries, outcomes, times first seen, cluster and advice.
///
/// Run links, clocks, ages, durations and counts of what does not differ are no facts
/// here: the same facts looked at by another run give the same fingerprint. `advice` is
/// what else the words depend on, such as the generation of commands. With
/// `with_messages`, the reasons' words count too, without what changes from run to run.
pub fn fingerprint(report: &Report, advice: &[&str], with_messages: bool) -> String {
    let mut facts = Facts(Sha256::new());
    facts.list(advice.iter().copied());
    facts.optional(report.context.name.as_deref());
    facts.optional(report.context.server.as_deref());
    facts.optional(report.selection.file.as_deref());
    facts.optional(report.selection.environment.as_deref());
    facts.list(report.selection.tags.iter().map(String::as_str));
    for manifest in &report.manifests {
        facts.text("manifest");
        facts.text(&manifest.name);
        facts.text(&format!("{:?}", manifest.outcome));
        if let Some(reason) = &manifest.reason {
            facts.text(&format!("{:?}", reason.code));
            if with_messages {
                facts.text(&lasting_words(&reason.message));
            }
        }
        if let Some(orphaned) = &manifest.orphaned_state {
            facts.text(&format!("{:?} {}", orphaned.ownership, orphaned.config_map));
        }
        if let Some(state) = manifest.state.as_ref().filter(|_| manifest.has_drift()) {
            facts.optional(state.git_commit_hash.as_deref());
            facts.optional(state.last_synced_at.as_deref());
        }
        for entry in manifest.entries.iter().filter(|entry| entry.diff_type.is_drift()) {
            facts.text(entry.key.as_str());
            facts.text(entry.diff_type.as_str());
            for hash in [&entry.old_hash, &entry.new_hash] {
                facts.optional(hash.as_ref().map(|hash| hash.short()));
            }
            facts.seconds(entry.first_seen.map(|time| time.as_second()));
        }
    }
    for warning in &report.warnings {
        // Their words may hold what passes; that there is one is the fact.
        facts.text(&warning.code);
        facts.optional(warning.manifest.as_deref());
    }
    if let Some(history) = &report.history {
        facts.text("history");
        facts.seconds(history.drift_since.map(|time| time.as_second()));
        facts.seconds(history.clear_since.map(|time| time.as_second()));
        facts.past(&history.unknown);
        facts.past(&history.untracked);
    }
    facts.finish()
}

struct Facts(Sha256);

impl Facts {
    fn text(&mut self, text: &str) {
        // The length first, so that no two lists of texts read the same.
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text);
    }

    fn optional(&mut self, text: Option<&str>) {
        self.0.update([u8::from(text.is_some())]);
        self.text(text.unwrap_or_default());
    }

    fn seconds(&mut self, seconds: Option<i64>) {
        self.0.update([u8::from(seconds.is_some())]);
        self.0.update(seconds.unwrap_or_default().to_be_bytes());
    }

    fn list<'a>(&mut self, texts: impl ExactSizeIterator<Item = &'a str>) {
        self.0.update((texts.len() as u64).to_be_bytes());
        texts.for_each(|text| self.text(text));
    }

    fn past(&mut self, entries: &[PastEntry]) {
        self.0.update((entries.len() as u64).to_be_bytes());
        for entry in entries {
            self.text(entry.key.as_str());
            self.text(entry.diff_type.as_str());
            self.seconds(entry.first_seen.map(|time| time.as_second()));
        }
    }

    fn finish(self) -> String {
        self.0.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A tool's words without what differs at each run: temporary paths, durations, clocks,
/// addresses' ports, process ids, pointers and digests. Version numbers stay.
fn lasting_words(message: &str) -> String {
    static PASSING: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"(?x) /(?:tmp|var/tmp|var/folders|private/var)/[^\s'`:,)]* ",
            r"| [^\s'`:,)]*/\.?(?:_temp|tmp)[^\s'`,)]* ",
            r"| \d{4}-\d\d-\d\d[T\x20]\d\d:\d\d:\d\d[0-9.,Z+:-]* ",
            r"| \b\d\d:\d\d:\d\d(?:\.\d+)?\b ",
            r"| \b\d+(?:\.\d+)?\x20?(?:ns|µs|us|ms|s|sec|secs|seconds|m|min|minutes|h)\b ",
            r"| \b0x[0-9a-f]+\b ",
            r"| \b(?:sha256:)?[0-9a-f]{12,}\b ",
            r"| (?:\d{1,3}\.){3}\d{1,3}:\d+ | \]:\d+ ",
            r"| \bpid\x20\d+\b ",
            r"| \b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b ",
        ))
        .expect("a fixed pattern")
    });
    PASSING.replace_all(message, "…").into_owned()
}

#[cfg(test)]
mod tests {
    use super::lasting_words;

    #[test]
    fn what_differs_at_each_run_is_no_fact_and_versions_are() {
        for (one, other) in [
            ("timed out after 300.2s", "timed out after 301 s"),
            ("open /tmp/drift-ab12/x.yaml: no such file", "open /tmp/drift-zz9/y: no such file"),
            ("dial 10.0.0.1:53211: refused", "dial 10.0.0.1:60001: refused"),
            ("2026-11-23T06:17:00Z failed", "2026-11-24T06:17:00.5+09:00 failed"),
            ("object 0xc000123 at 06:17:01", "object 0xc000999 at 07:18:59"),
        ] {
            assert_eq!(lasting_words(one), lasting_words(other), "{one}");
        }
        for (one, other) in [
            ("chart version 1.19.1 not found", "chart version 1.20.0 not found"),
            ("overlays/a does not exist", "overlays/b does not exist"),
        ] {
            assert_ne!(lasting_words(one), lasting_words(other), "{one}");
        }
    }
}
