//! The rows of a viewer's home page: the data to make them of, the question to the recommender, and the rows to fall back to when
//! it does not answer.

mod experiment;
mod fallback;
mod recommender;
#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use adapters::{
    dynamodb::{ListTitles, PageRequest, StoreError},
    sagemaker::recommender::{RowKind as RequestedKind, RowRequest},
};
use domain::{
    account::Person,
    experiment::Experiment,
    playback::entitlement,
    recommendation::{Row, RowKind, SeedTitle, WatchHistory},
    title::Title,
};
use futures::try_join;
use kernel::{Timestamp, id::TitleId, territory::Territory};
use runtime::http::ViewerCountry;

use self::recommender::Answer;
use crate::Context;

/// How many of a viewer's newest engagements are read.
const HISTORY_LIMIT: u8 = 200;
/// How many of the newest titles are candidates, whether the model knows them or not.
const CANDIDATES: u8 = 200;

/// The home page of one viewer, while it is made.
pub(crate) struct HomePage<'a> {
    cx: &'a Context,
    person: &'a Person,
    territory: Option<Territory>,
    now: Timestamp,
    /// The viewer's engagements.
    pub(crate) history: WatchHistory,
    /// All titles that were read.
    pub(crate) titles: HashMap<TitleId, Title>,
    newest: Vec<TitleId>,
    /// The running experiment.
    experiment: Option<Experiment>,
}

/// The source of the rows.
pub(crate) enum Source {
    /// The model of this version.
    Model(String),
    /// Rows were made without the recommender.
    Fallback,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model(version) => write!(f, "model:{version}"),
            Self::Fallback => f.write_str("fallback"),
        }
    }
}

impl<'a> HomePage<'a> {
    /// Reads the viewer's history, the newest titles and the running experiment.
    pub(crate) async fn load(
        cx: &'a Context,
        person: &'a Person,
        ViewerCountry(territory): ViewerCountry,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let candidates = PageRequest::first(CANDIDATES);
        let (engagements, newest, experiment) = try_join!(
            cx.engagements.newest(person.id, HISTORY_LIMIT),
            cx.titles.list(ListTitles::Published { genre: None }, &candidates),
            async { Ok(cx.experiment().await) },
        )?;

        Ok(Self {
            cx,
            person,
            territory,
            now,
            history: WatchHistory::new(engagements),
            newest: newest.items.iter().map(|title| title.id).collect(),
            titles: newest.items.into_iter().map(|title| (title.id, title)).collect(),
            experiment,
        })
    }

    /// All rows of the home page.
    pub(crate) async fn rows(&mut self) -> Result<(Vec<Row>, Source), StoreError> {
        let seeds = self.history.seeds();
        let asked = rows_to_ask(&self.history, &seeds);
        let answer = self.ask_and_read(&asked).await?;
        let continued = self.continue_watching();
        if let Some(answer) = answer {
            let Answer {
                model,
                trained,
                rows,
                models,
            } = answer;
            let answered = asked.iter().zip(rows);
            let rows = answered.filter_map(|(asked, suggestions)| self.row(asked, &seeds, suggestions));
            let mut rows: Vec<Row> = rows.collect();
            if !trained {
                self.replace_popular_row(&mut rows).await?;
            }
            let rows = self.dedupe_and_filter(continued.as_ref(), rows);
            if !rows.is_empty() {
                self.record_exposure(&models, &rows).await;
                return Ok((concat(continued, rows), Source::Model(model)));
            }
        }

        let rows = self.fallback_rows(&seeds).await?;
        let rows = self.dedupe_and_filter(continued.as_ref(), rows);

        Ok((concat(continued, rows), Source::Fallback))
    }

    /// The personal row alone.
    pub(crate) async fn personal_row(&mut self) -> Result<(Row, Source), StoreError> {
        let asked = [RequestedKind::Personal.up_to(RowKind::Personal.max_titles())];
        if let Some(answer) = self.ask_and_read(&asked).await? {
            let row = self.suggested(RowKind::Personal, answer.rows.into_iter().flatten());
            let mut rows = self.dedupe_and_filter(None, vec![row]);
            if !rows.is_empty() {
                self.record_exposure(&answer.models, &rows).await;
            }
            if let Some(row) = rows.pop() {
                return Ok((row, Source::Model(answer.model)));
            }
        }

        let popular = self.popular().await?;
        let row = self.fallback_sources(&popular).personal_or_any();
        let filtered = self.dedupe_and_filter(None, vec![row]).pop();

        Ok((
            filtered.unwrap_or_else(|| Row::new(RowKind::Personal, vec![])),
            Source::Fallback,
        ))
    }

    /// Titles to continue that the viewer may still watch.
    fn continue_watching(&self) -> Option<Row> {
        let may_watch = |id| {
            let title = self.titles.get(&id);
            title.is_some_and(|title| entitlement(title, self.person).is_ok())
        };

        Row::new(RowKind::ContinueWatching, self.history.continue_watching())
            .dedupe_and_filter(&mut HashSet::new(), may_watch)
    }

    /// The rows without titles that may not be shown, that the viewer dismissed or that an earlier row has; empty rows are dropped.
    fn dedupe_and_filter(&self, continued: Option<&Row>, rows: Vec<Row>) -> Vec<Row> {
        let continued = continued.into_iter().flat_map(|row| &row.picks);
        let mut shown: HashSet<TitleId> = continued.map(|pick| pick.title_id).collect();
        let may_show = |id| self.titles.get(&id).is_some_and(Title::is_listed) && !self.history.hides(id);

        rows.into_iter()
            .filter_map(|row| row.dedupe_and_filter(&mut shown, may_show))
            .collect()
    }

    /// A title that was read, if the viewer may watch it.
    fn watchable(&self, id: TitleId) -> Option<&Title> {
        let title = self.titles.get(&id)?;

        entitlement(title, self.person).is_ok().then_some(title)
    }

    /// Those of these titles that were not read yet, each once.
    fn unread(&self, ids: impl IntoIterator<Item = TitleId>) -> Vec<TitleId> {
        let unread: HashSet<TitleId> = ids.into_iter().filter(|id| !self.titles.contains_key(id)).collect();

        unread.into_iter().collect()
    }

    fn add_titles(&mut self, titles: Vec<Title>) {
        self.titles.extend(titles.into_iter().map(|title| (title.id, title)));
    }
}

/// The rows to ask the recommender for, in the order of the page. A new viewer gets no personal row: it would repeat the popular one.
fn rows_to_ask(history: &WatchHistory, seeds: &[SeedTitle]) -> Vec<RowRequest> {
    let personal = RequestedKind::Personal.up_to(RowKind::Personal.max_titles());
    let personal = (!history.all().is_empty()).then_some(personal);
    let because = seeds.iter().map(|seed| {
        let title_id = seed.title_id.to_string();
        RequestedKind::Because { title_id }.up_to(RowKind::Because.max_titles())
    });
    let new = RequestedKind::New.up_to(RowKind::New.max_titles());
    let popular = RequestedKind::Popular { genre: None }.up_to(RowKind::Popular.max_titles());

    personal.into_iter().chain(because).chain([new, popular]).collect()
}

fn concat(continued: Option<Row>, rows: Vec<Row>) -> Vec<Row> {
    continued.into_iter().chain(rows).collect()
}
