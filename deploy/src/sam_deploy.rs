//! `sam deploy`, which deploys a template to AWS and to the local cloud.

use std::{
    fs,
    io::{self, Write as _},
    path::PathBuf,
};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};
use tokio::process::Command;

use crate::{Target, origin_secret, stack::Stack};

/// The parameter of areas and the edge that names the core stack.
const CORE: &str = "Core";

/// Deploys one stack. `sam`'s output is always shown on AWS, where a deployment takes minutes, and otherwise only after a failure.
pub(crate) async fn deploy(target: &Target, stack: &Stack, secret: &str) -> anyhow::Result<()> {
    let name = stack.name(target.stack());
    let mut parameters = vec![(origin_secret::PARAMETER, secret)];
    if !stack.is_core() {
        parameters.push((CORE, target.stack()));
    }
    let template = if target.is_local() {
        as_json(target, stack).await?
    } else {
        stack.file.clone()
    };
    let mut sam = target.program("sam")?;
    sam.env("SAM_CLI_TELEMETRY", "0")
        .args(["deploy", "--resolve-s3", "--template-file"])
        .arg(template)
        .args(["--capabilities", "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"])
        .args(["--stack-name", &name])
        .args(["--no-fail-on-empty-changeset", "--no-progressbar"]);
    if let Some(environment) = target.environment() {
        let file = environment.with_parameters(&parameters)?;
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
    let local = target.parameters();
    let parameters = parameters
        .into_iter()
        .chain(local.iter().map(|(name, value)| (*name, value.as_str())));
    // The delay between two polls of the stack's state; half a second, the default, would be most of the wait.
    sam.env("SAM_CLI_POLL_DELAY", "0.1")
        .args(["--no-confirm-changeset", "--parameter-overrides"])
        // Quoted: without, `sam` reads a new parameter after each space. It ignores parameters that the template lacks.
        .args(parameters.map(|(name, value)| format!("{name}=\"{value}\"")));
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

/// The template as JSON, converted again when the template has changed. `sam` reads a template seven times, and YAML slowly.
async fn as_json(target: &Target, stack: &Stack) -> anyhow::Result<PathBuf> {
    let source = target.staging().join(&stack.file);
    let digest = Sha256::digest(format!("{} {}", source.display(), stack.template));
    let folder = target.records()?.join("templates").join(stack.name(target.stack()));
    let json = folder.join(format!("{digest:x}.json"));
    if !json.is_file() {
        // Without the template's earlier versions.
        fs::remove_dir_all(&folder).or_else(ignore_missing)?;
        fs::create_dir_all(&folder)?;
        let status = Command::new(target.project().tool("python"))
            .arg(target.project().join("local/tools/template-as-json"))
            .args([&source, &json])
            .status()
            .await
            .context("python cannot be started")?;
        anyhow::ensure!(status.success(), "{} cannot be read", source.display());
    }
    Ok(json)
}

fn ignore_missing(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound {
        Ok(())
    } else {
        Err(error)
    }
}
