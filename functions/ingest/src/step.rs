//! What the machine's steps have in common: how they begin, end and fail.

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
use runtime::task::log_and_classify;
use serde::de::DeserializeOwned;

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

/// Fails if the account of a title's owner is disabled: nothing is spent on the title, and it is not shown.
pub(crate) async fn owner_is_enabled(accounts: &Accounts, owner: AccountId) -> Result<(), StepFailure> {
    match accounts.disabled_since(owner).await? {
        Some(_) => Err(IngestError::OwnerDisabled.into()),
        None => Ok(()),
    }
}

/// The names under which steps leave documents for one another.
pub(crate) mod documents {
    /// What `validate` found out: `media::source::SourceFacts`.
    pub(crate) const FACTS: &str = "facts";
    /// What `validate` leaves to `convert`.
    pub(crate) const TO_CONVERT: &str = "to_convert";
    /// What `plan` decided: `media::plan::Plan`.
    pub(crate) const PLAN: &str = "plan";
    /// What `verify` proved.
    pub(crate) const PROOF: &str = "proof";
}

/// A step at work.
pub(crate) struct StepAtWork<'a> {
    assets: &'a Assets,
    pub(crate) run: Run,
    step: Step,
    started_at: Timestamp,
    notes: Vec<String>,
    pub(crate) found: StepInput,
}

impl<'a> StepAtWork<'a> {
    /// Begins `step`, if `run` is the newest one.
    pub(crate) async fn begin(
        assets: &'a Assets,
        run: Run,
        step: Step,
        now: Timestamp,
    ) -> Result<StepAtWork<'a>, StepFailure> {
        let found = assets.begin_step(&run, step, now).await?;

        Ok(Self {
            assets,
            run,
            step,
            started_at: now,
            notes: Vec::new(),
            found,
        })
    }

    /// What an earlier step left; it must be there.
    pub(crate) fn document<T: DeserializeOwned>(&self, name: &'static str) -> Result<T, StepFailure> {
        self.found.document(name)?.ok_or_else(|| {
            tracing::error!("the step {} found no {name}", self.step);
            IngestError::Internal.into()
        })
    }

    /// What the owner should know although the step ends well.
    pub(crate) fn note(&mut self, notes: &[String]) {
        self.notes.extend_from_slice(notes);
    }

    /// The step ended well.
    pub(crate) async fn done(self, legacy: StepOutput, now: Timestamp) -> Result<(), StepFailure> {
        let record = StepRecord::started(self.started_at)
            .done(now)
            .with_notes(self.notes.clone());

        self.write(&record, legacy, now).await
    }

    /// Keeps `legacy` of a step that does not end well.
    pub(crate) async fn keep(&self, legacy: StepOutput, now: Timestamp) -> Result<(), StepFailure> {
        self.write(&StepRecord::started(self.started_at), legacy, now).await
    }

    async fn write(&self, record: &StepRecord, legacy: StepOutput, now: Timestamp) -> Result<(), StepFailure> {
        self.assets.record(&self.run, self.step, record, legacy, now).await?;

        Ok(())
    }
}
