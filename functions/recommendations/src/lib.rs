//! Recommendations: what to watch next. Each file has one route; the personal routes share [`home_page`].

mod home_page;
#[cfg(test)]
mod tests;
mod view;

use std::time::Duration;

use adapters::{
    aws,
    cognito::UserPool,
    dynamodb::{Engagements, Exposures, Models, Popularity, Similar, Table, Titles},
    sagemaker::Endpoint,
};
use axum::extract::FromRef;
use domain::{account::AccountStatus, experiment::Experiment};
use kernel::id::AccountId;
use runtime::{
    config,
    http::{self, Problem, Samples},
};
use services::AccountStatuses;

/// How long a page waits for the recommender.
const RECOMMENDER_TIMEOUT: Duration = Duration::from_millis(800);

/// What the routes of this area work with, built once per cold start.
#[derive(Clone, Debug, FromRef)]
pub struct Context {
    /// The statuses of accounts.
    pub account_statuses: AccountStatuses,
    /// The titles.
    pub titles: Titles,
    /// The similar titles of each title.
    pub similar: Similar,
    /// The engagements of viewers with titles.
    pub engagements: Engagements,
    /// The popularity of titles.
    pub popularity: Popularity,
    /// The registry of models, with the running experiment.
    pub models: Models,
    /// The exposures of experiments.
    pub exposures: Exposures,
    /// The recommender; an installation may have none.
    pub recommender: Option<Endpoint>,
}

impl Context {
    /// Reads the environment: `TABLE_NAME`, `USER_POOL_ID`, and `RECOMMENDATIONS_ENDPOINT`, which is empty where there is no recommender.
    pub async fn from_env() -> Result<Self, runtime::Error> {
        let aws = aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);
        let recommender = config::optional("RECOMMENDATIONS_ENDPOINT");
        let recommender = recommender.map(|name| Endpoint::without_retries(&aws, name, RECOMMENDER_TIMEOUT));

        let pool = UserPool::new(&aws, config::text("USER_POOL_ID")?);

        Ok(Self::new(&table, pool, recommender))
    }

    /// The running experiment. A failure to read it is only logged: the page is made without the experiment.
    pub(crate) async fn experiment(&self) -> Option<Experiment> {
        let read = self.models.experiment().await;

        read.inspect_err(|error| tracing::error!("the running experiment cannot be read: {error}"))
            .unwrap_or_default()
    }

    fn new(table: &Table, pool: UserPool, recommender: Option<Endpoint>) -> Self {
        Self {
            account_statuses: AccountStatuses::new(pool),
            titles: table.titles(),
            similar: table.similar(),
            engagements: table.engagements(),
            popularity: table.popularity(),
            models: table.models(),
            exposures: table.exposures(),
            recommender,
        }
    }
}

impl http::Accounts for Context {
    async fn status(&self, id: AccountId) -> Result<AccountStatus, Problem> {
        Ok(self.account_statuses.get(id).await?)
    }
}

runtime::functions! {
    routes(Context):
        get_home,
        get_recommendations,
        give_feedback,
        get_similar;
    batches:
        place_title;
}

/// Samples of the requests and answers of this area's routes.
#[must_use]
pub fn samples() -> Vec<Samples> {
    vec![
        Samples::new::<get_home::HomeView>(),
        Samples::new::<get_recommendations::RecommendationsView>(),
        Samples::new::<give_feedback::FeedbackRequest>(),
        Samples::new::<get_similar::SimilarTitles>(),
    ]
}
