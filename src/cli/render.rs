//! The flags that say how a Report is rendered, shared by every command that renders.

use std::{path::PathBuf, sync::Arc};

use clap::{Args, ValueEnum};

use crate::{
    error::Result,
    render::{MarkdownOptions, Templates, issue::TazunaCommands},
};

#[derive(Args, Clone, Debug)]
pub(super) struct RenderArgs {
    /// A folder whose templates replace the built-in ones of the same name.
    #[arg(long, value_name = "DIR", env = "TAZUNA_DRIFT_TEMPLATE_DIR")]
    template_dir: Option<PathBuf>,
    /// Which generation of Tazuna's commands is advised first.
    #[arg(long, value_enum, default_value_t = CommandsName::ApplySync, env = "TAZUNA_DRIFT_TAZUNA_COMMANDS")]
    tazuna_commands: CommandsName,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum CommandsName {
    /// `tazuna apply --sync [--prune]`.
    ApplySync,
    /// The older `tazuna state sync`.
    StateSync,
}

impl RenderArgs {
    pub(super) fn templates(&self) -> Result<Arc<Templates>> {
        Templates::load(self.template_dir.as_deref()).map(Arc::new)
    }

    pub(super) fn commands(&self) -> TazunaCommands {
        match self.tazuna_commands {
            CommandsName::ApplySync => TazunaCommands::ApplySync,
            CommandsName::StateSync => TazunaCommands::StateSync,
        }
    }

    pub(super) fn options(&self) -> MarkdownOptions {
        MarkdownOptions { commands: self.commands(), ..MarkdownOptions::default() }
    }
}
