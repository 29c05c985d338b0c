//! The question to the recommender, and what becomes of its answer.

use adapters::{
    dynamodb::StoreError,
    sagemaker::recommender::{AskRow, AskRows, Document, Question, RowsAnswer, Suggestion, Taste, Variant},
};
use domain::recommendation::{Cause, Pick, Row, RowKind};
use futures::future::join;
use kernel::{day, id::TitleId};
use runtime::log_failure;

use super::{Visit, experiment::Answerers};

/// What the recommender answered: for each row that was asked for, in that order.
pub(super) struct Answer {
    /// The model's version.
    pub(super) model: String,
    /// Whether it was trained.
    pub(super) trained: bool,
    pub(super) rows: Vec<Vec<Suggestion>>,
    pub(super) answerers: Answerers,
}

impl Visit<'_> {
    /// Asks the recommender while the titles that the person has to do with are read, and then reads what it named.
    pub(super) async fn ask_and_read(&mut self, asked: &[AskRow]) -> Result<Option<Answer>, StoreError> {
        let dealt: Vec<TitleId> = self.dealings.all().iter().map(|each| each.title_id).collect();
        let unread = self.unread(dealt);
        let (answer, found) = join(self.ask(asked), self.cx.titles.find_many(&unread)).await;
        self.learn(found?);

        if let Some(answer) = &answer {
            let named = answer.rows.iter().flatten().map(|suggestion| suggestion.title_id);
            let unread = self.unread(named);
            self.learn(self.cx.titles.find_many(&unread).await?);
        }

        Ok(answer)
    }

    /// Asks the recommender, if there is one. That it is down, slow or out of its mind is for the log: the page does without it.
    pub(super) async fn ask(&self, asked: &[AskRow]) -> Option<Answer> {
        let recommender = self.cx.recommender.as_ref()?;
        let question = self.question(asked);
        let answer: RowsAnswer = recommender
            .invoke(&question)
            .await
            .inspect_err(|error| log_failure!(error, %error, "the recommender does not answer: {error}"))
            .ok()?;
        let (model, trained) = (answer.model().to_owned(), answer.is_of_a_trained_model());
        let answerers = Answerers::of(&answer);
        let rows = answer
            .answering(asked)
            .inspect_err(|error| tracing::warn!(%error, "the recommender does not answer what it was asked: {error}"))
            .ok()?;

        Some(Answer {
            model,
            trained,
            rows,
            answerers,
        })
    }

    pub(super) fn question(&self, asked: &[AskRow]) -> Question<AskRows> {
        let candidates = self.newest.iter().filter_map(|id| self.titles.get(id));

        Question::new(AskRows {
            person: Taste::of(self.person, self.territory, self.dealings.all()),
            day: day::from_timestamp(self.now),
            variant: self.assignment().map(Variant::from),
            candidates: candidates.map(Document::from).collect(),
            rows: asked.to_vec(),
        })
    }

    /// A row of the recommender's answer.
    pub(super) fn answered(&self, asked: &AskRow, causes: &[Cause], row: Vec<Suggestion>) -> Option<Row> {
        let picks = picks(row);

        Some(match asked {
            AskRow::Personal { .. } => Row::new(RowKind::Personal, picks),
            AskRow::New { .. } => Row::new(RowKind::New, picks),
            AskRow::Popular { .. } => Row::new(RowKind::Popular, picks),
            AskRow::Because { title_id, .. } => {
                let cause = causes.iter().find(|cause| cause.title_id == *title_id)?;

                Row::because(cause.deed, self.cause(cause)?.details.name.as_str(), picks)
            }
        })
    }
}

/// What the recommender suggested, as picks.
pub(super) fn picks(suggestions: impl IntoIterator<Item = Suggestion>) -> Vec<Pick> {
    let picks = suggestions
        .into_iter()
        .map(|Suggestion { title_id, reason, .. }| Pick { title_id, reason });

    picks.collect()
}
