//! Recommendations: what to watch next. Each file is a whole route; [`visit`] is what the personal ones share.

#[cfg(test)]
mod tests;
mod view;
mod visit;

use std::time::Duration;

use adapters::{
    account_statuses::AccountStatuses,
    aws,
    cognito::UserPool,
    dynamodb::{Engagements, Exposures, Models, Popularity, Similar, Table, Titles},
    sagemaker::Endpoint,
};
use domain::{account::AccountStatus, experiment::Experiment};
use kernel::id::AccountId;
use runtime::{
    config,
    http::{self, Problem, Samples},
};

/// How long a page waits for the recommender.
const PATIENCE: Duration = Duration::from_millis(800);

/// What the routes of this area work with, built once per cold start.
#[derive(Clone, Debug)]
pub struct Context {
    /// What callers may do.
    pub powers: AccountStatuses,
    /// The titles in the table.
    pub titles: Titles,
    /// What the recommender said of them.
    pub similar: Similar,
    /// What people have to do with them.
    pub engagements: Engagements,
    /// How popular they are.
    pub popularity: Popularity,
    /// Which models there are, and whether they are compared.
    pub models: Models,
    /// What people were shown of that.
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
        let recommender = recommender.map(|name| Endpoint::tried_once(&aws, name, PATIENCE));

        let pool = UserPool::new(&aws, config::text("USER_POOL_ID")?);

        Ok(Self::of(&table, pool, recommender))
    }

    /// The experiment that goes on. A page does without: that it cannot be read is for the log.
    pub(crate) async fn experiment(&self) -> Option<Experiment> {
        let read = self.models.experiment().await;

        read.inspect_err(|error| tracing::error!("whether an experiment goes on cannot be read: {error}"))
            .unwrap_or_default()
    }

    fn of(table: &Table, pool: UserPool, recommender: Option<Endpoint>) -> Self {
        Self {
            powers: AccountStatuses::new(pool),
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
        Ok(self.powers.get(id).await?)
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

/// Examples of what this area's routes take and give.
#[must_use]
pub fn samples() -> Vec<Samples> {
    vec![
        Samples::new::<get_home::HomeView>(),
        Samples::new::<get_recommendations::RecommendationsView>(),
        Samples::new::<give_feedback::FeedbackRequest>(),
        Samples::new::<get_similar::SimilarTitles>(),
    ]
}
