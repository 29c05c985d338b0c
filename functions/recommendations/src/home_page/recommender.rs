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
        let picks = picks(suggestions);

        Some(match &asked.kind {
            RequestedKind::Personal => Row::new(RowKind::Personal, picks),
            RequestedKind::New => Row::new(RowKind::New, picks),
            RequestedKind::Popular { .. } => Row::new(RowKind::Popular, picks),
            // The page does not ask for these.
            RequestedKind::Similar { .. } | RequestedKind::Series => return None,
            RequestedKind::Because { title_id } => {
                let seed = seeds.iter().find(|seed| seed.title_id.to_string() == *title_id)?;

                Row::because(seed.action, self.seed_title(seed)?.details.name.as_str(), picks)
            }
        })
    }
}

pub(super) fn picks(suggestions: impl IntoIterator<Item = Suggestion>) -> Vec<Pick> {
    let picks = suggestions
        .into_iter()
        .map(|Suggestion { title_id, reason, .. }| Pick { title_id, reason });

    picks.collect()
}
