//! The registry of models: the current model, the one before it, the challenger, and the run that trains the next. It is one value, so
//! that one run at a time can hold it, and none while an experiment runs.

use std::collections::BTreeMap;

use kernel::{
    Timestamp,
    id::{ExperimentId, RetrainingId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    experiment::{Experiment, ExperimentRecord, Results, Verdict},
    machine::Execution,
    retraining::{Metrics, Run},
};

/// The registry of models.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelRegistry {
    /// The trained model that serves; `None` before the first training.
    pub current: Option<ServingModel>,
    /// The model that served before, for a rollback.
    pub previous: Option<ServingModel>,
    /// The second model of the endpoint, for experiments.
    pub challenger: Option<ServingModel>,
    /// The running experiment. No run starts while it runs, because the models must not change.
    pub experiment: Option<Experiment>,
    /// The default hyperparameters of every run: those of the last challenger that won.
    pub hyperparameters: BTreeMap<String, String>,
    /// The run that holds the registry.
    pub active_run: Option<ActiveRun>,
    /// 0 before the first write.
    pub version: u64,
}

/// A model that passed the quality gate and the smoke test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServingModel {
    /// The run that made it.
    pub run_id: RetrainingId,
    /// The name of the model and of its endpoint configuration in SageMaker.
    pub name: String,
    /// The version in its answers.
    pub model_version: String,
    /// The address of its artefact.
    pub artefact: String,
    /// Its metrics.
    pub metrics: Metrics,
    /// Since when it serves.
    pub promoted_at: Timestamp,
}

/// The run that trains the next model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveRun {
    /// Its id.
    pub run_id: RetrainingId,
    /// When it started.
    pub since: Timestamp,
}

impl ActiveRun {
    /// How long a run may have no execution after its start.
    const MAX_SECONDS_WITHOUT_EXECUTION: i64 = 60;

    /// Whether the run's execution is over or never started, although the run is not recorded as ended. `execution` is that of the retrain
    /// machine, if there is one.
    #[must_use]
    pub fn is_dead(&self, execution: Option<&Execution>, now: Timestamp) -> bool {
        match execution {
            Some(Execution::Running) => false,
            Some(_) => true,
            None => now.as_second() - self.since.as_second() > Self::MAX_SECONDS_WITHOUT_EXECUTION,
        }
    }
}

/// Why two models cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotComparable {
    /// This experiment is running.
    ExperimentRuns(ExperimentId),
    /// This retraining is running.
    RetrainingRuns(RetrainingId),
    /// There is no challenger.
    NoChallenger,
}

impl ModelRegistry {
    /// Whether this run holds the registry.
    #[must_use]
    pub fn is_held_by(&self, run: &Run) -> bool {
        self.active_run.is_some_and(|active| active.run_id == run.run_id)
    }

    /// The current model and its challenger, if they may be compared.
    pub fn comparable(&self) -> Result<(&ServingModel, &ServingModel), NotComparable> {
        if let Some(experiment) = &self.experiment {
            return Err(NotComparable::ExperimentRuns(experiment.experiment_id));
        }
        if let Some(active) = &self.active_run {
            return Err(NotComparable::RetrainingRuns(active.run_id));
        }

        self.current
            .as_ref()
            .zip(self.challenger.as_ref())
            .ok_or(NotComparable::NoChallenger)
    }

    /// The model of `run` serves from now on, as the current model or as the challenger, and the run releases the registry. Returns the
    /// models that are no longer needed; `None` if the run does not hold the registry.
    pub fn promote(&mut self, run: &Run, model: ServingModel, role: ModelRole) -> Option<Vec<ServingModel>> {
        if !self.release(run) {
            return None;
        }
        // A new model of either role replaces the challenger.
        let mut dropped = Vec::from_iter(self.challenger.take());
        match role {
            ModelRole::Challenger => self.challenger = Some(model),
            ModelRole::Current => {
                dropped.extend(self.previous.take());
                self.previous = self.current.replace(model);
            }
        }

        Some(dropped)
    }

    /// Ends the experiment. The hyperparameters of a challenger that won become the defaults. Returns whether the experiment was running.
    pub fn end_experiment(
        &mut self,
        record: &mut ExperimentRecord,
        verdict: Verdict,
        results: Option<&Results>,
        now: Timestamp,
    ) -> bool {
        let id = record.experiment.experiment_id;
        if self.experiment.take_if(|running| running.experiment_id == id).is_none() {
            return false;
        }
        record.verdict = verdict;
        record.ended_at = Some(now);
        if let Some(results) = results {
            record.results = Some(results.clone());
        }
        if verdict == Verdict::ChallengerWins {
            self.hyperparameters.clone_from(&record.hyperparameters);
        }

        true
    }

    /// The run releases the registry. Returns whether it held it.
    pub fn release(&mut self, run: &Run) -> bool {
        let held = self.is_held_by(run);
        if held {
            self.active_run = None;
        }

        held
    }
}

/// What a new model is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelRole {
    /// It replaces the current model.
    #[default]
    Current,
    /// It is served next to the current model, for an experiment.
    Challenger,
}

#[cfg(test)]
mod tests {
    use kernel::id::AccountId;

    use super::*;
    use crate::experiment::testing::experiment;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn model(name: &str) -> ServingModel {
        ServingModel {
            run_id: RetrainingId::mint(at(0)),
            name: name.to_owned(),
            model_version: name.to_owned(),
            artefact: "s3://b/model.tar.gz".to_owned(),
            metrics: Metrics {
                ndcg_at_100: 0.3,
                recall_at_50: 0.4,
                recall_at_20: 0.3,
                popularity_ndcg_at_100: 0.2,
                coverage: 0.5,
                held_out_people: 59,
            },
            promoted_at: at(0),
        }
    }

    fn held() -> (ModelRegistry, Run) {
        let run = Run {
            run_id: RetrainingId::mint(at(0)),
        };
        let registry = ModelRegistry {
            current: Some(model("current")),
            previous: Some(model("previous")),
            challenger: Some(model("challenger")),
            active_run: Some(ActiveRun {
                run_id: run.run_id,
                since: at(0),
            }),
            ..ModelRegistry::default()
        };

        (registry, run)
    }

    fn names<'a>(models: impl IntoIterator<Item = &'a ServingModel>) -> Vec<&'a str> {
        models.into_iter().map(|model| model.name.as_str()).collect()
    }

    #[test]
    fn a_run_is_dead_when_its_execution_is_over_or_never_started() {
        let active = ActiveRun {
            run_id: RetrainingId::mint(at(0)),
            since: at(1_000),
        };

        assert!(!active.is_dead(Some(&Execution::Running), at(900_000)));
        assert!(active.is_dead(Some(&Execution::Aborted), at(1_001)));
        assert!(active.is_dead(Some(&Execution::Succeeded), at(1_001)));
        assert!(!active.is_dead(None, at(1_030)));
        assert!(active.is_dead(None, at(1_100)));
    }

    #[test]
    fn a_new_model_replaces_the_current_one_and_the_challenger() {
        let (mut registry, run) = held();

        let dropped = registry.promote(&run, model("new"), ModelRole::Current).unwrap();

        assert_eq!(names(&dropped), ["challenger", "previous"]);
        assert_eq!(names(&registry.current), ["new"]);
        assert_eq!(names(&registry.previous), ["current"]);
        assert!(registry.challenger.is_none() && registry.active_run.is_none());
    }

    #[test]
    fn a_new_challenger_replaces_the_one_before() {
        let (mut registry, run) = held();

        let dropped = registry.promote(&run, model("new"), ModelRole::Challenger).unwrap();

        assert_eq!(names(&dropped), ["challenger"]);
        assert_eq!(names(&registry.challenger), ["new"]);
        assert_eq!(names(&registry.current), ["current"]);
        assert_eq!(names(&registry.previous), ["previous"]);
    }

    #[test]
    fn a_run_that_does_not_hold_the_registry_changes_nothing() {
        let (mut registry, run) = held();
        let another = Run {
            run_id: RetrainingId::mint(at(1)),
        };
        let before = registry.clone();

        assert_eq!(registry.promote(&another, model("new"), ModelRole::Current), None);
        assert!(!registry.release(&another));
        assert_eq!(registry, before);
        assert!(registry.release(&run) && !registry.release(&run), "it is released once");
    }

    #[test]
    fn a_challenger_that_won_leaves_its_hyperparameters() {
        let experiment = experiment(at(0));
        let hyperparameters = BTreeMap::from([("dimensions".to_owned(), "256".to_owned())]);
        let running = ExperimentRecord::new(experiment.clone(), AccountId::mint(at(0)), hyperparameters.clone());

        for (verdict, expected) in [
            (Verdict::ChallengerWins, hyperparameters),
            (Verdict::CurrentWins, BTreeMap::new()),
            (Verdict::Stopped, BTreeMap::new()),
        ] {
            let (mut registry, mut record) = (ModelRegistry::default(), running.clone());
            registry.experiment = Some(experiment.clone());

            assert!(registry.end_experiment(&mut record, verdict, None, at(9)));

            assert_eq!((record.verdict, record.ended_at), (verdict, Some(at(9))));
            assert_eq!(
                (registry.hyperparameters.clone(), registry.experiment.clone()),
                (expected, None)
            );
            assert!(
                !registry.end_experiment(&mut record, verdict, None, at(9)),
                "it ends once"
            );
        }
    }

    #[test]
    fn models_that_may_change_are_not_compared() {
        let (mut registry, run) = held();
        assert_eq!(registry.comparable(), Err(NotComparable::RetrainingRuns(run.run_id)));

        registry.release(&run);
        let (current, challenger) = registry.comparable().unwrap();
        assert_eq!(names([current, challenger]), ["current", "challenger"]);
        assert_eq!(ModelRegistry::default().comparable(), Err(NotComparable::NoChallenger));
    }

    #[test]
    fn models_of_a_running_experiment_are_not_compared_in_another_one() {
        let (mut registry, run) = held();
        registry.release(&run);
        let experiment = experiment(at(0));
        registry.experiment = Some(experiment.clone());

        assert_eq!(
            registry.comparable(),
            Err(NotComparable::ExperimentRuns(experiment.experiment_id))
        );
    }
}
