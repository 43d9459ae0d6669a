//! `doctor`: whether everything a run needs is there.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::output;
use crate::{
    app::doctor::{DoctorRequest, Finding, Health, StatePlace, doctor},
    error::{ExitCode, Result},
    publish::github::{ClientSettings, Credentials, RepositoryName, SecretString},
    state::cluster::ClusterOptions,
};

pub(super) const EXIT_CODES: &str = "\
Exit codes:
  2  wrong usage
  1  something fails
  0  otherwise, warnings or not";

#[derive(Args, Debug)]
pub(super) struct DoctorArgs {
    /// The tazuna.yaml.
    #[arg(
        short,
        long,
        value_name = "FILE",
        default_value = "tazuna.yaml",
        env = "TAZUNA_DRIFT_FILE_PATH"
    )]
    file_path: PathBuf,
    /// The environment, `.Environment` in the templates.
    #[arg(short, long, value_name = "NAME", env = "TAZUNA_DRIFT_ENVIRONMENT")]
    environment: Option<String>,
    /// The kubeconfig context [default: the current one].
    #[arg(long, value_name = "NAME", env = "TAZUNA_DRIFT_CONTEXT")]
    context: Option<String>,
    /// The context's name for context_matches, where no kubeconfig gives one.
    #[arg(long, value_name = "NAME", env = "TAZUNA_DRIFT_CONTEXT_NAME")]
    context_name: Option<String>,
    /// Reads State from exported ConfigMaps, a folder or a file, instead of a cluster.
    #[arg(long, value_name = "PATH", conflicts_with = "context", env = "TAZUNA_DRIFT_STATE_DIR")]
    state_dir: Option<PathBuf>,
    /// The command that builds kustomizations [default: kustomize, then kubectl kustomize].
    #[arg(long, value_name = "COMMAND", env = "TAZUNA_DRIFT_KUSTOMIZE_COMMAND")]
    kustomize_command: Option<String>,
    /// The tazuna binary for `--source tazuna` [default: tazuna].
    #[arg(long, value_name = "COMMAND", env = "TAZUNA_DRIFT_TAZUNA_COMMAND")]
    tazuna_command: Option<String>,
    /// A folder whose templates replace the built-in ones of the same name.
    #[arg(long, value_name = "DIR", env = "TAZUNA_DRIFT_TEMPLATE_DIR")]
    template_dir: Option<PathBuf>,
    /// The repository of the issue [default: that of the workflow].
    #[arg(long, value_name = "OWNER/NAME", env = "TAZUNA_DRIFT_ISSUE_REPO")]
    issue_repo: Option<RepositoryName>,
    /// How the result is printed.
    #[arg(long, value_enum, default_value_t = Format::Text, env = "TAZUNA_DRIFT_FORMAT")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// One line a part.
    Text,
    /// A list of objects.
    Json,
}

pub(super) async fn run(args: DoctorArgs) -> Result<ExitCode> {
    let format = args.format;
    let findings = doctor(&args.request()?).await;
    let text = match format {
        Format::Text => text(&findings),
        Format::Json => {
            let json = serde_json::to_string_pretty(&findings);
            json.expect("strings and enums are JSON") + "\n"
        }
    };
    output::to_stdout(&text)?;
    let failed = findings.iter().any(|finding| finding.status == Health::Fail);
    Ok(if failed { ExitCode::Failed } else { ExitCode::Done })
}

impl DoctorArgs {
    fn request(self) -> Result<DoctorRequest> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let repository = match self.issue_repo {
            Some(repository) => Some(repository),
            None => variable("GITHUB_REPOSITORY").map(|name| name.parse()).transpose()?,
        };
        let token = variable("GITHUB_TOKEN").or_else(|| variable("GH_TOKEN"));
        let settings = token.map(|token| {
            ClientSettings::new(Credentials::Token(SecretString::from(token)))
                .with_environment(variable)
        });
        Ok(DoctorRequest {
            file: self.file_path,
            environment: self.environment,
            state: match self.state_dir {
                Some(path) => StatePlace::Folder(path),
                None => StatePlace::cluster(&ClusterOptions {
                    context: self.context,
                    context_name: self.context_name,
                }),
            },
            kustomize_command: self.kustomize_command,
            tazuna_command: self.tazuna_command,
            template_dir: self.template_dir,
            github: settings.zip(repository),
            search_path: std::env::var_os("PATH"),
            now: Timestamp::now(),
        })
    }
}

fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let status = match finding.status {
            Health::Ok => "ok",
            Health::Warn => "warn",
            Health::Fail => "fail",
        };
        text.push_str(&format!("{status:<5} {:<10} {}", finding.part, one_line(&finding.message)));
        if let Some(next) = &finding.next {
            text.push_str(&format!("; next: {}", one_line(next)));
        }
        text.push('\n');
    }
    text
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
