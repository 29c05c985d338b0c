//! Assets in the table. Records of steps and documents are written one by one, on the condition that their attempt is still the newest:
//! late writes of an older run change nothing.

use std::{collections::BTreeMap, fmt::Write as _};

use aws_sdk_dynamodb::{
    operation::update_item::builders::UpdateItemFluentBuilder,
    types::{Put, ReturnValue, Update},
};
use domain::{
    asset::{Asset, StepRecord},
    ingest::{Failure, Run, Step},
    quote::Quote,
    title::Title,
};
use kernel::{
    Timestamp,
    error_kind::IgnoreConflict as _,
    id::{AssetId, Attempt, TitleId, UploadId},
};
use serde::{Deserialize, Serialize};

use super::{
    StepInput, StepOutput, StoreError, Table,
    item::{Stored, number, text, updating, value},
    keys,
};

/// The table's assets.
#[derive(Clone, Debug)]
pub struct Assets(pub(super) Table);

#[derive(Serialize, Deserialize)]
struct AssetItem {
    asset_id: AssetId,
    title_id: TitleId,
    upload_id: UploadId,
    size_bytes: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attempt: Option<Attempt>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    execution: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quote: Option<Quote>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    transcoded: Option<Attempt>,
    steps: BTreeMap<Step, StepRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failed_before: Option<Failure>,
    /// The documents of steps, by the names of `StepDocument`.
    #[serde(default)]
    documents: BTreeMap<String, serde_json::Value>,
    created_at: Timestamp,
    updated_at: Timestamp,
    version: u64,
}

impl Stored for AssetItem {
    const KIND: &'static str = "asset";
}

impl From<AssetItem> for Asset {
    fn from(item: AssetItem) -> Self {
        Self {
            id: item.asset_id,
            title_id: item.title_id,
            upload_id: item.upload_id,
            size_bytes: item.size_bytes,
            attempt: item.attempt,
            execution: item.execution,
            quote: item.quote,
            transcoded: item.transcoded,
            steps: item.steps,
            failed_before: item.failed_before,
            created_at: item.created_at,
            updated_at: item.updated_at,
            version: item.version,
        }
    }
}

impl From<AssetItem> for StepInput {
    fn from(mut item: AssetItem) -> Self {
        let documents = std::mem::take(&mut item.documents);

        Self {
            asset: item.into(),
            documents,
        }
    }
}

impl Assets {
    /// The asset with this id, if it exists.
    pub async fn find(&self, title: TitleId, id: AssetId) -> Result<Option<Asset>, StoreError> {
        let item: Option<AssetItem> = self.0.get(keys::asset(title, id)).await?;

        Ok(item.map(Asset::from))
    }

    /// The asset of a title's newest upload, if it has one.
    pub async fn newest(&self, title: &Title) -> Result<Option<Asset>, StoreError> {
        match title.asset_id {
            Some(id) => self.find(title.id, id).await,
            None => Ok(None),
        }
    }

    /// The asset with this id and the documents of its steps, if it exists.
    pub async fn find_with_documents(&self, title: TitleId, id: AssetId) -> Result<Option<StepInput>, StoreError> {
        let item: Option<AssetItem> = self.0.get(keys::asset(title, id)).await?;

        Ok(item.map(StepInput::from))
    }

    /// Records that a step begins, and returns the asset with its documents. [`StoreError::Changed`] if the run is not the newest any
    /// more.
    pub async fn begin_step(&self, run: &Run, step: Step, now: Timestamp) -> Result<StepInput, StoreError> {
        let answer = self
            .update(run, "SET steps.#step = :record, updated_at = :now")
            .expression_attribute_names("#step", step.as_str())
            .expression_attribute_values(":record", value(&StepRecord::started(now))?)
            .expression_attribute_values(":now", text(now))
            .return_values(ReturnValue::AllNew)
            .send()
            .await?;

        AssetItem::from_item(answer.attributes.unwrap_or_default()).map(StepInput::from)
    }

    /// Writes the record of a step together with its output for later steps.
    pub async fn record(
        &self,
        run: &Run,
        step: Step,
        record: &StepRecord,
        output: StepOutput,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let StepOutput {
            documents,
            quote,
            transcoded,
        } = output;
        let mut sets = vec!["steps.#step = :record".to_owned(), "updated_at = :now".to_owned()];
        let mut names = vec![("#step".to_owned(), step.as_str().to_owned())];
        let mut values = vec![(":record".to_owned(), value(record)?), (":now".to_owned(), text(now))];
        if let Some(quote) = &quote {
            sets.push("quote = :quote".to_owned());
            values.push((":quote".to_owned(), value(quote)?));
        }
        if let Some(attempt) = transcoded {
            sets.push("transcoded = :transcoded".to_owned());
            values.push((":transcoded".to_owned(), number(attempt)));
        }
        for (index, (name, document)) in documents.into_iter().enumerate() {
            sets.push(format!("documents.#name{index} = :document{index}"));
            names.push((format!("#name{index}"), name.to_owned()));
            values.push((format!(":document{index}"), value(&document)?));
        }

        let mut update = self.update(run, &format!("SET {}", sets.join(", ")));
        for (name, attribute) in names {
            update = update.expression_attribute_names(name, attribute);
        }
        for (name, value) in values {
            update = update.expression_attribute_values(name, value);
        }
        update.send().await?;

        Ok(())
    }

    /// The same; writes nothing if a newer run has begun.
    pub async fn record_unless_superseded(
        &self,
        run: &Run,
        step: Step,
        record: &StepRecord,
        output: StepOutput,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.record(run, step, record, output, now).await.ignore_conflict()
    }

    /// Writes the progress of the transcode. Late or repeated progress is no error, and changes nothing: it only grows, while the step
    /// runs.
    pub async fn progress(
        &self,
        run: &Run,
        percent: u8,
        phase: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let written = self
            .0
            .client
            .update_item()
            .table_name(&self.0.name)
            .set_key(Some(keys::asset(run.title_id, run.asset_id).attributes()))
            .update_expression(
                "SET steps.transcode.progress_percent = :percent, steps.transcode.phase = :phase, updated_at = :now",
            )
            .condition_expression(
                "attempt = :attempt AND steps.transcode.#state = :running AND \
                 (attribute_not_exists(steps.transcode.progress_percent) OR steps.transcode.progress_percent <= :percent)",
            )
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":running", text("running"))
            .expression_attribute_values(":percent", number(percent))
            .expression_attribute_values(":phase", text(phase.unwrap_or("TRANSCODING")))
            .expression_attribute_values(":attempt", number(run.attempt))
            .expression_attribute_values(":now", text(now))
            .send()
            .await;

        written.map(drop).map_err(StoreError::from).ignore_conflict()
    }

    /// A new asset, inside a transaction.
    pub(super) fn creation(&self, asset: &Asset) -> Result<Put, StoreError> {
        let item = AssetItem {
            asset_id: asset.id,
            title_id: asset.title_id,
            upload_id: asset.upload_id,
            size_bytes: asset.size_bytes,
            attempt: asset.attempt,
            execution: asset.execution.clone(),
            quote: asset.quote.clone(),
            transcoded: asset.transcoded,
            steps: asset.steps.clone(),
            failed_before: asset.failed_before.clone(),
            documents: BTreeMap::new(),
            created_at: asset.created_at,
            updated_at: asset.updated_at,
            version: asset.version,
        };

        self.0.creation(item.to_item(keys::asset(asset.title_id, asset.id))?)
    }

    /// Writes a changed asset, if it has not changed since it was read, and increments its version.
    pub async fn save(&self, asset: &mut Asset) -> Result<(), StoreError> {
        self.0.write_together(vec![updating(self.change(asset)?)]).await?;
        asset.version += 1;

        Ok(())
    }

    /// A changed asset, inside a transaction. Documents are not changed.
    pub(super) fn change(&self, asset: &Asset) -> Result<Update, StoreError> {
        let mut sets = "SET steps = :steps, updated_at = :now, version = :version".to_owned();
        let mut removes = Vec::new();
        let mut update = Update::builder()
            .expression_attribute_values(":steps", value(&asset.steps)?)
            .expression_attribute_values(":now", text(asset.updated_at))
            .expression_attribute_values(":version", number(asset.version + 1))
            .expression_attribute_values(":read", number(asset.version));
        let optional = [
            ("attempt", asset.attempt.map(number)),
            ("execution", asset.execution.as_ref().map(text)),
            ("transcoded", asset.transcoded.map(number)),
            ("failed_before", asset.failed_before.as_ref().map(value).transpose()?),
        ];
        for (attribute, value) in optional {
            match value {
                Some(value) => {
                    let _ = write!(sets, ", {attribute} = :{attribute}");
                    update = update.expression_attribute_values(format!(":{attribute}"), value);
                }
                None => removes.push(attribute),
            }
        }
        if !removes.is_empty() {
            let _ = write!(sets, " REMOVE {}", removes.join(", "));
        }

        update
            .table_name(&self.0.name)
            .set_key(Some(keys::asset(asset.title_id, asset.id).attributes()))
            .update_expression(sets)
            .condition_expression("version = :read")
            .build()
            .map_err(StoreError::internal)
    }

    /// An update that fails if the run is not the newest.
    fn update(&self, run: &Run, expression: &str) -> UpdateItemFluentBuilder {
        self.0
            .client
            .update_item()
            .table_name(&self.0.name)
            .set_key(Some(keys::asset(run.title_id, run.asset_id).attributes()))
            .update_expression(expression)
            .condition_expression("attempt = :attempt")
            .expression_attribute_values(":attempt", number(run.attempt))
    }
}
