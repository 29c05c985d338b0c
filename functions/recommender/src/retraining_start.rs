//! Begins a run: for the route and for the schedule. One run at a time holds the models' item; the item of a run whose
//! execution is gone is taken over, and the operators are told of it.

use std::collections::BTreeMap;

use adapters::{
    ServiceError,
    dynamodb::{Models, Retrainings, StoreError, Table},
    sfn::RetrainMachine,
};
use domain::audit::{Action, AuditEntry, Origin, Target};
use domain::model::{ModelRegistry, ModelRole};
use domain::retraining::{CurrentModel, RetrainError, Retraining, Run};
use kernel::{
    Timestamp,
    id::{AccountId, ExperimentId, RetrainingId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::retraining_end::RetrainingEnd;

/// Begins runs.
#[derive(Clone, Debug)]
pub(crate) struct RetrainingStart {
    models: Models,
    retrainings: Retrainings,
    machine: RetrainMachine,
    end: RetrainingEnd,
    /// Without an image there is nothing to train.
    image: Option<String>,
}

/// What came of beginning.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum StartOutcome {
    /// The run has begun.
    Started(Run),
    /// Another run is at work.
    AlreadyRunning(Run),
    /// An experiment compares two models, which have to stay what they are.
    ExperimentRunning(ExperimentId),
    /// There is no trained model to stand beside.
    NothingToChallenge,
    /// The installation has no recommender.
    NotSetUp,
}

/// What a run is to do.
#[derive(Clone, Debug, Default)]
pub(crate) struct StartRequest {
    /// Who begins it; nobody if it is the schedule.
    pub(crate) started_by: Option<AccountId>,
    /// Where an admin's request came from.
    pub(crate) origin: Option<Origin>,
    /// What the trainer is told besides what every run tells it.
    pub(crate) hyperparameters: BTreeMap<String, String>,
    /// What the new model is for.
    pub(crate) place: ModelRole,
    /// What happens to the default hyperparameters.
    pub(crate) hyperparameters_mode: HyperparametersMode,
}

/// What a request's hyperparameters do to the default ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HyperparametersMode {
    /// They override the defaults for this run.
    #[default]
    Keep,
    /// They become the defaults.
    Replace,
}

impl RetrainingStart {
    pub(crate) fn new(table: &Table, machine: RetrainMachine, end: RetrainingEnd, image: Option<String>) -> Self {
        Self {
            models: table.models(),
            retrainings: table.retrainings(),
            machine,
            end,
            image,
        }
    }

    pub(crate) async fn start(&self, request: StartRequest, now: Timestamp) -> Result<StartOutcome, ServiceError> {
        if self.image.is_none() {
            return Ok(StartOutcome::NotSetUp);
        }
        let mut models = self.models.find().await?;
        if let Some(at_work) = models.active_run {
            let holder = Run { run_id: at_work.run_id };
            if !at_work.is_dead(self.machine.describe(&holder).await?.as_ref(), now) {
                return Ok(StartOutcome::AlreadyRunning(holder));
            }
            tracing::warn!(run.id = %holder.run_id, "the run {} died without a word", holder.run_id);
            self.end.failed(&holder, &RetrainError::Interrupted.into(), now).await?;
            models = self.models.find().await?;
            if let Some(at_work) = models.active_run {
                // Somebody else took over at the same moment.
                return Ok(StartOutcome::AlreadyRunning(Run { run_id: at_work.run_id }));
            }
        }
        if let Some(experiment) = &models.experiment {
            return Ok(StartOutcome::ExperimentRunning(experiment.experiment_id));
        }
        let challenges = match (request.place, &models.current) {
            (ModelRole::Current, _) => None,
            (ModelRole::Challenger, None) => return Ok(StartOutcome::NothingToChallenge),
            (ModelRole::Challenger, Some(current)) => Some(CurrentModel {
                model_version: current.model_version.clone(),
                artefact: current.artefact.clone(),
            }),
        };

        let run = Run {
            run_id: RetrainingId::mint(now),
        };
        let mut hyperparameters = models.hyperparameters.clone();
        if request.hyperparameters_mode == HyperparametersMode::Replace {
            hyperparameters.clear();
            models.hyperparameters.clone_from(&request.hyperparameters);
        }
        hyperparameters.extend(request.hyperparameters);
        let mut retraining = Retraining::new(run, request.started_by, hyperparameters, now);
        retraining.challenges = challenges;
        let entry = request.started_by.zip(request.origin).map(|(admin, origin)| {
            let target = Target::Retraining(run.run_id);
            AuditEntry::new(admin, Action::RetrainingStarted, target, origin, now)
        });
        match self.retrainings.start(&retraining, &mut models, entry.as_ref()).await {
            Err(StoreError::Changed) => Ok(self.faster().await?),
            begun => {
                begun?;
                // Should this process end between the two, the next start finds a run without an execution.
                self.machine.start(&run).await?;
                tracing::info!(run.id = %run.run_id, "the retraining {} has begun", run.run_id);
                Ok(StartOutcome::Started(run))
            }
        }
    }

    /// Somebody else began, or ended, a run at the same moment.
    async fn faster(&self) -> Result<StartOutcome, StoreError> {
        let models: ModelRegistry = self.models.find().await?;

        match models.active_run {
            Some(at_work) => Ok(StartOutcome::AlreadyRunning(Run { run_id: at_work.run_id })),
            None => match models.experiment {
                Some(experiment) => Ok(StartOutcome::ExperimentRunning(experiment.experiment_id)),
                None => Err(StoreError::Changed),
            },
        }
    }
}
