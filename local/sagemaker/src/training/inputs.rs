//! Channels: objects of S3, copied into folders for the training.

use std::path::{Component, Path, PathBuf};

use anyhow::Context as _;
use aws_sdk_s3::{Client, error::DisplayErrorContext};
use serde_json::Value;
use tokio::{fs, io::AsyncWriteExt as _};

use super::super::{
    api::training::{Channel, S3DataSource, S3DataType},
    model::rules::parse_s3,
};

/// An object, and its file below the channel's folder.
#[derive(Debug, PartialEq, Eq)]
struct Input {
    bucket: String,
    key: String,
    file: PathBuf,
}

/// Whether the source has objects that the role can list. SageMaker refuses a job otherwise.
pub(crate) async fn exists(s3: &Client, source: &S3DataSource) -> bool {
    let Some((bucket, key)) = parse_s3(&source.s3_uri) else {
        return false;
    };
    let listed = s3.list_objects_v2().bucket(bucket).prefix(key).max_keys(1).send().await;
    listed.is_ok_and(|page| !page.contents().is_empty())
}

/// Copies a channel into its folder.
pub(crate) async fn fetch(s3: &Client, channel: &Channel, folder: &Path) -> anyhow::Result<()> {
    let source = &channel.data_source.s3_data_source;
    let inputs = match source.s3_data_type {
        S3DataType::S3Prefix => list_prefix(s3, &source.s3_uri).await?,
        S3DataType::ManifestFile => read_manifest(s3, &source.s3_uri).await?,
    };
    for Input { bucket, key, file } in inputs {
        let file = folder.join(file);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent).await?;
        }
        let mut object = get(s3, &bucket, &key).await?;
        let mut writer = fs::File::create(&file)
            .await
            .with_context(|| format!("{} cannot be written", file.display()))?;
        while let Some(bytes) = object.body.try_next().await? {
            writer.write_all(&bytes).await?;
        }
        writer.flush().await?;
    }
    Ok(())
}

async fn get(
    s3: &Client,
    bucket: &str,
    key: &str,
) -> anyhow::Result<aws_sdk_s3::operation::get_object::GetObjectOutput> {
    let object = s3.get_object().bucket(bucket).key(key).send().await;
    object.map_err(|error| anyhow::anyhow!("s3://{bucket}/{key}: {}", DisplayErrorContext(error)))
}

/// The objects with a prefix.
async fn list_prefix(s3: &Client, uri: &str) -> anyhow::Result<Vec<Input>> {
    let (bucket, prefix) = parse_s3(uri).with_context(|| format!("{uri} names no bucket"))?;
    let mut pages = s3
        .list_objects_v2()
        .bucket(bucket)
        .prefix(prefix)
        .into_paginator()
        .send();
    let mut inputs = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| anyhow::anyhow!("{uri}: {}", DisplayErrorContext(error)))?;
        for key in page.contents().iter().filter_map(|object| object.key()) {
            if !key.ends_with('/') {
                inputs.push(Input {
                    bucket: bucket.to_owned(),
                    key: key.to_owned(),
                    file: file(relative(prefix, key))?,
                });
            }
        }
    }
    anyhow::ensure!(!inputs.is_empty(), "{uri}: there are no objects");
    Ok(inputs)
}

/// The objects that a manifest lists.
async fn read_manifest(s3: &Client, uri: &str) -> anyhow::Result<Vec<Input>> {
    let (bucket, key) = parse_s3(uri).with_context(|| format!("{uri} names no object"))?;
    let bytes = get(s3, bucket, key).await?.body.collect().await?.into_bytes();
    parse_manifest(&bytes).with_context(|| format!("{uri} is not a manifest"))
}

/// `[{"prefix": "s3://bucket/some/"}, "relative/path", …]`
fn parse_manifest(bytes: &[u8]) -> anyhow::Result<Vec<Input>> {
    let lines: Vec<Value> = serde_json::from_slice(bytes)?;
    let (first, rest) = lines.split_first().context("it is empty")?;
    let prefix = first["prefix"].as_str().context("its first entry has no `prefix`")?;
    let (bucket, prefix) = parse_s3(prefix).with_context(|| format!("{prefix} names no bucket"))?;
    rest.iter()
        .map(|line| {
            let path = line.as_str().with_context(|| format!("{line} is not a path"))?;
            Ok(Input {
                bucket: bucket.to_owned(),
                key: format!("{prefix}{path}"),
                file: file(path)?,
            })
        })
        .collect()
}

/// The key without the prefix up to its last slash.
fn relative<'a>(prefix: &str, key: &'a str) -> &'a str {
    let folder = prefix.rfind('/').map_or(0, |slash| slash + 1);
    key.get(folder..).unwrap_or(key)
}

/// A path that stays in the channel's folder.
fn file(path: &str) -> anyhow::Result<PathBuf> {
    let path = Path::new(path);
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    anyhow::ensure!(plain, "{} is not the path of a file", path.display());
    Ok(path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_path_below_the_prefix() {
        assert_eq!(relative("titles/", "titles/dt=1/a.jsonl"), "dt=1/a.jsonl");
        assert_eq!(relative("titles/dt", "titles/dt=1/a.jsonl"), "dt=1/a.jsonl");
        assert_eq!(relative("", "a.jsonl"), "a.jsonl");
    }

    #[test]
    fn a_manifest_names_its_objects() {
        let manifest = br#"[{"prefix": "s3://b/titles/"}, "dt=1/a.jsonl"]"#;
        let input = Input {
            bucket: "b".to_owned(),
            key: "titles/dt=1/a.jsonl".to_owned(),
            file: PathBuf::from("dt=1/a.jsonl"),
        };
        assert_eq!(parse_manifest(manifest).unwrap(), [input]);
        for broken in [
            "",
            "[]",
            "{}",
            r#"["a"]"#,
            r#"[{"prefix": "b/"}, "a"]"#,
            r#"[{"prefix": "s3://b/"}, 7]"#,
        ] {
            assert!(parse_manifest(broken.as_bytes()).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_path_stays_in_the_folder() {
        assert!(file("a/../../b").is_err());
        assert!(file("/etc/passwd").is_err());
        assert!(file("dt=1/a..b").is_ok());
    }
}
