//! `sam deploy`, which uploads packages and deploys a template: to AWS, and to the local cloud what is built as for AWS.

use std::io::Write as _;

use anyhow::Context as _;

use crate::{Target, stack::Stack};

/// Deploys one stack. `sam`'s output is always shown on AWS, where a deployment takes minutes, and otherwise only after a failure.
pub(crate) async fn deploy(target: &Target, stack: &Stack, parameters: &[(&str, String)]) -> anyhow::Result<()> {
    let name = stack.name(target.stack());
    let mut sam = target.program("sam")?;
    sam.env("SAM_CLI_TELEMETRY", "0")
        .args(["deploy", "--resolve-s3", "--template-file"])
        .arg(&stack.file)
        .args(["--capabilities", "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"])
        .args(["--stack-name", &name])
        .args(["--no-fail-on-empty-changeset", "--no-progressbar"]);
    if let Some(environment) = target.environment() {
        let file = environment.with_parameters(parameters)?;
        // Only its owner may read the file, which is deleted on return.
        let mut temporary = tempfile::Builder::new()
            .suffix(".toml")
            .tempfile_in(target.records()?)?;
        temporary.write_all(file.as_bytes())?;
        sam.arg("--config-file")
            .arg(temporary.path())
            .args(["--config-env", &environment.name]);
        let status = sam.status().await.context("sam cannot be started")?;
        anyhow::ensure!(status.success(), "`sam deploy` of {name} failed");
        return Ok(());
    }
    // The delay between two polls of the stack's state; half a second, the default, would be most of the wait.
    sam.env("SAM_CLI_POLL_DELAY", "0.1")
        .args(["--no-confirm-changeset", "--parameter-overrides"])
        // Quoted: without, `sam` reads a new parameter after each space. It ignores parameters that the template lacks.
        .args(parameters.iter().map(|(name, value)| format!("{name}=\"{value}\"")));
    let output = sam.output().await.context("sam cannot be started")?;
    if !output.status.success() {
        eprint!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        anyhow::bail!("`sam deploy` of {name} failed");
    }
    Ok(())
}
