//! The step `smoke test`: asks the endpoint, as the application does, and looks whether the new model answers, and sensibly.

use std::time::Duration;

use adapters::{dynamodb::Table, sagemaker::Endpoint};
use domain::retraining::{Reason, RetrainError, Run};
use runtime::config::{self, ConfigError};
use serde::{Deserialize, Serialize};

use crate::step::{self, StepFailure};

/// A serverless endpoint that is cold takes seconds; Lambda waits a little longer than this.
const PATIENCE: Duration = Duration::from_secs(50);
const VERSION: u32 = 1;
const KIND: &str = "popular";
const LIMIT: usize = 5;

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    table: Table,
    recommender: Endpoint,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;

        Ok(Self {
            table: Table::new(&aws, config::text("TABLE_NAME")?),
            recommender: Endpoint::new(&aws, config::text("RECOMMENDATIONS_ENDPOINT")?, PATIENCE),
        })
    }
}

/// Needs nothing but the model itself.
#[derive(Serialize)]
struct Question {
    version: u32,
    kind: &'static str,
    limit: usize,
}

#[derive(Debug, Deserialize)]
struct Answer {
    version: u32,
    kind: String,
    model: ModelFacts,
    items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
struct ModelFacts {
    version: String,
    titles: u64,
}

#[derive(Debug, Deserialize)]
struct Item {
    title_id: String,
    score: f64,
    reason: String,
}

/// Asks, and looks at the answer.
pub async fn handle(cx: Context, run: Run) -> Result<(), StepFailure> {
    let (retraining, _) = step::begin(&cx.table, &run).await?;
    let expected = retraining.model_version.ok_or(RetrainError::Internal)?;
    let question = Question {
        version: VERSION,
        kind: KIND,
        limit: LIMIT,
    };

    let answer: Answer = cx.recommender.invoke(&question).await?;
    match wrong(&answer, &expected) {
        None => Ok(()),
        Some(why) => {
            tracing::warn!(run.id = %run.run_id, ?answer, "the new model does not answer well: {why}");
            Err(Reason::told_by(RetrainError::SmokeTestFailed, &why).into())
        }
    }
}

/// What is wrong with an answer, if anything is.
fn wrong(answer: &Answer, expected: &str) -> Option<String> {
    let model = &answer.model;
    if answer.version != VERSION || answer.kind != KIND {
        return Some(format!("it answered version {} of `{}`", answer.version, answer.kind));
    }
    if model.version != expected {
        return Some(format!("the model {} answered instead of {expected}", model.version));
    }
    if model.titles == 0 || answer.items.is_empty() {
        return Some("it knows no titles".to_owned());
    }
    if answer.items.len() > LIMIT {
        return Some(format!(
            "it answered {} titles, at most {LIMIT} were asked for",
            answer.items.len()
        ));
    }
    answer
        .items
        .iter()
        .find(|item| item.title_id.is_empty() || item.reason.is_empty() || !item.score.is_finite())
        .map(|item| {
            format!(
                "it showed `{}` with score {} and reason `{}`",
                item.title_id, item.score, item.reason
            )
        })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn verdict(change: impl FnOnce(&mut Value)) -> Option<String> {
        let item = json!({ "title_id": "a", "score": 2.5, "reason": "Popular now", "because": [] });
        let mut answer = json!({
            "version": 1, "kind": "popular", "model": { "version": "1f0c", "titles": 812 }, "items": [item],
        });
        change(&mut answer);
        wrong(&serde_json::from_value(answer).unwrap(), "1f0c")
    }

    #[test]
    fn a_good_answer_comes_from_the_new_model() {
        assert_eq!(verdict(|_| ()), None);
        let told = verdict(|answer| answer["model"]["version"] = json!("0a1b")).unwrap();
        assert!(told.contains("0a1b") && told.contains("1f0c"), "{told}");
    }

    #[test]
    fn an_answer_that_makes_no_sense_is_none() {
        assert!(verdict(|answer| answer["version"] = json!(2)).is_some());
        assert!(verdict(|answer| answer["items"] = json!([])).is_some());
        assert!(verdict(|answer| answer["model"]["titles"] = json!(0)).is_some());
        assert!(verdict(|answer| answer["items"][0]["reason"] = json!("")).is_some());
        assert!(
            verdict(|answer| {
                let item = answer["items"][0].clone();
                answer["items"] = json!(vec![item; LIMIT + 1]);
            })
            .is_some()
        );
    }

    #[test]
    fn the_sample_of_the_state_is_read() {
        let sample = include_str!("../../../events/states/smoke-test-model.json");

        runtime::event::parse::<Run>(serde_json::from_str(sample).unwrap()).unwrap();
    }
}
