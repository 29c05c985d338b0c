//! `marquee`, the command-line client of the public API, as a library: the program itself, and the parts of it that `xtask` uses.
//! The README.md of this crate lists commands and exit codes.

pub mod api;
mod arguments;
mod clock;
mod commands;
mod config;
mod credentials;
pub mod failure;
pub mod hls;
pub mod ingest;
pub mod output;
pub mod paths;
pub mod playback;
#[cfg(test)]
mod tests;
mod watch;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::Arguments;
pub use crate::arguments::Global;
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// Runs `marquee` with the arguments of this process.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let output = arguments.global.output();

    run(output, commands::run(arguments, output))
}

/// Runs a command to its end, reports its failure, and returns its exit code.
#[must_use]
pub fn run(output: Output, command: impl Future<Output = Result<Exit, Failure>>) -> ExitCode {
    match block_on(command) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            output.failure(&failure);
            failure.exit.into()
        }
    }
}

fn block_on(command: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    // It fails only if a provider is installed already, which cannot be another one.
    _ = rustls::crypto::ring::default_provider().install_default();
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::local(format!("the program could not start: {error}")))?
        .block_on(command)
}
