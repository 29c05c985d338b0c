//! The current status and roles of an account.

use domain::account::{AccountStatus, Role};
use futures::try_join;
use kernel::id::AccountId;

use super::{CognitoError, UserPool};

impl UserPool {
    /// The current status of the account.
    pub async fn status(&self, id: AccountId) -> Result<AccountStatus, CognitoError> {
        let name = id.to_string();
        // Both at once: an active account, the usual case, needs both responses.
        let responses = try_join!(self.is_enabled(&name), self.roles(&name));

        match responses {
            Ok((true, roles)) => Ok(AccountStatus::Active(roles)),
            Ok((false, _)) => Ok(AccountStatus::Disabled),
            Err(CognitoError::NoSuchUser) => Ok(AccountStatus::Deleted),
            Err(error) => Err(error),
        }
    }

    async fn is_enabled(&self, name: &str) -> Result<bool, CognitoError> {
        let user = self.client.admin_get_user().user_pool_id(&self.id).username(name);

        Ok(user.send().await?.enabled())
    }

    /// The roles of a user: the groups that Marquee defines.
    pub(super) async fn roles(&self, name: &str) -> Result<Vec<Role>, CognitoError> {
        let mut pages = self
            .client
            .admin_list_groups_for_user()
            .user_pool_id(&self.id)
            .username(name)
            .into_paginator()
            .items()
            .send();
        let mut roles = Vec::new();
        while let Some(group) = pages.next().await {
            roles.extend(group?.group_name().and_then(Role::from_group));
        }
        roles.sort_unstable();

        Ok(roles)
    }
}
