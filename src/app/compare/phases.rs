//! How long each phase of a run takes.

use std::time::{Duration, Instant};

use crate::report::Phase;

/// Collects the wall time of phases in their order.
#[derive(Debug, Default)]
pub(super) struct Phases(Vec<Phase>);

impl Phases {
    pub(super) fn time<T>(&mut self, name: &str, work: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let result = work();
        self.add(name, begun.elapsed());
        result
    }

    pub(super) async fn time_async<T>(&mut self, name: &str, work: impl Future<Output = T>) -> T {
        let begun = Instant::now();
        let result = work.await;
        self.add(name, begun.elapsed());
        result
    }

    pub(super) fn add(&mut self, name: &str, took: Duration) {
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.0.push(Phase { name: name.to_owned(), millis });
    }

    pub(super) fn finish(self) -> Vec<Phase> {
        self.0
    }
}
