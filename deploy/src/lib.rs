//! Deployment to the local cloud or to AWS: builds and packs the functions, deploys `template.yaml` and `stacks/`, and sets up what a new
//! installation needs. It builds, packs and sends only what has changed. What is built as for AWS is deployed as on AWS, by `sam deploy`;
//! `aws cloudformation deploy` deploys what is built quickly, by the same change sets.

mod admin;
mod areas;
mod aws_account;
mod aws_cli;
mod environment;
mod installation;
mod lambda_binary;
mod origin_secret;
mod outputs;
mod package;
mod playback_keys;
mod project;
mod quick_deploy;
mod sam_deploy;
mod site;
mod stack;
mod stacks;
mod target;

use std::{collections::BTreeSet, time::Instant};

use anyhow::Context as _;

use crate::{outputs::Outputs, target::Build};

pub use crate::{admin::Admin, installation::Installation, project::Project, target::Target};

/// Deploys what has changed.
pub async fn deploy(target: &Target) -> anyhow::Result<()> {
    let areas = areas::list(target.project())?;
    let stacks = stack::in_order(target.project())?;
    stack::require_packages(stacks.iter().flatten(), &areas)?;
    aws_account::require_capacity(target).await?;

    compile(target, &areas)?;

    let started = Instant::now();
    let packages = package::pack(target, &areas)?;
    eprintln!(
        "{} of {} packages packed in {:.1} s",
        packages.iter().filter(|package| package.is_new).count(),
        packages.len(),
        started.elapsed().as_secs_f32()
    );

    let started = Instant::now();
    let outputs = stacks::deploy(target, &stacks, &packages).await?;
    eprintln!("stacks up to date after {:.1} s", started.elapsed().as_secs_f32());

    // All three are awaited, even if one fails: none may be stopped halfway.
    let (admin, playback_keys, site) = tokio::join!(
        admin::ensure(target, output(&outputs, "UserPoolId")?),
        playback_keys::ensure(target, output(&outputs, "RotatePlaybackKeysFunctionName")?),
        site::upload(target, output(&outputs, "SiteBucketName")?),
    );
    admin.and(playback_keys)?;
    site.map(|_| ())
}

/// Removes every stack. Resources with the DeletionPolicy `Retain` remain. On AWS, `confirmed` must be the core stack's name.
pub async fn undeploy(target: &Target, confirmed: Option<&str>) -> anyhow::Result<()> {
    aws_account::require_account(target).await?;
    target.require_confirmed(confirmed)?;
    stacks::remove(target).await
}

/// Builds the functions without deploying them.
pub fn build(target: &Target) -> anyhow::Result<()> {
    compile(target, &areas::list(target.project())?)
}

/// Builds the functions of these areas, and checks that Lambda can start those that are built as for AWS.
fn compile(target: &Target, areas: &BTreeSet<String>) -> anyhow::Result<()> {
    let started = Instant::now();
    let released = target.released(areas)?;
    areas::build(target, areas, &released)?;
    eprintln!("functions built in {:.1} s", started.elapsed().as_secs_f32());

    if let Build::Release(architecture) = target.build() {
        lambda_binary::require_valid(target, architecture, &released)?;
    }
    Ok(())
}

fn output<'a>(outputs: &'a Outputs, name: &str) -> anyhow::Result<&'a str> {
    outputs
        .get(name)
        .map(String::as_str)
        .with_context(|| format!("no stack has the output {name}"))
}
