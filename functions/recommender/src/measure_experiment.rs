//! Measures the running experiment from the log of events alone, and ends it by its rule. Each attempt counts the whole log, so that
//! one that died leaves nothing behind.

use adapters::{
    dynamodb::{Experiments, Models, PageRequest, Table},
    s3::Bucket,
    sns::Topic,
};
use domain::{
    engagement::Interaction,
    experiment::{Experiment, Exposure, Measure, Results, Verdict},
};
use kernel::{Timestamp, error_kind::IgnoreConflict as _};
use runtime::{clock, config};
use serde::Deserialize;

use crate::{event_log, experiment_end::ExperimentEnd};

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    bucket: Bucket,
    models: Models,
    experiments: Experiments,
    experiment_end: ExperimentEnd,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, runtime::Error> {
        let aws = adapters::aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);
        let topic = Topic::new(&aws, config::text("OPERATORS_TOPIC_ARN")?);

        Ok(Self {
            bucket: Bucket::new(&aws, config::text("RECOMMENDATIONS_BUCKET")?),
            models: table.models(),
            experiments: table.experiments(),
            experiment_end: ExperimentEnd::new(&table, topic),
        })
    }
}

/// How many of the newest experiments are checked for missing notices.
const NOTICE_CHECKS: u8 = 5;

/// The input of the schedule, or of a test.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct MeasureEvent {
    /// The log is counted until this moment; by default until now.
    #[serde(default)]
    until: Option<Timestamp>,
}

/// Measures the running experiment, if there is one.
pub async fn handle(cx: Context, event: MeasureEvent) -> Result<(), runtime::Error> {
    let until = event.until.unwrap_or_else(clock::now);
    send_missing_notices(&cx, until).await?;
    let Some(experiment) = cx.models.find().await?.experiment else {
        return Ok(());
    };
    let results = match measure(&cx.bucket, &experiment, until).await {
        Ok(results) => results,
        // Retraining waits for the end: an experiment that cannot be measured must end too.
        Err(error) if until >= experiment.ends_at() => {
            tracing::error!("the experiment ends without results: {error}");
            let verdict = Verdict::NotMeasured;
            cx.experiment_end
                .end(experiment.experiment_id, verdict, None, until, None)
                .await?;
            return Err(error);
        }
        Err(error) => return Err(error),
    };
    let verdict = experiment.verdict(&results);
    tracing::info!(
        experiment.id = %experiment.experiment_id, ?verdict, ?results,
        "{} people of the experiment {} are measured", results.people_measured, experiment.experiment_id
    );
    if verdict != Verdict::Running {
        cx.experiment_end
            .end(experiment.experiment_id, verdict, Some(&results), until, None)
            .await?;
        return Ok(());
    }

    let record = cx.experiments.find(experiment.experiment_id).await?;
    let Some(mut record) = record.filter(|record| record.verdict == Verdict::Running) else {
        return Ok(());
    };
    record.results = Some(results);
    // Another function may have ended or measured it at the same moment.
    Ok(cx.experiments.save(&mut record).await.ignore_conflict()?)
}

/// Notifies of experiments that ended in an attempt that died before the notice.
async fn send_missing_notices(cx: &Context, now: Timestamp) -> Result<(), runtime::Error> {
    let newest = cx.experiments.newest(&PageRequest::first(NOTICE_CHECKS)).await?;
    for mut record in newest.items {
        cx.experiment_end.notify(&mut record, now).await?;
    }

    Ok(())
}

async fn measure(bucket: &Bucket, experiment: &Experiment, until: Timestamp) -> Result<Results, runtime::Error> {
    let mut measure = Measure::new(experiment);
    let since = experiment.started_at;
    let add_exposure = |exposure: &Exposure| measure.add_exposure(exposure);
    let unreadable = event_log::read(bucket, "exposures", since, until, add_exposure).await?;
    let add_interaction = |interaction: &Interaction| measure.add_interaction(interaction);
    let unreadable = unreadable + event_log::read(bucket, "interactions", since, until, add_interaction).await?;
    if unreadable > 0 {
        tracing::error!("{unreadable} lines of the log cannot be read and do not count");
    }

    Ok(measure.results(until))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_an_event_of_this_function() {
        let sample = include_str!("../../../events/schedule/measure-experiment.json");

        let event = runtime::event::parse::<MeasureEvent>(serde_json::from_str(sample).unwrap()).unwrap();
        assert_eq!(event.until, None);
    }
}
