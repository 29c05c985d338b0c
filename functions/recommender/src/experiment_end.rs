//! The end of an experiment: records it, releases the models, and notifies the operators. Each step may be repeated.

use adapters::{
    ServiceError,
    dynamodb::{Experiments, Models, StoreError, Table, retry_on_conflict},
    sns::Topic,
};
use domain::{
    audit::AuditEntry,
    experiment::{Experiment, ExperimentRecord, Interval, Results, Verdict},
};
use kernel::{Timestamp, error_kind::IgnoreConflict as _, id::ExperimentId};
use serde::Serialize;
use services::outbox::{Notice, publish_and_mark};

const KIND: &str = "experiment.ended";

/// Ends experiments.
#[derive(Clone, Debug)]
pub(crate) struct ExperimentEnd {
    models: Models,
    experiments: Experiments,
    topic: Topic,
}

/// The content of the notice to the operators.
#[derive(Serialize)]
struct Content<'a> {
    experiment_id: ExperimentId,
    verdict: Verdict,
    /// What happened and what to do, for people.
    sentence: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    results: Option<&'a Results>,
}

impl ExperimentEnd {
    pub(crate) fn new(table: &Table, topic: Topic) -> Self {
        Self {
            models: table.models(),
            experiments: table.experiments(),
            topic,
        }
    }

    /// Ends an experiment, unless it has ended already, and returns its record; `None` if there is no such experiment. Adds a line to the
    /// audit log if an admin ends it.
    pub(crate) async fn end(
        &self,
        id: ExperimentId,
        verdict: Verdict,
        results: Option<&Results>,
        now: Timestamp,
        entry: Option<&AuditEntry>,
    ) -> Result<Option<ExperimentRecord>, ServiceError> {
        let ended = retry_on_conflict(|| async {
            let Some(mut record) = self.experiments.find(id).await? else {
                return Ok(None);
            };
            if record.verdict != Verdict::Running {
                return Ok(Some(record));
            }
            let mut models = self.models.find().await?;
            if !models.end_experiment(&mut record, verdict, results, now) {
                // It ended between the two reads.
                return Err(StoreError::Changed);
            }
            self.experiments.end(&mut record, &mut models, entry).await?;

            Ok(Some(record))
        })
        .await?;
        let Some(mut record) = ended else {
            return Ok(None);
        };
        self.notify(&mut record, now).await?;

        Ok(Some(record))
    }

    /// Notifies the operators of the end of an experiment, unless they were notified before.
    pub(crate) async fn notify(&self, record: &mut ExperimentRecord, now: Timestamp) -> Result<(), ServiceError> {
        if record.notified_at.is_some() || record.verdict == Verdict::Running {
            return Ok(());
        }
        let id = record.experiment.experiment_id;
        let sentence = sentence(&record.experiment, record.verdict, record.results.as_ref());
        tracing::info!(experiment.id = %id, "an experiment ended: {sentence}");
        let content = Content {
            experiment_id: id,
            verdict: record.verdict,
            sentence: &sentence,
            results: record.results.as_ref(),
        };
        let at = record.ended_at.unwrap_or(now);
        let message = Notice::new(&id, KIND, content, at).message(Vec::new())?;

        let mark_sent = || async move {
            record.notified_at = Some(now);
            // If another writer was faster, the notice may be sent again.
            self.experiments.save(record).await.ignore_conflict()
        };

        publish_and_mark(&self.topic, &message, mark_sent).await
    }
}

fn sentence(experiment: &Experiment, verdict: Verdict, results: Option<&Results>) -> String {
    let (name, challenger, current) = (&experiment.name, &experiment.challenger, &experiment.current);
    let measured = results.map_or(0, |results| results.people_measured);
    let difference = results.and_then(|results| results.difference);
    let by = difference.map_or_else(String::new, |Interval { mean, low, high }| {
        format!(" ({mean:+.3} titles a person, between {low:+.3} and {high:+.3})")
    });

    match verdict {
        Verdict::Running => format!("The experiment \"{name}\" is running."),
        Verdict::ChallengerWins => format!(
            "The experiment \"{name}\" ended: the challenger {challenger} is better than {current}{by}, measured on \
             {measured} people. Future retrainings use its hyperparameters."
        ),
        Verdict::CurrentWins => format!(
            "The experiment \"{name}\" ended: the challenger {challenger} is worse than {current}{by}, measured on \
             {measured} people. Nothing changes."
        ),
        Verdict::NoDifference => format!(
            "The experiment \"{name}\" ended without a difference between {challenger} and {current}{by}, measured on \
             {measured} people. Nothing changes."
        ),
        Verdict::SampleRatioMismatch => format!(
            "The experiment \"{name}\" was stopped: the split between {challenger} and {current} should be even, and is \
             not. Its results are not reliable. Check whether one of the models answers late or not at all."
        ),
        Verdict::NotMeasured => format!(
            "The experiment \"{name}\" ended because its days are over, and could not be measured. Check the log of \
             measure-experiment. Nothing changes."
        ),
        Verdict::Stopped => format!("The experiment \"{name}\" was stopped by an admin. Nothing changes."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::sample_experiment;

    #[test]
    fn the_sentence_names_the_winner_and_the_consequence() {
        let (experiment, results) = sample_experiment();
        let text = |verdict| sentence(&experiment, verdict, Some(&results));

        assert!(text(Verdict::ChallengerWins).contains("Future retrainings use its hyperparameters"));
        assert!(
            text(Verdict::ChallengerWins).contains("+0.210 titles"),
            "{}",
            text(Verdict::ChallengerWins)
        );
        assert!(text(Verdict::CurrentWins).contains("the challenger 2a3b4c5d is worse"));
        assert!(text(Verdict::SampleRatioMismatch).contains("not reliable"));
        assert!(sentence(&experiment, Verdict::Stopped, None).contains("by an admin"));
    }
}
