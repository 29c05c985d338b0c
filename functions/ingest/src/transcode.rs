//! The step `transcode`: claims the run's transcode and creates its job. The machine waits until `job-events` returns the task
//! token when the job ends.
//!
//! MediaConvert forgets its request tokens after a minute, so the claim in the table is what makes one job of several tries.

use adapters::{
    dynamodb::{Budgets, Claim, QuotaError, StoreError, Table, Transcodes},
    mediaconvert::{Job, JobState, MediaConvert},
    s3::Bucket,
    sfn::TaskTokens,
};
use domain::{
    ingest::{IngestError, Reason, Run, Step},
    machine::Waiting,
    title::{Title, TitleState},
    transcode::{JobOutcome, TranscodeJob},
    upload,
};
use kernel::{Timestamp, money::MicroDollars};
use media::{
    job::{JobSettings, Locations, job_settings, picture_duration_ms},
    plan::Plan,
};
use runtime::{
    clock,
    config::{self, ConfigError},
};

use crate::{
    convert::converted_key,
    step::{RunningStep, StepFailure, check_owner_enabled},
    transcode_outcome::OutcomeReporter,
};

/// How long MediaConvert's request token makes one job of two requests, with some room for different clocks.
const REQUEST_TOKEN_SECONDS: i64 = 45;

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    table: Table,
    transcodes: Transcodes,
    uploads: Bucket,
    media: Bucket,
    transcoder: MediaConvert,
    outcomes: OutcomeReporter,
    budgets: Budgets,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);
        let uploads = Bucket::new(&aws, config::text("UPLOAD_BUCKET")?);

        Ok(Self {
            transcodes: table.transcodes(),
            media: uploads.another(config::text("MEDIA_BUCKET")?),
            uploads,
            transcoder: MediaConvert::new(
                &aws,
                config::text("MEDIACONVERT_QUEUE_ARN")?,
                config::text("MEDIACONVERT_ROLE_ARN")?,
            ),
            outcomes: OutcomeReporter::new(&table, TaskTokens::new(&aws)),
            budgets: Budgets {
                account: config::value("DAILY_BUDGET_PER_ACCOUNT_MICROS").map(MicroDollars)?,
                installation: config::value("DAILY_BUDGET_MICROS").map(MicroDollars)?,
            },
            table,
        })
    }
}

/// Ensures that the run has one job.
pub async fn handle(cx: Context, Waiting { input: run, task_token }: Waiting<Run>) -> Result<(), StepFailure> {
    let now = clock::now();
    let assets = cx.table.assets();
    let step = RunningStep::begin(&assets, run, Step::Transcode, now).await?;
    let settings = settings(&cx, &step)?;

    let quoted = step.input.asset.quote.as_ref().map(|quote| quote.amount_micros);
    let priority = pay(&cx, &run, quoted.unwrap_or_default(), now).await?;

    let (claimed_at, next) = match cx.transcodes.claim(&run, &task_token, quoted, now).await? {
        Claim::Ours => (now, Next::Create),
        Claim::Existing(claim) => {
            // The machine retried the step and waits for another token now.
            if claim.task_token != task_token {
                cx.transcodes.set_task_token(&run, &task_token).await?;
            }
            (claim.claimed_at, Next::from_claim(claim, now))
        }
    };
    check_current(&cx, &run).await?;
    match next {
        Next::Create => create(&cx, &run, &settings, priority).await,
        Next::Search => match cx.transcoder.find_job(&run, claimed_at).await? {
            Some(job) => attach(&cx, &run, job).await,
            None => create(&cx, &run, &settings, priority).await,
        },
        Next::Attach(id) => attach(&cx, &run, cx.transcoder.get_job(&id).await?).await,
        Next::Report(outcome) => {
            let claim = cx.transcodes.find(&run).await?.ok_or(IngestError::Internal)?;
            Ok(cx.outcomes.report(&run, &claim, &outcome, now).await?)
        }
    }
}

/// Fails if the run was canceled, or a newer one began. This is read after the claim is written, and `cancel-transcode` reads the
/// claim after the title is written, so that one of the two sees the other.
async fn check_current(cx: &Context, run: &Run) -> Result<(), StepFailure> {
    let (titles, assets) = (cx.table.titles(), cx.table.assets());
    let (title, asset) = futures::try_join!(titles.find(run.title_id), assets.find(run.title_id, run.asset_id))?;

    match (title, asset) {
        (Some(title), Some(asset)) if is_processing(&title, run) && asset.run() == Some(*run) => Ok(()),
        _ => Err(IngestError::Superseded.into()),
    }
}

/// Whether the title is being processed from this run's asset.
fn is_processing(title: &Title, run: &Run) -> bool {
    title.state == TitleState::Processing && title.asset_id == Some(run.asset_id)
}

/// Charges the quote to the budgets of the day, once for all tries of the step and whatever the run's result. Returns the
/// priority of the job, which shares the queue fairly between accounts.
async fn pay(cx: &Context, run: &Run, quoted: MicroDollars, now: Timestamp) -> Result<i32, StepFailure> {
    let title = cx
        .table
        .titles()
        .find(run.title_id)
        .await?
        .filter(|title| is_processing(title, run))
        .ok_or(IngestError::Superseded)?;
    check_owner_enabled(&cx.table.accounts(), title.owner.account_id).await?;
    let quotas = cx.table.quotas();
    let name = run.execution_name();
    let paid = quotas.pay(title.owner.account_id, &name, quoted, cx.budgets, now);

    paid.await.map_err(|error| match error {
        QuotaError::Exceeded(exceeded) => Reason::new(IngestError::DailyBudgetSpent, exceeded.to_string()).into(),
        QuotaError::Store(error) => error.into(),
    })
}

/// What to do about a claim.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// Create a job: there is none, or MediaConvert still has the request's token.
    Create,
    /// Search the job first: one may have been created although its id was not stored.
    Search,
    /// Attach to the job with this id.
    Attach(String),
    /// Report how the job ended.
    Report(JobOutcome),
}

impl Next {
    fn from_claim(claim: TranscodeJob, now: Timestamp) -> Self {
        let age = now.as_second() - claim.claimed_at.as_second();

        match (claim.outcome, claim.job_id) {
            (Some(outcome), _) => Self::Report(outcome),
            (None, Some(id)) => Self::Attach(id),
            (None, None) if age < REQUEST_TOKEN_SECONDS => Self::Create,
            (None, None) => Self::Search,
        }
    }
}

fn settings(cx: &Context, step: &RunningStep<'_>) -> Result<JobSettings, StepFailure> {
    let plan: Plan = step.document()?;
    let locations = Locations {
        upload: cx.uploads.uri(&upload::key(step.input.asset.upload_id)),
        made: cx.uploads.uri(&converted_key(step.input.asset.upload_id, plan.made)),
        output_prefix: cx.media.uri(&step.run.output_prefix()),
    };

    Ok(job_settings(&plan, &locations))
}

async fn create(cx: &Context, run: &Run, settings: &JobSettings, priority: i32) -> Result<(), StepFailure> {
    let job = cx.transcoder.create_job(run, settings, priority).await?;
    match cx.transcodes.record_job(run, &job.id).await {
        Ok(()) => {
            tracing::info!(title.id = %run.title_id, job.id = job.id, "created job {}", job.id);
            Ok(())
        }
        // Another try was faster: its job counts, and this one must not run alongside it.
        Err(StoreError::Changed) => Ok(cx.transcoder.cancel_job(&job.id).await?),
        Err(error) => Err(error.into()),
    }
}

/// Attaches the run to a job that was created before. If the job has ended already, its event may have come before its id was stored.
async fn attach(cx: &Context, run: &Run, job: Job) -> Result<(), StepFailure> {
    match cx.transcodes.record_job(run, &job.id).await {
        Ok(()) => {}
        // The claim ended without a job, because the run was canceled, or another try found another job.
        Err(StoreError::Changed) => return Ok(cx.transcoder.cancel_job(&job.id).await?),
        Err(error) => return Err(error.into()),
    }
    tracing::info!(title.id = %run.title_id, job.id = job.id, "attached to job {}", job.id);

    match outcome(&job) {
        Some(outcome) => Ok(cx.outcomes.record(run, &job.id, outcome, clock::now()).await?),
        None => Ok(()),
    }
}

/// The outcome of a job that has ended.
pub(crate) fn outcome(job: &Job) -> Option<JobOutcome> {
    match &job.state {
        JobState::Complete => Some(JobOutcome::Complete {
            picture_ms: picture_duration_ms(&job.outputs),
        }),
        JobState::Canceled => Some(JobOutcome::Canceled),
        JobState::Error { code, message } => Some(JobOutcome::Error {
            code: *code,
            message: message.clone(),
        }),
        JobState::Submitted | JobState::Progressing | JobState::Other(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use adapters::aws;
    use runtime::http::testing::{Call, Services, condition_failed};

    use super::*;
    use crate::testing;

    /// The step's context, with services that answer in this way.
    async fn context(answer: impl Fn(&Call) -> (u16, String) + Send + Sync + 'static) -> (Context, Services) {
        let services = Services::answering(answer).await;
        let aws = aws::at(&services.url);
        let table = Table::new(&aws, "marquee");
        let cx = Context {
            transcodes: table.transcodes(),
            uploads: Bucket::new(&aws, "uploads"),
            media: Bucket::new(&aws, "media"),
            transcoder: MediaConvert::new(&aws, "queue".to_owned(), "role".to_owned()),
            outcomes: OutcomeReporter::new(&table, TaskTokens::new(&aws)),
            budgets: Budgets {
                account: MicroDollars(100),
                installation: MicroDollars(100),
            },
            table,
        };

        (cx, services)
    }

    #[tokio::test]
    async fn nothing_is_spent_on_a_title_whose_owner_is_disabled() {
        let disabled = Err(StepFailure::from(IngestError::OwnerDisabled));
        for (owner, expected, payments) in [
            (testing::account(), Ok(50), 1),
            (testing::disabled_account(), disabled, 0),
        ] {
            let items = [testing::title("processing"), owner];
            let (cx, services) = context(move |call| call.answer_from(&items)).await;

            let paid = pay(&cx, &testing::run(), MicroDollars(1), at(1_000)).await;

            assert_eq!(paid, expected);
            let calls = services.calls();
            let written = calls.iter().filter(|call| call.name == "TransactWriteItems");
            assert_eq!(written.count(), payments);
        }
    }

    #[tokio::test]
    async fn only_the_newest_run_of_a_title_in_processing_is_current() {
        let superseded = || Err(StepFailure::from(IngestError::Superseded));
        for (state, attempt, expected) in [
            ("processing", 1, Ok(())),
            ("processing", 2, superseded()),
            ("failed", 1, superseded()),
        ] {
            let items = [testing::title(state), testing::asset(attempt)];
            let (cx, _services) = context(move |call| call.answer_from(&items)).await;

            let current = check_current(&cx, &testing::run()).await;

            assert_eq!(current, expected, "{state}, attempt {attempt}");
        }
    }

    #[tokio::test]
    async fn a_job_is_canceled_if_the_claim_has_ended_or_has_another_one() {
        for (answer, expected) in [(condition_failed(), 1), ((200, "{}".to_owned()), 0)] {
            let (cx, services) = context(move |call| match call.name.as_str() {
                "UpdateItem" => answer.clone(),
                _ => (200, "{}".to_owned()),
            })
            .await;
            let job = Job {
                id: "1-a".to_owned(),
                state: JobState::Submitted,
                percent: None,
                phase: None,
                outputs: vec![],
            };

            attach(&cx, &testing::run(), job).await.unwrap();

            let calls = services.calls();
            let canceled = calls.iter().filter(|call| call.name.starts_with("DELETE "));
            let canceled: Vec<_> = canceled.map(|call| call.name.ends_with("/jobs/1-a")).collect();
            assert_eq!(canceled, vec![true; expected]);
        }
    }

    fn claim(job_id: Option<&str>, outcome: Option<JobOutcome>) -> TranscodeJob {
        TranscodeJob {
            task_token: "token".to_owned(),
            claimed_at: at(1_000),
            quoted_micros: None,
            job_id: job_id.map(ToOwned::to_owned),
            outcome,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_job_of_a_claim_without_an_id_is_searched_after_the_request_token_expired() {
        assert_eq!(Next::from_claim(claim(None, None), at(1_010)), Next::Create);
        assert_eq!(Next::from_claim(claim(None, None), at(1_060)), Next::Search);
    }

    #[test]
    fn a_claim_with_a_job_never_creates_another_one() {
        assert_eq!(
            Next::from_claim(claim(Some("1-a"), None), at(1_001)),
            Next::Attach("1-a".to_owned())
        );
        assert_eq!(
            Next::from_claim(claim(Some("1-a"), Some(JobOutcome::Canceled)), at(9_000)),
            Next::Report(JobOutcome::Canceled)
        );
    }
}
