//! Creates accounts in the table from users of the pool, and requests the role `creator` for them by the installation's policy.
//!
//! An account is created when its address is confirmed. A user who was created in the console, or whose trigger failed, gets an account
//! with the first call.

use adapters::{
    ServiceError,
    cognito::{PoolUser, UserPool},
    dynamodb::{Accounts, CreatorRequests, Table},
};
use domain::{
    account::{Account, Role},
    creators::{CannotAsk, CreatorPolicy, CreatorRequest, RequestState},
};
use kernel::{Timestamp, id::AccountId};

/// The accounts of the user pool and of the table. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AccountRegistry {
    accounts: Accounts,
    requests: CreatorRequests,
    pool: UserPool,
    policy: CreatorPolicy,
}

impl AccountRegistry {
    /// The accounts of `pool` and `table`; `policy` decides who becomes a creator.
    #[must_use]
    pub fn new(table: &Table, pool: UserPool, policy: CreatorPolicy) -> Self {
        Self {
            accounts: table.accounts(),
            requests: table.creator_requests(),
            pool,
            policy,
        }
    }

    /// The account with this id, created now if only the user pool has it. `None` if the pool does not have it (any more).
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

    /// Requests the role that the user chose at sign-up, then creates the account. In this order, so that no request is lost.
    pub async fn register(&self, user: &PoolUser, now: Timestamp) -> Result<(), ServiceError> {
        if user.requested_role == Some(Role::Creator) {
            let id = user.account.id;
            let earlier = self.requests.find(id).await?;
            if earlier
                .as_ref()
                .is_some_and(|request| request.state == RequestState::Approved)
            {
                // An admin was first, or this is another attempt.
                self.pool.grant_role(id, Role::Creator).await?;
            } else {
                // If creators are invited, the policy refuses: the account begins as a viewer.
                let _ = self.request_after(earlier, id, now).await?;
            }
        }

        Ok(self.accounts.ensure(&user.account).await?)
    }

    /// The request of an account to become a creator, if there is one.
    pub async fn creator_request(&self, id: AccountId) -> Result<Option<CreatorRequest>, ServiceError> {
        Ok(self.requests.find(id).await?)
    }

    /// Requests the role `creator`, which the policy grants, leaves to an admin, or refuses. May be repeated.
    pub async fn request_creator_role(
        &self,
        id: AccountId,
        now: Timestamp,
    ) -> Result<Result<CreatorRequest, CannotAsk>, ServiceError> {
        let earlier = self.requests.find(id).await?;

        self.request_after(earlier, id, now).await
    }

    async fn request_after(
        &self,
        earlier: Option<CreatorRequest>,
        id: AccountId,
        now: Timestamp,
    ) -> Result<Result<CreatorRequest, CannotAsk>, ServiceError> {
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
