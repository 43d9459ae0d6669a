//! Parse, run, exit code: nothing else.

use std::process::ExitCode;

use clap::Parser;
use tazuna_drift::{cli::Cli, error};

fn main() -> ExitCode {
    // kube panics and other clients fail without a provider installed first.
    rustls::crypto::ring::default_provider()
        .install_default()
        .expect("nothing else installs a provider before main");
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors and go to stdout; a closed pipe is no failure.
            drop(error.print());
            let usage = error.use_stderr();
            return if usage { error::ExitCode::Usage.into() } else { ExitCode::SUCCESS };
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let error = error::Error::new(error::ErrorKind::Io, "cannot start").caused_by(error);
            return tazuna_drift::cli::fail(&error);
        }
    };
    let result = runtime.block_on(async {
        tokio::select! {
            result = tazuna_drift::cli::run(cli) => result,
            // Dropping the run ends the tools that it has started.
            () = tazuna_drift::process::stop_requested() => {
                Err(error::Error::new(error::ErrorKind::Tool, "stopped by a signal"))
            }
        }
    });
    // A credential plugin or a Build that hangs must not keep the program alive.
    runtime.shutdown_background();
    match result {
        Ok(code) => code.into(),
        Err(error) => tazuna_drift::cli::fail(&error),
    }
}
