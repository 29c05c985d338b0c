//! What the routes of this area work with.

use adapters::{
    account_statuses::AccountStatuses,
    aws,
    cognito::UserPool,
    dynamodb::{AuditLog, Experiments, Models, Retrainings, Table},
    sagemaker::Hosting,
    sns::Topic,
};
use domain::{account::AccountStatus, audit::AuditEntry};
use kernel::id::AccountId;
use runtime::{
    config,
    http::{self, Problem},
};

use crate::ending::Ending;

/// What the routes of this area work with, built once per cold start.
#[derive(Clone, Debug)]
pub struct Context {
    powers: AccountStatuses,
    audit: AuditLog,
    /// Which models there are.
    pub models: Models,
    /// How they came about.
    pub retrainings: Retrainings,
    /// Where they serve.
    pub hosting: Hosting,
    /// How they were compared.
    pub experiments: Experiments,
    pub(crate) ending: Ending,
}

impl Context {
    /// Reads the environment: `TABLE_NAME`, `USER_POOL_ID`, `RECOMMENDATIONS_ENDPOINT`, `OPERATORS_TOPIC_ARN`.
    pub async fn from_env() -> Result<Self, runtime::Error> {
        let aws = aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);
        let topic = Topic::new(&aws, config::text("OPERATORS_TOPIC_ARN")?);

        let pool = UserPool::new(&aws, config::text("USER_POOL_ID")?);
        let hosting = Hosting::new(&aws, config::text("RECOMMENDATIONS_ENDPOINT")?);

        Ok(Self::of(&table, pool, hosting, topic))
    }

    fn of(table: &Table, pool: UserPool, hosting: Hosting, topic: Topic) -> Self {
        Self {
            powers: AccountStatuses::new(pool),
            audit: table.audit_log(),
            models: table.models(),
            retrainings: table.retrainings(),
            hosting,
            experiments: table.experiments(),
            ending: Ending::new(table, topic),
        }
    }

    /// With nobody behind it: what gets past the door is answered with 503.
    #[cfg(test)]
    pub(crate) fn nowhere() -> Self {
        let aws = aws::offline();
        let topic = Topic::new(&aws, "arn:aws:sns:us-east-1:123456789012:marquee-operators");

        let pool = UserPool::new(&aws, "us-east-1_EXAMPLE01");
        // It wants to know how to connect from the beginning on.
        let hosting = Hosting::new(&aws::at("http://127.0.0.1:9"), "marquee-recommendations");

        Self::of(&Table::new(&aws, "marquee"), pool, hosting, topic)
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
