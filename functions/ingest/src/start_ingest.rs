//! Begins a run when a file is uploaded: EventBridge calls this with the upload bucket's "Object Created".

use adapters::{dynamodb::Table, sfn::IngestMachine};
use domain::upload;
use runtime::{
    clock,
    config::{self, ConfigError},
};
use serde::Deserialize;

use crate::run_start::RunStarter;

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    run_starter: RunStarter,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);
        let machine = IngestMachine::new(&aws, config::text("INGEST_STATE_MACHINE_ARN")?);

        Ok(Self {
            run_starter: RunStarter::new(&table, machine),
        })
    }
}

/// The part of EventBridge's event that this function reads. The key is not encoded, unlike in S3's own notifications.
#[derive(Debug, Deserialize)]
pub struct ObjectCreated {
    detail: Detail,
}

#[derive(Debug, Deserialize)]
struct Detail {
    object: Object,
}

#[derive(Debug, Deserialize)]
struct Object {
    key: String,
}

/// Begins the first run over the file, unless that was done before.
pub async fn handle(cx: Context, event: ObjectCreated) -> Result<(), runtime::Error> {
    let Some(upload_id) = upload::upload_id_from_key(&event.detail.object.key) else {
        // `convert` writes its files next to the upload.
        tracing::info!("an object that is not an upload was created");
        return Ok(());
    };

    Ok(cx.run_starter.start_uploaded(upload_id, clock::now()).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(sample: &str) -> String {
        let event: ObjectCreated = runtime::event::parse(serde_json::from_str(sample).unwrap()).unwrap();

        event.detail.object.key
    }

    #[test]
    fn the_sample_names_an_upload() {
        let key = key(include_str!("../../../events/s3/start-ingest.json"));

        assert!(upload::upload_id_from_key(&key).is_some());
    }

    #[test]
    fn keys_with_spaces_plus_signs_and_accents_are_read_as_they_are() {
        let key = key(include_str!("../../../events/s3/start-ingest-odd-key.json"));

        assert_eq!(key, "uploads/un été + 1 jour/source");
        assert_eq!(upload::upload_id_from_key(&key), None);
    }
}
