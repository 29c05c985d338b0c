//! The start of a run, for the route and for the schedule. One run at a time holds the registry of models. A run whose execution is
//! gone is ended as interrupted, with a notice to the operators, and the new run takes over.

use std::collections::BTreeMap;

use adapters::{
    ServiceError,
    dynamodb::{Models, Retrainings, StoreError, Table},
    sfn::RetrainMachine,
};
use domain::{
    audit::{Action, AuditEntry, Origin, Target},
    machine::ExecutionInput as _,
    model::ModelRole,
    retraining::{CurrentModel, RetrainError, Retraining, Run},
};
use kernel::{
    Timestamp,
    id::{AccountId, ExperimentId, RetrainingId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::retraining_end::RetrainingEnd;

/// Starts runs.
#[derive(Clone, Debug)]
pub(crate) struct RetrainingStart {
    models: Models,
    retrainings: Retrainings,
    machine: RetrainMachine,
    end: RetrainingEnd,
    /// The image of the trainer; an installation may have none.
    image: Option<String>,
}

/// Why no run was started.
#[derive(Debug)]
pub(crate) enum StartError {
    /// Another run is running.
    AlreadyRunning(RetrainingId),
    /// An experiment compares two models, which must not change.
    ExperimentRunning(ExperimentId),
    /// There is no trained model to challenge.
    NothingToChallenge,
    /// The installation has no recommender.
    NotSetUp,
    /// A service failed.
    Service(ServiceError),
}

impl<E: Into<ServiceError>> From<E> for StartError {
    fn from(error: E) -> Self {
        Self::Service(error.into())
    }
}

/// A request for a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct StartRequest {
    /// The admin who starts it; `None` if it is the schedule.
    pub(crate) started_by: Option<AccountId>,
    /// The origin of an admin's request.
    pub(crate) origin: Option<Origin>,
    /// The hyperparameters of the training, in addition to the default ones.
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

    /// Starts a run.
    pub(crate) async fn start(&self, request: StartRequest, now: Timestamp) -> Result<Run, StartError> {
        if self.image.is_none() {
            return Err(StartError::NotSetUp);
        }
        let mut models = self.models.find().await?;
        if let Some(active) = models.active_run {
            let holder = Run { run_id: active.run_id };
            if !active.is_dead(self.machine.describe(&holder.execution_name()).await?.as_ref(), now) {
                return Err(StartError::AlreadyRunning(holder.run_id));
            }
            tracing::warn!(run.id = %holder.run_id, "the retraining {} ended without a result", holder.run_id);
            self.end.failed(&holder, &RetrainError::Interrupted.into(), now).await?;
            models = self.models.find().await?;
            if let Some(active) = models.active_run {
                // Another call took over at the same moment.
                return Err(StartError::AlreadyRunning(active.run_id));
            }
        }
        if let Some(experiment) = &models.experiment {
            return Err(StartError::ExperimentRunning(experiment.experiment_id));
        }
        let challenges = match (request.place, &models.current) {
            (ModelRole::Current, _) => None,
            (ModelRole::Challenger, None) => return Err(StartError::NothingToChallenge),
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
            Err(StoreError::Changed) => return Err(self.conflict().await),
            started => started?,
        }

        // If this process ends before the next call, the next start finds a run without an execution.
        self.machine.start(&run).await?;
        tracing::info!(run.id = %run.run_id, "the retraining {} started", run.run_id);

        Ok(run)
    }

    /// Another call started a run or an experiment at the same moment, or ended one.
    async fn conflict(&self) -> StartError {
        match self.models.find().await {
            Err(error) => error.into(),
            Ok(models) => match (models.active_run, models.experiment) {
                (Some(active), _) => StartError::AlreadyRunning(active.run_id),
                (None, Some(experiment)) => StartError::ExperimentRunning(experiment.experiment_id),
                (None, None) => StoreError::Changed.into(),
            },
        }
    }
}
