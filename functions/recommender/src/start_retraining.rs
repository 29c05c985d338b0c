//! Begins a run on the schedule. A run that is still at work is let be.

use adapters::{dynamodb::Table, sfn::RetrainMachine, sns::Topic};
use runtime::{clock, config};
use serde::Deserialize;

use crate::{
    retraining_end::RetrainingEnd,
    retraining_start::{RetrainingStart, StartOutcome, StartRequest},
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

/// Any event: what is in it does not matter.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct AnyEvent {}

/// Begins a run.
pub async fn handle(cx: Context, _event: AnyEvent) -> Result<(), runtime::Error> {
    match cx.start.start(StartRequest::default(), clock::now()).await? {
        StartOutcome::Started(_) | StartOutcome::NothingToChallenge => {}
        StartOutcome::AlreadyRunning(run) => {
            tracing::warn!(run.id = %run.run_id, "the retraining {} is still at work", run.run_id)
        }
        StartOutcome::ExperimentRunning(id) => {
            tracing::info!("no retraining while the experiment {id} compares two models")
        }
        StartOutcome::NotSetUp => {
            tracing::warn!("there is no recommender to train: the parameter RecommenderImage is empty")
        }
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
