//! `deploy`: builds the functions, packs them, and brings `template.yaml` and `stacks/` to the local cloud or to AWS with the ordinary
//! `sam deploy`; then what a fresh installation needs. What has not changed is neither built, packed nor sent again.

mod account;
mod admin;
mod aws_cli;
mod functions;
mod origin_secret;
mod outputs;
mod package;
mod playback_keys;
mod release;
mod sam;
mod settings;
mod site;
mod stack;
mod stacks;
mod target;

use std::{collections::BTreeSet, time::Instant};

use anyhow::Context as _;

use self::{outputs::Outputs, target::Build};

pub(crate) use self::{admin::Admin, target::Target};

/// Deploys what has changed.
pub(crate) async fn run(target: &Target<'_>) -> anyhow::Result<()> {
    let areas = functions::areas(&target.config.project)?;
    functions::require_in_step_with_templates(&target.config.project, &areas)?;
    account::require_fit(target).await?;

    compile(target, &areas)?;

    let started = Instant::now();
    let packages = package::all(target, &areas)?;
    eprintln!(
        "{} of {} packages packed in {:.1} s",
        packages.iter().filter(|package| package.is_new).count(),
        packages.len(),
        started.elapsed().as_secs_f32()
    );

    let started = Instant::now();
    let outputs = stacks::deploy(target, &packages).await?;
    eprintln!("stacks up to date after {:.1} s", started.elapsed().as_secs_f32());

    admin::ensure(target, output(&outputs, "UserPoolId")?).await?;
    playback_keys::ensure(target, output(&outputs, "RotatePlaybackKeysFunctionName")?).await?;
    let started = Instant::now();
    if site::upload(target, output(&outputs, "SiteBucketName")?).await? {
        eprintln!("site uploaded in {:.1} s", started.elapsed().as_secs_f32());
    }
    Ok(())
}

/// Removes all that was deployed, except what its DeletionPolicy retains.
pub(crate) async fn remove(target: &Target<'_>, confirmed: Option<&str>) -> anyhow::Result<()> {
    account::require_right(target).await?;
    target.require_confirmed(confirmed)?;
    stacks::remove(target).await
}

/// Builds the functions, without deploying them.
pub(crate) fn build(target: &Target<'_>) -> anyhow::Result<()> {
    compile(target, &functions::areas(&target.config.project)?)
}

/// Builds the functions of these areas, and checks that Lambda can start those that are built as for AWS.
fn compile(target: &Target<'_>, areas: &BTreeSet<String>) -> anyhow::Result<()> {
    let started = Instant::now();
    let released = target.released(areas)?;
    functions::build(target, areas, &released)?;
    eprintln!("functions built in {:.1} s", started.elapsed().as_secs_f32());

    if let Build::Release(architecture) = target.build() {
        release::require_fit(target, architecture, &released)?;
    }
    Ok(())
}

fn output<'a>(outputs: &'a Outputs, name: &str) -> anyhow::Result<&'a str> {
    outputs
        .get(name)
        .map(String::as_str)
        .with_context(|| format!("no stack has the output {name}"))
}
