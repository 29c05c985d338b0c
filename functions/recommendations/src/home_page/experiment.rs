//! The home page in an experiment: the model that it asks, and the exposure that is recorded of the answer.

use std::collections::HashMap;

use adapters::sagemaker::recommender::{RowsAnswer, Variant, variant_of};
use domain::{
    experiment::{Arm, Assignment, Exposure, Pick},
    recommendation::{Row, RowKind},
};
use kernel::id::TitleId;

use super::HomePage;

/// The models that answered, and the model that picked each title of an interleaved row.
pub(super) struct AnsweringModels {
    variant: Variant,
    model: String,
    challenger: Option<String>,
    arms: HashMap<TitleId, Arm>,
}

impl AnsweringModels {
    pub(super) fn new(answer: &RowsAnswer) -> Self {
        let arms = answer.suggestions().filter_map(|one| Some((one.title_id, one.arm?)));

        Self {
            variant: answer.variant(),
            model: answer.model().to_owned(),
            challenger: answer.challenger().map(ToOwned::to_owned),
            arms: arms.collect(),
        }
    }

    /// The titles of the personal row, each with the model that picked it.
    fn picks(&self, shown: &[Row]) -> Vec<Pick> {
        let personal = shown.iter().filter(|row| row.kind == RowKind::Personal);
        let titles = personal.flat_map(|row| &row.picks).map(|pick| pick.title_id);
        let picks = titles.filter_map(|title_id| {
            Some(Pick {
                title_id,
                arm: *self.arms.get(&title_id)?,
            })
        });

        picks.collect()
    }
}

impl HomePage<'_> {
    /// The arm of this viewer, if an experiment is running and they take part.
    pub(super) fn assignment(&self) -> Option<Assignment> {
        self.experiment.as_ref()?.assign_at(self.person.id, self.now)
    }

    /// Records the exposure. A failure is only logged: the viewer is counted on another day.
    pub(super) async fn record_exposure(&self, models: &AnsweringModels, shown: &[Row]) {
        if let Some(exposure) = self.exposure(models, shown)
            && let Err(error) = self.cx.exposures.record(&exposure).await
        {
            tracing::warn!(%error, "an exposure was not recorded: {error}");
        }
    }

    /// The exposure; `None` if other models answered than those that the experiment compares.
    pub(super) fn exposure(&self, models: &AnsweringModels, shown: &[Row]) -> Option<Exposure> {
        let experiment = self.experiment.as_ref()?;
        let assignment = experiment.assign_at(self.person.id, self.now)?;
        let (model, challenger) = match assignment {
            Assignment::Arm(Arm::Current) => (&experiment.current, None),
            Assignment::Arm(Arm::Challenger) => (&experiment.challenger, None),
            Assignment::Interleaved => (&experiment.current, Some(&experiment.challenger)),
        };
        let expected = models.variant == variant_of(assignment)
            && models.model == *model
            && models.challenger.as_ref() == challenger;

        expected
            .then(|| Exposure::new(experiment, assignment, self.person.id, models.picks(shown), self.now))
            .flatten()
    }
}
