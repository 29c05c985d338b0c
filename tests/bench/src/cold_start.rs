//! Cold start: from spawning a function's process to its first poll of the Runtime API. The baseline is a Python function
//! that only polls.

use std::{
    collections::BTreeMap,
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
const PYTHON: &str = "import os, urllib.request as u\n\
    u.urlopen('http://' + os.environ['AWS_LAMBDA_RUNTIME_API'] + '/2018-06-01/runtime/invocation/next')";

/// One function: its area's program, and the environment of the deployed function.
struct Function {
    name: String,
    program: String,
    environment: BTreeMap<String, String>,
}

pub(crate) async fn run(marquee: &Marquee) -> anyhow::Result<Table> {
    let functions = deployed(marquee).await;
    ensure!(!functions.is_empty(), "no function is deployed: run `make up` first");

    let mut baseline = Vec::new();
    for _ in 0..RUNS {
        let mut python = Command::new("python3");
        python.args(["-S", "-c", PYTHON]);
        baseline.push(first_poll(python).await?.0);
    }
    let baseline = median(baseline);
    let mut table = Table::new(
        format!("Cold start, spawn to first poll; baseline: a Python function that only polls, {baseline:.1} ms"),
        ["function", "ms", "ratio", "RSS MiB"],
    );

    for function in functions {
        let (mut times, mut memory) = (Vec::new(), 0.0);
        for _ in 0..RUNS {
            let mut command = Command::new(root().join("target/debug").join(&function.program));
            command.envs(&function.environment);
            let (time, resident) = first_poll(command).await.with_context(|| function.name.clone())?;
            times.push(time);
            memory = resident;
        }
        let time = median(times);
        table.row([
            function.name,
            format!("{time:.1}"),
            format!("{:.2}", time / baseline),
            format!("{memory:.1}"),
        ]);
    }

    Ok(table)
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
                program: format!("marquee-{area}-functions"),
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
