//! What the routes of this area work with.

use adapters::{
    aws,
    cognito::UserPool,
    dynamodb::{AuditLog, Experiments, Models, Retrainings, Table},
    sagemaker::Hosting,
    sfn::RetrainMachine,
    sns::Topic,
};
use domain::{account::AccountStatus, audit::AuditEntry};
use kernel::id::AccountId;
use runtime::{
    config,
    http::{self, Problem},
};
use services::AccountStatuses;

use crate::{experiment_end::ExperimentEnd, retraining_end::RetrainingEnd, retraining_start::RetrainingStart};

/// What the routes of this area work with, built once per cold start.
#[derive(Clone, Debug)]
pub struct Context {
    account_statuses: AccountStatuses,
    audit: AuditLog,
    /// The registry of models.
    pub models: Models,
    /// Runs of the retrain machine.
    pub retrainings: Retrainings,
    /// The endpoint that serves the models.
    pub hosting: Hosting,
    /// The experiments.
    pub experiments: Experiments,
    pub(crate) experiment_end: ExperimentEnd,
    pub(crate) retraining_start: RetrainingStart,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, runtime::Error> {
        let aws = aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);
        let pool = UserPool::new(&aws, config::text("USER_POOL_ID")?);
        let topic = Topic::new(&aws, config::text("OPERATORS_TOPIC_ARN")?);
        let hosting = Hosting::new(&aws, config::text("RECOMMENDATIONS_ENDPOINT")?);
        let machine = RetrainMachine::new(&aws, config::text("RETRAIN_STATE_MACHINE_ARN")?);
        let image = config::optional("RECOMMENDER_IMAGE");

        Ok(Self::new(&table, pool, topic, hosting, machine, image))
    }

    fn new(
        table: &Table,
        pool: UserPool,
        topic: Topic,
        hosting: Hosting,
        machine: RetrainMachine,
        image: Option<String>,
    ) -> Self {
        let retraining_end = RetrainingEnd::new(table, topic.clone(), hosting.endpoint().to_owned());

        Self {
            account_statuses: AccountStatuses::new(pool),
            audit: table.audit_log(),
            models: table.models(),
            retrainings: table.retrainings(),
            hosting,
            experiments: table.experiments(),
            experiment_end: ExperimentEnd::new(table, topic),
            retraining_start: RetrainingStart::new(table, machine, retraining_end, image),
        }
    }

    /// A context without any service behind it: accepted requests are answered with 503.
    #[cfg(test)]
    pub(crate) fn offline() -> Self {
        let aws = aws::offline();
        let account = "us-east-1:123456789012";
        let machine = format!("arn:aws:states:{account}:stateMachine:marquee-recommender-retrain");

        Self::new(
            &Table::new(&aws, "marquee"),
            UserPool::new(&aws, "us-east-1_EXAMPLE01"),
            Topic::new(&aws, format!("arn:aws:sns:{account}:marquee-operators")),
            // The client of SageMaker needs an address when it is built.
            Hosting::new(&aws::at("http://127.0.0.1:9"), "marquee-recommendations"),
            RetrainMachine::new(&aws, machine),
            Some("marquee-recommender:latest".to_owned()),
        )
    }
}

impl http::Accounts for Context {
    async fn status(&self, id: AccountId) -> Result<AccountStatus, Problem> {
        Ok(self.account_statuses.get(id).await?)
    }
}

impl http::Audited for Context {
    async fn record_refusal(&self, entry: AuditEntry) -> Result<(), Problem> {
        Ok(self.audit.write_once(&entry).await?)
    }
}
