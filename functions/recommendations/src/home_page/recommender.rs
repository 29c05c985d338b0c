//! The question to the recommender, and the rows of its answer.

use adapters::{
    dynamodb::StoreError,
    sagemaker::recommender::{
        Ask, Request, RowKind as RequestedKind, RowRequest, RowsAnswer, RowsRequest, Suggestion, document, person,
        variant_of,
    },
};
use domain::recommendation::{Pick, Row, RowKind, SeedTitle};
use futures::future::join;
use kernel::{day, id::TitleId};
use runtime::log_failure;

use super::{HomePage, experiment::AnsweringModels};

/// An answer of the recommender.
pub(super) struct Answer {
    /// The model's version.
    pub(super) model: String,
    /// Whether it was trained.
    pub(super) trained: bool,
    /// The rows that were asked for, in that order.
    pub(super) rows: Vec<Vec<Suggestion>>,
    pub(super) models: AnsweringModels,
}

impl HomePage<'_> {
    /// Asks the recommender and reads the titles of the viewer's history at the same time, then reads the titles of the answer.
    pub(super) async fn ask_and_read(&mut self, asked: &[RowRequest]) -> Result<Option<Answer>, StoreError> {
        let watched: Vec<TitleId> = self.history.all().iter().map(|each| each.title_id).collect();
        let unread = self.unread(watched);
        let (answer, found) = join(self.ask(asked), self.cx.titles.find_many(&unread)).await;
        self.add_titles(found?);

        if let Some(answer) = &answer {
            let named = answer.rows.iter().flatten().map(|suggestion| suggestion.title_id);
            let unread = self.unread(named);
            self.add_titles(self.cx.titles.find_many(&unread).await?);
        }

        Ok(answer)
    }

    /// Asks the recommender, if there is one. Failures, timeouts and invalid answers are only logged: the page falls back.
    pub(super) async fn ask(&self, asked: &[RowRequest]) -> Option<Answer> {
        let recommender = self.cx.recommender.as_ref()?;
        let question = self.question(asked);
        let answer: RowsAnswer = recommender
            .invoke(&question)
            .await
            .inspect_err(|error| log_failure!(error, %error, "the recommender does not answer: {error}"))
            .ok()?;
        let (model, trained) = (answer.model().to_owned(), answer.is_trained());
        let models = AnsweringModels::new(&answer);
        let rows = answer
            .into_rows(asked)
            .inspect_err(|error| tracing::warn!(%error, "the recommender gave an invalid answer: {error}"))
            .ok()?;

        Some(Answer {
            model,
            trained,
            rows,
            models,
        })
    }

    pub(super) fn question(&self, asked: &[RowRequest]) -> Request {
        let candidates = self.newest.iter().filter_map(|id| self.titles.get(id));

        Request::from(Ask::Rows(RowsRequest {
            variant: self.assignment().map(variant_of),
            person: person(self.person.id, self.territory, self.history.all()),
            day: day::date(self.now),
            candidates: candidates.map(document).collect(),
            allowed: None,
            rows: asked.to_vec(),
        }))
    }

    /// A row of the recommender's answer; `None` if the seed title may no longer be named.
    pub(super) fn row(&self, asked: &RowRequest, seeds: &[SeedTitle], suggestions: Vec<Suggestion>) -> Option<Row> {
        Some(match &asked.kind {
            RequestedKind::Personal => self.suggested(RowKind::Personal, suggestions),
            RequestedKind::New => self.suggested(RowKind::New, suggestions),
            RequestedKind::Popular { .. } => self.suggested(RowKind::Popular, suggestions),
            // The page does not ask for these.
            RequestedKind::Similar { .. } | RequestedKind::Series => return None,
            RequestedKind::Because { title_id } => {
                let seed = seeds.iter().find(|seed| seed.title_id.to_string() == *title_id)?;

                let name = self.watchable(seed.title_id)?.details.name.as_str();
                let picks = self.suggested(RowKind::Because, suggestions).picks;

                Row::because(seed.action, name, picks)
            }
        })
    }

    /// A row of suggestions. Their reasons name a title of the viewer's history only if the viewer may still watch it.
    pub(super) fn suggested(&self, kind: RowKind, suggestions: impl IntoIterator<Item = Suggestion>) -> Row {
        let picks = suggestions.into_iter().map(|suggestion| {
            let Suggestion {
                title_id,
                reason,
                because_of,
                ..
            } = suggestion;
            let watched = because_of.and_then(|id| self.watchable(id));
            let reason = match (kind, watched.map(|title| title.details.name.as_str())) {
                (RowKind::Personal, Some(name)) => format!("Because you watched {name}"),
                // The row's default reason: an earlier image of the recommender names the title.
                (RowKind::Personal, None) if because_of.is_some() => String::new(),
                (RowKind::New, Some(name)) => format!("{reason}, because you watched {name}"),
                _ => reason,
            };

            Pick { title_id, reason }
        });

        Row::new(kind, picks.collect())
    }
}
