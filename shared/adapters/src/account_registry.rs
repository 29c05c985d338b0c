//! Accounts that may not have reached the table yet: what the user pool knows is enough to create them. And how a viewer becomes
//! a creator, as the installation's policy says.
//!
//! An account is made when an address is confirmed. Whoever came in another way, or whose trigger failed, gets theirs with their
//! first call.

use domain::{
    account::{Account, Role},
    creators::{CannotAsk, CreatorPolicy, CreatorRequest, RequestState},
};
use kernel::{Timestamp, id::AccountId};

use crate::{
    ServiceError,
    cognito::{PoolUser, UserPool},
    dynamodb::{Accounts, CreatorRequests, Table},
};

/// The accounts, wherever they are. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AccountRegistry {
    accounts: Accounts,
    requests: CreatorRequests,
    pool: UserPool,
    policy: CreatorPolicy,
}

impl AccountRegistry {
    /// The accounts of `pool` and `table`, of which some become creators as `policy` says.
    #[must_use]
    pub fn new(table: &Table, pool: UserPool, policy: CreatorPolicy) -> Self {
        Self {
            accounts: table.accounts(),
            requests: table.creator_requests(),
            pool,
            policy,
        }
    }

    /// The account with this id, created now if the user pool knows it. Nothing if it does not (any more).
    pub async fn account(&self, id: AccountId, now: Timestamp) -> Result<Option<Account>, ServiceError> {
        if let Some(account) = self.accounts.find(id).await? {
            return Ok(Some(account));
        }
        let Some(user) = self.pool.find(id).await? else {
            return Ok(None);
        };

        self.register(&user, now).await?;

        Ok(Some(user.account))
    }

    /// Asks for the role that was asked for and creates the account, in this order: who has an account has asked.
    pub async fn register(&self, user: &PoolUser, now: Timestamp) -> Result<(), ServiceError> {
        if user.requested_role == Some(Role::Creator) {
            // By invitation there is nothing to ask for: they begin as a viewer.
            let _ = self.request_creator_role(user.account.id, now).await?;
        }

        Ok(self.accounts.ensure(&user.account).await?)
    }

    /// The request of an account to become a creator, if there is one.
    pub async fn creator_request(&self, id: AccountId) -> Result<Option<CreatorRequest>, ServiceError> {
        Ok(self.requests.find(id).await?)
    }

    /// Asks for the role `creator`, which the policy grants, leaves to an admin, or refuses. Twice is harmless.
    pub async fn request_creator_role(
        &self,
        id: AccountId,
        now: Timestamp,
    ) -> Result<Result<CreatorRequest, CannotAsk>, ServiceError> {
        let earlier = self.requests.find(id).await?;
        let request = match CreatorRequest::ask(self.policy, earlier.clone(), id, now) {
            Ok(request) => request,
            Err(refusal) => return Ok(Err(refusal)),
        };

        if earlier.as_ref() != Some(&request) {
            self.requests.save(&request).await?;
        }
        if request.state == RequestState::Approved {
            self.pool.grant_role(id, Role::Creator).await?;
        }

        Ok(Ok(request))
    }
}
