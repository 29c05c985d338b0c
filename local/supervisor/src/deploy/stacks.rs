//! All stacks together: brought up to date in order, each left alone when nothing that it is made from has changed, and removed the
//! other way round.

use std::{collections::BTreeMap, fs, time::Instant};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};

use super::{
    Target, aws_cli, origin_secret,
    outputs::{self, Described, Exports, Outputs},
    package::Package,
    playback_keys, sam,
    stack::{self, Stack},
};

/// How many stacks of a group are deployed at once: `sam` is a program that computes a good deal.
const CONCURRENCY: usize = 2;
/// Note of the digests of what was deployed last, by stack.
const DEPLOYED: &str = "deployed.json";
/// What an installation is about stays when its stacks are removed (DeletionPolicy in `template.yaml`).
const RETAINED: [&str; 3] = ["AWS::Cognito::UserPool", "AWS::DynamoDB::Table", "AWS::S3::Bucket"];

/// Deploys each stack that has changed. The outputs of all of them are in `outputs.json`, too.
pub(super) async fn deploy(target: &Target<'_>, packages: &[Package]) -> anyhow::Result<Outputs> {
    let groups = stack::in_order(&target.config.project)?;
    stage(target, groups.iter().flatten())?;
    let note = target.notes()?.join(DEPLOYED);
    let secret = origin_secret::ensure(target).await?;
    let mut digests: BTreeMap<String, String> = fs::read(&note)
        .ok()
        .and_then(|json| serde_json::from_slice(&json).ok())
        .unwrap_or_default();
    let (mut outputs, mut exports) = (Outputs::new(), Exports::new());
    for group in groups {
        let done: Vec<(String, String, Described)> = stream::iter(&group)
            .map(|stack| one(target, stack, packages, &exports, &secret, &digests))
            .buffer_unordered(CONCURRENCY)
            .try_collect()
            .await?;
        for (name, digest, described) in done {
            digests.insert(name, digest);
            outputs.extend(described.outputs);
            exports.extend(described.exports);
        }
        // After each group: a later one may fail, and this one need not be deployed again.
        fs::write(&note, serde_json::to_vec(&digests)?)?;
    }
    fs::write(target.home().join("outputs.json"), serde_json::to_vec_pretty(&outputs)?)?;
    Ok(outputs)
}

/// Deploys a stack, unless it exists and was made from the same things. Its name, its digest, and what it says of itself.
async fn one(
    target: &Target<'_>,
    stack: &Stack,
    packages: &[Package],
    exports: &Exports,
    secret: &str,
    digests: &BTreeMap<String, String>,
) -> anyhow::Result<(String, String, Described)> {
    let name = stack.name(target.stack());
    let digest = stack.digest(target, packages, exports, secret)?;
    // On AWS another checkout may have deployed another version since: only the stack itself knows.
    if target.environment().is_none()
        && digests.get(&name) == Some(&digest)
        && let Ok(described) = outputs::describe(target, &name).await
    {
        return Ok((name, digest, described));
    }
    let started = Instant::now();
    sam::deploy(target, stack, secret).await?;
    let described = outputs::describe(target, &name).await?;
    eprintln!("stack {name} deployed in {:.1} s", started.elapsed().as_secs_f32());
    Ok((name, digest, described))
}

/// Removes every stack, and says what is retained.
pub(super) async fn remove(target: &Target<'_>) -> anyhow::Result<()> {
    let mut retained = Vec::new();
    for stack in stack::in_order(&target.config.project)?.into_iter().rev().flatten() {
        let name = stack.name(target.stack());
        let wanted = json!({ "StackName": name });
        let resources = match aws_cli::call(target, ["cloudformation", "describe-stack-resources"], &wanted).await {
            Err(error) if format!("{error:#}").contains("does not exist") => Value::Null,
            answer => answer?,
        };
        if resources["StackResources"].as_array().is_none_or(Vec::is_empty) {
            eprintln!("stack {name} is not deployed");
            continue;
        }
        retained.extend(kept(&resources));
        let started = Instant::now();
        aws_cli::call(target, ["cloudformation", "delete-stack"], &wanted).await?;
        aws_cli::wait(target, "stack-delete-complete", &name).await?;
        eprintln!("stack {name} removed in {:.1} s", started.elapsed().as_secs_f32());
    }
    for parameter in [
        playback_keys::parameter_name(target),
        origin_secret::parameter_name(target),
    ] {
        match aws_cli::call(target, ["ssm", "delete-parameter"], &json!({ "Name": parameter })).await {
            Err(error) if !format!("{error:#}").contains("ParameterNotFound") => return Err(error),
            _ => {}
        }
    }
    for note in [target.notes()?.join(DEPLOYED), target.home().join("outputs.json")] {
        match fs::remove_file(note) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    for resource in retained {
        eprintln!("retained: {resource}");
    }
    Ok(())
}

/// Those resources of a stack that stay when it is removed, each as its type and name.
fn kept(resources: &Value) -> Vec<String> {
    let resources = resources["StackResources"].as_array();
    resources
        .into_iter()
        .flatten()
        .filter_map(|resource| {
            let kind = resource["ResourceType"]
                .as_str()
                .filter(|kind| RETAINED.contains(kind))?;
            let name = resource["PhysicalResourceId"].as_str()?;
            Some(format!("{kind} {name}"))
        })
        .collect()
}

/// Copies what `sam` reads besides the packages to where those are, unless that is the project itself.
fn stage<'a>(target: &Target<'_>, stacks: impl Iterator<Item = &'a Stack>) -> anyhow::Result<()> {
    let (project, staging) = (&target.config.project, target.staging());
    if &staging == project {
        return Ok(());
    }
    for stack in stacks {
        for file in stack.definitions().into_iter().chain([stack.file.clone()]) {
            let copy = staging.join(&file);
            if let Some(folder) = copy.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::copy(project.join(&file), copy)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_is_named() {
        let resources = json!({ "StackResources": [
            { "ResourceType": "AWS::DynamoDB::Table", "PhysicalResourceId": "m-Table-1" },
            { "ResourceType": "AWS::Lambda::Function", "PhysicalResourceId": "m-GetTitle-1" },
        ] });
        assert_eq!(kept(&resources), ["AWS::DynamoDB::Table m-Table-1"]);
    }
}
