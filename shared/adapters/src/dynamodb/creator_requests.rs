//! Requests to become a creator.

use domain::{
    audit::AuditEntry,
    creators::{CreatorRequest, RequestState},
};
use kernel::{Timestamp, id::AccountId};
use serde::{Deserialize, Serialize};

use super::{
    Page, PageRequest, StoreError, Table,
    item::{Stored, putting},
    keys,
};

/// The table's requests to become a creator.
#[derive(Clone, Debug)]
pub struct CreatorRequests(pub(super) Table);

#[derive(Serialize, Deserialize)]
struct CreatorRequestItem {
    account_id: AccountId,
    state: RequestState,
    asked_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decided_at: Option<Timestamp>,
    version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lists_pk: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lists_sk: Option<String>,
}

impl Stored for CreatorRequestItem {
    const KIND: &'static str = "creator_request";
}

impl CreatorRequestItem {
    fn new(request: &CreatorRequest, version: u64) -> Self {
        let is_pending = request.state == RequestState::Pending;

        Self {
            account_id: request.account_id,
            state: request.state,
            asked_at: request.asked_at,
            decided_at: request.decided_at,
            version,
            lists_pk: is_pending.then(keys::creator_requests),
            lists_sk: is_pending.then(|| keys::at(request.asked_at, request.account_id)),
        }
    }
}

impl From<CreatorRequestItem> for CreatorRequest {
    fn from(item: CreatorRequestItem) -> Self {
        Self {
            account_id: item.account_id,
            state: item.state,
            asked_at: item.asked_at,
            decided_at: item.decided_at,
            version: item.version,
        }
    }
}

impl CreatorRequests {
    /// The request of an account, if it exists.
    pub async fn find(&self, account: AccountId) -> Result<Option<CreatorRequest>, StoreError> {
        let item: Option<CreatorRequestItem> = self.0.get(keys::creator_request(account)).await?;

        Ok(item.map(CreatorRequest::from))
    }

    /// The requests that wait for an admin, newest first.
    pub async fn pending(&self, page: &PageRequest) -> Result<Page<CreatorRequest>, StoreError> {
        let partitions = vec![keys::creator_requests()];
        let page: Page<CreatorRequestItem> = self.0.page(keys::LISTS, partitions, None, page).await?;

        Ok(Page {
            items: page.items.into_iter().map(CreatorRequest::from).collect(),
            next_cursor: page.next_cursor,
        })
    }

    /// Writes a request, if it has not changed since it was read. Version 0 is that of a new one.
    pub async fn save(&self, request: &CreatorRequest) -> Result<(), StoreError> {
        self.0.write_together(vec![putting(self.change(request)?)]).await
    }

    /// The same, with a line of the audit log, in one transaction.
    pub async fn decide(&self, request: &CreatorRequest, entry: &AuditEntry) -> Result<(), StoreError> {
        let line = self.0.audit_log().line(entry)?;

        self.0.write_together(vec![putting(self.change(request)?), line]).await
    }

    fn change(&self, request: &CreatorRequest) -> Result<aws_sdk_dynamodb::types::Put, StoreError> {
        let item = CreatorRequestItem::new(request, request.version + 1);
        let item = item.to_item(keys::creator_request(request.account_id))?;

        self.0.saving(item, request.version)
    }
}
