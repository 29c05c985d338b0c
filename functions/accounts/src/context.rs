//! What the routes of this area work with.

use std::time::Duration;

use adapters::{
    aws,
    cognito::{ApiClient, UserPool},
    dynamodb::{Accounts, EndedSessions, Table},
};
use domain::{
    account::{Account, AccountStatus, Person},
    rate_limit::AttemptLimits,
};
use kernel::{Timestamp, id::AccountId};
use runtime::{
    clock, config,
    http::{self, Problem},
};
use services::{AccountRegistry, AccountStatuses};

use crate::AuthLimits;

/// How long a caller's status is cached in this area: shorter than elsewhere, because people look here for a role that they
/// were just given.
pub(crate) const STATUS_MAX_AGE: Duration = Duration::from_secs(1);

/// What the routes of this area work with, built once per cold start.
#[derive(Clone, Debug)]
pub struct Context {
    /// The accounts in the table.
    pub accounts: Accounts,
    /// The accounts in the table and in the user pool.
    pub registry: AccountRegistry,
    /// What callers may do.
    pub statuses: AccountStatuses,
    /// The user pool.
    pub pool: UserPool,
    /// Its confidential client.
    pub client: ApiClient,
    /// Sessions that ended before they expired.
    pub ended_sessions: EndedSessions,
    /// How often passwords, codes and mails may be tried.
    pub limits: AuthLimits,
}

impl Context {
    /// Reads the environment: `TABLE_NAME`, `USER_POOL_ID`, `CREATOR_POLICY`, `API_CLIENT_ID`, `API_CLIENT_SECRET`,
    /// `CALLER_LIMIT_FACTOR`.
    pub async fn from_env() -> Result<Self, runtime::Error> {
        let aws = aws::config().await;
        let pool = UserPool::new(&aws, config::text("USER_POOL_ID")?);
        let table = Table::new(&aws, config::text("TABLE_NAME")?);
        let limits = AttemptLimits {
            caller_factor: config::value("CALLER_LIMIT_FACTOR")?,
        };
        let (client, secret) = (config::text("API_CLIENT_ID")?, config::text("API_CLIENT_SECRET")?);

        Ok(Self {
            accounts: table.accounts(),
            registry: AccountRegistry::new(&table, pool.clone(), config::value("CREATOR_POLICY")?),
            statuses: AccountStatuses::with_max_age(pool.clone(), STATUS_MAX_AGE),
            ended_sessions: table.ended_sessions(),
            limits: AuthLimits::new(table.rate_limits(), limits, &secret),
            client: ApiClient::new(pool.clone(), client, secret),
            pool,
        })
    }

    /// The caller's account, which may have been deleted since the sign-in.
    pub(crate) async fn existing_account(&self, id: AccountId, now: Timestamp) -> Result<Account, Problem> {
        let account = self.registry.account(id, now).await?;

        account.ok_or_else(Problem::account_deleted)
    }

    /// The same person with the current roles, read from the user pool without the cache.
    pub(crate) async fn with_current_roles(&self, person: Person, now: Timestamp) -> Result<Person, Problem> {
        match self.ask(person.id, now).await? {
            AccountStatus::Active(roles) => Ok(Person { roles, ..person }),
            AccountStatus::Disabled | AccountStatus::Deleted => {
                Err(Problem::unauthorized("this account is disabled or deleted"))
            }
        }
    }

    async fn ask(&self, id: AccountId, now: Timestamp) -> Result<AccountStatus, Problem> {
        self.limits.count_pool_call(id, now).await?;

        Ok(self.statuses.fetch(id).await?)
    }
}

impl http::Accounts for Context {
    /// Asks the user pool for one account at most once a second in each instance, and in all instances together within the
    /// account's limit: the pool answers few such calls a second for all accounts together.
    async fn status(&self, id: AccountId) -> Result<AccountStatus, Problem> {
        if let Some(status) = self.statuses.cached(id) {
            return Ok(status);
        }

        self.ask(id, clock::now()).await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use adapters::aws;
    use runtime::http::{ProblemKind, testing::Services};
    use serde_json::json;

    use super::*;
    use crate::tests::{context, used_up};

    /// A user pool of viewers, and a table that answers with `counted` when calls are counted.
    async fn pool(counted: (u16, String)) -> (Context, Services) {
        let services = Services::answering(move |call| {
            let answer = match call.name.as_str() {
                "AdminGetUser" => json!({ "Username": "ada", "Enabled": true, "UserStatus": "CONFIRMED" }),
                "AdminListGroupsForUser" => json!({ "Groups": [] }),
                "UpdateItem" => return counted.clone(),
                _ => json!({}),
            };
            (200, answer.to_string())
        })
        .await;

        (context(&aws::at(&services.url)), services)
    }

    /// How often the pool was called for roles.
    fn pool_calls(services: &Services) -> u64 {
        let calls = services.calls().into_iter();

        calls.map(|call| u64::from(call.name == "AdminListGroupsForUser")).sum()
    }

    #[tokio::test]
    async fn an_account_that_calls_often_reaches_the_user_pool_once_a_second() {
        let (context, services) = pool((200, "{}".to_owned())).await;
        let (id, start) = (AccountId::mint(clock::now()), Instant::now());

        for _ in 0..60 {
            let status = http::Accounts::status(&context, id).await.unwrap();
            assert_eq!(status, AccountStatus::Active(vec![]));
        }

        let most = start.elapsed().as_secs() + 1;
        let calls = pool_calls(&services);
        assert!((1..=most).contains(&calls), "{calls} calls, at most {most}");
    }

    #[tokio::test]
    async fn an_account_that_used_up_its_calls_does_not_reach_the_user_pool() {
        let (context, services) = pool(used_up()).await;
        let id = AccountId::mint(clock::now());

        let refusal = http::Accounts::status(&context, id).await.unwrap_err();

        assert_eq!(refusal.kind(), ProblemKind::TooManyRequests);
        assert_eq!(pool_calls(&services), 0);
    }
}
