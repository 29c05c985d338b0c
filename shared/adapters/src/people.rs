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
    cognito::{Person, UserPool},
    dynamodb::{Accounts, CreatorRequests, Table},
};

/// The accounts, wherever they are. Cheap to clone.
#[derive(Clone, Debug)]
pub struct People {
    accounts: Accounts,
    requests: CreatorRequests,
    pool: UserPool,
    policy: CreatorPolicy,
}

impl People {
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

    /// The account with this id, created now if the user pool knows the person. Nothing if it does not (any more).
    pub async fn account(&self, id: AccountId, now: Timestamp) -> Result<Option<Account>, ServiceError> {
        if let Some(account) = self.accounts.find(id).await? {
            return Ok(Some(account));
        }
        let Some(person) = self.pool.find(id).await? else {
            return Ok(None);
        };

        self.admit(&person, now).await?;

        Ok(Some(person.account))
    }

    /// Asks for the role that was asked for and creates the account, in this order: who has an account has asked.
    pub async fn admit(&self, person: &Person, now: Timestamp) -> Result<(), ServiceError> {
        if person.asked_role == Some(Role::Creator) {
            // By invitation there is nothing to ask for: they begin as a viewer.
            let _ = self.ask_to_create(person.account.id, now).await?;
        }

        Ok(self.accounts.ensure(&person.account).await?)
    }

    /// The request of an account to become a creator, if there is one.
    pub async fn creator_request(&self, id: AccountId) -> Result<Option<CreatorRequest>, ServiceError> {
        Ok(self.requests.find(id).await?)
    }

    /// Asks for the role `creator`, which the policy grants, leaves to an admin, or refuses. Twice is harmless.
    pub async fn ask_to_create(
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
            self.pool.grant(id, Role::Creator).await?;
        }

        Ok(Ok(request))
    }
}
