//! Claims on transcoding. A run claims before it creates a job, so that there is one job however often the step is retried:
//! MediaConvert's request token prevents a second one for one minute only.

use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use domain::{
    ingest::Run,
    transcode::{JobOutcome, TranscodeJob},
};
use kernel::{Timestamp, money::MicroDollars};
use serde::{Deserialize, Serialize};

use super::{
    StoreError, Table, condition,
    item::{Stored, text, value},
    keys,
};

/// The table's claims on transcoding.
#[derive(Clone, Debug)]
pub struct Transcodes(pub(super) Table);

#[derive(Serialize, Deserialize)]
struct TranscodeItem {
    task_token: String,
    claimed_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quoted_micros: Option<MicroDollars>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    job_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outcome: Option<JobOutcome>,
    /// Always 1: claims are written field by field, each field once.
    version: u64,
}

impl Stored for TranscodeItem {
    const KIND: &'static str = "transcode";
}

impl From<TranscodeItem> for TranscodeJob {
    fn from(item: TranscodeItem) -> Self {
        Self {
            task_token: item.task_token,
            claimed_at: item.claimed_at,
            quoted_micros: item.quoted_micros,
            job_id: item.job_id,
            outcome: item.outcome,
        }
    }
}

/// The result of claiming.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The claim is ours: create the job.
    Ours,
    /// The run was claimed before: continue with its job.
    Existing(TranscodeJob),
}

impl Transcodes {
    /// Claims transcoding for `run`, with its quote.
    pub async fn claim(
        &self,
        run: &Run,
        task_token: &str,
        quoted_micros: Option<MicroDollars>,
        now: Timestamp,
    ) -> Result<Claim, StoreError> {
        let claim = TranscodeItem {
            task_token: task_token.to_owned(),
            claimed_at: now,
            quoted_micros,
            job_id: None,
            outcome: None,
            version: 1,
        };
        let answer = self
            .0
            .client
            .put_item()
            .table_name(&self.0.name)
            .set_item(Some(claim.to_item(keys::transcode(run))?))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;

        match condition::written::<TranscodeItem, _, _>(answer)? {
            Ok(()) => Ok(Claim::Ours),
            Err(Some(claim)) => Ok(Claim::Existing(claim.into())),
            // The claim was deleted between the check of the condition and the response.
            Err(None) => Err(StoreError::Changed),
        }
    }

    /// The claim of `run`, if it exists.
    pub async fn find(&self, run: &Run) -> Result<Option<TranscodeJob>, StoreError> {
        let item: Option<TranscodeItem> = self.0.get(keys::transcode(run)).await?;

        Ok(item.map(TranscodeJob::from))
    }

    /// Replaces the token, after the machine has retried the step.
    pub async fn set_task_token(&self, run: &Run, task_token: &str) -> Result<(), StoreError> {
        self.set(run, "SET task_token = :value", "attribute_exists(pk)", text(task_token))
            .await
    }

    /// Records the job of the claim; [`StoreError::Changed`] if another job was recorded.
    pub async fn record_job(&self, run: &Run, job_id: &str) -> Result<(), StoreError> {
        self.set(
            run,
            "SET job_id = :value",
            "(attribute_not_exists(job_id) AND attribute_not_exists(outcome)) OR job_id = :value",
            text(job_id),
        )
        .await
    }

    /// Records the outcome of the job; [`StoreError::Changed`] if an outcome was recorded before.
    pub async fn record_outcome(&self, run: &Run, outcome: &JobOutcome) -> Result<(), StoreError> {
        let condition = "attribute_exists(pk) AND attribute_not_exists(outcome)";

        self.set(run, "SET outcome = :value", condition, value(outcome)?).await
    }

    async fn set(
        &self,
        run: &Run,
        update: &str,
        condition: &str,
        value: aws_sdk_dynamodb::types::AttributeValue,
    ) -> Result<(), StoreError> {
        self.0
            .client
            .update_item()
            .table_name(&self.0.name)
            .set_key(Some(keys::transcode(run).attributes()))
            .update_expression(update)
            .condition_expression(condition)
            .expression_attribute_values(":value", value)
            .send()
            .await?;

        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use kernel::id::{AssetId, Attempt, TitleId};
    use serde_json::json;

    use super::*;
    use crate::aws;

    /// The result of a claim if the table responds like this.
    async fn claimed(status: u16, answer: serde_json::Value) -> Result<Claim, StoreError> {
        let table = Table::new(&aws::answered(move |_| (status, answer.to_string())), "marquee");
        let now = Timestamp::UNIX_EPOCH;
        let run = Run {
            title_id: TitleId::mint(now),
            asset_id: AssetId::mint(now),
            attempt: Attempt::FIRST,
        };

        table.transcodes().claim(&run, "token", None, now).await
    }

    #[tokio::test]
    async fn an_existing_claim_is_returned_with_the_failed_condition() {
        let existing = json!({
            "task_token": { "S": "earlier" }, "claimed_at": { "S": "2026-11-18T11:06:40Z" }, "version": { "N": "1" },
        });
        let failed = |item| json!({ "__type": "ConditionalCheckFailedException", "Item": item });

        assert_eq!(claimed(200, json!({})).await.unwrap(), Claim::Ours);
        let claim = claimed(400, failed(existing)).await.unwrap();
        assert!(matches!(claim, Claim::Existing(claim) if claim.task_token == "earlier"));
        let gone = claimed(400, json!({ "__type": "ConditionalCheckFailedException" })).await;
        assert!(matches!(gone, Err(StoreError::Changed)));
        let denied = claimed(400, json!({ "__type": "AccessDeniedException" })).await;
        assert!(matches!(denied, Err(StoreError::Call(_))));
    }
}
