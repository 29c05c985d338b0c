//! A visit's part in an experiment: which model it asks, and what of the answer is kept for the results.

use std::collections::HashMap;

use adapters::sagemaker::recommender::{RowsAnswer, Variant};
use domain::{
    experiment::{Arm, Assignment, Exposure, Pick},
    recommendation::{Row, RowKind},
};
use kernel::id::TitleId;

use super::Visit;

/// Which models answered, and whose picks titles are where two took turns.
pub(super) struct Answerers {
    variant: Variant,
    model: String,
    challenger: Option<String>,
    arms: HashMap<TitleId, Arm>,
}

impl Answerers {
    pub(super) fn of(answer: &RowsAnswer) -> Self {
        let arms = answer.suggestions().filter_map(|one| Some((one.title_id, one.arm?)));

        Self {
            variant: answer.variant(),
            model: answer.model().to_owned(),
            challenger: answer.challenger().map(ToOwned::to_owned),
            arms: arms.collect(),
        }
    }

    /// Whose picks those titles are that stand in the personal row.
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

impl Visit<'_> {
    /// What this person gets, if an experiment goes on and they take part.
    pub(super) fn assignment(&self) -> Option<Assignment> {
        self.experiment.as_ref()?.assign_now(self.person.id, self.now)
    }

    /// Keeps what was shown of the experiment. That it cannot be kept is for the log: the person is counted another day.
    pub(super) async fn note_exposure(&self, answerers: &Answerers, shown: &[Row]) {
        if let Some(exposure) = self.exposure(answerers, shown)
            && let Err(error) = self.cx.exposures.note(&exposure).await
        {
            tracing::warn!(%error, "an exposure is not kept: {error}");
        }
    }

    /// What was shown of the experiment: nothing if other models answered than those that it compares.
    pub(super) fn exposure(&self, answerers: &Answerers, shown: &[Row]) -> Option<Exposure> {
        let experiment = self.experiment.as_ref()?;
        let assignment = experiment.assign_now(self.person.id, self.now)?;
        let (model, challenger) = match assignment {
            Assignment::Arm(Arm::Current) => (&experiment.current, None),
            Assignment::Arm(Arm::Challenger) => (&experiment.challenger, None),
            Assignment::Interleaved => (&experiment.current, Some(&experiment.challenger)),
        };
        let expected = answerers.variant == Variant::from(assignment)
            && answerers.model == *model
            && answerers.challenger.as_ref() == challenger;

        expected
            .then(|| Exposure::of(experiment, assignment, self.person.id, answerers.picks(shown), self.now))
            .flatten()
    }
}
