//! What the machine's steps have in common: how they begin, end and fail.

use std::fmt;

use adapters::{
    ServiceError,
    aws::CallError,
    dynamodb::{Accounts, Assets, AtWork, Legacy, StoreError},
    mediaconvert::TranscoderError,
};
use domain::{
    asset::StepRecord,
    ingest::{IngestError, Reason, Run, Step},
};
use kernel::{Timestamp, error_kind::HasKind, id::AccountId};
use runtime::{log_failure, task::StepError};
use serde::de::DeserializeOwned;

/// Why a step failed: a name for the machine, a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepFailure(pub(crate) Reason);

impl fmt::Display for StepFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StepError for StepFailure {
    fn name(&self) -> &'static str {
        self.0.error.name()
    }
}

impl From<Reason> for StepFailure {
    fn from(reason: Reason) -> Self {
        Self(reason)
    }
}

impl From<IngestError> for StepFailure {
    fn from(error: IngestError) -> Self {
        Self(error.into())
    }
}

impl From<StoreError> for StepFailure {
    fn from(error: StoreError) -> Self {
        failure_of(&error)
    }
}

impl From<CallError> for StepFailure {
    fn from(error: CallError) -> Self {
        failure_of(&error)
    }
}

impl From<ServiceError> for StepFailure {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Transcoder(error) => error.into(),
            error => failure_of(&error),
        }
    }
}

impl From<TranscoderError> for StepFailure {
    fn from(error: TranscoderError) -> Self {
        let name = match &error {
            TranscoderError::Rejected(_) | TranscoderError::HasEnded => IngestError::TranscodeRejected,
            TranscoderError::NotFound => IngestError::TranscodeInterrupted,
            TranscoderError::Call(error) => return failure_of(error),
        };
        log_failure!(&error, cause = %error, "a step cannot continue: {error}");

        name.into()
    }
}

/// What happened is for the log; people read what it means for them.
fn failure_of(error: &impl HasKind) -> StepFailure {
    log_failure!(error, cause = %error, "a step cannot continue: {error}");

    IngestError::from(error.kind()).into()
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
    pub(crate) found: AtWork,
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
    pub(crate) async fn done(self, legacy: Legacy, now: Timestamp) -> Result<(), StepFailure> {
        let record = StepRecord::started(self.started_at)
            .done(now)
            .with_notes(self.notes.clone());

        self.write(&record, legacy, now).await
    }

    /// Keeps `legacy` of a step that does not end well.
    pub(crate) async fn keep(&self, legacy: Legacy, now: Timestamp) -> Result<(), StepFailure> {
        self.write(&StepRecord::started(self.started_at), legacy, now).await
    }

    async fn write(&self, record: &StepRecord, legacy: Legacy, now: Timestamp) -> Result<(), StepFailure> {
        self.assets.record(&self.run, self.step, record, legacy, now).await?;

        Ok(())
    }
}
