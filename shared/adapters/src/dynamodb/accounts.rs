//! Accounts in the table.

use domain::account::{Account, DisplayName, Email};
use kernel::{Timestamp, error_kind::IgnoreConflict as _, id::AccountId};
use serde::{Deserialize, Serialize};

use super::{StoreError, Table, item::Stored, keys};

/// The table's accounts.
#[derive(Clone, Debug)]
pub struct Accounts(pub(super) Table);

#[derive(Serialize, Deserialize)]
struct AccountItem {
    account_id: AccountId,
    email: Email,
    display_name: DisplayName,
    created_at: Timestamp,
    /// Since when an admin has disabled it. The user pool decides who may sign in; this is for code that reads the table only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    disabled_at: Option<Timestamp>,
    version: u64,
}

impl Stored for AccountItem {
    const KIND: &'static str = "account";
}

impl From<AccountItem> for Account {
    fn from(item: AccountItem) -> Self {
        Self {
            id: item.account_id,
            email: item.email,
            display_name: item.display_name,
            created_at: item.created_at,
        }
    }
}

impl Accounts {
    /// The account with this id, if it exists.
    pub async fn find(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        let item: Option<AccountItem> = self.0.get(keys::account(id)).await?;

        Ok(item.map(Account::from))
    }

    /// The accounts with these ids that exist, in no order, eventually consistent.
    pub async fn find_many(&self, ids: &[AccountId]) -> Result<Vec<Account>, StoreError> {
        let keys = ids.iter().copied().map(keys::account).collect();
        let items: Vec<AccountItem> = self.0.get_many(keys, false).await?;

        Ok(items.into_iter().map(Account::from).collect())
    }

    /// Since when the account with this id is disabled, if it is.
    pub async fn disabled_since(&self, id: AccountId) -> Result<Option<Timestamp>, StoreError> {
        let item: Option<AccountItem> = self.0.get(keys::account(id)).await?;

        Ok(item.and_then(|item| item.disabled_at))
    }

    /// Whether the account with this id is flagged as disabled. `None` if the table does not have it yet.
    pub async fn is_disabled(&self, id: AccountId) -> Result<Option<bool>, StoreError> {
        let item: Option<AccountItem> = self.0.get(keys::account(id)).await?;

        Ok(item.map(|item| item.disabled_at.is_some()))
    }

    /// Creates an account, unless it exists; an existing one is not changed.
    pub async fn ensure(&self, account: &Account) -> Result<(), StoreError> {
        let item = AccountItem {
            account_id: account.id,
            email: account.email.clone(),
            display_name: account.display_name.clone(),
            created_at: account.created_at,
            disabled_at: None,
            version: 1,
        };

        let item = item.to_item(keys::account(account.id))?;
        self.0.create(item).await.ignore_conflict()
    }
}
