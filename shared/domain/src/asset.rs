//! Assets: an uploaded source and the state of its pipeline.

use std::collections::BTreeMap;

use kernel::{
    Timestamp,
    id::{AssetId, Attempt, TitleId, UploadId},
    money::MicroDollars,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ingest::{Failure, IngestError, Reason, Run, RunInput, Step},
    quote::Quote,
};

/// An uploaded source and the state of its pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its id.
    pub id: AssetId,
    /// Its title.
    pub title_id: TitleId,
    /// The upload that transferred it.
    pub upload_id: UploadId,
    /// Size of the source.
    pub size_bytes: u64,
    /// The newest run. No run starts before the upload is complete.
    pub attempt: Option<Attempt>,
    /// Name of the newest run's execution if it differs from [`Run::execution_name`], because the execution was started by hand.
    pub execution: Option<String>,
    /// The newest run's quote, once it is planned. The quotes of earlier runs are in their claims on transcoding (`quoted_micros`) and are
    /// owed even if those runs failed.
    pub quote: Option<Quote>,
    /// The attempt whose transcode is complete.
    pub transcoded: Option<Attempt>,
    /// The record of each step.
    pub steps: BTreeMap<Step, StepRecord>,
    /// The failure of the run before the newest one.
    pub failed_before: Option<Failure>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts the changes; progress reports do not count.
    pub version: u64,
}

impl Asset {
    /// A source that is about to be uploaded.
    #[must_use]
    pub fn new(id: AssetId, title_id: TitleId, upload_id: UploadId, size_bytes: u64, now: Timestamp) -> Self {
        Self {
            id,
            title_id,
            upload_id,
            size_bytes,
            attempt: None,
            execution: None,
            quote: None,
            transcoded: None,
            steps: BTreeMap::from([(Step::Upload, StepRecord::started(now))]),
            failed_before: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// The newest run, if one has started.
    #[must_use]
    pub fn run(&self) -> Option<Run> {
        self.attempt.map(|attempt| Run {
            title_id: self.title_id,
            asset_id: self.id,
            attempt,
        })
    }

    /// The record of `step`; `waiting` if it has none.
    #[must_use]
    pub fn step(&self, step: Step) -> StepRecord {
        self.steps
            .get(&step)
            .cloned()
            .unwrap_or_else(|| StepRecord::new(StepState::Waiting))
    }

    /// The first step that is not done. A new run starts here, so that nothing is paid twice.
    #[must_use]
    pub fn resume_from(&self) -> Step {
        let first_open = Step::ALL
            .into_iter()
            .find(|step| step.is_resumable() && self.step(*step).state != StepState::Done);

        // The output of a transcode cannot be found without its attempt.
        match first_open {
            Some(step) if step > Step::Transcode && self.transcoded.is_none() => Step::Transcode,
            Some(step) => step,
            None => Step::Publish,
        }
    }

    /// Where another run starts by default. Output that failed its check is transcoded again: the same files would fail again.
    #[must_use]
    pub fn rerun_from(&self) -> Step {
        let from = self.resume_from();
        let failed_check = self.failure().is_some_and(|failure| {
            failure.step == Step::Verify && failure.reason.error == IngestError::VerificationFailed
        });

        if failed_check { from.min(Step::Transcode) } else { from }
    }

    /// The step that is running or failed, or else the first one that is waiting.
    #[must_use]
    pub fn current_step(&self) -> Step {
        let in_state = |state| Step::ALL.into_iter().find(|step| self.step(*step).state == state);

        in_state(StepState::Running)
            .or_else(|| in_state(StepState::Failed))
            .or_else(|| in_state(StepState::Waiting))
            .unwrap_or(Step::Publish)
    }

    /// The name of the newest run's execution.
    #[must_use]
    pub fn execution_name(&self) -> Option<String> {
        self.execution
            .clone()
            .or_else(|| self.run().map(|run| run.execution_name()))
    }

    /// Marks the step `upload` as done: the file is in the bucket.
    pub fn mark_uploaded(&mut self, now: Timestamp) {
        let upload = self.step(Step::Upload);
        if upload.state != StepState::Done {
            self.steps.insert(Step::Upload, upload.done(now));
        }
    }

    /// Begins a new run at the step `from`. The results of the steps before it are kept.
    pub fn begin_run(&mut self, from: Step, now: Timestamp) -> Result<RunInput, CannotRun> {
        if !from.is_resumable() {
            return Err(CannotRun::NotResumable(from));
        }
        let earliest = self.resume_from();
        if from > earliest {
            return Err(CannotRun::TooLate { from, earliest });
        }

        let attempt = self.attempt.map_or(Attempt::FIRST, Attempt::next);
        self.failed_before = self.failure().or(self.failed_before.take());
        self.attempt = Some(attempt);
        self.execution = None;
        self.steps.retain(|step, _| *step < from);
        if from <= Step::Transcode {
            self.transcoded = None;
        }
        self.updated_at = now;

        let run = Run {
            title_id: self.title_id,
            asset_id: self.id,
            attempt,
        };

        Ok(RunInput::new(run, from))
    }

    /// The failure of the newest run, if it failed.
    #[must_use]
    pub fn failure(&self) -> Option<Failure> {
        let (step, record) = self
            .steps
            .iter()
            .find(|(_, record)| record.state == StepState::Failed)?;

        Some(Failure {
            reason: record.reason.clone()?,
            step: *step,
            at: record.finished_at?,
        })
    }

    /// Marks the output as unplayable: the next run transcodes again.
    pub fn invalidate_output(&mut self, failure: &Failure) {
        let verify = self.step(Step::Verify).failed(failure);
        self.steps.insert(Step::Verify, verify);
        self.transcoded = None;
        self.updated_at = failure.at;
    }
}

/// Why a run cannot start at a step.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum CannotRun {
    /// No run starts at this step.
    #[error("a run cannot start at {0}: choose validate, plan, transcode, verify or publish")]
    NotResumable(Step),
    /// An earlier step is not done.
    #[error("a run cannot start at {from}: {earliest} is not done yet")]
    TooLate {
        /// The requested step.
        from: Step,
        /// The latest step at which the run can start.
        earliest: Step,
    },
}

/// The state of one step of the pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepRecord {
    /// Its state.
    pub state: StepState,
    /// When it last started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
    /// Progress from 0 to 100, for steps that report it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress_percent: Option<u8>,
    /// The phase of the MediaConvert job: `SUBMITTED` while it waits in the queue, then `PROBING`, `TRANSCODING`, `UPLOADING`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// Its cost, for steps that cost something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_micros: Option<MicroDollars>,
    /// Why it failed or was skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Notes for the title's owner that are not failures, such as sound tracks that are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(examples(json!(["Sound track 9 is left out: at most 8 are offered."])))]
    pub notes: Vec<String>,
}

impl StepRecord {
    /// A record with this state and nothing else.
    #[must_use]
    pub const fn new(state: StepState) -> Self {
        Self {
            state,
            started_at: None,
            finished_at: None,
            progress_percent: None,
            phase: None,
            cost_micros: None,
            reason: None,
            notes: Vec::new(),
        }
    }

    /// A step that starts now.
    #[must_use]
    pub fn started(now: Timestamp) -> Self {
        Self {
            started_at: Some(now),
            ..Self::new(StepState::Running)
        }
    }

    /// The step succeeded.
    #[must_use]
    pub fn done(self, now: Timestamp) -> Self {
        Self {
            state: StepState::Done,
            finished_at: Some(now),
            progress_percent: None,
            phase: None,
            ..self
        }
    }

    /// With notes for the title's owner.
    #[must_use]
    pub fn with_notes(self, notes: Vec<String>) -> Self {
        Self { notes, ..self }
    }

    /// The optional step failed; the title is published anyway.
    #[must_use]
    pub fn skipped(self, reason: Reason, now: Timestamp) -> Self {
        Self {
            state: StepState::Skipped,
            finished_at: Some(now),
            reason: Some(reason),
            ..self
        }
    }

    /// The step failed.
    #[must_use]
    pub fn failed(self, failure: &Failure) -> Self {
        Self {
            state: StepState::Failed,
            finished_at: Some(failure.at),
            reason: Some(failure.reason.clone()),
            ..self
        }
    }
}

/// The state of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Not started.
    Waiting,
    /// In progress.
    Running,
    /// Succeeded.
    Done,
    /// Failed.
    Failed,
    /// Failed, but optional: the title is published anyway.
    Skipped,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn asset(done: &[Step], transcoded: Option<Attempt>) -> Asset {
        let mut asset = Asset::new(AssetId::mint(NOW), TitleId::mint(NOW), UploadId::mint(NOW), 1_000, NOW);
        asset.transcoded = transcoded;
        for step in done {
            asset.steps.insert(*step, StepRecord::started(NOW).done(NOW));
        }

        asset
    }

    #[test]
    fn the_current_step_is_running_or_the_next_one_waiting() {
        use Step::{Plan, Transcode, Upload, Validate};
        let mut asset = asset(&[Upload, Validate], None);
        assert_eq!(asset.current_step(), Plan);

        asset.steps.insert(Plan, StepRecord::started(NOW).done(NOW));
        asset.steps.insert(Transcode, StepRecord::started(NOW));
        assert_eq!(asset.current_step(), Transcode);
    }

    #[test]
    fn a_new_run_starts_at_the_first_step_that_is_not_done() {
        use Step::{Plan, Publish, Transcode, Upload, Validate, Verify};
        let first = Some(Attempt::FIRST);

        assert_eq!(asset(&[Upload], None).resume_from(), Validate);
        assert_eq!(asset(&[Upload, Validate, Plan], None).resume_from(), Transcode);
        assert_eq!(asset(&[Upload, Validate, Plan, Transcode], first).resume_from(), Verify);
        assert_eq!(
            asset(&[Upload, Validate, Plan, Transcode, Verify], first).resume_from(),
            Publish
        );
    }

    #[test]
    fn a_run_keeps_the_results_of_earlier_steps() {
        use Step::{Plan, Transcode, Upload, Validate, Verify};
        let mut asset = asset(&[Upload, Validate, Plan, Transcode], Some(Attempt::FIRST));
        asset.attempt = Some(Attempt::FIRST);
        asset.steps.insert(Verify, StepRecord::new(StepState::Failed));

        let input = asset.begin_run(Verify, NOW).unwrap();

        assert_eq!(input.run.attempt, Attempt(2));
        assert_eq!(input.resume_from, Some(Verify));
        assert_eq!(asset.transcoded, Some(Attempt::FIRST));
        assert_eq!(asset.step(Transcode).state, StepState::Done);
        assert_eq!(asset.step(Verify).state, StepState::Waiting);
    }

    #[test]
    fn a_new_run_keeps_the_failure_of_the_run_before() {
        use Step::{Plan, Transcode, Upload, Validate, Verify};
        let mut asset = asset(&[Upload, Validate, Plan, Transcode], Some(Attempt::FIRST));
        let failure = Failure {
            reason: IngestError::VerificationFailed.into(),
            step: Verify,
            at: NOW,
        };
        asset.steps.insert(Verify, StepRecord::started(NOW).failed(&failure));

        asset.begin_run(Verify, NOW).unwrap();

        assert_eq!(asset.failed_before, Some(failure.clone()));
        assert_eq!(asset.failure(), None);
        asset.begin_run(Verify, NOW).unwrap();
        assert_eq!(asset.failed_before, Some(failure), "kept over a run without a failure");
    }

    #[test]
    fn output_that_failed_its_check_is_transcoded_again() {
        use Step::{Plan, Transcode, Upload, Validate, Verify};
        let start = |error: IngestError| {
            let mut asset = asset(&[Upload, Validate, Plan, Transcode], Some(Attempt::FIRST));
            let failure = Failure {
                reason: error.into(),
                step: Verify,
                at: NOW,
            };
            asset.steps.insert(Verify, StepRecord::started(NOW).failed(&failure));
            asset.rerun_from()
        };

        assert_eq!(start(IngestError::VerificationFailed), Transcode);
        assert_eq!(start(IngestError::Unavailable), Verify);
        assert_eq!(asset(&[Upload, Validate], None).rerun_from(), Plan);
    }

    #[test]
    fn a_run_that_transcodes_again_discards_the_old_output() {
        use Step::{Plan, Transcode, Upload, Validate};
        let mut asset = asset(&[Upload, Validate, Plan, Transcode], Some(Attempt::FIRST));

        let mut again = asset.clone();
        asset.begin_run(Plan, NOW).unwrap();

        assert_eq!(asset.transcoded, None);
        assert_eq!(asset.resume_from(), Plan);
        again.begin_run(Transcode, NOW).unwrap();
        assert_eq!(again.transcoded, None, "the transcode itself is repeated");
    }

    #[test]
    fn a_run_cannot_skip_a_step_that_is_not_done() {
        use Step::{Notify, Transcode, Upload, Validate, Verify};
        let mut asset = asset(&[Upload, Validate], None);

        let too_late = CannotRun::TooLate {
            from: Transcode,
            earliest: Step::Plan,
        };
        assert_eq!(asset.begin_run(Transcode, NOW), Err(too_late));
        assert!(asset.begin_run(Verify, NOW).is_err());
        assert_eq!(asset.begin_run(Notify, NOW), Err(CannotRun::NotResumable(Notify)));
        assert_eq!(asset.attempt, None);
    }

    #[test]
    fn invalidated_output_is_transcoded_again() {
        use Step::{Plan, Publish, Transcode, Upload, Validate, Verify};
        let mut asset = asset(
            &[Upload, Validate, Plan, Transcode, Verify, Publish],
            Some(Attempt::FIRST),
        );

        asset.invalidate_output(&Failure {
            reason: IngestError::VerificationFailed.into(),
            step: Verify,
            at: NOW,
        });

        assert_eq!(asset.resume_from(), Transcode);
    }

    #[test]
    fn a_transcode_without_an_attempt_is_repeated() {
        use Step::{Plan, Transcode, Validate};

        assert_eq!(asset(&[Validate, Plan, Transcode], None).resume_from(), Transcode);
    }
}
