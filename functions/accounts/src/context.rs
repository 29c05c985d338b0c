//! What the routes of this area work with.

use adapters::{
    aws,
    cognito::{ApiClient, UserPool},
    dynamodb::{Accounts, EndedSessions, Table},
    people::People,
};
use domain::{account::AccountStatus, rate_limit::AttemptLimits};
use kernel::id::AccountId;
use runtime::{
    config,
    http::{self, Problem},
};

use crate::AuthLimits;

/// What the routes of this area work with, built once per cold start.
#[derive(Clone, Debug)]
pub struct Context {
    /// The accounts in the table.
    pub accounts: Accounts,
    /// The accounts, wherever they are.
    pub people: People,
    /// The user pool.
    pub pool: UserPool,
    /// Its confidential client.
    pub client: ApiClient,
    /// Sessions that are over before their time.
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
            people: People::new(&table, pool.clone(), config::value("CREATOR_POLICY")?),
            ended_sessions: table.ended_sessions(),
            limits: AuthLimits::new(table.rate_limits(), limits, &secret),
            client: ApiClient::new(pool.clone(), client, secret),
            pool,
        })
    }
}

impl http::Accounts for Context {
    /// Asked anew each time, unlike elsewhere: who just became a creator looks here, and must see it.
    async fn status(&self, id: AccountId) -> Result<AccountStatus, Problem> {
        Ok(self.pool.status(id).await?)
    }
}
