//! What the routes of this area work with.

use std::time::Duration;

use adapters::{
    account_statuses::AccountStatuses,
    aws,
    cognito::{AccountDetails, UserPool},
    dynamodb::{Admins, AuditLog, CreatorRequests, Table},
    playback_keys::SigningKeys,
    revocations::Revocations,
};
use domain::{
    account::AccountStatus,
    admins::{LastAdmin, Roster, leave},
    audit::AuditEntry,
    creators::CreatorRequest,
    playback::token::ViewerTag,
};
use kernel::{Timestamp, id::AccountId};
use runtime::{
    config,
    http::{self, Problem},
};

/// How long after the request that takes a power away a playback may still begin by it: the request works for a while until
/// the power is gone, and instances of `create-playback` trust an older answer for as long as it is good.
const POWER_LINGERS: Duration = AccountStatuses::MAX_AGE.saturating_mul(2);

/// What the routes of this area work with, built once per cold start.
#[derive(Clone, Debug)]
pub struct Context {
    /// What callers may do.
    pub powers: AccountStatuses,
    /// The user pool, in which roles are granted and accounts disabled.
    pub pool: UserPool,
    /// Who asks to become a creator.
    pub requests: CreatorRequests,
    /// Which admins are leaving.
    pub admins: Admins,
    /// Who did what.
    pub audit: AuditLog,
    /// What the links to films are signed with.
    pub links: SigningKeys,
    /// What the edge refuses.
    pub revocations: Revocations,
}

impl Context {
    /// Reads the environment: `TABLE_NAME`, `USER_POOL_ID`, `PLAYBACK_KEYS_PARAMETER`, `KEY_VALUE_STORE_ARN`.
    pub async fn from_env() -> Result<Self, runtime::Error> {
        let aws = aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);

        Ok(Self::of(
            &table,
            UserPool::new(&aws, config::text("USER_POOL_ID")?),
            SigningKeys::new(&aws, config::text("PLAYBACK_KEYS_PARAMETER")?),
            Revocations::new(&aws, config::text("KEY_VALUE_STORE_ARN")?),
        ))
    }

    pub(crate) fn of(table: &Table, pool: UserPool, links: SigningKeys, revocations: Revocations) -> Self {
        Self {
            links,
            revocations,
            powers: AccountStatuses::new(pool.clone()),
            pool,
            requests: table.creator_requests(),
            admins: table.admins(),
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

    /// Every link to a film that the account has is refused within seconds, and so is every one that it gets while its power
    /// lingers. That holds for an account that is enabled again, gets a role or stays a viewer within these ten seconds, too:
    /// its player asks again.
    pub(crate) async fn end_links(&self, account: AccountId, now: Timestamp) -> Result<(), Problem> {
        // Without keys nobody was ever given a link.
        let Some(ring) = self.links.find().await? else {
            return Ok(());
        };
        let gone_at = now + POWER_LINGERS;

        Ok(self
            .revocations
            .revoke_viewer(&ViewerTag::of(account, &ring), gone_at)
            .await?)
    }

    /// The admins who are leaving, with `account` among them; refused if no other admin would be left.
    pub(crate) async fn leaving(&self, account: AccountId, now: Timestamp) -> Result<Roster, Problem> {
        // In this order: an admin who leaves after the roster was read makes its write fail.
        let mut roster = self.admins.roster().await?;
        let active = self.pool.active_admins().await?;
        leave(&active, &mut roster.leaving, account, now)
            .map_err(|error: LastAdmin| Problem::conflict(error.to_string()))?;

        Ok(roster)
    }
}

impl http::Accounts for Context {
    async fn status(&self, id: AccountId) -> Result<AccountStatus, Problem> {
        Ok(self.powers.get(id).await?)
    }
}

impl http::Audited for Context {
    async fn record_refusal(&self, entry: AuditEntry) -> Result<(), Problem> {
        Ok(self.audit.write_once(&entry).await?)
    }
}
