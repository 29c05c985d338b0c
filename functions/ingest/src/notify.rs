//! The step `notify`: sends subscribers one notice for each run, that its title was published or failed.

use adapters::{
    ServiceError,
    dynamodb::{Assets, Notices, Receipt, StepOutput, StoreError, Table, Titles},
    sns::{Message, Topic},
};
use domain::{
    asset::StepRecord,
    ingest::{Failure, Run, Step},
    title::{Title, TitleState, Visibility},
};
use kernel::{
    Timestamp,
    id::{AccountId, AssetId, Attempt, TitleId},
};
use runtime::{
    clock,
    config::{self, ConfigError},
};
use serde::Serialize;

use crate::step::StepFailure;

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    notifier: Notifier,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);
        let topic = Topic::new(&aws, config::text("NOTICES_TOPIC_ARN")?);

        Ok(Self {
            notifier: Notifier::new(&table, topic),
        })
    }
}

/// Sends the notice of the run, unless it was sent before.
pub async fn handle(cx: Context, run: Run) -> Result<(), StepFailure> {
    cx.notifier.notify(&run, clock::now()).await.map_err(Into::into)
}

/// A notice. Consumers rely on these fields: a change of their meaning requires a new version.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    version: u32,
    /// The same in every copy of a notice, because delivery is at least once.
    id: String,
    kind: NoticeKind,
    title_id: TitleId,
    asset_id: AssetId,
    attempt: Attempt,
    owner_id: AccountId,
    name: String,
    visibility: Visibility,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<Failure>,
    at: Timestamp,
}

/// The kind of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum NoticeKind {
    /// The title was published.
    #[serde(rename = "title.published")]
    Published,
    /// The title's run failed, or its published output does not play any more.
    #[serde(rename = "title.failed")]
    Failed,
}

impl NoticeKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Published => "title.published",
            Self::Failed => "title.failed",
        }
    }
}

impl Notice {
    /// The notice of a title after `run`; nothing if the title has changed since.
    fn new(title: &Title, run: &Run) -> Option<Self> {
        if title.asset_id != Some(run.asset_id) {
            return None;
        }
        let kind = match title.state {
            TitleState::Published => NoticeKind::Published,
            TitleState::Failed => NoticeKind::Failed,
            _ => return None,
        };

        Some(Self {
            version: 1,
            id: format!("{}-{}", run.execution_name(), kind.as_str()),
            kind,
            title_id: title.id,
            asset_id: run.asset_id,
            attempt: run.attempt,
            owner_id: title.owner.account_id,
            name: title.details.name.as_str().to_owned(),
            visibility: title.details.visibility,
            failure: title.failure.clone(),
            at: title.updated_at,
        })
    }
}

/// Sends notices, for this function and for the sweeper.
#[derive(Clone, Debug)]
pub(crate) struct Notifier {
    titles: Titles,
    assets: Assets,
    notices: Notices,
    topic: Topic,
}

impl Notifier {
    pub(crate) fn new(table: &Table, topic: Topic) -> Self {
        Self {
            titles: table.titles(),
            assets: table.assets(),
            notices: table.notices(),
            topic,
        }
    }

    /// Sends the notice of the run, unless it was sent before.
    pub(crate) async fn notify(&self, run: &Run, now: Timestamp) -> Result<(), ServiceError> {
        let title = self.titles.find(run.title_id).await?;
        let Some(notice) = title.as_ref().and_then(|title| Notice::new(title, run)) else {
            tracing::info!(title.id = %run.title_id, "no notice about {}", run.title_id);
            return Ok(());
        };
        let kind = notice.kind.as_str();

        // A process that began and did not finish has died: two copies with the same id are better than none.
        if self.notices.begin(run, kind, now).await? != Receipt::Sent {
            self.publish(&notice).await?;
            self.notices.mark_sent(run, kind, now).await?;
            tracing::info!(title.id = %run.title_id, kind, "sent the notice {kind}");
        }
        if notice.kind == NoticeKind::Published {
            self.record(run, now).await?;
        }

        Ok(())
    }

    async fn publish(&self, notice: &Notice) -> Result<(), ServiceError> {
        let attributes = vec![
            ("kind", notice.kind.as_str().to_owned()),
            ("title_id", notice.title_id.to_string()),
            ("owner_id", notice.owner_id.to_string()),
            ("visibility", notice.visibility.as_str().to_owned()),
        ];

        Ok(self.topic.publish(&Message::json(notice, attributes)?).await?)
    }

    async fn record(&self, run: &Run, now: Timestamp) -> Result<(), StoreError> {
        let record = StepRecord::started(now).done(now);

        self.assets
            .record_unless_superseded(run, Step::Notify, &record, StepOutput::none(), now)
            .await
    }
}
