//! The step `notify`: sends subscribers one notice for each run, that its title was published or failed.

use adapters::{
    ServiceError,
    aws::CallError,
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
use services::outbox::{Notice, publish_and_mark};

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

/// The content of a notice.
#[derive(Serialize)]
struct Content<'a> {
    title_id: TitleId,
    asset_id: AssetId,
    attempt: Attempt,
    owner_id: AccountId,
    name: &'a str,
    visibility: Visibility,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<&'a Failure>,
}

/// The kind of the notice about `title` after `run`: it was published, its run failed, or its published output does not play any more.
/// `None` if the title has changed since.
fn kind(title: &Title, run: &Run) -> Option<&'static str> {
    if title.asset_id != Some(run.asset_id) {
        return None;
    }

    match title.state {
        TitleState::Published => Some("title.published"),
        TitleState::Failed => Some("title.failed"),
        _ => None,
    }
}

fn message(title: &Title, run: &Run, kind: &'static str) -> Result<Message, CallError> {
    let (owner_id, visibility) = (title.owner.account_id, title.details.visibility);
    let content = Content {
        title_id: title.id,
        asset_id: run.asset_id,
        attempt: run.attempt,
        owner_id,
        name: title.details.name.as_str(),
        visibility,
        failure: title.failure.as_ref(),
    };

    Notice::new(&run.execution_name(), kind, content, title.updated_at).message(vec![
        ("title_id", title.id.to_string()),
        ("owner_id", owner_id.to_string()),
        ("visibility", visibility.as_str().to_owned()),
    ])
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
        let Some((title, kind)) = title.as_ref().and_then(|title| Some((title, kind(title, run)?))) else {
            tracing::info!(title.id = %run.title_id, "no notice about {}", run.title_id);
            return Ok(());
        };

        let message = message(title, run, kind)?;
        if self.notices.begin(run, kind, now).await? != Receipt::Sent {
            publish_and_mark(&self.topic, &message, || self.notices.mark_sent(run, kind, now)).await?;
            tracing::info!(title.id = %run.title_id, kind, "sent the notice {kind}");
        }
        if title.state == TitleState::Published {
            self.record(run, now).await?;
        }

        Ok(())
    }

    async fn record(&self, run: &Run, now: Timestamp) -> Result<(), StoreError> {
        let record = StepRecord::started(now).done(now);

        self.assets
            .record_unless_superseded(run, Step::Notify, &record, StepOutput::none(), now)
            .await
    }
}
