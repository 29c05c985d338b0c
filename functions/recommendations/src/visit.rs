//! Somebody comes to their home page: what is known of them and of the catalogue, the question to the recommender, and rows
//! without it when it does not answer.

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
    sagemaker::recommender::AskRow,
};
use domain::{
    account::Person,
    experiment::Experiment,
    playback::entitlement,
    recommendation::{Cause, Dealings, Row, RowKind},
    title::Title,
};
use futures::try_join;
use kernel::{Timestamp, id::TitleId, territory::Territory};
use runtime::http::ViewerCountry;

use self::recommender::{Answer, picks};
use crate::Context;

/// How many of a person's newest dealings count.
const DEALINGS: u8 = 200;
/// How many of the newest titles are candidates, whether the model knows them or not.
const CANDIDATES: u8 = 200;

/// One person's visit to their home page.
pub(crate) struct Visit<'a> {
    cx: &'a Context,
    person: &'a Person,
    territory: Option<Territory>,
    now: Timestamp,
    /// What the person has to do with titles.
    pub(crate) dealings: Dealings,
    /// Every title that was read.
    pub(crate) titles: HashMap<TitleId, Title>,
    newest: Vec<TitleId>,
    /// The one that goes on.
    experiment: Option<Experiment>,
}

/// Who made the rows.
pub(crate) enum Source {
    /// The model of this version.
    Model(String),
    /// We did.
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

impl<'a> Visit<'a> {
    /// Reads what the person did and what is new.
    pub(crate) async fn begin(
        cx: &'a Context,
        person: &'a Person,
        ViewerCountry(territory): ViewerCountry,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let candidates = PageRequest::first(CANDIDATES);
        let (engagements, newest, experiment) = try_join!(
            cx.engagements.newest(person.id, DEALINGS),
            cx.titles.list(ListTitles::Published { genre: None }, &candidates),
            async { Ok(cx.experiment().await) },
        )?;

        Ok(Self {
            cx,
            person,
            territory,
            now,
            dealings: Dealings::new(engagements),
            newest: newest.items.iter().map(|title| title.id).collect(),
            titles: newest.items.into_iter().map(|title| (title.id, title)).collect(),
            experiment,
        })
    }

    /// All rows of the home page.
    pub(crate) async fn home(&mut self) -> Result<(Vec<Row>, Source), StoreError> {
        let causes = self.dealings.causes();
        let asked = wanted(&self.dealings, &causes);
        let answer = self.ask_and_read(&asked).await?;
        let begun = self.begun();
        if let Some(answer) = answer {
            let Answer {
                model,
                trained,
                rows,
                answerers,
            } = answer;
            let named = asked.iter().zip(rows);
            let rows = named.filter_map(|(asked, row)| self.answered(asked, &causes, row));
            let mut rows: Vec<Row> = rows.collect();
            if !trained {
                self.say_what_people_watch(&mut rows).await?;
            }
            let rows = self.tidy(begun.as_ref(), rows);
            if !rows.is_empty() {
                self.note_exposure(&answerers, &rows).await;
                return Ok((with(begun, rows), Source::Model(model)));
            }
        }

        let rows = self.made_here(&causes).await?;
        let rows = self.tidy(begun.as_ref(), rows);

        Ok((with(begun, rows), Source::Fallback))
    }

    /// The personal row alone.
    pub(crate) async fn personal(&mut self) -> Result<(Row, Source), StoreError> {
        let asked = [AskRow::Personal {
            limit: RowKind::Personal.most(),
        }];
        if let Some(answer) = self.ask_and_read(&asked).await? {
            let row = Row::new(RowKind::Personal, picks(answer.rows.into_iter().flatten()));
            let mut rows = self.tidy(None, vec![row]);
            if !rows.is_empty() {
                self.note_exposure(&answer.answerers, &rows).await;
            }
            if let Some(row) = rows.pop() {
                return Ok((row, Source::Model(answer.model)));
            }
        }

        let popular = self.popular().await?;
        let row = self.hand(&popular).personal_for_anybody();
        let tidied = self.tidy(None, vec![row]).pop();

        Ok((
            tidied.unwrap_or_else(|| Row::new(RowKind::Personal, vec![])),
            Source::Fallback,
        ))
    }

    /// What is to be continued, as far as the person may still watch it.
    fn begun(&self) -> Option<Row> {
        let may_watch = |id| {
            let title = self.titles.get(&id);
            title.is_some_and(|title| entitlement(title, self.person).is_ok())
        };

        Row::new(RowKind::ContinueWatching, self.dealings.begun()).tidy(&mut HashSet::new(), may_watch)
    }

    /// The rows without what may not be shown, what stands above them, and what would be empty.
    fn tidy(&self, begun: Option<&Row>, rows: Vec<Row>) -> Vec<Row> {
        let begun = begun.into_iter().flat_map(|row| &row.picks);
        let mut shown: HashSet<TitleId> = begun.map(|pick| pick.title_id).collect();
        let may_stand = |id| self.titles.get(&id).is_some_and(Title::is_listed) && !self.dealings.hide(id);

        rows.into_iter()
            .filter_map(|row| row.tidy(&mut shown, may_stand))
            .collect()
    }

    /// The title that is the cause of a row, if the person may still know of it.
    fn cause(&self, cause: &Cause) -> Option<&Title> {
        let title = self.titles.get(&cause.title_id)?;

        entitlement(title, self.person).is_ok().then_some(title)
    }

    /// Those that were not read yet, each once.
    fn unread(&self, ids: impl IntoIterator<Item = TitleId>) -> Vec<TitleId> {
        let unread: HashSet<TitleId> = ids.into_iter().filter(|id| !self.titles.contains_key(id)).collect();

        unread.into_iter().collect()
    }

    fn learn(&mut self, titles: Vec<Title>) {
        self.titles.extend(titles.into_iter().map(|title| (title.id, title)));
    }
}

/// The rows of a home page, in their order. Who has just come has no row of their own: it would be what is popular, once more.
fn wanted(dealings: &Dealings, causes: &[Cause]) -> Vec<AskRow> {
    let personal = (!dealings.all().is_empty()).then_some(AskRow::Personal {
        limit: RowKind::Personal.most(),
    });
    let because = causes.iter().map(|cause| AskRow::Because {
        title_id: cause.title_id,
        limit: RowKind::Because.most(),
    });
    let new = AskRow::New {
        limit: RowKind::New.most(),
    };
    let popular = AskRow::Popular {
        limit: RowKind::Popular.most(),
    };

    personal.into_iter().chain(because).chain([new, popular]).collect()
}

fn with(begun: Option<Row>, rows: Vec<Row>) -> Vec<Row> {
    begun.into_iter().chain(rows).collect()
}
