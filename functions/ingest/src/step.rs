//! How steps of the machine begin, end and fail.

use adapters::{
    ServiceError,
    aws::CallError,
    dynamodb::{Accounts, Assets, StepInput, StepOutput, StoreError},
    mediaconvert::TranscoderError,
};
use domain::{
    asset::StepRecord,
    ingest::{IngestError, Reason, Run, Step},
};
use kernel::{Timestamp, id::AccountId};
use media::step_document::StepDocument;
use runtime::task::log_and_classify;

runtime::step_failure!(Reason, IngestError, from StoreError, CallError);

impl From<ServiceError> for StepFailure {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Transcoder(error) => error.into(),
            error => IngestError::from(log_and_classify(&error)).into(),
        }
    }
}

impl From<TranscoderError> for StepFailure {
    fn from(error: TranscoderError) -> Self {
        let kind = log_and_classify(&error);

        match error {
            TranscoderError::Rejected(_) | TranscoderError::HasEnded => IngestError::TranscodeRejected,
            TranscoderError::NotFound => IngestError::TranscodeInterrupted,
            TranscoderError::Call(_) => kind.into(),
        }
        .into()
    }
}

/// Fails if the account of a title's owner is disabled: the title costs nothing then, and is not shown.
pub(crate) async fn check_owner_enabled(accounts: &Accounts, owner: AccountId) -> Result<(), StepFailure> {
    match accounts.disabled_since(owner).await? {
        Some(_) => Err(IngestError::OwnerDisabled.into()),
        None => Ok(()),
    }
}

/// A step that has begun.
pub(crate) struct RunningStep<'a> {
    assets: &'a Assets,
    pub(crate) run: Run,
    step: Step,
    started_at: Timestamp,
    notes: Vec<String>,
    pub(crate) input: StepInput,
}

impl<'a> RunningStep<'a> {
    /// Begins `step`, if `run` is the newest one.
    pub(crate) async fn begin(
        assets: &'a Assets,
        run: Run,
        step: Step,
        now: Timestamp,
    ) -> Result<RunningStep<'a>, StepFailure> {
        let input = assets.begin_step(&run, step, now).await?;

        Ok(Self {
            assets,
            run,
            step,
            started_at: now,
            notes: Vec::new(),
            input,
        })
    }

    /// The document of an earlier step, which must exist.
    pub(crate) fn document<T: StepDocument>(&self) -> Result<T, StepFailure> {
        self.input.document()?.ok_or_else(|| {
            tracing::error!("the step {} has no document {}", self.step, T::NAME);
            IngestError::Internal.into()
        })
    }

    /// Adds notes for the owner to the record of a step that succeeds.
    pub(crate) fn add_notes(&mut self, notes: &[String]) {
        self.notes.extend_from_slice(notes);
    }

    /// Records that the step is done, with its output.
    pub(crate) async fn done(self, output: StepOutput, now: Timestamp) -> Result<(), StepFailure> {
        let record = StepRecord::started(self.started_at)
            .done(now)
            .with_notes(self.notes.clone());

        self.write(&record, output, now).await
    }

    /// Saves the output of a step that is not done.
    pub(crate) async fn save(&self, output: StepOutput, now: Timestamp) -> Result<(), StepFailure> {
        self.write(&StepRecord::started(self.started_at), output, now).await
    }

    async fn write(&self, record: &StepRecord, output: StepOutput, now: Timestamp) -> Result<(), StepFailure> {
        self.assets.record(&self.run, self.step, record, output, now).await?;

        Ok(())
    }
}
