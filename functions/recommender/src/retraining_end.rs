//! The end of a run: releases the registry of models, records the result, and notifies the operators. Each step may be repeated.

use adapters::{
    ServiceError,
    dynamodb::{Decision, Models, Retrainings, StoreError, Table},
    sns::Topic,
};
use domain::{
    model::ServingModel,
    retraining::{Metrics, Passed, Reason, RetrainError, Retraining, RetrainingState, Run},
};
use kernel::{Timestamp, error_kind::IgnoreConflict as _, id::RetrainingId};
use serde::Serialize;
use services::outbox::{Notice, publish_and_mark};

/// Ends runs.
#[derive(Clone, Debug)]
pub(crate) struct RetrainingEnd {
    retrainings: Retrainings,
    models: Models,
    topic: Topic,
    endpoint: String,
}

/// The content of the notice to the operators.
#[derive(Serialize)]
struct Content<'a> {
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

    /// Ends a run whose model serves, as the current model or as the challenger. Returns the models that are no longer needed.
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
                promoted_sentence(&self.endpoint, &promoted, retraining.passed),
            ),
            Some(current) => (
                RetrainingState::Challenging,
                format!(
                    "The endpoint {} has the new model {} as the challenger of {}, which continues to serve. Start an \
                     experiment to compare them; the next retraining removes the challenger.",
                    self.endpoint, promoted.model_version, current.model_version
                ),
            ),
        };
        let dropped = self
            .models
            .update_with(
                |models| match models.promote(&run, promoted.clone(), retraining.role()) {
                    Some(dropped) => Decision::Write(dropped),
                    None => Decision::Leave(Vec::new()),
                },
            )
            .await?;
        self.record_end(&run, state, None, now).await?;
        self.notify(&run, state, &sentence, now).await?;

        Ok(dropped)
    }

    /// Ends a run without a new model.
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
        self.record_end(run, state, Some(reason), now).await?;

        self.notify(run, state, &reason.sentence, now).await
    }

    async fn record_end(
        &self,
        run: &Run,
        state: RetrainingState,
        reason: Option<&Reason>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // An earlier attempt may have recorded it.
        self.retrainings.end(run, state, reason, now).await.ignore_conflict()
    }

    async fn notify(
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
        let content = Content {
            run_id: run.run_id,
            endpoint: &self.endpoint,
            sentence,
            error: retraining.reason.as_ref().map(|reason| reason.error),
            model_version: retraining.model_version.as_deref(),
            metrics: retraining.metrics,
        };
        let at = retraining.ended_at.unwrap_or(now);
        let message = Notice::new(&run.run_id, kind, content, at).message(Vec::new())?;

        publish_and_mark(&self.topic, &message, || self.retrainings.notified(run, now)).await?;
        tracing::info!(run.id = %run.run_id, kind, "the retraining {} ended: {sentence}", run.run_id);

        Ok(())
    }
}

fn promoted_sentence(endpoint: &str, promoted: &ServingModel, passed: Option<Passed>) -> String {
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
             {held_out_people} people could be held out; it passed because no judged model served before."
        ),
        _ => format!(
            "The endpoint {endpoint} serves the new model {version}: NDCG@100 {ndcg_at_100:.3} on {held_out_people} \
             people; popular titles alone reach {popularity_ndcg_at_100:.3}."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_says_whether_the_model_was_judged() {
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

        let sentence = promoted_sentence("home", &promoted, Some(Passed::TooFewToJudge));
        assert!(
            sentence.contains("only 3 people") && sentence.contains("1f0c"),
            "{sentence}"
        );
        let sentence = promoted_sentence("home", &promoted, Some(Passed::GoodEnough));
        assert!(sentence.contains("0.326") && sentence.contains("0.164"), "{sentence}");
    }
}
