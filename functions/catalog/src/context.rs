//! What the routes of this area work with.

use std::time::Duration;

use adapters::{
    aws,
    cognito::UserPool,
    dynamodb::{Assets, AuditLog, Genres, Quotas, Retention, StoreError, Table, Titles},
    functions::AsyncFunction,
    sfn::IngestMachine,
};
use api::quota_problem;
use axum::extract::FromRef;
use domain::{
    account::{AccountStatus, Person, Role},
    audit::{Action, AuditEntry, Origin, Target},
    title::{ChangeRefused, Title},
};
use kernel::{Timestamp, id::AccountId, money::MicroDollars};
use runtime::{
    config,
    http::{self, Problem, creator_required},
};
use services::{AccountRegistry, AccountStatuses};

/// What the routes of this area work with, built once per cold start.
#[derive(Clone, Debug, FromRef)]
pub struct Context {
    /// The accounts in the table and in the user pool.
    pub registry: AccountRegistry,
    /// The titles in the table.
    pub titles: Titles,
    /// The genres that titles may have.
    pub genres: Genres,
    /// The assets in the table.
    pub assets: Assets,
    /// The checks that delete files.
    pub retention: Retention,
    /// What accounts have used of their quotas.
    pub quotas: Quotas,
    /// How many titles an account may create in a day.
    #[from_ref(skip)]
    pub titles_per_day: u32,
    /// How often an account may change and restore titles in a day.
    #[from_ref(skip)]
    pub title_changes_per_day: u32,
    /// How long an archived title can be restored.
    pub restorable: Duration,
    /// What callers may do.
    pub statuses: AccountStatuses,
    /// What admins did.
    pub audit: AuditLog,
    /// The machine that turns uploads into published titles.
    pub machine: IngestMachine,
    /// The function that cancels the job of a run.
    pub cancel_transcode: AsyncFunction,
    /// What transcoding one upload may cost.
    pub budget: MicroDollars,
}

impl Context {
    /// Reads the environment: `TABLE_NAME`, `USER_POOL_ID`, `CREATOR_POLICY`, `INGEST_STATE_MACHINE_ARN`, `CANCEL_TRANSCODE_FUNCTION`,
    /// `INGEST_BUDGET_MICROS`, `RESTORABLE_SECONDS`, `TITLES_PER_ACCOUNT_DAY`, `TITLE_CHANGES_PER_ACCOUNT_DAY`.
    pub async fn from_env() -> Result<Self, runtime::Error> {
        let aws = aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);
        let pool = UserPool::new(&aws, config::text("USER_POOL_ID")?);

        Ok(Self {
            registry: AccountRegistry::new(&table, pool.clone(), config::value("CREATOR_POLICY")?),
            titles: table.titles(),
            genres: table.genres(),
            assets: table.assets(),
            retention: table.retention(),
            quotas: table.quotas(),
            titles_per_day: config::value("TITLES_PER_ACCOUNT_DAY")?,
            title_changes_per_day: config::value("TITLE_CHANGES_PER_ACCOUNT_DAY")?,
            restorable: Duration::from_secs(config::value("RESTORABLE_SECONDS")?),
            audit: table.audit_log(),
            statuses: AccountStatuses::new(pool),
            machine: IngestMachine::new(&aws, config::text("INGEST_STATE_MACHINE_ARN")?),
            cancel_transcode: AsyncFunction::new(&aws, config::text("CANCEL_TRANSCODE_FUNCTION")?),
            budget: MicroDollars(config::value("INGEST_BUDGET_MICROS")?),
        })
    }

    /// Writes a changed title. An admin's change of another account's title goes to the audit log.
    pub(crate) async fn save(
        &self,
        title: &mut Title,
        person: &Person,
        action: Action,
        origin: Origin,
    ) -> Result<(), StoreError> {
        self.save_with(title, person, action, None, origin).await
    }

    /// Writes a changed title, with a detail for the audit log.
    pub(crate) async fn save_with(
        &self,
        title: &mut Title,
        person: &Person,
        action: Action,
        detail: Option<String>,
        origin: Origin,
    ) -> Result<(), StoreError> {
        if title.owner.account_id == person.id {
            return self.titles.save(title).await;
        }
        let entry = AuditEntry {
            detail,
            ..AuditEntry::new(person.id, action, Target::Title(title.id), origin, title.updated_at)
        };

        self.titles.save_audited(title, &entry).await
    }

    /// Counts a change of a title, because the edge and the recommender process all accounts' changes one after another. Admins
    /// have no limit. Archiving is not counted: the number of an account's titles and restorations limits it.
    pub(crate) async fn count_change(&self, person: &Person, now: Timestamp) -> Result<(), Problem> {
        if person.is(Role::Admin) {
            return Ok(());
        }
        let counted = self
            .quotas
            .change(person.id, now, |usage| usage.change_title(self.title_changes_per_day));

        counted.await.map_err(|error| quota_problem(error, now))
    }
}

/// Why a title cannot be changed.
pub(crate) fn change_problem(error: ChangeRefused) -> Problem {
    match error {
        ChangeRefused::NotAllowed(error) => Problem::conflict(error.to_string()),
        ChangeRefused::NotCreator => creator_required(),
        ChangeRefused::ArchivedByAdmin => Problem::forbidden(error.to_string()),
    }
}

impl http::Accounts for Context {
    async fn status(&self, id: AccountId) -> Result<AccountStatus, Problem> {
        Ok(self.statuses.get(id).await?)
    }
}

impl http::Audited for Context {
    async fn record_refusal(&self, entry: AuditEntry) -> Result<(), Problem> {
        Ok(self.audit.write_once(&entry).await?)
    }
}
