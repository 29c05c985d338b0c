//! How a run ends: it is written, the models' item is let go, and the operators are told in a sentence that says what to do.
//! Everything here may happen again.

use adapters::{
    ServiceError,
    dynamodb::{Decision, Models, Retrainings, StoreError, Table},
    sns::{Message, Topic},
};
use domain::model::ServingModel;
use domain::retraining::{Metrics, Passed, Reason, RetrainError, Retraining, RetrainingState, Run};
use kernel::{Timestamp, error_kind::IgnoreConflict as _, id::RetrainingId};
use serde::Serialize;

/// Ends runs.
#[derive(Clone, Debug)]
pub(crate) struct RetrainingEnd {
    retrainings: Retrainings,
    models: Models,
    topic: Topic,
    endpoint: String,
}

/// What a notice says. Consumers rely on these fields: a change of their meaning is a new version.
#[derive(Debug, Serialize)]
struct Notice<'a> {
    version: u32,
    /// The same for every copy of a notice: delivery is at least once.
    id: String,
    kind: &'static str,
    run_id: RetrainingId,
    endpoint: &'a str,
    /// What happened and what to do, for people.
    sentence: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<RetrainError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics: Option<Metrics>,
    at: Timestamp,
}

const fn kind(state: RetrainingState) -> &'static str {
    match state {
        RetrainingState::Promoted => "retraining.promoted",
        RetrainingState::Challenging => "retraining.challenging",
        RetrainingState::Refused => "retraining.refused",
        RetrainingState::RolledBack => "retraining.rolled_back",
        RetrainingState::Failed | RetrainingState::Running => "retraining.failed",
    }
}

impl RetrainingEnd {
    pub(crate) fn new(table: &Table, topic: Topic, endpoint: String) -> Self {
        Self {
            retrainings: table.retrainings(),
            models: table.models(),
            topic,
            endpoint,
        }
    }

    /// The run's model serves, or stands beside the one that does. Answers with the models that nobody goes back to any more.
    pub(crate) async fn promoted(
        &self,
        retraining: &Retraining,
        promoted: ServingModel,
        now: Timestamp,
    ) -> Result<Vec<ServingModel>, ServiceError> {
        let run = retraining.run();
        let (state, sentence) = match &retraining.challenges {
            None => (
                RetrainingState::Promoted,
                praise(&self.endpoint, &promoted, retraining.passed),
            ),
            Some(challenged) => (
                RetrainingState::Challenging,
                format!(
                    "The endpoint {} has the new model {} beside {}, which goes on serving. Begin an experiment to compare \
                     them; the next retraining takes the challenger away.",
                    self.endpoint, promoted.model_version, challenged.model_version
                ),
            ),
        };
        let out = self
            .models
            .update_with(
                |models| match models.promote(&run, promoted.clone(), retraining.role()) {
                    Some(dropped) => Decision::Write(dropped),
                    None => Decision::Leave(Vec::new()),
                },
            )
            .await?;
        self.write(&run, state, None, now).await?;
        self.tell(&run, state, &sentence, now).await?;

        Ok(out)
    }

    /// The run ended without a new model.
    pub(crate) async fn failed(&self, run: &Run, reason: &Reason, now: Timestamp) -> Result<(), ServiceError> {
        let retraining = self.retrainings.find(run).await?;
        let state = retraining.map_or_else(
            || RetrainingState::after(reason.error),
            |retraining| retraining.state_after(reason.error),
        );

        self.models
            .update_with(|models| {
                if models.release(run) {
                    Decision::Write(())
                } else {
                    Decision::Leave(())
                }
            })
            .await?;
        self.write(run, state, Some(reason), now).await?;

        self.tell(run, state, &reason.sentence, now).await
    }

    async fn write(
        &self,
        run: &Run,
        state: RetrainingState,
        reason: Option<&Reason>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // An earlier attempt wrote it.
        self.retrainings.end(run, state, reason, now).await.ignore_conflict()
    }

    async fn tell(
        &self,
        run: &Run,
        state: RetrainingState,
        sentence: &str,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let Some(retraining) = self.retrainings.find(run).await? else {
            return Ok(());
        };
        if retraining.notified_at.is_some() {
            return Ok(());
        }
        let kind = kind(state);
        let notice = Notice {
            version: 1,
            id: format!("{}-{kind}", run.run_id),
            kind,
            run_id: run.run_id,
            endpoint: &self.endpoint,
            sentence,
            error: retraining.reason.as_ref().map(|reason| reason.error),
            model_version: retraining.model_version.as_deref(),
            metrics: retraining.metrics,
            at: retraining.ended_at.unwrap_or(now),
        };

        let message = Message::json(&notice, vec![("kind", kind.to_owned())])?;

        // Better told twice, under the same id, than never.
        self.topic.publish(&message).await?;
        self.retrainings.notified(run, now).await?;
        tracing::info!(run.id = %run.run_id, kind, "the retraining {} ended: {sentence}", run.run_id);

        Ok(())
    }
}

fn praise(endpoint: &str, promoted: &ServingModel, passed: Option<Passed>) -> String {
    let Metrics {
        ndcg_at_100,
        popularity_ndcg_at_100,
        held_out_people,
        ..
    } = promoted.metrics;
    let version = &promoted.model_version;

    match passed {
        Some(Passed::TooFewToJudge) => format!(
            "The endpoint {endpoint} serves the new model {version}. It could not be judged, because only \
             {held_out_people} people could be held out, and was let through because no judged model served before it."
        ),
        _ => format!(
            "The endpoint {endpoint} serves the new model {version}: NDCG@100 {ndcg_at_100:.3} on {held_out_people} \
             people, where always showing what is popular reaches {popularity_ndcg_at_100:.3}."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn praise_says_whether_there_was_a_judgement() {
        let promoted = ServingModel {
            run_id: RetrainingId::mint(Timestamp::UNIX_EPOCH),
            name: "marquee-1".to_owned(),
            model_version: "1f0c".to_owned(),
            artefact: "s3://b/model.tar.gz".to_owned(),
            metrics: Metrics {
                ndcg_at_100: 0.326,
                recall_at_50: 0.433,
                recall_at_20: 0.3,
                popularity_ndcg_at_100: 0.164,
                coverage: 0.25,
                held_out_people: 3,
            },
            promoted_at: Timestamp::UNIX_EPOCH,
        };

        let told = praise("home", &promoted, Some(Passed::TooFewToJudge));
        assert!(told.contains("only 3 people") && told.contains("1f0c"), "{told}");
        let told = praise("home", &promoted, Some(Passed::GoodEnough));
        assert!(told.contains("0.326") && told.contains("0.164"), "{told}");
    }
}
