//! Begins a run on the schedule. A run that is still at work is let be.

use adapters::{aws::SdkConfig, dynamodb::Table, sfn::RetrainMachine, sns::Topic};
use runtime::{clock, config};
use serde::Deserialize;

use crate::{
    ending::Ending,
    start::{Order, Start, Starter},
};

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    starter: Starter,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, runtime::Error> {
        let aws = adapters::aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);

        Ok(Self {
            starter: starter(&aws, &table)?,
        })
    }
}

/// What begins runs, as the environment says.
pub(crate) fn starter(aws: &SdkConfig, table: &Table) -> Result<Starter, config::ConfigError> {
    let topic = Topic::new(aws, config::text("OPERATORS_TOPIC_ARN")?);
    let ending = Ending::new(table, topic, config::text("RECOMMENDATIONS_ENDPOINT")?);
    let machine = RetrainMachine::new(aws, config::text("RETRAIN_STATE_MACHINE_ARN")?);

    Ok(Starter::new(
        table,
        machine,
        ending,
        config::optional("RECOMMENDER_IMAGE"),
    ))
}

/// Any event: what is in it does not matter.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct AnyEvent {}

/// Begins a run.
pub async fn handle(cx: Context, _event: AnyEvent) -> Result<(), runtime::Error> {
    match cx.starter.start(Order::default(), clock::now()).await? {
        Start::Begun(_) | Start::NothingToChallenge => {}
        Start::AtWork(run) => tracing::warn!(run.id = %run.run_id, "the retraining {} is still at work", run.run_id),
        Start::Experiment(id) => tracing::info!("no retraining while the experiment {id} compares two models"),
        Start::NotSetUp => tracing::warn!("there is no recommender to train: the parameter RecommenderImage is empty"),
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
