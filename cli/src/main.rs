//! `marquee`: the command-line client of the public API. The README.md of this crate lists commands and exit codes.

use std::process::ExitCode;

fn main() -> ExitCode {
    marquee_cli::main()
}
