//! How an experiment ends: it is written, the models are free again, and the operators are told in a sentence that says what
//! to do. Everything here may happen again.

use adapters::{
    ServiceError,
    dynamodb::{Experiments, Models, StoreError, Table, retry_on_conflict},
    sns::{Message, Topic},
};
use domain::audit::AuditEntry;
use domain::experiment::{Experiment, ExperimentRecord, Interval, Results, Verdict};
use kernel::{Timestamp, error_kind::IgnoreConflict as _, id::ExperimentId};
use serde::Serialize;

const KIND: &str = "experiment.ended";

/// Ends experiments.
#[derive(Clone, Debug)]
pub(crate) struct ExperimentEnd {
    models: Models,
    experiments: Experiments,
    topic: Topic,
}

/// What a notice says. Consumers rely on these fields: a change of their meaning is a new version.
#[derive(Debug, Serialize)]
struct Notice<'a> {
    version: u32,
    /// The same for every copy of a notice: delivery is at least once.
    id: String,
    kind: &'static str,
    experiment_id: ExperimentId,
    verdict: Verdict,
    /// What happened and what to do, for people.
    sentence: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    results: Option<&'a Results>,
    at: Timestamp,
}

impl ExperimentEnd {
    pub(crate) fn new(table: &Table, topic: Topic) -> Self {
        Self {
            models: table.models(),
            experiments: table.experiments(),
            topic,
        }
    }

    /// Ends an experiment, if it has not ended yet, and answers with how it did end. With a line of the audit log if an admin ends it.
    pub(crate) async fn end(
        &self,
        id: ExperimentId,
        verdict: Verdict,
        results: Option<&Results>,
        now: Timestamp,
        entry: Option<&AuditEntry>,
    ) -> Result<Option<ExperimentRecord>, ServiceError> {
        let Some(mut trial) = self.write(id, verdict, results, now, entry).await? else {
            return Ok(None);
        };
        self.tell(&mut trial, now).await?;

        Ok(Some(trial))
    }

    async fn write(
        &self,
        id: ExperimentId,
        verdict: Verdict,
        results: Option<&Results>,
        now: Timestamp,
        entry: Option<&AuditEntry>,
    ) -> Result<Option<ExperimentRecord>, StoreError> {
        retry_on_conflict(|| async {
            let Some(mut trial) = self.experiments.find(id).await? else {
                return Ok(None);
            };
            if trial.verdict != Verdict::Running {
                return Ok(Some(trial));
            }
            let mut models = self.models.find().await?;
            let going = models.experiment.as_ref().map(|experiment| experiment.experiment_id);
            if going != Some(id) {
                // It ended between the two reads.
                return Err(StoreError::Changed);
            }
            trial.verdict = verdict;
            trial.ended_at = Some(now);
            if let Some(results) = results {
                trial.results = Some(results.clone());
            }
            if verdict == Verdict::ChallengerWins {
                models.hyperparameters = trial.hyperparameters.clone();
            }
            self.experiments.end(&mut trial, &mut models, entry).await?;

            Ok(Some(trial))
        })
        .await
    }

    /// Tells the operators of an experiment that has ended, unless they were told.
    pub(crate) async fn tell(&self, trial: &mut ExperimentRecord, now: Timestamp) -> Result<(), ServiceError> {
        if trial.notified_at.is_some() || trial.verdict == Verdict::Running {
            return Ok(());
        }
        let experiment = &trial.experiment;
        let sentence = sentence(experiment, trial.verdict, trial.results.as_ref());
        tracing::info!(experiment.id = %experiment.experiment_id, "an experiment ended: {sentence}");
        let notice = Notice {
            version: 1,
            id: format!("{}-{KIND}", experiment.experiment_id),
            kind: KIND,
            experiment_id: experiment.experiment_id,
            verdict: trial.verdict,
            sentence,
            results: trial.results.as_ref(),
            at: trial.ended_at.unwrap_or(now),
        };
        let message = Message::json(&notice, vec![("kind", KIND.to_owned())])?;

        // Better told twice, under the same id, than never.
        self.topic.publish(&message).await?;
        trial.notified_at = Some(now);
        // After another writer's, the notice may be sent once more under the same id.
        Ok(self.experiments.save(trial).await.ignore_conflict()?)
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
        Verdict::Running => format!("The experiment \"{name}\" goes on."),
        Verdict::ChallengerWins => format!(
            "The experiment \"{name}\" ended: people do more with the challenger {challenger} than with {current}{by}, \
             measured on {measured}. From the next retraining on models are trained as it was."
        ),
        Verdict::CurrentWins => format!(
            "The experiment \"{name}\" ended: people do less with the challenger {challenger} than with {current}{by}, \
             measured on {measured}. Nothing changes."
        ),
        Verdict::NoDifference => format!(
            "The experiment \"{name}\" ended without a difference between {challenger} and {current}{by}, measured on \
             {measured} people. Nothing changes."
        ),
        Verdict::SampleRatioMismatch => format!(
            "The experiment \"{name}\" was stopped: chance should give {challenger} and {current} as many people each, and \
             did not. Look whether one of them answers late or not at all; its results say nothing."
        ),
        Verdict::NotMeasured => format!(
            "The experiment \"{name}\" ended because its days are over, and could not be measured. Look into the log of \
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
    fn a_sentence_says_who_won_and_what_follows() {
        let (experiment, results) = sample_experiment();
        let of = |verdict| sentence(&experiment, verdict, Some(&results));

        assert!(of(Verdict::ChallengerWins).contains("From the next retraining on"));
        assert!(
            of(Verdict::ChallengerWins).contains("+0.210 titles"),
            "{}",
            of(Verdict::ChallengerWins)
        );
        assert!(of(Verdict::CurrentWins).contains("people do less with the challenger 2a3b4c5d"));
        assert!(of(Verdict::SampleRatioMismatch).contains("say nothing"));
        assert!(sentence(&experiment, Verdict::Stopped, None).contains("by an admin"));
    }
}
