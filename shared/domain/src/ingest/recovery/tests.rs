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

fn dead() -> Execution {
    Execution::Failed {
        error: "States.ServiceRestart".to_owned(),
        cause: String::new(),
    }
}

fn action_for(
    asset: &Asset,
    execution: Option<Execution>,
    claim: Option<&TranscodeJob>,
    job: Option<KnownJob>,
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
fn a_queued_or_working_job_is_healthy_however_silent() {
    let claim = claim(None);

    let action = action_for(
        &transcoding(),
        Some(Execution::Running),
        Some(&claim),
        Some(KnownJob::InProgress),
    );

    assert_eq!(action, Action::Leave);
}

#[test]
fn an_end_that_nobody_heard_is_told() {
    let claim = claim(None);
    let job = Some(KnownJob::Ended(COMPLETE));

    let action = action_for(&transcoding(), Some(Execution::Running), Some(&claim), job);

    assert_eq!(action, Action::Report(COMPLETE));
}

#[test]
fn an_end_that_was_written_and_not_told_is_told() {
    let claim = claim(Some(COMPLETE));

    let action = action_for(&transcoding(), Some(Execution::Running), Some(&claim), None);

    assert_eq!(action, Action::Report(COMPLETE));
}

#[test]
fn a_run_behind_its_transcode_is_left_alone() {
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
fn a_job_that_mediaconvert_forgot_is_waited_for_no_longer() {
    let claim = claim(None);
    let job = Some(KnownJob::Gone);

    let action = action_for(&transcoding(), Some(Execution::Running), Some(&claim), job);

    assert_eq!(action, Action::Report(JobOutcome::Canceled));
}

#[test]
fn a_run_without_an_execution_is_started() {
    let asset = asset(&[Step::Upload], None);

    assert_eq!(action_for(&asset, None, None, None), Action::StartExecution);
}

#[test]
fn an_execution_that_died_beside_a_working_job_waits_for_the_job() {
    let claim = claim(None);

    let action = action_for(&transcoding(), Some(dead()), Some(&claim), Some(KnownJob::InProgress));

    assert_eq!(action, Action::Leave);
}

#[test]
fn an_execution_that_died_is_run_again_from_where_it_stood() {
    let mut asset = asset(&[Step::Upload, Step::Validate, Step::Plan, Step::Transcode], None);
    asset.transcoded = Some(Attempt::FIRST);
    let claim = claim(Some(COMPLETE));

    assert_eq!(
        action_for(&asset, Some(dead()), Some(&claim), None),
        Action::RunAgain(Step::Verify)
    );
}

#[test]
fn an_execution_that_died_with_its_job_fails_with_the_jobs_reason() {
    let claim = claim(Some(JobOutcome::Canceled));

    let action = action_for(&transcoding(), Some(dead()), Some(&claim), None);

    assert_eq!(action, Action::Fail(IngestError::TranscodeCanceled.into()));
}

#[test]
fn what_dies_again_and_again_is_left_to_a_person() {
    let mut asset = asset(&[Step::Upload], Some(Step::Validate));
    asset.attempt = Some(Attempt(MAX_RUNS));

    assert_eq!(
        action_for(&asset, Some(dead()), None, None),
        Action::Fail(IngestError::Interrupted.into())
    );
}

#[test]
fn what_an_administrator_stopped_is_not_run_again() {
    let asset = asset(&[Step::Upload], Some(Step::Validate));

    let action = action_for(&asset, Some(Execution::Aborted), None, None);

    assert!(matches!(action, Action::Fail(reason) if reason.error == IngestError::Interrupted));
}
