//! Cold start: from spawning a function's process to its first poll of the Runtime API. The baseline is a function for Node.js with
//! one client of the AWS SDK, bundled into one file (`tests/bench/node`). Neither inherits the environment: Lambda has no certificates to
//! add, for example.

use std::{
    collections::BTreeMap,
    env,
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use marquee_architecture_tests::{area_and_name, resources, root, template};
use marquee_scenario_tests::Marquee;
use tokio::{io::AsyncReadExt as _, net::TcpListener, process::Command, time::timeout};

use crate::{
    process::resident_mib,
    table::{Table, median},
};

const RUNS: usize = 5;

/// Which build of the functions is measured.
#[derive(Clone, Copy)]
pub(crate) enum Build {
    Fast,
    /// As for AWS: `marquee-local deploy --release` has built it.
    Release,
}

impl Build {
    fn program(self, area: &str) -> PathBuf {
        let target = root().join("target");
        let program = format!("marquee-{area}-functions");
        match self {
            Self::Fast => target.join("debug").join(program),
            Self::Release => {
                let architecture = if cfg!(target_arch = "aarch64") {
                    "arm64"
                } else {
                    "x86_64"
                };
                target
                    .join(format!("lambda-{architecture}"))
                    .join(program)
                    .join("bootstrap")
            }
        }
    }
}

/// One function: its area, and the environment of the deployed function.
struct Function {
    name: String,
    area: String,
    environment: BTreeMap<String, String>,
}

pub(crate) async fn run(marquee: &Marquee, build: Build) -> anyhow::Result<Table> {
    let functions = deployed(marquee).await;
    ensure!(!functions.is_empty(), "no function is deployed: run `make up` first");

    let mut baseline = Vec::new();
    let mut measured = Vec::new();
    for function in functions {
        let (mut times, mut memory) = (Vec::new(), 0.0);
        for _ in 0..RUNS {
            let mut command = Command::new(build.program(&function.area));
            command.env_clear().envs(&function.environment);
            let (time, resident) = first_poll(command).await.with_context(|| function.name.clone())?;
            times.push(time);
            memory = resident;
        }
        measured.push((function.name, median(times), memory));
        baseline.push(
            first_poll(node())
                .await
                .context("the Node.js function: run `make bench`")?,
        );
    }

    let memory = median(baseline.iter().map(|(_, memory)| *memory).collect());
    let baseline = median(baseline.into_iter().map(|(time, _)| time).collect());
    let mut table = Table::new(
        format!(
            "Cold start, spawn to first poll; baseline: a Node.js function with the AWS SDK in its bundle, {baseline:.1} ms, {memory:.1} MiB"
        ),
        ["function", "ms", "ratio", "RSS MiB"],
    );
    for (name, time, memory) in measured {
        table.row([
            name,
            format!("{time:.1}"),
            format!("{:.3}", time / baseline),
            format!("{memory:.1}"),
        ]);
    }

    Ok(table)
}

fn node() -> Command {
    let mut node = Command::new("node");
    node.arg(root().join("tests/bench/node/bundle/function.cjs"))
        .env_clear()
        .envs(env::var_os("PATH").map(|path| ("PATH", path)))
        .env("AWS_REGION", "us-east-1");
    node
}

/// Milliseconds from spawn to the first request, and the memory of the process at that moment.
async fn first_poll(mut command: Command) -> anyhow::Result<(f64, f64)> {
    let runtime_api = TcpListener::bind("127.0.0.1:0").await?;
    let address = runtime_api.local_addr()?.to_string();
    command
        .env("AWS_LAMBDA_RUNTIME_API", address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());

    let start = Instant::now();
    let mut child = command.kill_on_drop(true).spawn()?;
    let (mut connection, _) = timeout(Duration::from_secs(20), runtime_api.accept())
        .await
        .context("the function did not poll within 20 s")??;
    connection.read_u8().await?;
    let time = start.elapsed().as_secs_f64() * 1000.0;
    let resident = child.id().and_then(resident_mib).unwrap_or(f64::NAN);
    child.kill().await?;

    Ok((time, resident))
}

/// The functions of the templates, each with its environment in the running installation.
async fn deployed(marquee: &Marquee) -> Vec<Function> {
    let deployed = marquee.functions().await.into_iter();
    let configurations: BTreeMap<String, _> = deployed
        .map(|function| (function.function_name().unwrap_or_default().to_owned(), function))
        .collect();
    let functions = resources(&template(), "AWS::Serverless::Function")
        .into_iter()
        .filter_map(|(id, properties)| {
            let (area, name) = area_and_name(&properties);
            let (function, configuration) = configurations
                .iter()
                .find(|(function, _)| function.starts_with("marquee-") && function.contains(&format!("-{id}-")))?;
            let mut environment: BTreeMap<String, String> = configuration
                .environment()
                .and_then(|environment| environment.variables().cloned())
                .unwrap_or_default()
                .into_iter()
                .collect();
            environment.extend(lambda_environment(function, &marquee.emulator));
            environment.insert("_HANDLER".to_owned(), name.clone());

            Some(Function {
                name,
                area,
                environment,
            })
        });

    functions.collect()
}

/// The variables that Lambda itself sets.
fn lambda_environment(function: &str, emulator: &str) -> BTreeMap<String, String> {
    let pairs = [
        ("AWS_ACCESS_KEY_ID", "none"),
        ("AWS_ENDPOINT_URL", emulator),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_FUNCTION_NAME", function),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "bench"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_SECRET_ACCESS_KEY", "none"),
    ];

    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
