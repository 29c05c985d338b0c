//! `marquee-local`: Marquee on one machine. It starts the emulator, the stand-ins for MediaConvert and SageMaker, and the edge, and
//! deploys the stacks.

mod config;
mod logs;
mod supervisor;

use std::{io, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use marquee_deploy::Target;
use marquee_local_edge as edge;
use marquee_local_mediaconvert as mediaconvert;
use marquee_local_sagemaker as sagemaker;
use nix::{
    sys::{prctl, signal::Signal, stat},
    unistd,
};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

/// Marquee on one machine.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// The commands. `up` runs the services below as child processes and restarts those that exit.
#[derive(Subcommand)]
enum Command {
    /// Start everything, deploy the stacks, and return when Marquee is healthy.
    Up,
    /// Stop everything and keep the state.
    Down,
    /// Stop everything and delete the state.
    Reset,
    /// Show every service with its process, port and health.
    Status,
    /// Show what a request caused, in order; without an id, the warnings and errors of the last hour.
    Logs {
        /// The id of a request, a trace, a title, an upload, an asset or a run.
        id: Option<String>,
    },
    /// Build the functions and deploy what has changed, to the local cloud or to AWS.
    Deploy(DeployArguments),
    /// Remove what was deployed, from the local cloud or from AWS; data is retained.
    Undeploy(UndeployArguments),
    /// Build the functions, without deploying them.
    Build(DeployArguments),
    /// Keep the services running; `up` starts this in the background.
    #[command(hide = true)]
    Supervise,
    /// Run the MediaConvert stand-in.
    Mediaconvert(ServiceArguments),
    /// Run the SageMaker stand-in.
    Sagemaker(ServiceArguments),
    /// Run the edge in front of the distribution.
    Edge(ServiceArguments),
}

/// The target of a deployment.
#[derive(Args)]
struct DeployArguments {
    /// Deploy to AWS, with this environment of samconfig.toml.
    #[arg(long)]
    environment: Option<String>,
    /// Deploy to the local cloud functions that are built as for AWS.
    #[arg(long, conflicts_with = "environment")]
    release: bool,
    /// Build only the functions of this area as for AWS, and the others quickly (may be repeated).
    #[arg(long, value_name = "AREA", requires = "release")]
    only: Vec<String>,
}

/// The target of a removal.
#[derive(Args)]
struct UndeployArguments {
    /// Remove this environment of samconfig.toml from AWS.
    #[arg(long)]
    environment: Option<String>,
    /// The name of the stack, so that none is removed from AWS by mistake.
    #[arg(long, value_name = "STACK")]
    confirm: Option<String>,
}

/// The arguments of all services.
#[derive(Args)]
struct ServiceArguments {
    /// End with this process, which is the parent.
    #[arg(long, hide = true)]
    parent: Option<i32>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .init();
    match run(Arguments::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<()> {
    let config = config::Config::from_env()?;
    match command {
        Command::Up => supervisor::up(&config).await,
        Command::Down => supervisor::down(&config).await,
        Command::Reset => supervisor::reset(&config).await,
        Command::Status => supervisor::status(&config).await,
        Command::Logs { id: Some(id) } => logs::show(&config.emulator_of_stack(), &config.stack, &id).await,
        Command::Logs { id: None } => logs::show_recent(&config.emulator_of_stack(), &config.stack).await,
        Command::Deploy(arguments) => marquee_deploy::deploy(&arguments.target(&config)?).await,
        Command::Undeploy(arguments) => {
            config.project.require_installed()?;
            let target = match &arguments.environment {
                Some(environment) => Target::aws(config.installation(), environment)?,
                None => Target::local(config.installation()),
            };
            marquee_deploy::undeploy(&target, arguments.confirm.as_deref()).await
        }
        Command::Build(arguments) => marquee_deploy::build(&arguments.target(&config)?),
        Command::Supervise => {
            // Its own session, so that it outlives the terminal.
            unistd::setsid()?;
            // Only the owner may read the services' files.
            stat::umask(stat::Mode::from_bits_truncate(0o077));
            supervisor::supervise(&config).await
        }
        Command::Mediaconvert(service) => {
            service.end_with_parent()?;
            mediaconvert::serve(config.mediaconvert()).await
        }
        Command::Sagemaker(service) => {
            service.end_with_parent()?;
            sagemaker::serve(config.sagemaker()).await
        }
        Command::Edge(service) => {
            service.end_with_parent()?;
            edge::serve(config.edge()).await
        }
    }
}

impl DeployArguments {
    fn target(&self, config: &config::Config) -> anyhow::Result<Target> {
        config.project.require_installed()?;
        let installation = config.installation();
        match &self.environment {
            Some(environment) => Target::aws(installation, environment),
            None if self.release => Ok(Target::local_release(installation, &self.only)),
            None => Ok(Target::local(installation)),
        }
    }
}

impl ServiceArguments {
    /// Makes the kernel end this process with its parent, even if that is killed.
    fn end_with_parent(&self) -> anyhow::Result<()> {
        if let Some(parent) = self.parent {
            prctl::set_pdeathsig(Signal::SIGTERM)?;
            anyhow::ensure!(
                unistd::getppid().as_raw() == parent,
                "the supervisor has ended in the meantime"
            );
        }
        Ok(())
    }
}
