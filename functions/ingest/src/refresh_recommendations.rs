//! Asks the recommender what is similar to a title that has just been published. Optional: a title is published without it.

use std::time::Duration;

use adapters::{
    dynamodb::{ListTitles, PageRequest, Similar, SimilarTitle, Table, Titles},
    sagemaker::{
        Endpoint,
        recommender::{AskSimilar, Document, Question, SimilarAnswer, Suggestion},
    },
};
use domain::{
    ingest::{IngestError, Run, Step},
    title::TitleState,
};
use runtime::{
    clock,
    config::{self, ConfigError},
};

use crate::step::{StepAtWork, StepFailure};
use adapters::dynamodb::{Assets, Legacy};

/// A serverless endpoint that is cold takes seconds; the state machine waits a little longer than this.
const PATIENCE: Duration = Duration::from_secs(50);
/// How many of the newest titles are looked through.
const CANDIDATES: u8 = 100;
/// How many similar titles are kept.
const KEPT: usize = 12;

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    titles: Titles,
    assets: Assets,
    similar: Similar,
    recommender: Endpoint,
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
            recommender: Endpoint::new(&aws, config::text("RECOMMENDATIONS_ENDPOINT")?, PATIENCE),
        })
    }
}

/// Stores what is similar to the run's title, and makes the title known to those that are similar to it.
pub async fn handle(cx: Context, run: Run) -> Result<(), StepFailure> {
    let now = clock::now();
    let step = StepAtWork::begin(&cx.assets, run, Step::Recommend, now).await?;
    let newest = PageRequest::first(CANDIDATES);
    let (title, catalogue) = futures::try_join!(
        cx.titles.find(run.title_id),
        cx.titles.list(ListTitles::Published { genre: None }, &newest)
    )?;
    let title = title
        .filter(|title| title.state == TitleState::Published)
        .ok_or(IngestError::Superseded)?;

    let question = Question::new(AskSimilar {
        title: Document::from(&title),
        candidates: catalogue.items.iter().map(Document::from).collect(),
        limit: KEPT,
    });
    let answer: SimilarAnswer = cx.recommender.invoke(&question).await?;
    let similar: Vec<SimilarTitle> = answer
        .items
        .into_iter()
        .map(|Suggestion { title_id, reason }| SimilarTitle { title_id, reason })
        .collect();

    // Likeness goes both ways, and a neighbour is not asked about again until it is published again.
    if title.is_listed() {
        let hints = similar.iter().map(async |neighbour| {
            let hint = SimilarTitle {
                title_id: title.id,
                reason: neighbour.reason.clone(),
            };
            cx.similar.add(neighbour.title_id, &hint, KEPT, now).await
        });
        futures::future::try_join_all(hints).await?;
    }
    cx.similar.put(title.id, similar, now).await?;
    step.done(Legacy::none(), clock::now()).await
}
