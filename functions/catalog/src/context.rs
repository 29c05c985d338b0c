//! What the routes of this area work with.

use std::time::Duration;

use adapters::{
    account_registry::AccountRegistry,
    account_statuses::AccountStatuses,
    aws,
    cognito::UserPool,
    dynamodb::{Assets, AuditLog, Genres, QuotaError, Quotas, Retention, StoreError, Table, Titles},
    functions::AsyncFunction,
    sfn::IngestMachine,
};
use domain::{
    account::{AccountStatus, Person, Role},
    audit::{Action, AuditEntry, Origin, Target},
    title::{ChangeRefused, Title},
};
use kernel::{
    Timestamp,
    id::{AccountId, TitleId},
    money::MicroDollars,
};
use runtime::{
    config,
    http::{self, Problem, creator_required},
};

/// What the routes of this area work with, built once per cold start.
#[derive(Clone, Debug)]
pub struct Context {
    /// The accounts, wherever they are.
    pub registry: AccountRegistry,
    /// The titles in the table.
    pub titles: Titles,
    /// The genres that titles may have.
    pub genres: Genres,
    /// The assets in the table.
    pub assets: Assets,
    /// Which files are kept.
    pub retention: Retention,
    /// What accounts have used.
    pub quotas: Quotas,
    /// How many titles an account may create in a day.
    pub titles_per_day: u32,
    /// How often an account may change and restore titles in a day.
    pub title_changes_per_day: u32,
    /// How long an archived title can be restored.
    pub restorable: Duration,
    /// What callers may do.
    pub statuses: AccountStatuses,
    /// Who did what.
    pub audit: AuditLog,
    /// What makes titles out of uploads.
    pub machine: IngestMachine,
    /// What cancels the job of a run.
    pub cancel_transcode: AsyncFunction,
    /// What encoding one upload may cost.
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

    /// Writes a changed title. What an admin does to somebody else's goes to the audit log.
    pub(crate) async fn save(
        &self,
        title: &mut Title,
        person: &Person,
        action: Action,
        origin: Origin,
    ) -> Result<(), StoreError> {
        self.save_with(title, person, action, None, origin).await
    }

    /// Writes a changed title, and in the audit log more about the change.
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

    /// Counts a change of a title: everybody's are told to the edge and to the recommender one after another. Admins are not
    /// held up, and neither is who takes a film down: that ends with the titles that an account has, or restores.
    pub(crate) async fn count_change(&self, person: &Person, now: Timestamp) -> Result<(), Problem> {
        if person.is(Role::Admin) {
            return Ok(());
        }
        let counted = self
            .quotas
            .change(person.id, now, |usage| usage.change_title(self.title_changes_per_day));

        counted.await.map_err(|error| not_counted(error, now))
    }

    /// The title, if `person` may change it and see how it is made.
    pub(crate) async fn managed_title(&self, id: TitleId, person: &Person) -> Result<Title, Problem> {
        let title = self.titles.find(id).await?.filter(|title| title.visible_to(person));
        let title = title.ok_or_else(no_such_title)?;
        if !title.managed_by(person) {
            return Err(Problem::forbidden("only the owner of this title may do this"));
        }

        Ok(title)
    }
}

/// There is no such title; the same words whether it does not exist or must not be known.
pub(crate) fn no_such_title() -> Problem {
    Problem::not_found("there is no such title, or you may not see it")
}

/// Why a title is not changed.
pub(crate) fn not_changed(error: ChangeRefused) -> Problem {
    match error {
        ChangeRefused::NotAllowed(error) => Problem::conflict(error.to_string()),
        ChangeRefused::NotCreator => no_creator(),
        ChangeRefused::ArchivedByAdmin => Problem::forbidden(error.to_string()),
    }
}

/// Why something is more than an account may do in a day.
pub(crate) fn not_counted(error: QuotaError, now: Timestamp) -> Problem {
    match error {
        QuotaError::Exceeded(exceeded) => Problem::quota_exceeded(&exceeded, now),
        QuotaError::Store(error) => error.into(),
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
