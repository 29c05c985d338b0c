//! `sam deploy`: what brings a template to AWS, and to the local cloud.

use std::{fs, io::Write as _};

use anyhow::Context as _;

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
    let mut sam = target.program("sam")?;
    sam.env("SAM_CLI_TELEMETRY", "0")
        .args(["deploy", "--resolve-s3", "--template-file"])
        .arg(&stack.file)
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
