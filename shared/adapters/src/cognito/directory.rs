//! The user pool as a directory: admins look accounts up and change their roles and states.

use aws_sdk_cognitoidentityprovider::types::{AttributeType, UserStatusType, UserType};
use domain::account::{Account, Role};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use kernel::{
    Timestamp,
    error_kind::{ErrorKind, HasKind as _},
    id::AccountId,
};

use super::{CognitoError, UserPool, attribute, created_at, pool_user};

/// The largest page that Cognito returns.
const MAX_PAGE: u8 = 60;
/// How many users are read at once: Cognito allows 50 calls a second for their groups.
const CONCURRENCY: usize = 5;

/// Which accounts are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListAccounts {
    /// All accounts.
    All,
    /// Accounts whose address has this prefix, which has no quotes and no backslashes.
    WithEmail(String),
    /// Accounts with a role.
    InRole(Role),
    /// Disabled accounts.
    Disabled,
}

/// An account as admins see it.
#[derive(Clone, Debug)]
pub struct AccountDetails {
    /// The account.
    pub account: Account,
    /// Its roles, which count while it is active.
    pub roles: Vec<Role>,
    /// Its state.
    pub state: UserState,
}

/// The state of a user in the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserState {
    /// The address is not confirmed.
    Unconfirmed,
    /// The user can sign in.
    Active,
    /// An admin has disabled the user.
    Disabled,
}

impl UserPool {
    /// A page of accounts in the user pool's order, and the cursor of the next page.
    pub async fn list(
        &self,
        which: &ListAccounts,
        limit: u8,
        cursor: Option<String>,
    ) -> Result<(Vec<AccountDetails>, Option<String>), CognitoError> {
        let limit = i32::from(limit.min(MAX_PAGE));
        let filter = match which {
            ListAccounts::InRole(role) => return self.list_group(*role, limit, cursor).await,
            ListAccounts::All => None,
            ListAccounts::WithEmail(prefix) => Some(format!("email ^= \"{prefix}\"")),
            ListAccounts::Disabled => Some("status = \"Disabled\"".to_owned()),
        };
        let answer = self
            .client
            .list_users()
            .user_pool_id(&self.id)
            .limit(limit)
            .set_filter(filter)
            .set_pagination_token(cursor)
            .send()
            .await?;

        Ok((self.details_of_users(answer.users()).await?, answer.pagination_token))
    }

    async fn list_group(
        &self,
        role: Role,
        limit: i32,
        cursor: Option<String>,
    ) -> Result<(Vec<AccountDetails>, Option<String>), CognitoError> {
        // All users are viewers: this role has no group.
        let Some(group) = role.group() else {
            return Ok((vec![], None));
        };
        let answer = self
            .client
            .list_users_in_group()
            .user_pool_id(&self.id)
            .group_name(group)
            .limit(limit)
            .set_next_token(cursor)
            .send()
            .await?;

        Ok((self.details_of_users(answer.users()).await?, answer.next_token))
    }

    /// The account with this id; `None` if it does not exist (any more).
    pub async fn details(&self, id: AccountId) -> Result<Option<AccountDetails>, CognitoError> {
        let Some(user) = self.user(&id.to_string()).await? else {
            return Ok(None);
        };
        let created_at = created_at(user.user_create_date())?;
        let state = state(user.enabled(), user.user_status());

        self.details_from(id, user.user_attributes(), created_at, state)
            .await
            .map(Some)
    }

    /// The accounts with these ids, in their order; `None` for those that do not exist (any more).
    pub async fn details_of(&self, ids: &[AccountId]) -> Result<Vec<Option<AccountDetails>>, CognitoError> {
        in_order(ids.iter().map(|id| self.details(*id)).collect()).await
    }

    /// The admins whose accounts are not disabled.
    pub async fn active_admins(&self) -> Result<Vec<AccountId>, CognitoError> {
        let mut pages = self
            .client
            .list_users_in_group()
            .user_pool_id(&self.id)
            .set_group_name(Role::Admin.group().map(str::to_owned))
            .into_paginator()
            .items()
            .send();
        let mut admins = Vec::new();
        while let Some(user) = pages.next().await {
            let user = user?;
            if user.enabled() {
                admins.push(id(&user)?);
            }
        }

        Ok(admins)
    }

    /// Removes a user from the group of a role. May be repeated.
    pub async fn take_role(&self, id: AccountId, role: Role) -> Result<(), CognitoError> {
        let Some(group) = role.group() else { return Ok(()) };

        self.client
            .admin_remove_user_from_group()
            .user_pool_id(&self.id)
            .username(id.to_string())
            .group_name(group)
            .send()
            .await?;

        Ok(())
    }

    /// Disables an account and ends all its sessions. May be repeated.
    pub async fn disable(&self, id: AccountId) -> Result<(), CognitoError> {
        let call = self
            .client
            .admin_disable_user()
            .user_pool_id(&self.id)
            .username(id.to_string());
        call.send().await?;

        self.end_sessions(id).await
    }

    /// Enables a disabled account. May be repeated.
    pub async fn enable(&self, id: AccountId) -> Result<(), CognitoError> {
        let call = self
            .client
            .admin_enable_user()
            .user_pool_id(&self.id)
            .username(id.to_string());
        call.send().await?;

        Ok(())
    }

    async fn details_of_users(&self, users: &[UserType]) -> Result<Vec<AccountDetails>, CognitoError> {
        let calls = users.iter().map(|user| async {
            match self.details_of_user(user).await {
                // An operator can create users in the console that are no accounts of ours. One of them must not hide a page of accounts.
                Err(error @ CognitoError::Call(_)) if error.kind() == ErrorKind::Internal => {
                    let name = user.username().unwrap_or_default();
                    tracing::warn!(%error, "the user {name} of the pool is not listed: {error}");
                    Ok(None)
                }
                details => details.map(Some),
            }
        });
        let found = in_order(calls.collect()).await?;

        Ok(found.into_iter().flatten().collect())
    }

    async fn details_of_user(&self, user: &UserType) -> Result<AccountDetails, CognitoError> {
        let created_at = created_at(user.user_create_date())?;
        let state = state(user.enabled(), user.user_status());

        self.details_from(id(user)?, user.attributes(), created_at, state).await
    }

    async fn details_from(
        &self,
        id: AccountId,
        attributes: &[AttributeType],
        created_at: Timestamp,
        state: UserState,
    ) -> Result<AccountDetails, CognitoError> {
        let attribute = |name: &str| attribute(attributes, name);

        Ok(AccountDetails {
            account: pool_user(id, attribute, created_at)?.account,
            roles: self.roles(&id.to_string()).await?,
            state,
        })
    }
}

/// The results of these calls, in their order; [`CONCURRENCY`] of them run at once.
async fn in_order<T>(calls: Vec<impl Future<Output = Result<T, CognitoError>>>) -> Result<Vec<T>, CognitoError> {
    stream::iter(calls).buffered(CONCURRENCY).try_collect().await
}

fn id(user: &UserType) -> Result<AccountId, CognitoError> {
    user.username()
        .unwrap_or_default()
        .parse()
        .map_err(CognitoError::unexpected)
}

const fn state(enabled: bool, status: Option<&UserStatusType>) -> UserState {
    match (enabled, status) {
        (false, _) => UserState::Disabled,
        (true, Some(UserStatusType::Unconfirmed)) => UserState::Unconfirmed,
        (true, _) => UserState::Active,
    }
}
