//! `marquee`: the command-line client of the public API. The README.md of this crate lists commands and exit codes.

mod api;
mod arguments;
mod clock;
mod commands;
mod config;
mod credentials;
mod failure;
mod hls;
mod ingest;
mod media_check;
mod output;
mod paths;
mod playback;
mod watch;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;
use crate::failure::{Exit, Failure};
use crate::output::Output;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let output = Output::new(arguments.global.json);

    match run(arguments, output) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            output.failure(&failure);
            failure.exit.into()
        }
    }
}

fn run(arguments: Arguments, output: Output) -> Result<Exit, Failure> {
    // It fails only if a provider is installed already, which cannot be another one.
    _ = rustls::crypto::ring::default_provider().install_default();
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::local(format!("the program could not start: {error}")))?
        .block_on(commands::run(arguments, output))
}
