//! Deploys all stacks in order, except those that have not changed, and removes them in the reverse order.

use std::{collections::BTreeMap, fs, time::Instant};

use futures::{StreamExt as _, stream};
use serde_json::{Value, json};

use crate::{
    Target, aws_cli,
    origin_secret::{self, PARAMETER_NOT_FOUND},
    outputs::{self, Described, Exports, Outputs},
    package::Package,
    playback_keys, quick_deploy, sam_deploy,
    stack::{self, Stack},
    target::Build,
};

/// Stacks of a group that are deployed at once. The programs that deploy them need a processor each.
const CONCURRENCY: usize = 2;
/// The parameter of areas and the edge that names the core stack.
const CORE: &str = "Core";
/// The record of digests that were deployed last, by stack.
const DEPLOYED: &str = "deployed.json";
/// Resources that remain when the stacks are removed (DeletionPolicy in `template.yaml`): they hold the data.
const RETAINED: [&str; 3] = ["AWS::Cognito::UserPool", "AWS::DynamoDB::Table", "AWS::S3::Bucket"];

/// Deploys each stack that has changed. Returns the outputs of all stacks, and writes them to `outputs.json`.
pub(crate) async fn deploy(target: &Target, groups: &[Vec<Stack>], packages: &[Package]) -> anyhow::Result<Outputs> {
    stage(target, groups.iter().flatten())?;
    let record = target.records()?.join(DEPLOYED);
    let secret = origin_secret::ensure(target).await?;
    let mut digests: BTreeMap<String, String> = fs::read(&record)
        .ok()
        .and_then(|json| serde_json::from_slice(&json).ok())
        .unwrap_or_default();
    // On AWS, another checkout may have deployed another version since: there, `sam` finds what has changed.
    let current = if target.is_local() {
        outputs::describe_all(target).await?
    } else {
        BTreeMap::new()
    };
    let (mut outputs, mut exports) = (Outputs::new(), Exports::new());
    for group in groups {
        let results: Vec<anyhow::Result<(String, String, Described)>> = stream::iter(group)
            .map(|stack| async {
                let name = stack.name(target.stack());
                let digest = stack.digest(target, packages, &exports, &secret)?;
                let described = match current.get(&name) {
                    Some(described) if digests.get(&name) == Some(&digest) => described.clone(),
                    _ => deploy_stack(target, stack, &name, &secret).await?,
                };
                anyhow::Ok((name, digest, described))
            })
            .buffer_unordered(CONCURRENCY)
            .collect()
            .await;
        // After all of them have ended: a failed stack must not stop another one halfway.
        for result in results {
            let (name, digest, described) = result?;
            digests.insert(name, digest);
            outputs.extend(described.outputs);
            exports.extend(described.exports);
        }
        // After each group: if a later one fails, the next deployment skips this one.
        fs::write(&record, serde_json::to_vec(&digests)?)?;
    }
    fs::write(target.home().join("outputs.json"), serde_json::to_vec_pretty(&outputs)?)?;
    Ok(outputs)
}

/// Deploys a stack and returns its outputs and exports.
async fn deploy_stack(target: &Target, stack: &Stack, name: &str, secret: &str) -> anyhow::Result<Described> {
    let started = Instant::now();
    let mut parameters = target.parameters();
    parameters.push((origin_secret::PARAMETER, secret.to_owned()));
    if !stack.is_core() {
        parameters.push((CORE, target.stack().to_owned()));
    }
    match target.build() {
        Build::Fast => quick_deploy::deploy(target, stack, &parameters).await?,
        Build::Release(_) => sam_deploy::deploy(target, stack, &parameters).await?,
    }
    let described = outputs::describe(target, name).await?;
    eprintln!("stack {name} deployed in {:.1} s", started.elapsed().as_secs_f32());
    Ok(described)
}

/// Removes every stack, and prints the retained resources.
pub(crate) async fn remove(target: &Target) -> anyhow::Result<()> {
    let mut retained = Vec::new();
    for stack in stack::in_order(target.project())?.into_iter().rev().flatten() {
        let name = stack.name(target.stack());
        let request = json!({ "StackName": name });
        let operation = ["cloudformation", "list-stack-resources"];
        let resources = aws_cli::find(target, operation, &request, "does not exist").await?;
        // The emulator lists nothing of a removed stack, and AWS does not know it.
        let is_deployed = |resources: &Value| {
            resources["StackResourceSummaries"]
                .as_array()
                .is_some_and(|all| !all.is_empty())
        };
        let Some(resources) = resources.filter(is_deployed) else {
            eprintln!("stack {name} is not deployed");
            continue;
        };
        retained.extend(retained_of(&resources));
        let started = Instant::now();
        aws_cli::call(target, ["cloudformation", "delete-stack"], &request).await?;
        aws_cli::wait(target, "stack-delete-complete", &name).await?;
        eprintln!("stack {name} removed in {:.1} s", started.elapsed().as_secs_f32());
    }
    for parameter in [
        playback_keys::parameter_name(target),
        origin_secret::parameter_name(target),
    ] {
        let request = json!({ "Name": parameter });
        aws_cli::find(target, ["ssm", "delete-parameter"], &request, PARAMETER_NOT_FOUND).await?;
    }
    for record in [target.records()?.join(DEPLOYED), target.home().join("outputs.json")] {
        match fs::remove_file(record) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    for resource in retained {
        eprintln!("retained: {resource}");
    }
    Ok(())
}

/// The resources of a stack that remain when it is removed, each as its type and name.
fn retained_of(resources: &Value) -> Vec<String> {
    let resources = resources["StackResourceSummaries"].as_array();
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

/// Copies the templates and definitions to the folder with the packages, unless that is the project itself.
fn stage<'a>(target: &Target, stacks: impl Iterator<Item = &'a Stack>) -> anyhow::Result<()> {
    let (project, staging) = (target.project(), target.staging());
    if staging == project.folder() {
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
    fn retained_resources_are_named() {
        let resources = json!({ "StackResourceSummaries": [
            { "ResourceType": "AWS::DynamoDB::Table", "PhysicalResourceId": "m-Table-1" },
            { "ResourceType": "AWS::Lambda::Function", "PhysicalResourceId": "m-GetTitle-1" },
        ] });
        assert_eq!(retained_of(&resources), ["AWS::DynamoDB::Table m-Table-1"]);
    }
}
