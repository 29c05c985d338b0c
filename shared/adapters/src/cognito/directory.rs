//! The user pool as a directory: for admins, who look people up and change what they may do.

use aws_sdk_cognitoidentityprovider::types::{AttributeType, UserStatusType, UserType};
use domain::account::{Account, Role};
use futures::future::try_join_all;
use kernel::{Timestamp, id::AccountId};

use super::{CognitoError, UserPool, pool_user};

/// The longest page that Cognito gives.
const MAX_PAGE: u8 = 60;
/// How many users' groups are asked for at once: Cognito answers 50 of these questions a second.
const CONCURRENT: usize = 5;

/// Which accounts are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListAccounts {
    /// All.
    All,
    /// Whose address begins so. The text has no quotes and no backslashes.
    WithEmail(String),
    /// Who has a role.
    InRole(Role),
    /// Who is disabled.
    Disabled,
}

/// An account as admins see it.
#[derive(Clone, Debug)]
pub struct AccountDetails {
    /// The account.
    pub account: Account,
    /// What it may do beyond watching, if it is in use.
    pub roles: Vec<Role>,
    /// Where it is.
    pub state: UserState,
}

/// Where an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserState {
    /// Its address is not confirmed.
    Unconfirmed,
    /// It is in use.
    Active,
    /// An admin has disabled it.
    Disabled,
}

impl UserPool {
    /// A page of accounts, in the user pool's order, and where the list goes on.
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

        Ok((self.profiles(answer.users()).await?, answer.pagination_token))
    }

    async fn list_group(
        &self,
        role: Role,
        limit: i32,
        cursor: Option<String>,
    ) -> Result<(Vec<AccountDetails>, Option<String>), CognitoError> {
        // Everybody is a viewer: there is no group for it.
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

        Ok((self.profiles(answer.users()).await?, answer.next_token))
    }

    /// The account with this id; nothing if there is none (any more).
    pub async fn details(&self, id: AccountId) -> Result<Option<AccountDetails>, CognitoError> {
        let call = self
            .client
            .admin_get_user()
            .user_pool_id(&self.id)
            .username(id.to_string());
        let user = match call.send().await.map_err(CognitoError::from) {
            Ok(user) => user,
            Err(CognitoError::NoSuchUser) => return Ok(None),
            Err(error) => return Err(error),
        };
        let state = state(user.enabled(), user.user_status());
        let seconds = user.user_create_date().map_or(0, aws_smithy_types::DateTime::secs);

        self.known(id, user.user_attributes(), seconds, state).await.map(Some)
    }

    /// The admins whose accounts are in use.
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

    /// Takes somebody out of the group of a role; harmless if they are not in it.
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

    /// Disables an account and ends all its sessions. Twice is harmless.
    pub async fn disable(&self, id: AccountId) -> Result<(), CognitoError> {
        let call = self
            .client
            .admin_disable_user()
            .user_pool_id(&self.id)
            .username(id.to_string());
        call.send().await?;

        self.end_sessions(id).await
    }

    /// Lets a disabled account sign in again. Twice is harmless.
    pub async fn enable(&self, id: AccountId) -> Result<(), CognitoError> {
        let call = self
            .client
            .admin_enable_user()
            .user_pool_id(&self.id)
            .username(id.to_string());
        call.send().await?;

        Ok(())
    }

    async fn profiles(&self, users: &[UserType]) -> Result<Vec<AccountDetails>, CognitoError> {
        let mut profiles = Vec::with_capacity(users.len());
        for some in users.chunks(CONCURRENT) {
            profiles.extend(try_join_all(some.iter().map(|user| self.listed(user))).await?);
        }

        Ok(profiles)
    }

    async fn listed(&self, user: &UserType) -> Result<AccountDetails, CognitoError> {
        let seconds = user.user_create_date().map_or(0, aws_smithy_types::DateTime::secs);
        let state = state(user.enabled(), user.user_status());

        self.known(id(user)?, user.attributes(), seconds, state).await
    }

    async fn known(
        &self,
        id: AccountId,
        attributes: &[AttributeType],
        created: i64,
        state: UserState,
    ) -> Result<AccountDetails, CognitoError> {
        let created_at = Timestamp::from_second(created).map_err(CognitoError::unexpected)?;
        let attribute = |name: &str| {
            let found = attributes.iter().find(|attribute| attribute.name() == name);
            found.and_then(AttributeType::value)
        };

        Ok(AccountDetails {
            account: pool_user(id, attribute, created_at)?.account,
            roles: self.roles(&id.to_string()).await?,
            state,
        })
    }
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
