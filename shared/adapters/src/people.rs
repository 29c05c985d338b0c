//! Accounts that may not have reached the table yet: what the user pool knows is enough to create them.
//!
//! The trigger of the pool does it when an address is confirmed. Whoever came in another way, or whose trigger failed,
//! gets their account with their first call.

use domain::account::Account;
use kernel::{
    id::AccountId,
    outage::{Outage, OutageKind},
};

use crate::{
    cognito::{CognitoError, Person, UserPool},
    dynamodb::{Accounts, StoreError},
};

/// The account cannot be found or created.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The table's fault.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Cognito's fault.
    #[error(transparent)]
    Cognito(#[from] CognitoError),
}

impl Outage for PeopleError {
    fn kind(&self) -> OutageKind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Cognito(error) => error.kind(),
        }
    }
}

/// The account with this id, created now if the user pool knows the person. Nothing if it does not (any more).
pub async fn account(accounts: &Accounts, pool: &UserPool, id: AccountId) -> Result<Option<Account>, PeopleError> {
    if let Some(account) = accounts.find(id).await? {
        return Ok(Some(account));
    }
    let Some(person) = pool.find(id).await? else {
        return Ok(None);
    };

    admit(accounts, pool, &person).await?;

    Ok(Some(person.account))
}

/// Grants the role that was asked for and creates the account, in this order: who has an account got their role.
pub async fn admit(accounts: &Accounts, pool: &UserPool, person: &Person) -> Result<(), PeopleError> {
    if let Some(role) = person.asked_role {
        pool.grant(person.account.id, role).await?;
    }

    Ok(accounts.ensure(&person.account).await?)
}
