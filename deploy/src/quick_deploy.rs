//! The deployment of quickly built functions to the local cloud, by `aws cloudformation deploy`. It uploads each file that a template names
//! once, and gives CloudFormation the template as JSON with their addresses. `sam deploy` reads the same package for each of its functions,
//! and converts the template to YAML, which Python reads slowly: it takes three times as long.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fs,
    path::Path,
    process::Stdio,
    time::SystemTime,
};

use anyhow::Context as _;
use aws_sdk_s3::{
    Client,
    operation::{create_bucket::CreateBucketError, head_object::HeadObjectError},
    types::{BucketLocationConstraint, CreateBucketConfiguration},
};
use jiff::{SignedDuration, Timestamp};
use marquee_standin::{REGION, aws, files};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::{io::AsyncWriteExt as _, process::Command};

use crate::{Target, aws_cli, stack::Stack};

/// The properties of resources that name a file of the project, which SAM takes from S3. `tests/architecture` refuses others.
const FILES: [&str; 2] = ["/Properties/CodeUri", "/Properties/DefinitionUri"];

/// Deploys one stack, and prints what failed in it.
pub(crate) async fn deploy(target: &Target, stack: &Stack, parameters: &[(&str, String)]) -> anyhow::Result<()> {
    let name = stack.name(target.stack());
    let bucket = Bucket::open(target).await?;
    let mut template = as_json(target, stack).await?;
    let mut addresses = BTreeMap::new();
    for file in files_of(&mut template) {
        let path = target.project().join(stack.path_of(file.as_str().unwrap_or_default()));
        let address = match addresses.entry(path) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let address = bucket.upload(new.key()).await?;
                new.insert(address)
            }
        };
        *file = json!(address);
    }

    // Events have no fractions of seconds.
    let started = Timestamp::try_from(SystemTime::now())? - SignedDuration::from_secs(1);
    let deployed = aws_cli::deploy(target, &name, &template, &bucket.name, parameters).await;
    if deployed.is_err() {
        let request = json!({ "StackName": name });
        let events = aws_cli::call(target, ["cloudformation", "describe-stack-events"], &request).await;
        for failure in failures(&events.unwrap_or_default(), started) {
            eprintln!("{failure}");
        }
    }
    deployed.with_context(|| format!("the stack {name}"))
}

/// The template, which is converted again when it or its converter has changed.
async fn as_json(target: &Target, stack: &Stack) -> anyhow::Result<Value> {
    let record = target
        .records()?
        .join(format!("template-{}.json", stack.name(target.stack())));
    let script = target.project().join("local/tools/template-as-json");
    let libraries = target.project().join("local/requirements.txt");
    let mut hasher = Sha256::new_with_prefix(&stack.template);
    for file in [&script, &libraries] {
        hasher.update(fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?);
    }
    let digest = format!("{:x}", hasher.finalize());
    let known = fs::read(&record)
        .ok()
        .and_then(|json| serde_json::from_slice::<(String, Value)>(&json).ok());
    if let Some((_, template)) = known.filter(|(known, _)| *known == digest) {
        return Ok(template);
    }
    let mut python = Command::new(target.project().tool("python"))
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("python cannot be started")?;
    // The text that was digested: the file may have been edited since.
    let written = match python.stdin.take() {
        Some(mut stdin) => stdin.write_all(stack.template.as_bytes()).await,
        None => Ok(()),
    };
    let converted = python.wait_with_output().await?;
    anyhow::ensure!(
        converted.status.success(),
        "{} cannot be read: {}",
        stack.file.display(),
        String::from_utf8_lossy(&converted.stderr)
    );
    written?;
    let template: Value = serde_json::from_slice(&converted.stdout)?;
    files::replace(&record, &serde_json::to_vec(&(digest, &template))?)?;
    Ok(template)
}

/// The places of a template that name files of the project.
fn files_of(template: &mut Value) -> impl Iterator<Item = &mut Value> {
    let resources = template["Resources"].as_object_mut();
    resources
        .into_iter()
        .flat_map(serde_json::Map::values_mut)
        .filter_map(|resource| {
            let property = FILES
                .into_iter()
                .find(|property| resource.pointer(property).is_some())?;
            resource.pointer_mut(property)
        })
}

/// Why resources failed in the operation of a stack that started at this time, the first of them first.
fn failures(events: &Value, started: Timestamp) -> Vec<String> {
    let is_older = |event: &Value| {
        let at = event["Timestamp"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
        at.is_some_and(|at| at < started)
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let newest_first = events["StackEvents"].as_array().into_iter().flatten();
    let mut failures: Vec<String> = newest_first
        .take_while(|event| !is_older(event))
        .filter(|event| text(&event["ResourceStatus"]).ends_with("_FAILED"))
        .map(|event| {
            format!(
                "{}: {}",
                text(&event["LogicalResourceId"]),
                text(&event["ResourceStatusReason"])
            )
        })
        .collect();
    failures.reverse();
    failures
}

/// The bucket of everything that templates name.
struct Bucket {
    name: String,
    s3: Client,
}

impl Bucket {
    /// Creates the bucket unless it exists.
    async fn open(target: &Target) -> anyhow::Result<Self> {
        let region = target.region();
        let s3 = aws::s3(&aws::root(&target.installation.emulator));
        let name = format!("packages-{region}");
        let location = CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::from(region));
        let created = s3
            .create_bucket()
            .bucket(&name)
            // S3 refuses the name of its first region.
            .set_create_bucket_configuration((region != REGION).then(|| location.build()))
            .send()
            .await;
        match created {
            Err(error)
                if !error
                    .as_service_error()
                    .is_some_and(CreateBucketError::is_bucket_already_owned_by_you) =>
            {
                Err(error).context("the bucket of packages cannot be created")
            }
            _ => Ok(Self { name, s3 }),
        }
    }

    /// Uploads a file under the digest of its content, unless it is there, and returns its address.
    async fn upload(&self, file: &Path) -> anyhow::Result<String> {
        let content = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let key = format!("{:x}", Sha256::digest(&content));
        match self.s3.head_object().bucket(&self.name).key(&key).send().await {
            Err(error) if error.as_service_error().is_some_and(HeadObjectError::is_not_found) => {
                let put = self.s3.put_object().bucket(&self.name).key(&key).body(content.into());
                put.send()
                    .await
                    .with_context(|| format!("{} cannot be uploaded", file.display()))?;
            }
            found => {
                found.context("the bucket of packages cannot be read")?;
            }
        }
        Ok(format!("s3://{}/{key}", self.name))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn packages_and_definitions_are_the_files_of_a_template() {
        let mut template = json!({ "Resources": {
            "Machine": { "Type": "AWS::Serverless::StateMachine", "Properties": { "DefinitionUri": "m.asl.yaml" } },
            "GetTitle": { "Type": "AWS::Serverless::Function", "Properties": { "CodeUri": "build/functions/catalog.zip" } },
            "Topic": { "Type": "AWS::SNS::Topic" },
        } });
        let files: BTreeSet<&str> = files_of(&mut template).filter_map(|file| file.as_str()).collect();
        assert_eq!(files, BTreeSet::from(["build/functions/catalog.zip", "m.asl.yaml"]));
    }

    #[test]
    fn only_failures_of_the_last_operation_are_shown() {
        let event = |second: u8, resource: &str, kind: &str, status: &str, reason: &str| {
            json!({
                "Timestamp": format!("2026-01-02T03:04:{second:02}.000Z"),
                "LogicalResourceId": resource,
                "ResourceType": kind,
                "ResourceStatus": status,
                "ResourceStatusReason": reason,
            })
        };
        let stack = "AWS::CloudFormation::Stack";
        let events = json!({ "StackEvents": [
            event(8, "m", stack, "UPDATE_ROLLBACK_COMPLETE", ""),
            event(7, "Second", "AWS::SQS::Queue", "UPDATE_FAILED", "canceled"),
            event(7, "First", "AWS::SNS::Topic", "CREATE_FAILED", "a wrong name"),
            event(6, "Other", "AWS::SNS::Topic", "CREATE_COMPLETE", ""),
            event(5, "m", stack, "UPDATE_IN_PROGRESS", ""),
            event(3, "Earlier", "AWS::SNS::Topic", "CREATE_FAILED", "repaired since"),
        ] });
        let shown_since = |time: &str| failures(&events, time.parse().unwrap());
        assert_eq!(
            shown_since("2026-01-02T03:04:04Z"),
            ["First: a wrong name", "Second: canceled"]
        );
        // A refused change set adds no event.
        assert!(shown_since("2026-01-02T03:04:09Z").is_empty());
    }
}
