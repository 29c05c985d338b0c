//! `marquee-recommender train` and `serve`: SageMaker starts a container with one of the two as its argument.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use marquee_recommender::{rank, serve, train};
use tracing::error;
use tracing_subscriber::EnvFilter;

/// Marquee's recommender. SageMaker starts it with `train` or `serve`.
#[derive(Debug, Parser)]
#[command(name = "marquee-recommender", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Trains a model on the mounted data.
    Train(train::Options),
    /// Answers `GET /ping` and `POST /invocations`.
    Serve(serve::Options),
    /// Trains on a split of a data set and writes ranked lists for its test people.
    Rank(rank::Options),
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")))
        .with_writer(std::io::stderr)
        .init();
    let result: Result<(), Box<dyn std::error::Error>> = match Arguments::parse().command {
        Command::Train(options) => train::run(&options).map_err(Into::into),
        Command::Serve(options) => serve::run(&options).map_err(Into::into),
        Command::Rank(options) => rank::run(&options).map_err(Into::into),
    };

    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error!("{error}");
            ExitCode::FAILURE
        }
    }
}
