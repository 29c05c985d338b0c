//! What the routes of this area work with.

use adapters::{
    account_statuses::AccountStatuses,
    aws,
    cognito::UserPool,
    dynamodb::{Engagements, PlaybackSessions, Popularity, StoreError, Table, Titles},
};
use domain::{
    account::{AccountStatus, Person},
    engagement::Engagement,
    playback::{NotWatchable, entitlement},
    title::{Publication, Title},
};
use kernel::{
    Timestamp,
    id::{AccountId, TitleId},
};
use runtime::{
    config,
    http::{self, Problem, ViewerCountry},
};

/// What the routes of this area work with, built once per cold start.
#[derive(Clone, Debug)]
pub struct Context {
    /// What callers may do.
    pub statuses: AccountStatuses,
    /// The titles in the table.
    pub titles: Titles,
    /// What people have to do with them.
    pub engagements: Engagements,
    /// The playback sessions that heartbeats belong to.
    pub sessions: PlaybackSessions,
    /// How popular they are.
    pub popularity: Popularity,
}

impl Context {
    /// Reads the environment: `TABLE_NAME`, `USER_POOL_ID`.
    pub async fn from_env() -> Result<Self, runtime::Error> {
        let aws = aws::config().await;
        let pool = UserPool::new(&aws, config::text("USER_POOL_ID")?);

        Ok(Self::of(&Table::new(&aws, config::text("TABLE_NAME")?), pool))
    }

    pub(crate) fn of(table: &Table, pool: UserPool) -> Self {
        Self {
            statuses: AccountStatuses::new(pool),
            titles: table.titles(),
            engagements: table.engagements(),
            sessions: table.playback_sessions(),
            popularity: table.popularity(),
        }
    }

    /// A title that `person` may watch, with what is playable of it.
    pub(crate) async fn film(&self, id: TitleId, person: &Person) -> Result<(Title, Publication), Problem> {
        let title = self.titles.find(id).await?.ok_or_else(no_such_title)?;
        let publication = entitlement(&title, person).cloned().map_err(|error| match error {
            NotWatchable::Unknown => no_such_title(),
            error @ NotWatchable::NotPublished(_) => Problem::conflict(error.to_string()),
        })?;

        Ok((title, publication))
    }

    /// Changes what `person`, who is there, has to do with a title that they may watch, by `rule`, which says whether it changed
    /// anything.
    pub(crate) async fn record(
        &self,
        person: &Person,
        (title, publication): &(Title, Publication),
        ViewerCountry(territory): ViewerCountry,
        now: Timestamp,
        rule: impl Fn(&mut Engagement) -> bool,
    ) -> Result<(), StoreError> {
        let nothing = Engagement::new(person.id, title.id, publication.duration_ms, now);
        let rule = |engagement: &mut Engagement| {
            let changed = rule(engagement);
            if changed {
                engagement.note_territory(territory);
            }

            changed
        };
        let changed = self.engagements.change(&nothing, rule).await?;

        let newly_counted = changed.is_some_and(|engagement| engagement.counted_at == Some(now));
        if newly_counted && title.is_listed() {
            // What was asked for is done: without this one the title is a little less popular than it should be.
            if let Err(error) = self.popularity.count(title.id, now).await {
                tracing::warn!(title.id = %title.id, %error, "somebody who watched or liked {} was not counted", title.id);
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

/// There is no such title; the same words whether it does not exist or must not be known.
pub(crate) fn no_such_title() -> Problem {
    Problem::not_found("there is no such title, or you may not see it")
}
