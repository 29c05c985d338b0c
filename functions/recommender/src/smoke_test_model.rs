//! The step `smoke test`: asks the endpoint as the home page does, and looks whether the new model answers, and sensibly. Where
//! it stands beside another, both are asked.

use std::time::Duration;

use adapters::{
    dynamodb::Table,
    sagemaker::{
        Endpoint, InvokeError,
        recommender::{AskRow, AskRows, Question, RowsAnswer, Suggestion, Taste, Variant},
    },
};
use domain::retraining::{Reason, RetrainError, Run};
use kernel::{
    Timestamp, day,
    id::{AccountId, TitleId},
};
use runtime::{
    clock,
    config::{self, ConfigError},
};

use crate::step::{self, StepFailure};

/// A serverless endpoint that is cold takes seconds. Lambda waits a little longer than this for five answers.
const PATIENCE: Duration = Duration::from_secs(20);
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

/// Asks every model that is to answer.
pub async fn handle(cx: Context, run: Run) -> Result<(), StepFailure> {
    let (retraining, _) = step::begin(&cx.table, &run).await?;
    let version = retraining.model_version.ok_or(RetrainError::Internal)?;
    let now = clock::now();
    let mut tests = vec![Test {
        recommender: cx.recommender,
        run,
        version: version.clone(),
        variant: None,
        now,
    }];
    if let Some(challenged) = retraining.challenges {
        tests[0].version = challenged.model_version;
        let challenger = Test {
            version,
            variant: Some(Variant::Challenger),
            ..tests[0].clone()
        };
        let both = Test {
            variant: Some(Variant::Interleaved),
            ..tests[0].clone()
        };
        tests.extend([challenger, both]);
    }
    for test in tests {
        test.pass().await?;
    }

    Ok(())
}

#[derive(Clone)]
struct Test {
    recommender: Endpoint,
    run: Run,
    /// What the model that is to answer calls itself.
    version: String,
    variant: Option<Variant>,
    now: Timestamp,
}

#[derive(Debug)]
struct Answered {
    titles: Option<u64>,
    rows: Vec<Vec<Suggestion>>,
}

impl Test {
    /// Asks what is popular, and then for the rows of somebody who watched the most popular of all.
    async fn pass(&self) -> Result<(), StepFailure> {
        if self.variant == Some(Variant::Interleaved) {
            return self.ask(&[], &[AskRow::Personal { limit: LIMIT }]).await.map(drop);
        }
        let popular = self.ask(&[], &[AskRow::Popular { limit: LIMIT }]).await?;
        let Some(first) = popular.rows.iter().flatten().next() else {
            return Err(self.failed("it knows no titles"));
        };
        let watched = first.title_id;
        let rows = [
            AskRow::Personal { limit: LIMIT },
            AskRow::Because {
                title_id: watched,
                limit: LIMIT,
            },
        ];
        let personal = self.ask(&[watched], &rows).await?;

        wrong(watched, &personal).map_or(Ok(()), |why| Err(self.failed(why)))
    }

    /// Asks for rows of somebody who watched these, and looks whether the right model answers, and in a form that can be used.
    async fn ask(&self, watched: &[TitleId], rows: &[AskRow]) -> Result<Answered, StepFailure> {
        let question = Question::new(AskRows {
            person: Taste::from_watched(AccountId::mint(self.now), watched, self.now),
            day: day::from_timestamp(self.now),
            variant: self.variant,
            candidates: Vec::new(),
            rows: rows.to_vec(),
        });
        let answer: RowsAnswer = self.recommender.invoke(&question).await.map_err(|error| match error {
            InvokeError::BadAnswer(cause) => self.failed(cause),
            error => error.into(),
        })?;
        if answer.model() != self.version {
            let why = format!("the model {} answered instead of {}", answer.model(), self.version);
            return Err(self.failed(why));
        }
        if answer.variant() != self.variant.unwrap_or(Variant::Current) {
            return Err(self.failed(format!("{:?} answered instead of {:?}", answer.variant(), self.variant)));
        }
        let titles = answer.titles();
        let rows = answer.into_rows(rows).map_err(|error| self.failed(error))?;

        match unusable(&rows) {
            None => Ok(Answered { titles, rows }),
            Some(why) => Err(self.failed(why)),
        }
    }

    fn failed(&self, why: impl std::fmt::Display) -> StepFailure {
        tracing::warn!(run.id = %self.run.run_id, "the new model does not answer well: {why}");

        Reason::with_cause(RetrainError::SmokeTestFailed, &why.to_string()).into()
    }
}

/// What is wrong with rows whoever they are for, if anything is.
fn unusable(rows: &[Vec<Suggestion>]) -> Option<String> {
    if let Some(long) = rows.iter().find(|row| row.len() > LIMIT) {
        return Some(format!(
            "it answered {} titles, at most {LIMIT} were asked for",
            long.len()
        ));
    }

    rows.iter()
        .flatten()
        .find(|suggestion| suggestion.reason.is_empty())
        .map(|suggestion| format!("it showed {} without a reason", suggestion.title_id))
}

/// What is wrong with the rows of somebody who watched this title, if anything is.
fn wrong(watched: TitleId, answered: &Answered) -> Option<String> {
    if answered
        .rows
        .iter()
        .flatten()
        .any(|suggestion| suggestion.title_id == watched)
    {
        return Some(format!("it suggested {watched} to who had just watched it"));
    }
    let knows_others = answered.titles.is_none_or(|titles| titles > 1);
    if knows_others && answered.rows.iter().all(Vec::is_empty) {
        return Some("it had nothing for somebody who had watched its most popular title".to_owned());
    }

    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const WATCHED: &str = "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11";
    const OTHER: &str = "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d12";

    fn suggestion(title_id: &str, reason: &str) -> Suggestion {
        Suggestion {
            title_id: title_id.parse().unwrap(),
            reason: reason.to_owned(),
            arm: None,
        }
    }

    fn verdict(titles: u64, rows: Vec<Vec<Suggestion>>) -> Option<String> {
        let titles = Some(titles);

        unusable(&rows).or_else(|| wrong(WATCHED.parse().unwrap(), &Answered { titles, rows }))
    }

    #[test]
    fn a_good_answer_has_something_else_and_says_why() {
        assert_eq!(verdict(2, vec![vec![suggestion(OTHER, "Popular now")], vec![]]), None);
        assert_eq!(verdict(1, vec![vec![], vec![]]), None, "there is nothing else");
    }

    #[test]
    fn an_answer_that_makes_no_sense_is_none() {
        assert!(verdict(2, vec![vec![], vec![]]).unwrap().contains("nothing"));
        assert!(verdict(2, vec![vec![suggestion(OTHER, "")]]).unwrap().contains(OTHER));
        let again = verdict(2, vec![vec![suggestion(WATCHED, "Popular now")]]).unwrap();
        assert!(again.contains(WATCHED), "{again}");
        let many = vec![suggestion(OTHER, "Popular now"); LIMIT + 1];
        assert!(verdict(9, vec![many]).unwrap().contains("6 titles"));
    }

    #[test]
    fn the_sample_of_the_state_is_read() {
        let sample = include_str!("../../../events/states/smoke-test-model.json");

        runtime::event::parse::<Run>(serde_json::from_str(sample).unwrap()).unwrap();
    }
}
