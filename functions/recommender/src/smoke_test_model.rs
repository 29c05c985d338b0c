//! The step `smoke test`: sends the questions of the home page to the endpoint, and checks that the new model answers with usable rows.
//! With a challenger both models are tested.

use std::time::Duration;

use adapters::{
    dynamodb::Table,
    sagemaker::{
        Endpoint, InvokeError,
        recommender::{
            Ask, Request, RowKind, RowRequest, RowsAnswer, RowsRequest, Suggestion, Variant, person_who_watched,
        },
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

/// A cold start of a serverless endpoint takes seconds. The function's own timeout is a little longer than that of five answers.
const TIMEOUT: Duration = Duration::from_secs(20);
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
            recommender: Endpoint::new(&aws, config::text("RECOMMENDATIONS_ENDPOINT")?, TIMEOUT),
        })
    }
}

/// Tests every model of the endpoint.
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
    if let Some(current) = retraining.challenges {
        tests[0].version = current.model_version;
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
        test.run().await?;
    }

    Ok(())
}

#[derive(Clone)]
struct Test {
    recommender: Endpoint,
    run: Run,
    /// The version of the model that must answer.
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
    /// Asks for popular titles, and then for the rows of a person who watched the most popular one.
    async fn run(&self) -> Result<(), StepFailure> {
        if self.variant == Some(Variant::Interleaved) {
            return self.ask(&[], &[RowKind::Personal.up_to(LIMIT)]).await.map(drop);
        }
        let popular = RowKind::Popular { genre: None };
        let popular = self.ask(&[], &[popular.up_to(LIMIT)]).await?;
        let Some(first) = popular.rows.iter().flatten().next() else {
            return Err(self.failed("the model has no titles"));
        };
        let watched = first.title_id;
        let because = RowKind::Because {
            title_id: watched.to_string(),
        };
        let rows = [RowKind::Personal.up_to(LIMIT), because.up_to(LIMIT)];
        let personal = self.ask(&[watched], &rows).await?;

        unusable_for(watched, &personal).map_or(Ok(()), |cause| Err(self.failed(cause)))
    }

    /// Asks for rows of a person who watched these titles, and checks that the right model answers with usable rows.
    async fn ask(&self, watched: &[TitleId], rows: &[RowRequest]) -> Result<Answered, StepFailure> {
        let question = Request::from(Ask::Rows(RowsRequest {
            variant: self.variant,
            person: person_who_watched(AccountId::mint(self.now), watched, self.now),
            day: day::date(self.now),
            candidates: Vec::new(),
            allowed: None,
            rows: rows.to_vec(),
        }));
        let answer: RowsAnswer = self.recommender.invoke(&question).await.map_err(|error| match error {
            InvokeError::BadAnswer(cause) => self.failed(cause),
            error => error.into(),
        })?;
        if answer.model() != self.version {
            let cause = format!("the model {} answered instead of {}", answer.model(), self.version);
            return Err(self.failed(cause));
        }
        if answer.variant() != self.variant.unwrap_or(Variant::Current) {
            return Err(self.failed(format!("{:?} answered instead of {:?}", answer.variant(), self.variant)));
        }
        let titles = answer.titles();
        let rows = answer.into_rows(rows).map_err(|error| self.failed(error))?;

        match unusable(&rows) {
            None => Ok(Answered { titles, rows }),
            Some(cause) => Err(self.failed(cause)),
        }
    }

    fn failed(&self, cause: impl std::fmt::Display) -> StepFailure {
        tracing::warn!(run.id = %self.run.run_id, "the smoke test failed: {cause}");

        Reason::with_cause(RetrainError::SmokeTestFailed, &cause.to_string()).into()
    }
}

/// Why these rows are unusable for any person; `None` if they are usable.
fn unusable(rows: &[Vec<Suggestion>]) -> Option<String> {
    if let Some(long) = rows.iter().find(|row| row.len() > LIMIT) {
        return Some(format!(
            "a row has {} titles, but at most {LIMIT} were asked for",
            long.len()
        ));
    }

    rows.iter()
        .flatten()
        .find(|suggestion| suggestion.reason.is_empty())
        .map(|suggestion| format!("the title {} has no reason", suggestion.title_id))
}

/// Why these rows are unusable for a person who watched this title; `None` if they are usable.
fn unusable_for(watched: TitleId, answered: &Answered) -> Option<String> {
    if answered
        .rows
        .iter()
        .flatten()
        .any(|suggestion| suggestion.title_id == watched)
    {
        return Some(format!("a person who watched {watched} gets it again"));
    }
    let has_other_titles = answered.titles.is_none_or(|titles| titles > 1);
    if has_other_titles && answered.rows.iter().all(Vec::is_empty) {
        return Some("a person who watched the most popular title gets nothing".to_owned());
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
            because_of: None,
            arm: None,
        }
    }

    fn problem(titles: u64, rows: Vec<Vec<Suggestion>>) -> Option<String> {
        let titles = Some(titles);

        unusable(&rows).or_else(|| unusable_for(WATCHED.parse().unwrap(), &Answered { titles, rows }))
    }

    #[test]
    fn a_usable_answer_has_other_titles_with_reasons() {
        assert_eq!(problem(2, vec![vec![suggestion(OTHER, "Popular now")], vec![]]), None);
        assert_eq!(problem(1, vec![vec![], vec![]]), None, "there is nothing else");
    }

    #[test]
    fn an_unusable_answer_is_refused() {
        assert!(problem(2, vec![vec![], vec![]]).unwrap().contains("nothing"));
        assert!(problem(2, vec![vec![suggestion(OTHER, "")]]).unwrap().contains(OTHER));
        let again = problem(2, vec![vec![suggestion(WATCHED, "Popular now")]]).unwrap();
        assert!(again.contains(WATCHED), "{again}");
        let many = vec![suggestion(OTHER, "Popular now"); LIMIT + 1];
        assert!(problem(9, vec![many]).unwrap().contains("6 titles"));
    }
}
