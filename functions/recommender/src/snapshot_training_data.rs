//! The step `snapshot`: fixes the training data. Data arrive all the time; the objects that exist at this moment are listed in manifests,
//! which the training job reads. Objects are written once and never changed, so that a run always trains on the same bytes.

use adapters::{
    dynamodb::Table,
    s3::{Bucket, ObjectInfo},
};
use domain::retraining::{Channel, Reason, RetrainError, Run, Snapshot};
use kernel::Timestamp;
use runtime::{
    clock,
    config::{self, ConfigError},
};
use serde_json::json;

use crate::step::{self, StepFailure};

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    table: Table,
    bucket: Bucket,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;

        Ok(Self {
            table: Table::new(&aws, config::text("TABLE_NAME")?),
            bucket: Bucket::new(&aws, config::text("RECOMMENDATIONS_BUCKET")?),
        })
    }
}

/// Lists the objects, unless an earlier attempt did.
pub async fn handle(cx: Context, run: Run) -> Result<(), StepFailure> {
    let (retraining, _) = step::begin(&cx.table, &run).await?;
    if retraining.snapshot.is_some() {
        return Ok(());
    }
    let taken_at = clock::now();
    if let Some(current) = &retraining.challenges {
        let manifest = manifest_of_one(&current.artefact).ok_or(RetrainError::Internal)?;
        write(&cx.bucket, &run, Channel::Current, manifest).await?;
    }
    let interactions = list(&cx.bucket, &run, Channel::Interactions).await?;
    let titles = list(&cx.bucket, &run, Channel::Titles).await?;
    let snapshot = snapshot(taken_at, &interactions, &titles);

    tracing::info!(
        run.id = %run.run_id, interactions = snapshot.interactions, titles = snapshot.titles, bytes = snapshot.bytes,
        "the retraining {} trains on {} bytes", run.run_id, snapshot.bytes
    );
    Ok(cx.table.retrainings().note_snapshot(&run, &snapshot).await?)
}

/// The key of a channel's manifest.
pub(crate) fn manifest_key(run: &Run, channel: Channel) -> String {
    format!("{}{channel}.manifest", run.snapshot_prefix())
}

async fn list(bucket: &Bucket, run: &Run, channel: Channel) -> Result<Vec<ObjectInfo>, StepFailure> {
    let prefix = format!("{channel}/");
    let mut objects = bucket.list(&prefix).await?;
    objects.retain(|object| object.size_bytes > 0 && !object.key.ends_with('/'));
    if objects.is_empty() {
        let sentence = format!(
            "There is no training data: all objects below {} are empty, or there are none. Check that the stream export writes there.",
            bucket.uri(&prefix)
        );
        return Err(Reason::new(RetrainError::NoTrainingData, sentence).into());
    }
    let manifest = manifest(&bucket.uri(&prefix), &prefix, &objects);
    write(bucket, run, channel, manifest).await?;

    Ok(objects)
}

async fn write(bucket: &Bucket, run: &Run, channel: Channel, manifest: String) -> Result<(), StepFailure> {
    let key = manifest_key(run, channel);

    Ok(bucket.write(&key, "application/json", manifest.into_bytes()).await?)
}

/// The manifest of one object.
fn manifest_of_one(address: &str) -> Option<String> {
    let (folder, name) = address.rsplit_once('/')?;

    Some(json!([{ "prefix": format!("{folder}/") }, name]).to_string())
}

/// `[{"prefix": "s3://bucket/titles/"}, "dt=2026-01-01/a.jsonl", …]`, as SageMaker reads it.
fn manifest(address: &str, prefix: &str, objects: &[ObjectInfo]) -> String {
    let keys = objects
        .iter()
        .filter_map(|object| object.key.strip_prefix(prefix))
        .map(|key| json!(key));
    let lines: Vec<_> = [json!({ "prefix": address })].into_iter().chain(keys).collect();

    json!(lines).to_string()
}

fn snapshot(taken_at: Timestamp, interactions: &[ObjectInfo], titles: &[ObjectInfo]) -> Snapshot {
    let bytes = interactions.iter().chain(titles).map(|object| object.size_bytes);

    Snapshot {
        taken_at,
        interactions: interactions.len() as u64,
        titles: titles.len() as u64,
        bytes: bytes.sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_lists_each_object() {
        let object = |key: &str| ObjectInfo {
            key: key.to_owned(),
            size_bytes: 10,
        };
        let objects = [
            object("titles/dt=2026-01-01/a.jsonl"),
            object("titles/dt=2026-01-02/b.jsonl"),
        ];

        assert_eq!(
            manifest("s3://b/titles/", "titles/", &objects),
            r#"[{"prefix":"s3://b/titles/"},"dt=2026-01-01/a.jsonl","dt=2026-01-02/b.jsonl"]"#
        );
        assert_eq!(
            manifest_of_one("s3://b/models/m/output/model.tar.gz").unwrap(),
            r#"[{"prefix":"s3://b/models/m/output/"},"model.tar.gz"]"#
        );
        let snapshot = snapshot(Timestamp::UNIX_EPOCH, &objects[..1], &objects);
        assert_eq!((snapshot.interactions, snapshot.titles, snapshot.bytes), (1, 2, 30));
    }
}
