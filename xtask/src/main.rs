//! `marquee-xtask`: tools for the development of Marquee. README.md describes them.

mod media_check;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use marquee_cli::Global;

/// Tools for the development of Marquee
#[derive(Debug, Parser)]
#[command(name = "marquee-xtask", version)]
struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Upload a folder of media with a MANIFEST.tsv, and compare the results with the manifest
    MediaCheck(media_check::Options),
}

fn main() -> ExitCode {
    let Arguments { global, command } = Arguments::parse();

    match command {
        Command::MediaCheck(options) => marquee_cli::run(global.output(), media_check::run(&global, &options)),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }
}
