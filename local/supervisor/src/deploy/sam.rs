//! `sam deploy`: what brings a template to AWS, and to the local cloud.

use std::{fs, io::Write as _, path::PathBuf};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};
use tokio::process::Command;

use super::{Target, origin_secret, settings, stack::Stack};

/// What `make deploy` reads about environments.
const SETTINGS: &str = "samconfig.toml";
/// The parameter of areas and the edge that names the core's stack.
const CORE: &str = "Core";

/// Deploys one stack. Its output is shown only when it fails, except on AWS, where a deployment takes minutes.
pub(super) async fn deploy(target: &Target<'_>, stack: &Stack, secret: &str) -> anyhow::Result<()> {
    let name = stack.name(target.stack());
    let mut parameters = vec![(origin_secret::PARAMETER, secret)];
    if !stack.is_core() {
        parameters.push((CORE, target.stack()));
    }
    let template = match target.environment() {
        Some(_) => stack.file.clone(),
        None => as_json(target, stack).await?,
    };
    let mut sam = target.program("sam")?;
    sam.env("SAM_CLI_TELEMETRY", "0")
        .args(["deploy", "--resolve-s3", "--template-file"])
        .arg(template)
        .args(["--capabilities", "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"])
        .args(["--stack-name", &name])
        .args(["--no-fail-on-empty-changeset", "--no-progressbar"]);
    if let Some(environment) = target.environment() {
        let file = fs::read_to_string(target.config.project.join(SETTINGS))?;
        let file = settings::with_parameters(&file, environment, &parameters)?;
        // A file that only this person may read, and that is gone afterwards.
        let mut temporary = tempfile::Builder::new().suffix(".toml").tempfile_in(target.notes()?)?;
        temporary.write_all(file.as_bytes())?;
        sam.arg("--config-file")
            .arg(temporary.path())
            .args(["--config-env", environment]);
        let status = sam.status().await.context("sam cannot be started")?;
        anyhow::ensure!(status.success(), "`sam deploy` of {name} failed");
        return Ok(());
    }
    let for_all = target.parameters();
    let parameters = parameters
        .into_iter()
        .chain(for_all.iter().map(|(name, value)| (*name, value.as_str())));
    // It asks again after each delay how far the stack is; its default of half a second would be most of the wait.
    sam.env("SAM_CLI_POLL_DELAY", "0.1")
        .args(["--no-confirm-changeset", "--parameter-overrides"])
        // Quoted: `sam` would take what follows a space for another parameter. It leaves out those that the template has not.
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

/// The template as JSON, made again when the template has changed. `sam` reads a template seven times, and YAML slowly.
async fn as_json(target: &Target<'_>, stack: &Stack) -> anyhow::Result<PathBuf> {
    let folder = target.notes()?.join("templates");
    fs::create_dir_all(&folder)?;
    let source = target.staging().join(&stack.file);
    let made = format!("{} {}", source.display(), stack.template);
    let name = stack.name(target.stack());
    let json = folder.join(format!("{name}-{:.16}.json", format!("{:x}", Sha256::digest(made))));
    if !json.is_file() {
        let status = Command::new(target.config.tool("python"))
            .arg(target.config.project.join("local/tools/template-as-json"))
            .args([&source, &json])
            .status()
            .await
            .context("python cannot be started")?;
        anyhow::ensure!(status.success(), "{} cannot be read", source.display());
    }
    Ok(json)
}
