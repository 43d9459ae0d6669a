//! The in-process Build against the real kustomize, on generated folders: whatever is built
//! here must be what kustomize builds, key for key and hash for hash.
//!
//! Runs where `TAZUNA_DRIFT_TEST_KUSTOMIZE` names the binary, as `.ci/run` sees to.
//! `TAZUNA_DRIFT_TEST_SEED` and `TAZUNA_DRIFT_TEST_FOLDERS` look further than the default.

mod folder;
mod random;
mod resource;
mod scalar;

use std::{
    env,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Mutex,
    thread,
};

use tazuna_drift::{
    build::kustomize::in_process::{self, InProcess},
    domain::{BuiltObject, object},
};

use folder::Folder;
use random::Random;

/// What became of a folder.
#[derive(Default)]
struct Tally {
    built: usize,
    handed_over: usize,
    wrong: Vec<String>,
}

#[test]
fn what_is_built_in_process_is_what_kustomize_builds() {
    let Some(kustomize) = env::var_os("TAZUNA_DRIFT_TEST_KUSTOMIZE").map(PathBuf::from) else {
        tell("the agreement with kustomize is skipped: TAZUNA_DRIFT_TEST_KUSTOMIZE is not set");
        return;
    };
    let number = |name, or| env::var(name).map_or(or, |text| text.parse().unwrap());
    let seed = number("TAZUNA_DRIFT_TEST_SEED", 20_251);
    let folders = number("TAZUNA_DRIFT_TEST_FOLDERS", 300);
    let plain = compare(&kustomize, seed, folders / 2, Folder::realistic);
    let mutated = compare(&kustomize, seed, folders / 2, Folder::mutated);
    let shares = format!(
        "seed {seed}: of realistic folders {} built, {} handed over; of mutated ones {} and {}",
        plain.built, plain.handed_over, mutated.built, mutated.handed_over
    );
    tell(&shares);
    let wrong = [plain.wrong, mutated.wrong].concat();
    assert!(wrong.is_empty(), "{shares}\n{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    // Were all handed over, nothing could be wrong.
    assert!(plain.built * 10 >= (plain.built + plain.handed_over) * 6, "{shares}");
    assert!(mutated.built * 10 >= mutated.built + mutated.handed_over, "{shares}");
}

/// Past the harness, which keeps to itself what a passing test prints.
fn tell(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Generates and builds folders on all cores. Each has a seed of its own, so that one can
/// be looked at alone.
fn compare(
    kustomize: &Path,
    seed: u64,
    folders: u64,
    generate: fn(&mut Random) -> Folder,
) -> Tally {
    let next = Mutex::new(seed..seed + folders);
    let tally = Mutex::new(Tally::default());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(seed) = { next.lock().unwrap().next() } {
                    let folder = generate(&mut Random::from_seed(seed));
                    let found = judge(kustomize, &folder);
                    let mut tally = tally.lock().unwrap();
                    match found {
                        None => tally.handed_over += 1,
                        Some(Ok(())) => tally.built += 1,
                        Some(Err(why)) => {
                            tally.wrong.push(format!("=== seed {seed}: {why}\n{folder}"));
                        }
                    }
                }
            });
        }
    });
    tally.into_inner().unwrap()
}

/// `None` for a folder that is handed over.
fn judge(kustomize: &Path, folder: &Folder) -> Option<Result<(), String>> {
    let dir = tempfile::tempdir().unwrap();
    folder.write(dir.path());
    let root = dir.path().join("app");
    let InProcess::Built(here) = in_process::build(&root, "m", None) else { return None };
    let run = Command::new(kustomize).arg("build").arg(&root).stdin(Stdio::null()).output();
    let run = run.unwrap();
    if !run.status.success() {
        return Some(Err(format!("refused: {}", String::from_utf8_lossy(&run.stderr))));
    }
    let there = object::from_output("m", &run.stdout, None).unwrap();
    Some(if here == there { Ok(()) } else { Err(difference(&here, &there)) })
}

fn difference(here: &[BuiltObject], there: &[BuiltObject]) -> String {
    let only = |one: &[BuiltObject], other: &[BuiltObject]| {
        let keys = one.iter().filter(|object| !other.contains(object));
        keys.map(|object| object.key.to_string()).collect::<Vec<_>>().join(" ")
    };
    format!("only in process: {}; only kustomize: {}", only(here, there), only(there, here))
}
