//! Structured logs on stderr.

use std::io::Write;

use clap::{Args, ValueEnum};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use crate::{render, report::Report};

#[derive(Args, Clone, Debug)]
pub(super) struct LoggingArgs {
    /// How much is logged to stderr.
    #[arg(long, global = true, value_enum, default_value_t = LogLevel::Warn, env = "TAZUNA_DRIFT_LOG_LEVEL")]
    log_level: LogLevel,
    /// How it is logged.
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text, env = "TAZUNA_DRIFT_LOG_FORMAT")]
    pub(super) log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum LogLevel {
    Off,
    Error,
    Warn,
    Info,
    Debug,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl LoggingArgs {
    pub(super) fn start(&self) {
        let level = match self.log_level {
            LogLevel::Off => LevelFilter::OFF,
            LogLevel::Error => LevelFilter::ERROR,
            LogLevel::Warn => LevelFilter::WARN,
            LogLevel::Info => LevelFilter::INFO,
            LogLevel::Debug => LevelFilter::DEBUG,
        };
        // Libraries speak up only where this program's own failure needs them.
        let others = if level >= LevelFilter::DEBUG { "info" } else { "off" };
        let filter = EnvFilter::new(format!("{others},tazuna_drift={level}"));
        let builder = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .with_ansi(super::stderr_is_terminal() && std::env::var_os("NO_COLOR").is_none());
        let started = match self.log_format {
            LogFormat::Json => builder.json().flatten_event(true).with_target(false).try_init(),
            LogFormat::Text => builder.without_time().with_target(false).try_init(),
        };
        // Only a second start can fail, and the first one's logger stays.
        drop(started);
    }

    /// Tells what a Report says besides its entries: failed Manifests, warnings. As text
    /// for people, or as log lines where a machine reads them.
    pub(super) fn tell(&self, report: &Report) {
        if self.log_format == LogFormat::Text {
            if self.log_level >= LogLevel::Warn {
                // A log that cannot be written must not cost the result.
                drop(std::io::stderr().write_all(render::problems(report).as_bytes()));
            }
            return;
        }
        if let Some(refused) = &report.refused {
            tracing::error!(hint = refused.hint, "{}", refused.message);
        }
        for manifest in &report.manifests {
            if let Some(reason) = &manifest.reason {
                tracing::error!(
                    manifest = manifest.name,
                    code = ?reason.code,
                    hint = reason.hint,
                    detail = reason.detail.join("\n"),
                    "{}",
                    reason.message
                );
            }
        }
        for warning in &report.warnings {
            tracing::warn!(
                code = warning.code,
                manifest = warning.manifest,
                hint = warning.hint,
                "{}",
                warning.message
            );
        }
    }
}
