//! What the routes of this area work with.

use adapters::{
    aws,
    cognito::UserPool,
    dynamodb::{Engagements, PlaybackSessions, Popularity, StoreError, Table, Titles},
};
use axum::extract::FromRef;
use domain::{
    account::{AccountStatus, Person},
    engagement::Engagement,
    title::{Publication, Title},
};
use kernel::{Timestamp, id::AccountId};
use runtime::{
    config,
    http::{self, Problem, ViewerCountry},
};
use services::AccountStatuses;

/// What the routes of this area work with, built once per cold start.
#[derive(Clone, Debug, FromRef)]
pub struct Context {
    /// What callers may do.
    pub statuses: AccountStatuses,
    /// The titles in the table.
    pub titles: Titles,
    /// The engagement of accounts with titles.
    pub engagements: Engagements,
    /// The playback sessions that heartbeats belong to.
    pub sessions: PlaybackSessions,
    /// The titles' popularity.
    pub popularity: Popularity,
}

impl Context {
    /// Reads the environment: `TABLE_NAME`, `USER_POOL_ID`.
    pub async fn from_env() -> Result<Self, runtime::Error> {
        let aws = aws::config().await;
        let pool = UserPool::new(&aws, config::text("USER_POOL_ID")?);

        Ok(Self::new(&Table::new(&aws, config::text("TABLE_NAME")?), pool))
    }

    pub(crate) fn new(table: &Table, pool: UserPool) -> Self {
        Self {
            statuses: AccountStatuses::new(pool),
            titles: table.titles(),
            engagements: table.engagements(),
            sessions: table.playback_sessions(),
            popularity: table.popularity(),
        }
    }

    /// Changes the engagement of `person` with a title by `rule`, which returns whether it changed anything, and records the
    /// person's country.
    pub(crate) async fn record(
        &self,
        person: &Person,
        (title, publication): &(Title, Publication),
        ViewerCountry(territory): ViewerCountry,
        now: Timestamp,
        rule: impl Fn(&mut Engagement) -> bool,
    ) -> Result<(), StoreError> {
        let initial = Engagement::new(person.id, title.id, publication.duration_ms, now);
        let rule = |engagement: &mut Engagement| {
            let changed = rule(engagement);
            if changed {
                engagement.note_territory(territory);
            }

            changed
        };
        let changed = self.engagements.change(&initial, rule).await?;

        let newly_counted = changed.is_some_and(|engagement| engagement.counted_at == Some(now));
        if newly_counted && title.is_listed() {
            // The caller's change is written. Without this count the title is a little less popular than it should be.
            if let Err(error) = self.popularity.count(title.id, now).await {
                tracing::warn!(title.id = %title.id, %error, "a viewer was not counted in the popularity of {}", title.id);
            }
        }

        Ok(())
    }
}

impl http::Accounts for Context {
    async fn status(&self, id: AccountId) -> Result<AccountStatus, Problem> {
        Ok(self.statuses.get(id).await?)
    }
}
