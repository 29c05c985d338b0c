//! Receipts of notices: each run notifies each topic once, however often the step is retried.

use domain::ingest::Run;
use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    StoreError, Table,
    item::{Stored, text},
    keys,
};

/// The table's receipts of notices.
#[derive(Clone, Debug)]
pub struct Notices(pub(super) Table);

/// The state of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// No attempt has begun to send it: the caller sends it.
    Ours,
    /// An attempt began to send it at this time, and did not record that it was sent.
    Begun(Timestamp),
    /// It was sent.
    Sent,
}

#[derive(Serialize, Deserialize)]
struct NoticeItem {
    begun_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sent_at: Option<Timestamp>,
    version: u64,
}

impl Stored for NoticeItem {
    const KIND: &'static str = "notice";
}

impl Notices {
    /// Begins to send a notice. The first caller gets [`Receipt::Ours`].
    pub async fn begin(&self, run: &Run, topic: &str, now: Timestamp) -> Result<Receipt, StoreError> {
        let key = keys::notice(run, topic);
        let item = NoticeItem {
            begun_at: now,
            sent_at: None,
            version: 1,
        };

        match self.0.create(item.to_item(key.clone())?).await {
            Ok(()) => Ok(Receipt::Ours),
            Err(StoreError::Changed) => {
                let item: Option<NoticeItem> = self.0.get(key).await?;

                Ok(match item {
                    Some(NoticeItem { sent_at: Some(_), .. }) => Receipt::Sent,
                    Some(item) => Receipt::Begun(item.begun_at),
                    None => Receipt::Ours,
                })
            }
            Err(error) => Err(error),
        }
    }

    /// Records that the notice was sent.
    pub async fn mark_sent(&self, run: &Run, topic: &str, now: Timestamp) -> Result<(), StoreError> {
        self.0
            .client
            .update_item()
            .table_name(&self.0.name)
            .set_key(Some(keys::notice(run, topic).attributes()))
            .update_expression("SET sent_at = :now")
            .expression_attribute_values(":now", text(now))
            .send()
            .await?;

        Ok(())
    }
}
