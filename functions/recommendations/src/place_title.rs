//! Stores the similar titles of a title when it is published or its description changes.
//!
//! The recommender is asked once. Its answer is stored for the title's page, and the title is inserted into the similar titles of
//! each title in the answer. Home pages need no update: they read the newest titles for each request. Before this, or without a
//! recommender, title pages show new titles of the same genre.

use std::time::Duration;

use adapters::{
    ServiceError,
    dynamodb::{Assets, ListTitles, PageRequest, Similar, StepOutput, StoreError, Table, Titles},
    sagemaker::{
        Endpoint, InvokeError,
        recommender::{Ask, Request, SimilarAnswer, SimilarRequest, document},
    },
};
use domain::{
    asset::{StepRecord, StepState},
    event::{DomainEvent, Fact},
    ingest::{IngestError, Run, Step},
    similar::{MAX_SIMILAR_TITLES, SimilarTitle},
    title::{Title, TitleState},
};
use futures::future::try_join_all;
use kernel::{Timestamp, error_kind::HasKind as _, id::TitleId};
use runtime::{
    batch::{Batch, BatchItemFailures},
    clock,
    config::{self, ConfigError},
    log_failure,
};

/// A cold start of a serverless endpoint takes seconds.
const RECOMMENDER_TIMEOUT: Duration = Duration::from_secs(50);
/// How many of the newest titles are candidates, in addition to the titles of the model.
const CANDIDATES: u8 = 100;

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    titles: Titles,
    assets: Assets,
    similar: Similar,
    /// The recommender; an installation may have none.
    recommender: Option<Endpoint>,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);

        Ok(Self {
            titles: table.titles(),
            assets: table.assets(),
            similar: table.similar(),
            recommender: config::optional("RECOMMENDATIONS_ENDPOINT")
                .map(|name| Endpoint::new(&aws, name, RECOMMENDER_TIMEOUT)),
        })
    }
}

/// Why the similar titles of a title were not stored.
#[derive(Debug, thiserror::Error)]
enum NotPlaced {
    #[error(transparent)]
    Service(ServiceError),
    #[error("there is no recommender: the parameter RecommenderImage is empty")]
    NoRecommender,
}

impl<E: Into<ServiceError>> From<E> for NotPlaced {
    fn from(error: E) -> Self {
        Self::Service(error.into())
    }
}

impl NotPlaced {
    /// The error's name on the title's timeline.
    fn name(&self) -> IngestError {
        match self {
            // A missing endpoint counts as one that does not answer.
            Self::NoRecommender | Self::Service(ServiceError::Model(_)) => IngestError::Unavailable,
            Self::Service(error) => error.kind().into(),
        }
    }
}

/// Places the titles of a batch. A failed title is retried, unless a retry cannot help.
pub async fn handle(cx: Context, batch: Batch<DomainEvent>) -> BatchItemFailures {
    let (events, mut failures) = batch.readable();
    for (id, event) in events {
        let (Fact::TitlePublished { title } | Fact::TitleChanged { title }) = event.fact else {
            continue;
        };
        match cx.place(title.title_id, clock::now()).await {
            Ok(()) => {}
            Err(error @ NotPlaced::NoRecommender) => {
                tracing::info!(title.id = %title.title_id, "{} is not placed: {error}", title.title_id);
            }
            Err(NotPlaced::Service(ServiceError::Model(error @ InvokeError::NoEndpoint(_)))) => {
                tracing::warn!(title.id = %title.title_id, "{} is not placed: {error}", title.title_id);
            }
            Err(NotPlaced::Service(error)) => {
                log_failure!(&error, title.id = %title.title_id, "{} could not be placed: {error}", title.title_id);
                failures.add(id);
            }
        }
    }

    failures
}

impl Context {
    async fn place(&self, id: TitleId, now: Timestamp) -> Result<(), NotPlaced> {
        let title = self.titles.find(id).await?;
        let Some(title) = title.filter(|title| title.state == TitleState::Published) else {
            return Ok(());
        };
        let placed = self.ask_and_store(&title, now).await;
        let record = match &placed {
            Ok(()) => StepRecord::started(now).done(clock::now()),
            Err(error) => StepRecord::started(now).skipped(error.name().into(), clock::now()),
        };

        self.record(&title, &record, now).await?;

        placed
    }

    async fn ask_and_store(&self, title: &Title, now: Timestamp) -> Result<(), NotPlaced> {
        let recommender = self.recommender.as_ref().ok_or(NotPlaced::NoRecommender)?;
        let page = PageRequest::first(CANDIDATES);
        let (seen, newest) = futures::try_join!(
            self.similar.find(title.id),
            self.titles.list(ListTitles::Published { genre: None }, &page)
        )?;
        let question = Request::from(Ask::Similar(SimilarRequest {
            title: document(title),
            candidates: newest.items.iter().map(document).collect(),
            limit: MAX_SIMILAR_TITLES,
        }));
        let answer: SimilarAnswer = recommender.invoke(&question).await?;

        // Similarity is symmetric. Only listed titles are shown on the pages of others.
        if title.is_listed() {
            let inserts = answer.items.iter().map(async |similar| {
                let newcomer = SimilarTitle {
                    title_id: title.id,
                    ..similar.clone()
                };
                self.similar.add(similar.title_id, &newcomer, now).await
            });
            try_join_all(inserts).await?;
        }
        let seen = seen.unwrap_or_default();
        self.similar.put(title.id, &answer.items, &seen, now).await?;
        tracing::info!(title.id = %title.id, "placed {} among {} titles", title.id, answer.items.len());

        Ok(())
    }

    /// Writes the step to the title's timeline, until it has succeeded once.
    async fn record(&self, title: &Title, record: &StepRecord, now: Timestamp) -> Result<(), StoreError> {
        let Some(asset_id) = title.asset_id else { return Ok(()) };
        let asset = self.assets.find(title.id, asset_id).await?;
        let pending = asset.filter(|asset| asset.step(Step::Recommend).state != StepState::Done);
        let Some(attempt) = pending.and_then(|asset| asset.attempt) else {
            return Ok(());
        };
        let run = Run {
            title_id: title.id,
            asset_id,
            attempt,
        };

        self.assets
            .record_unless_superseded(&run, Step::Recommend, record, StepOutput::none(), now)
            .await
    }
}

#[cfg(test)]
mod tests {
    use adapters::aws;
    use domain::title::testing::{details, owner};
    use kernel::id::AccountId;

    use super::*;

    /// A context without any service behind it.
    fn offline() -> Context {
        let aws = aws::offline();
        let table = Table::new(&aws, "marquee");

        Context {
            titles: table.titles(),
            assets: table.assets(),
            similar: table.similar(),
            recommender: Some(Endpoint::new(&aws, "marquee-recommendations", RECOMMENDER_TIMEOUT)),
        }
    }

    async fn handled(sample: &str) -> BatchItemFailures {
        let event = serde_json::from_str(sample).unwrap();

        handle(offline(), Batch::read(event).unwrap()).await
    }

    #[tokio::test]
    async fn a_title_that_cannot_be_placed_is_retried() {
        let failures = handled(include_str!("../../../events/sqs/place-title.json")).await;

        assert_eq!(failures.ids(), ["059f36b4-87a3-44ab-83d2-661900000001"]);
    }

    #[tokio::test]
    async fn without_a_recommender_nothing_is_retried() {
        let cx = Context {
            recommender: None,
            ..offline()
        };
        let now = clock::now();
        let owner = owner(AccountId::mint(now));
        let title = Title::draft(TitleId::mint(now), owner, details("Sintel", &[]), now);

        let placed = cx.ask_and_store(&title, now).await;

        assert!(matches!(placed, Err(NotPlaced::NoRecommender)), "{placed:?}");
    }

    #[tokio::test]
    async fn only_titles_that_are_published_or_changed_are_placed() {
        let failures = handled(include_str!("../../../events/sqs/export-events.json")).await;

        assert_eq!(
            failures.ids().len(),
            2,
            "of a published, a changed and a removed title and a like: {failures:?}"
        );
    }
}
