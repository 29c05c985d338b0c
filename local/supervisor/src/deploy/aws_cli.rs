//! The AWS CLI, for the few things that an operator does beside `sam deploy`. It knows every service and is there
//! anyway, where an SDK crate for a single call would cost every build minutes.

use std::io::Write as _;

use anyhow::Context as _;
use serde_json::Value;
use tempfile::NamedTempFile;

use super::target::Target;

/// Calls an operation (`["ssm", "get-parameter"]`) with its input as JSON, which never appears in a list of processes,
/// and returns its output.
pub(super) async fn call(target: &Target<'_>, operation: [&str; 2], input: &Value) -> anyhow::Result<Value> {
    let name = operation.join(" ");
    // A file that only this person may read, and that is gone afterwards.
    let mut file = NamedTempFile::new_in(target.notes()?)?;
    file.write_all(input.to_string().as_bytes())?;
    let output = target
        .program("aws")?
        .args(operation)
        .args(["--output", "json", "--cli-input-json"])
        .arg(format!("file://{}", file.path().display()))
        .output()
        .await
        .context("the AWS CLI cannot be started")?;
    let refusal = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "`aws {name}` failed: {}", refusal.trim());
    if output.stdout.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&output.stdout).with_context(|| format!("`aws {name}` did not answer with JSON"))
}

/// Waits until a stack is in a state (`stack-delete-complete`).
pub(crate) async fn wait(target: &Target<'_>, state: &str, stack: &str) -> anyhow::Result<()> {
    let output = target
        .program("aws")?
        .args(["cloudformation", "wait", state, "--stack-name", stack])
        .output()
        .await
        .context("the AWS CLI cannot be started")?;
    let refusal = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(
        output.status.success(),
        "{stack} did not come to {state}: {}",
        refusal.trim()
    );
    Ok(())
}

/// Invokes a function and returns what it answered, be it an error.
pub(super) async fn invoke(target: &Target<'_>, function: &str, event: &Value) -> anyhow::Result<Value> {
    let folder = target.notes()?;
    let mut payload = NamedTempFile::new_in(&folder)?;
    payload.write_all(event.to_string().as_bytes())?;
    let answer = NamedTempFile::new_in(&folder)?;
    let output = target
        .program("aws")?
        .args(["lambda", "invoke", "--function-name", function, "--payload"])
        .arg(format!("fileb://{}", payload.path().display()))
        .arg(answer.path())
        .output()
        .await
        .context("the AWS CLI cannot be started")?;
    let refusal = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(
        output.status.success(),
        "`aws lambda invoke` failed: {}",
        refusal.trim()
    );
    serde_json::from_slice(&std::fs::read(answer.path())?).context("the function did not answer with JSON")
}
