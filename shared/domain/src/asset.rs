//! Assets: an uploaded source, and how far the ingest machine has come with it.

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

/// An uploaded source and how far the ingest machine has come with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its id.
    pub id: AssetId,
    /// The title that it is for.
    pub title_id: TitleId,
    /// The upload that brought it.
    pub upload_id: UploadId,
    /// The file.
    pub size_bytes: u64,
    /// The newest run. No run has started while the upload is on its way.
    pub attempt: Option<Attempt>,
    /// The newest run's execution, where it does not have the name that [`Run::execution_name`] gives: it was started by
    /// hand.
    pub execution: Option<String>,
    /// What transcoding costs at most, once it is planned: the newest run's quote. What earlier runs were quoted is in their
    /// claims on transcoding (`quoted_micros`), and is owed even if they failed.
    pub quote: Option<Quote>,
    /// Which attempt's output is the finished one.
    pub transcoded: Option<Attempt>,
    /// What happened in each step.
    pub steps: BTreeMap<Step, StepRecord>,
    /// How the run before the newest one failed.
    pub failed_before: Option<Failure>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts the changes that a rule decided; progress does not count.
    pub version: u64,
}

impl Asset {
    /// A source that is about to be uploaded.
    #[must_use]
    pub fn new(id: AssetId, title_id: TitleId, upload_id: UploadId, size_bytes: u64, now: Timestamp) -> Self {
        let upload = StepRecord {
            started_at: Some(now),
            ..StepRecord::new(StepState::Running)
        };

        Self {
            id,
            title_id,
            upload_id,
            size_bytes,
            attempt: None,
            execution: None,
            quote: None,
            transcoded: None,
            steps: BTreeMap::from([(Step::Upload, upload)]),
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

    /// What happened in `step`; `waiting` if nothing did.
    #[must_use]
    pub fn step(&self, step: Step) -> StepRecord {
        self.steps
            .get(&step)
            .cloned()
            .unwrap_or_else(|| StepRecord::new(StepState::Waiting))
    }

    /// The first step that is not done: where a new run has to start, so that nothing is paid twice.
    #[must_use]
    pub fn resume_from(&self) -> Step {
        let first_open = Step::ALL
            .into_iter()
            .find(|step| step.is_resumable() && self.step(*step).state != StepState::Done);

        // A finished transcode is only worth something while its attempt is known.
        match first_open {
            Some(step) if step > Step::Transcode && self.transcoded.is_none() => Step::Transcode,
            Some(step) => step,
            None => Step::Publish,
        }
    }

    /// Where another run starts unless somebody chooses: the same files would fail the same proof, so they are made again.
    #[must_use]
    pub fn rerun_from(&self) -> Step {
        let from = self.resume_from();
        let failed_proof = self.failure().is_some_and(|failure| {
            failure.step == Step::Verify && failure.reason.error == IngestError::VerificationFailed
        });

        if failed_proof { from.min(Step::Transcode) } else { from }
    }

    /// The step that is at work, or the one that could not begin.
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

    /// The file is in the bucket.
    pub fn mark_uploaded(&mut self, now: Timestamp) {
        let upload = self.step(Step::Upload);
        if upload.state != StepState::Done {
            self.steps.insert(Step::Upload, upload.done(now));
        }
    }

    /// Begins a new run that does `from` and everything behind it, and keeps what the steps before it made.
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

        Ok(RunInput {
            run: Run {
                title_id: self.title_id,
                asset_id: self.id,
                attempt,
            },
            resume_from: (from != Step::Validate).then_some(from),
        })
    }

    /// How the newest run failed, if it did.
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

    /// What was made does not play any more: the next run makes it again.
    pub fn invalidate_output(&mut self, failure: &Failure) {
        let verify = self.step(Step::Verify).failed(failure);
        self.steps.insert(Step::Verify, verify);
        self.transcoded = None;
        self.updated_at = failure.at;
    }
}

/// A run cannot start where it should.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum CannotRun {
    /// No run starts at such a step.
    #[error("a run cannot start at {0}: choose validate, plan, transcode, verify or publish")]
    NotResumable(Step),
    /// What the step needs is not there yet.
    #[error("a run cannot start at {from}: {earliest} is not done yet")]
    TooLate {
        /// Where it should start.
        from: Step,
        /// Where it can start at the latest.
        earliest: Step,
    },
}

/// What happened in one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepRecord {
    /// Where it stands.
    pub state: StepState,
    /// When it last began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
    /// How much is done, 0 to 100, where the step can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress_percent: Option<u8>,
    /// What it is doing, in MediaConvert's words: `SUBMITTED` while the job waits in the queue, then `PROBING`, `TRANSCODING`,
    /// `UPLOADING`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// What it cost, where it costs something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_micros: Option<MicroDollars>,
    /// Why it failed or was skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// What its owner should know although it went well: sound tracks that are left out, for example.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(examples(json!(["Sound track 9 is left out: at most 8 are offered."])))]
    pub notes: Vec<String>,
}

impl StepRecord {
    /// A record with nothing but a state.
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

    /// The step begins.
    #[must_use]
    pub fn started(now: Timestamp) -> Self {
        Self {
            started_at: Some(now),
            ..Self::new(StepState::Running)
        }
    }

    /// The step ended well.
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

    /// With something that its owner should know.
    #[must_use]
    pub fn with_notes(self, notes: Vec<String>) -> Self {
        Self { notes, ..self }
    }

    /// The step did not work out, and the title is published all the same.
    #[must_use]
    pub fn skipped(self, reason: Reason, now: Timestamp) -> Self {
        Self {
            state: StepState::Skipped,
            finished_at: Some(now),
            reason: Some(reason),
            ..self
        }
    }

    /// The step ended badly.
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

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Not begun.
    Waiting,
    /// At work.
    Running,
    /// Ended well.
    Done,
    /// Ended badly.
    Failed,
    /// Not done, and the title is published all the same.
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
    fn the_step_at_work_is_the_one_that_runs_or_could_not_begin() {
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
    fn a_run_keeps_what_the_steps_before_it_made() {
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
    fn a_new_run_remembers_how_the_one_before_failed() {
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
        assert_eq!(
            asset.failed_before,
            Some(failure),
            "also over a run that left no failure"
        );
    }

    #[test]
    fn what_failed_its_proof_is_made_again() {
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
    fn a_run_that_transcodes_again_forgets_the_old_output() {
        use Step::{Plan, Transcode, Upload, Validate};
        let mut asset = asset(&[Upload, Validate, Plan, Transcode], Some(Attempt::FIRST));

        asset.begin_run(Plan, NOW).unwrap();

        assert_eq!(asset.transcoded, None);
        assert_eq!(asset.resume_from(), Plan);
    }

    #[test]
    fn a_run_cannot_start_behind_a_step_that_is_not_done() {
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
    fn lost_output_is_made_again() {
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
    fn a_transcode_whose_output_is_unknown_is_done_again() {
        use Step::{Plan, Transcode, Validate};

        assert_eq!(asset(&[Validate, Plan, Transcode], None).resume_from(), Transcode);
    }
}
