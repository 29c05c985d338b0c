//! Starts a run on the schedule, unless one is running.

use adapters::{dynamodb::Table, sfn::RetrainMachine, sns::Topic};
use runtime::{clock, config};
use serde::Deserialize;

use crate::{
    retraining_end::RetrainingEnd,
    retraining_start::{RetrainingStart, StartError, StartRequest},
};

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    start: RetrainingStart,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, runtime::Error> {
        let aws = adapters::aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);
        let topic = Topic::new(&aws, config::text("OPERATORS_TOPIC_ARN")?);
        let end = RetrainingEnd::new(&table, topic, config::text("RECOMMENDATIONS_ENDPOINT")?);
        let machine = RetrainMachine::new(&aws, config::text("RETRAIN_STATE_MACHINE_ARN")?);
        let image = config::optional("RECOMMENDER_IMAGE");

        Ok(Self {
            start: RetrainingStart::new(&table, machine, end, image),
        })
    }
}

/// Any event: its content is not used.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct AnyEvent {}

/// Starts a run.
pub async fn handle(cx: Context, _event: AnyEvent) -> Result<(), runtime::Error> {
    match cx.start.start(StartRequest::default(), clock::now()).await {
        Ok(_) | Err(StartError::NothingToChallenge) => {}
        Err(StartError::AlreadyRunning(id)) => tracing::warn!(run.id = %id, "the retraining {id} is still running"),
        Err(StartError::ExperimentRunning(id)) => tracing::info!("no retraining while the experiment {id} is running"),
        Err(StartError::NotSetUp) => {
            tracing::warn!("there is no recommender to train: the parameter RecommenderImage is empty");
        }
        Err(StartError::Service(error)) => return Err(error.into()),
    }

    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_an_event_of_this_function() {
        let sample = include_str!("../../../events/schedule/start-retraining.json");

        runtime::event::parse::<AnyEvent>(serde_json::from_str(sample).unwrap()).unwrap();
    }
}
