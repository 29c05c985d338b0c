use kernel::{
    Timestamp,
    id::{AssetId, Attempt, TitleId, UploadId},
};

use super::*;
use crate::asset::StepRecord;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const COMPLETE: JobOutcome = JobOutcome::Complete { picture_ms: None };

fn asset(done: &[Step], running: Option<Step>) -> Asset {
    let mut asset = Asset::new(AssetId::mint(NOW), TitleId::mint(NOW), UploadId::mint(NOW), 1, NOW);
    asset.attempt = Some(Attempt::FIRST);
    for step in done {
        asset.steps.insert(*step, StepRecord::started(NOW).done(NOW));
    }
    if let Some(step) = running {
        asset.steps.insert(step, StepRecord::started(NOW));
    }

    asset
}

fn transcoding() -> Asset {
    asset(&[Step::Upload, Step::Validate, Step::Plan], Some(Step::Transcode))
}

fn claim(outcome: Option<JobOutcome>) -> TranscodeJob {
    TranscodeJob {
        task_token: "token".to_owned(),
        claimed_at: NOW,
        quoted_micros: None,
        job_id: Some("1-a".to_owned()),
        outcome,
    }
}

fn failed_execution() -> Execution {
    Execution::Failed {
        error: "States.ServiceRestart".to_owned(),
        cause: String::new(),
    }
}

fn action_for(
    asset: &Asset,
    execution: Option<Execution>,
    claim: Option<&TranscodeJob>,
    job: Option<ObservedJob>,
) -> Action {
    let failure = match claim.and_then(|claim| claim.outcome.as_ref()) {
        Some(JobOutcome::Canceled) => Some(IngestError::TranscodeCanceled.into()),
        _ => None,
    };

    Situation {
        asset,
        execution,
        claim,
        failure,
        job,
    }
    .action()
}

#[test]
fn a_queued_or_running_job_is_left_alone() {
    let claim = claim(None);

    let action = action_for(
        &transcoding(),
        Some(Execution::Running),
        Some(&claim),
        Some(ObservedJob::InProgress),
    );

    assert_eq!(action, Action::Leave);
}

#[test]
fn the_outcome_of_an_ended_job_is_reported() {
    let claim = claim(None);
    let job = Some(ObservedJob::Ended(COMPLETE));

    let action = action_for(&transcoding(), Some(Execution::Running), Some(&claim), job);

    assert_eq!(action, Action::Report(COMPLETE));
}

#[test]
fn a_written_outcome_that_was_not_reported_is_reported() {
    let claim = claim(Some(COMPLETE));

    let action = action_for(&transcoding(), Some(Execution::Running), Some(&claim), None);

    assert_eq!(action, Action::Report(COMPLETE));
}

#[test]
fn a_run_after_its_transcode_is_left_alone() {
    let mut asset = asset(
        &[Step::Upload, Step::Validate, Step::Plan, Step::Transcode],
        Some(Step::Verify),
    );
    asset.transcoded = Some(Attempt::FIRST);
    let claim = claim(Some(COMPLETE));

    assert_eq!(
        action_for(&asset, Some(Execution::Running), Some(&claim), None),
        Action::Leave
    );
}

#[test]
fn an_unknown_job_is_reported_as_canceled() {
    let claim = claim(None);
    let job = Some(ObservedJob::Gone);

    let action = action_for(&transcoding(), Some(Execution::Running), Some(&claim), job);

    assert_eq!(action, Action::Report(JobOutcome::Canceled));
}

#[test]
fn a_missing_execution_is_started() {
    let asset = asset(&[Step::Upload], None);

    assert_eq!(action_for(&asset, None, None, None), Action::StartExecution);
}

#[test]
fn a_failed_execution_waits_for_its_running_job() {
    let claim = claim(None);

    let action = action_for(
        &transcoding(),
        Some(failed_execution()),
        Some(&claim),
        Some(ObservedJob::InProgress),
    );

    assert_eq!(action, Action::Leave);
}

#[test]
fn the_outcome_of_a_job_is_reported_before_a_failed_execution_is_run_again() {
    let claim = claim(None);
    let job = Some(ObservedJob::Ended(COMPLETE));

    let action = action_for(&transcoding(), Some(failed_execution()), Some(&claim), job);

    assert_eq!(
        action,
        Action::Report(COMPLETE),
        "another run would pay for another job"
    );
}

#[test]
fn a_failed_execution_is_run_again_from_its_first_open_step() {
    let mut asset = asset(&[Step::Upload, Step::Validate, Step::Plan, Step::Transcode], None);
    asset.transcoded = Some(Attempt::FIRST);
    let claim = claim(Some(COMPLETE));

    assert_eq!(
        action_for(&asset, Some(failed_execution()), Some(&claim), None),
        Action::RunAgain(Step::Verify)
    );
}

#[test]
fn a_failed_execution_with_a_failed_job_fails_the_title_with_the_jobs_reason() {
    let claim = claim(Some(JobOutcome::Canceled));

    let action = action_for(&transcoding(), Some(failed_execution()), Some(&claim), None);

    assert_eq!(action, Action::Fail(IngestError::TranscodeCanceled.into()));
}

#[test]
fn a_title_fails_after_the_last_automatic_run() {
    let mut asset = asset(&[Step::Upload], Some(Step::Validate));
    asset.attempt = Some(Attempt(MAX_RUNS));

    assert_eq!(
        action_for(&asset, Some(failed_execution()), None, None),
        Action::Fail(IngestError::Interrupted.into())
    );
}

#[test]
fn an_execution_that_an_operator_stopped_is_not_run_again() {
    let asset = asset(&[Step::Upload], Some(Step::Validate));

    let action = action_for(&asset, Some(Execution::Aborted), None, None);

    assert!(matches!(action, Action::Fail(reason) if reason.error == IngestError::Interrupted));
}
