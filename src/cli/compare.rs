//! The flags that say what is compared, shared by every command that compares.

use std::{
    io::Read,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, ValueEnum};
use regex::Regex;

use crate::{
    app::{
        compare::{CompareRequest, SourceRequest, StateRequest, TazunaRequest},
        verdict::Strictness,
    },
    build::{BuildOptions, Variables, oras::OrasSettings},
    domain::DiffType,
    error::{Error, ErrorKind, Result},
    insight::orphans::{OrphanPolicy, OrphanRule},
};

#[derive(Args, Clone, Debug)]
pub(super) struct CompareArgs {
    /// The tazuna.yaml [default: tazuna.yaml].
    #[arg(short, long, value_name = "FILE", env = "TAZUNA_DRIFT_FILE_PATH")]
    file_path: Option<PathBuf>,
    /// The environment, `.Environment` in the templates.
    #[arg(short, long, value_name = "NAME", env = "TAZUNA_DRIFT_ENVIRONMENT")]
    environment: Option<String>,
    /// Only Manifests that carry any of these tags.
    #[arg(long, value_name = "TAG,…", value_delimiter = ',', env = "TAZUNA_DRIFT_TAGS")]
    tags: Vec<String>,
    /// Names what this run looks at [default: made of path, environment and tags].
    #[arg(long, value_name = "NAME", env = "TAZUNA_DRIFT_TARGET")]
    target: Option<String>,

    /// Who compares.
    #[arg(long, value_enum, default_value_t = SourceName::Native, env = "TAZUNA_DRIFT_SOURCE")]
    source: SourceName,
    /// Saved output of `tazuna state diff` for `--source output`; `-` is standard input.
    #[arg(long, value_name = "FILE", env = "TAZUNA_DRIFT_INPUT")]
    input: Option<String>,
    /// The tazuna binary for `--source tazuna` [default: tazuna].
    #[arg(long, value_name = "COMMAND", env = "TAZUNA_DRIFT_TAZUNA_COMMAND")]
    tazuna_command: Option<String>,

    /// The kubeconfig context [default: the current one].
    #[arg(long, value_name = "NAME", env = "TAZUNA_DRIFT_CONTEXT")]
    context: Option<String>,
    /// The context's name for context_matches, where no kubeconfig gives one.
    #[arg(long, value_name = "NAME", env = "TAZUNA_DRIFT_CONTEXT_NAME")]
    context_name: Option<String>,
    /// Compares although context_matches does not allow this context.
    #[arg(long, env = "TAZUNA_DRIFT_ALLOW_CONTEXT_MISMATCH")]
    allow_context_mismatch: bool,
    /// Reads State from exported ConfigMaps, a folder or a file, instead of a cluster.
    #[arg(long, value_name = "PATH", conflicts_with = "context", env = "TAZUNA_DRIFT_STATE_DIR")]
    state_dir: Option<PathBuf>,

    /// The command that builds kustomizations [default: kustomize, then kubectl kustomize].
    #[arg(long, value_name = "COMMAND", env = "TAZUNA_DRIFT_KUSTOMIZE_COMMAND")]
    kustomize_command: Option<String>,
    /// The command that renders helmfiles and their charts [default: helm].
    #[arg(long, value_name = "COMMAND", env = "TAZUNA_DRIFT_HELM_COMMAND")]
    helm_command: Option<String>,
    /// How long building one Manifest may take, such as 90s or 10m [default: 5m].
    #[arg(long, value_name = "TIME", value_parser = duration, env = "TAZUNA_DRIFT_BUILD_TIMEOUT")]
    build_timeout: Option<Duration>,
    /// How many Manifests are built at once [default: the number of cores].
    #[arg(long, value_name = "N", env = "TAZUNA_DRIFT_JOBS")]
    jobs: Option<NonZeroUsize>,
    /// Refuses whatever needs the network to build a Manifest.
    #[arg(long, env = "TAZUNA_DRIFT_OFFLINE")]
    offline: bool,
    /// Pulls every artifact again, whatever the cache holds.
    #[arg(long, conflicts_with = "offline", env = "TAZUNA_DRIFT_NO_CACHE")]
    no_cache: bool,
    /// Where unpacked artifacts are kept [default: Tazuna's own folder].
    #[arg(long, value_name = "FOLDER", env = "TAZUNA_DRIFT_CACHE_DIR")]
    cache_dir: Option<PathBuf>,

    /// What becomes of State that no Manifest declares.
    #[arg(long, value_enum, default_value_t = OrphansName::Report, env = "TAZUNA_DRIFT_ORPHANS")]
    orphans: OrphansName,
    /// Only such State whose Manifest name this regular expression finds.
    #[arg(long, value_name = "REGEX", env = "TAZUNA_DRIFT_ORPHANS_MATCH")]
    orphans_match: Option<Regex>,

    /// Ends with code 3 when there is drift of these types.
    #[arg(
        long,
        value_enum,
        value_name = "TYPE,…",
        value_delimiter = ',',
        default_value = "never",
        env = "TAZUNA_DRIFT_FAIL_ON"
    )]
    fail_on: Vec<FailOn>,
    /// Ends with code 0 although some Manifest could not be compared.
    #[arg(long, env = "TAZUNA_DRIFT_ALLOW_INCOMPLETE")]
    allow_incomplete: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SourceName {
    /// This program builds the Manifests and reads State.
    Native,
    /// `tazuna state diff`, run by this program.
    Tazuna,
    /// Saved output of `tazuna state diff` or `tazuna state drift`.
    Output,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum OrphansName {
    /// Its entries are reported as removed.
    Report,
    /// It is a warning.
    Warn,
    /// It is not looked at.
    Ignore,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Entries `removed`.
    Removed,
    /// Entries `modified`.
    Modified,
    /// Entries `added`.
    Added,
    /// All of these, and what `tazuna state drift` finds.
    Drift,
    /// None.
    Never,
}

/// How long one Manifest may take where nobody says otherwise.
const BUILD_TIMEOUT: Duration = Duration::from_secs(5 * 60);

impl CompareArgs {
    /// The plain request, with flags that this source cannot honour refused.
    pub(super) fn request(&self) -> Result<CompareRequest> {
        Ok(CompareRequest {
            file: self.file_path.clone(),
            environment: self.environment.clone(),
            tags: self.tags.iter().filter(|tag| !tag.is_empty()).cloned().collect(),
            target: self.target.clone(),
            source: self.source()?,
            context_name: self.context_name.clone(),
            allow_context_mismatch: self.allow_context_mismatch,
            orphans: OrphanRule {
                policy: match self.orphans {
                    OrphansName::Report => OrphanPolicy::Report,
                    OrphansName::Warn => OrphanPolicy::Warn,
                    OrphansName::Ignore => OrphanPolicy::Ignore,
                },
                only: self.orphans_match.clone(),
            },
        })
    }

    /// What makes the run end with a code other than 0.
    pub(super) fn strictness(&self) -> Strictness {
        use DiffType::{Added, LiveDrifted, LiveMissing, Modified, Removed};
        let types = self.fail_on.iter().flat_map(|fail_on| match fail_on {
            FailOn::Removed => vec![Removed],
            FailOn::Modified => vec![Modified],
            FailOn::Added => vec![Added],
            FailOn::Drift => vec![Added, Modified, Removed, LiveDrifted, LiveMissing],
            FailOn::Never => Vec::new(),
        });
        Strictness { fail_on: types.collect(), allow_incomplete: self.allow_incomplete }
    }

    /// Where State is, for questions about entries that are gone.
    pub(super) fn state(&self) -> Option<StateRequest> {
        match (self.source, &self.state_dir) {
            (SourceName::Output, _) => None,
            (_, Some(path)) => Some(StateRequest::Folder(path.clone())),
            (_, None) => Some(StateRequest::Cluster { context: self.context.clone() }),
        }
    }

    fn source(&self) -> Result<SourceRequest> {
        match self.source {
            SourceName::Native => {
                self.refuse(
                    "native",
                    &[
                        ("--input", self.input.is_some()),
                        ("--tazuna-command", self.tazuna_command.is_some()),
                    ],
                )?;
                let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
                Ok(SourceRequest::Native {
                    state: self.state().expect("the native source reads State somewhere"),
                    build: Box::new(BuildOptions {
                        kustomize_command: self.kustomize_command.clone(),
                        helm_command: self.helm_command.clone(),
                        environment: self.environment.clone(),
                        variables: Variables::new(std::env::vars_os()),
                        offline: self.offline,
                        oras: self.oras(),
                        ..BuildOptions::new(
                            self.jobs.unwrap_or(cores),
                            self.build_timeout.unwrap_or(BUILD_TIMEOUT),
                            std::env::var_os("PATH"),
                        )
                    }),
                })
            }
            SourceName::Tazuna => {
                self.refuse(
                    "tazuna",
                    &[
                        ("--input", self.input.is_some()),
                        ("--context", self.context.is_some()),
                        ("--state-dir", self.state_dir.is_some()),
                        ("--kustomize-command", self.kustomize_command.is_some()),
                        ("--helm-command", self.helm_command.is_some()),
                        ("--jobs", self.jobs.is_some()),
                        ("--offline", self.offline),
                        ("--no-cache", self.no_cache),
                        ("--cache-dir", self.cache_dir.is_some()),
                        ("--orphans-match", self.orphans_match.is_some()),
                    ],
                )?;
                Ok(SourceRequest::Tazuna(TazunaRequest {
                    command: self.tazuna_command.clone(),
                    timeout: self.build_timeout.unwrap_or(BUILD_TIMEOUT),
                    search_path: std::env::var_os("PATH"),
                }))
            }
            SourceName::Output => {
                self.refuse(
                    "output",
                    &[
                        ("--context", self.context.is_some()),
                        ("--state-dir", self.state_dir.is_some()),
                        ("--tazuna-command", self.tazuna_command.is_some()),
                        ("--kustomize-command", self.kustomize_command.is_some()),
                        ("--helm-command", self.helm_command.is_some()),
                        ("--build-timeout", self.build_timeout.is_some()),
                        ("--jobs", self.jobs.is_some()),
                        ("--no-cache", self.no_cache),
                        ("--cache-dir", self.cache_dir.is_some()),
                        ("--orphans-match", self.orphans_match.is_some()),
                    ],
                )?;
                let Some(input) = self.input.clone() else {
                    return Err(Error::new(ErrorKind::Usage, "--source output needs --input")
                        .hint("name the file that holds the output of `tazuna state diff`, or -"));
                };
                let text = read_input(&input)?;
                Ok(SourceRequest::Output { input, text })
            }
        }
    }

    fn oras(&self) -> OrasSettings {
        let usual = OrasSettings::from_environment(|name| std::env::var_os(name));
        OrasSettings {
            cache_dir: self.cache_dir.clone().or(usual.cache_dir),
            no_cache: self.no_cache,
            docker_config: usual.docker_config,
        }
    }

    fn refuse(&self, source: &str, flags: &[(&str, bool)]) -> Result<()> {
        match flags.iter().find(|(_, given)| *given) {
            None => Ok(()),
            Some((flag, _)) => {
                Err(Error::new(ErrorKind::Usage, format!("--source {source} cannot honour {flag}"))
                    .hint("leave it out, or choose another --source"))
            }
        }
    }
}

fn read_input(input: &str) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    let read = if input == "-" {
        std::io::stdin().lock().read_to_end(&mut text).map(|_| ())
    } else {
        std::fs::read(Path::new(input)).map(|bytes| text = bytes)
    };
    match read {
        Ok(()) => Ok(text),
        Err(error) => {
            Err(Error::new(ErrorKind::Config, format!("cannot read {input}")).caused_by(error))
        }
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let parsed = match text.parse::<u64>() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => text
            .parse::<jiff::SignedDuration>()
            .ok()
            .and_then(|duration| Duration::try_from(duration).ok()),
    };
    parsed
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "expected a time such as 90s, 10m or 1h30m".to_owned())
}
