//! Calls of the AWS CLI: deployments of quick builds, and operations for which an SDK crate would add a minute to every build.

use std::{fs, io::Write as _};

use anyhow::Context as _;
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tokio::process::Command;

use crate::Target;

/// Calls an operation (`["ssm", "get-parameter"]`) and returns its output. The input is JSON in a file, so that no list of processes
/// shows it.
pub(crate) async fn call(target: &Target, operation: [&str; 2], input: &Value) -> anyhow::Result<Value> {
    let file = file_with(target, input)?;
    let mut command = target.program("aws")?;
    command
        .args(operation)
        .args(["--output", "json", "--cli-input-json"])
        .arg(format!("file://{}", file.path().display()));
    let name = operation.join(" ");
    let output = run(command, &name).await?;
    if output.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&output).with_context(|| format!("`aws {name}` returned no JSON"))
}

/// As [`call`], but none when the error contains this text, by which the service says that the resource does not exist.
pub(crate) async fn find(
    target: &Target,
    operation: [&str; 2],
    input: &Value,
    missing: &str,
) -> anyhow::Result<Option<Value>> {
    match call(target, operation, input).await {
        Ok(output) => Ok(Some(output)),
        Err(error) if format!("{error:#}").contains(missing) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Creates or updates a stack, unless nothing has changed. Parameters that the template lacks are ignored.
pub(crate) async fn deploy(
    target: &Target,
    stack: &str,
    template: &Value,
    bucket: &str,
    parameters: &[(&str, String)],
) -> anyhow::Result<()> {
    let parameters: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let (template, parameters) = (file_with(target, template)?, file_with(target, &json!(parameters))?);
    let mut command = target.program("aws")?;
    command
        .args([
            "cloudformation",
            "deploy",
            "--no-fail-on-empty-changeset",
            "--capabilities",
        ])
        .args(["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "--stack-name", stack])
        .args(["--s3-bucket", bucket, "--s3-prefix", "templates", "--template-file"])
        .arg(template.path())
        .arg("--parameter-overrides")
        .arg(format!("file://{}", parameters.path().display()));
    run(command, "cloudformation deploy").await?;
    Ok(())
}

/// Waits until a stack is in a state (`stack-delete-complete`).
pub(crate) async fn wait(target: &Target, state: &str, stack: &str) -> anyhow::Result<()> {
    let mut command = target.program("aws")?;
    command.args(["cloudformation", "wait", state, "--stack-name", stack]);
    run(command, &format!("cloudformation wait {state}"))
        .await
        .with_context(|| format!("{stack} did not reach {state}"))?;
    Ok(())
}

/// Invokes a function and returns its answer, which may be an error.
pub(crate) async fn invoke(target: &Target, function: &str, event: &Value) -> anyhow::Result<Value> {
    let payload = file_with(target, event)?;
    let answer = NamedTempFile::new_in(target.records()?)?;
    let mut command = target.program("aws")?;
    command
        .args(["lambda", "invoke", "--function-name", function, "--payload"])
        .arg(format!("fileb://{}", payload.path().display()))
        .arg(answer.path());
    run(command, "lambda invoke").await?;
    serde_json::from_slice(&fs::read(answer.path())?).context("the function returned no JSON")
}

/// Copies files by a command of `aws s3`, without a line for each.
pub(crate) async fn s3(target: &Target, arguments: &[&str]) -> anyhow::Result<()> {
    let mut command = target.program("aws")?;
    command.arg("s3").args(arguments).arg("--only-show-errors");
    run(command, "s3").await?;
    Ok(())
}

/// A file that holds a value as JSON. Only its owner may read it, and it is deleted on drop.
fn file_with(target: &Target, value: &Value) -> anyhow::Result<NamedTempFile> {
    let mut file = NamedTempFile::new_in(target.records()?)?;
    file.write_all(value.to_string().as_bytes())?;
    Ok(file)
}

/// Runs a command of the AWS CLI, whose name is for errors, and returns its output.
async fn run(mut command: Command, name: &str) -> anyhow::Result<Vec<u8>> {
    let output = command.output().await.context("the AWS CLI cannot be started")?;
    let refusal = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "`aws {name}` failed: {}", refusal.trim());
    Ok(output.stdout)
}
