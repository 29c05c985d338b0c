//! The stack: brought up to date by `sam deploy`, and left alone when nothing that it is made from has changed.

use std::{
    collections::BTreeMap,
    fmt, fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Target, origin_secret, package::Package};
use crate::aws_cli;

/// What `make deploy` is told about environments.
const SETTINGS: &str = "samconfig.toml";
const STATE_MACHINES: &str = "statemachines";

/// The stack's outputs, by their names.
pub(super) type Outputs = BTreeMap<String, String>;

/// What a deployment did.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Change {
    /// `sam deploy` ran.
    Deployed,
    /// Nothing had changed.
    None,
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Deployed => "deployed",
            Self::None => "found unchanged",
        })
    }
}

/// Remembered about the last deployment that succeeded.
#[derive(Default, Deserialize, Serialize)]
struct Deployed {
    digest: String,
}

/// Deploys, unless the stack exists and was made from the same things. Its outputs are in `outputs.json`, too.
pub(super) async fn deploy(target: &Target<'_>, packages: &[Package]) -> anyhow::Result<(Change, Outputs)> {
    stage(target)?;
    let note = target.notes()?.join("deployed.json");
    let secret = origin_secret::ensure(target).await?;
    let digest = digest(target, packages, &secret)?;
    let last: Deployed = fs::read(&note)
        .ok()
        .and_then(|json| serde_json::from_slice(&json).ok())
        .unwrap_or_default();

    // On AWS somebody else may have deployed another version since: only the stack itself knows.
    if target.environment().is_none()
        && last.digest == digest
        && let Ok(outputs) = outputs(target).await
    {
        return Ok((Change::None, outputs));
    }
    sam(target, &secret).await?;
    let outputs = outputs(target).await?;
    fs::write(target.home().join("outputs.json"), serde_json::to_vec_pretty(&outputs)?)?;
    fs::write(note, serde_json::to_vec(&Deployed { digest })?)?;
    Ok((Change::Deployed, outputs))
}

async fn outputs(target: &Target<'_>) -> anyhow::Result<Outputs> {
    let input = json!({ "StackName": target.stack() });
    let answer = aws_cli::call(target, ["cloudformation", "describe-stacks"], &input).await?;
    let stacks: Stacks = serde_json::from_value(answer)?;
    let stack = stacks.stacks.into_iter().next().context("the stack is not there")?;
    let status = &stack.stack_status;
    anyhow::ensure!(
        status.ends_with("_COMPLETE") && !status.contains("ROLLBACK"),
        "the stack is {status}"
    );
    Ok(stack
        .outputs
        .into_iter()
        .map(|output| (output.output_key, output.output_value))
        .collect())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stacks {
    stacks: Vec<Stack>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stack {
    stack_status: String,
    #[serde(default)]
    outputs: Vec<Output>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    output_key: String,
    output_value: String,
}

/// Copies what `sam` reads beside the packages to where those are, unless that is the project itself.
fn stage(target: &Target<'_>) -> anyhow::Result<()> {
    let (project, staging) = (&target.config.project, target.staging());
    if &staging == project {
        return Ok(());
    }
    fs::create_dir_all(staging.join(STATE_MACHINES))?;
    for file in sources(project)? {
        fs::copy(&file, staging.join(file.strip_prefix(project)?))?;
    }
    Ok(())
}

/// A digest of all that the stack is made from.
fn digest(target: &Target<'_>, packages: &[Package], secret: &str) -> anyhow::Result<String> {
    let project = &target.config.project;
    let mut hasher = Sha256::new();
    hasher.update(format!("{} in {}\n", target.stack(), target.region()));
    for file in sources(project)? {
        hasher.update(fs::read(file)?);
    }
    for package in packages {
        hasher.update(format!("{} {}\n", package.name, package.digest));
    }
    for (name, value) in target.parameters() {
        hasher.update(format!("{name}={value}\n"));
    }
    hasher.update(secret);
    Ok(format!("{:x}", hasher.finalize()))
}

/// The template and the state machines that it names.
fn sources(project: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = fs::read_dir(project.join(STATE_MACHINES))?
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<Vec<_>>>()?;
    files.push(project.join("template.yaml"));
    files.sort();
    Ok(files)
}

/// Runs `sam deploy`. Its output is shown only when it fails, but on AWS, where it takes minutes.
async fn sam(target: &Target<'_>, secret: &str) -> anyhow::Result<()> {
    let mut sam = target.program("sam")?;
    sam.env("SAM_CLI_TELEMETRY", "0")
        .args(["deploy", "--template-file", "template.yaml", "--resolve-s3"])
        .args(["--capabilities", "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"])
        .args(["--stack-name", target.stack()])
        .args(["--no-fail-on-empty-changeset", "--no-progressbar"]);
    if let Some(environment) = target.environment() {
        let settings = fs::read_to_string(target.config.project.join(SETTINGS))?;
        let settings = origin_secret::into_settings(&settings, environment, secret)?;
        // A file that only this person may read, and that is gone afterwards.
        let mut file = tempfile::Builder::new().suffix(".toml").tempfile_in(target.notes()?)?;
        file.write_all(settings.as_bytes())?;
        sam.arg("--config-file")
            .arg(file.path())
            .args(["--config-env", environment]);
        let status = sam.status().await.context("sam cannot be started")?;
        anyhow::ensure!(status.success(), "`sam deploy` failed");
        return Ok(());
    }
    // It asks after every so many seconds how far the stack is; half a second would be most of the wait.
    sam.env("SAM_CLI_POLL_DELAY", "0.1")
        .args(["--no-confirm-changeset", "--parameter-overrides"])
        .arg(format!("{}=\"{secret}\"", origin_secret::PARAMETER))
        .args(
            target
                .parameters()
                .iter()
                // Quoted: `sam` would take what follows a space for another parameter.
                .map(|(name, value)| format!("{name}=\"{value}\"")),
        );
    let output = sam.output().await.context("sam cannot be started")?;
    if !output.status.success() {
        eprint!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        anyhow::bail!("`sam deploy` failed");
    }
    Ok(())
}
