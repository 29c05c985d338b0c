//! What the routes of this area work with.

use std::time::Duration;

use adapters::{
    aws,
    cognito::{AccountDetails, UserPool},
    dynamodb::{Accounts, Admins, AuditLog, CreatorRequests, Table, Titles},
    playback_keys::SigningKeys,
    revocations::Revocations,
};
use domain::{
    account::AccountStatus,
    admins::{LastAdmin, RecentRemovals, begin_removal},
    audit::AuditEntry,
    creators::CreatorRequest,
    playback::token::ViewerTag,
};
use kernel::{Timestamp, id::AccountId};
use runtime::{
    config,
    http::{self, Problem},
};
use services::AccountStatuses;

/// How long after the request that takes a power away a playback may still begin: until the request has taken it away, and
/// then as long as instances of `create-playback` cache the older status.
const MAX_STATUS_LAG: Duration = AccountStatuses::MAX_AGE.saturating_mul(2);

/// What the routes of this area work with, built once per cold start.
#[derive(Clone, Debug)]
pub struct Context {
    /// What callers may do.
    pub statuses: AccountStatuses,
    /// The user pool, in which roles are granted and accounts disabled.
    pub pool: UserPool,
    /// The accounts in the table, with their flags.
    pub accounts: Accounts,
    /// The requests to become a creator.
    pub requests: CreatorRequests,
    /// The admins who are leaving.
    pub admins: Admins,
    /// The titles, of which the audit log shows the names.
    pub titles: Titles,
    /// What admins did.
    pub audit: AuditLog,
    /// The keys that sign links to films.
    pub signing_keys: SigningKeys,
    /// The links and titles that the edge refuses.
    pub revocations: Revocations,
}

impl Context {
    /// Reads the environment: `TABLE_NAME`, `USER_POOL_ID`, `PLAYBACK_KEYS_PARAMETER`, `KEY_VALUE_STORE_ARN`.
    pub async fn from_env() -> Result<Self, runtime::Error> {
        let aws = aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);

        Ok(Self::new(
            &table,
            UserPool::new(&aws, config::text("USER_POOL_ID")?),
            SigningKeys::new(&aws, config::text("PLAYBACK_KEYS_PARAMETER")?),
            Revocations::new(&aws, config::text("KEY_VALUE_STORE_ARN")?),
        ))
    }

    pub(crate) fn new(table: &Table, pool: UserPool, signing_keys: SigningKeys, revocations: Revocations) -> Self {
        Self {
            signing_keys,
            revocations,
            statuses: AccountStatuses::new(pool.clone()),
            pool,
            accounts: table.accounts(),
            requests: table.creator_requests(),
            admins: table.admins(),
            titles: table.titles(),
            audit: table.audit_log(),
        }
    }

    /// The account with this id.
    pub(crate) async fn profile(&self, id: AccountId) -> Result<AccountDetails, Problem> {
        let profile = self.pool.details(id).await?;

        profile.ok_or_else(|| Problem::not_found("there is no such account"))
    }

    /// The account's request to become a creator.
    pub(crate) async fn request(&self, account: AccountId) -> Result<CreatorRequest, Problem> {
        let request = self.requests.find(account).await?;

        request.ok_or_else(|| Problem::not_found("this account has not asked to become a creator"))
    }

    /// Writes that an admin made the account a creator, or no creator any more, with the entry of the audit log. The installation's policy
    /// does not undo it.
    pub(crate) async fn overrule_policy(
        &self,
        account: AccountId,
        is_creator: bool,
        entry: &AuditEntry,
    ) -> Result<(), Problem> {
        let earlier = self.requests.find(account).await?;
        let request = CreatorRequest::overruled(earlier, account, is_creator, entry.at);

        Ok(self.requests.decide(&request, entry).await?)
    }

    /// Fails if the account's flag has changed since the caller wrote it, before the user pool was asked: two admins disabled and enabled
    /// the account at once, and the user pool may have either state.
    pub(crate) async fn require_flag(&self, account: AccountId, is_disabled: bool) -> Result<(), Problem> {
        match self.accounts.is_disabled(account).await? {
            Some(flag) if flag != is_disabled => Err(Problem::conflict(
                "another admin disabled or enabled this account at the same moment: look at its state, then try again",
            )),
            _ => Ok(()),
        }
    }

    /// Revokes the account's links to films: the edge refuses them within seconds, and also the links of the next ten seconds,
    /// while its status may still be cached. The player of an account that keeps or regains the right to watch asks again.
    pub(crate) async fn revoke_links(&self, account: AccountId, now: Timestamp) -> Result<(), Problem> {
        // Without keys no link was ever signed.
        let Some(ring) = self.signing_keys.find().await? else {
            return Ok(());
        };
        let gone_at = now + MAX_STATUS_LAG;

        Ok(self
            .revocations
            .revoke_viewer(&ViewerTag::new(account, &ring), gone_at)
            .await?)
    }

    /// The admins who are leaving, with `account` among them; refused if no other admin would be left.
    pub(crate) async fn leaving(&self, account: AccountId, now: Timestamp) -> Result<RecentRemovals, Problem> {
        // In this order: an admin who leaves after the roster was read makes its write fail.
        let mut roster = self.admins.roster().await?;
        let active = self.pool.active_admins().await?;
        begin_removal(&active, &mut roster.removals, account, now)
            .map_err(|error: LastAdmin| Problem::conflict(error.to_string()))?;

        Ok(roster)
    }
}

impl http::Accounts for Context {
    async fn status(&self, id: AccountId) -> Result<AccountStatus, Problem> {
        Ok(self.statuses.get(id).await?)
    }
}

impl http::Audited for Context {
    async fn record_refusal(&self, entry: AuditEntry) -> Result<(), Problem> {
        Ok(self.audit.write_once(&entry).await?)
    }
}
