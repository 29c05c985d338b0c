//! The ingest pipeline: its steps, its runs and the closed list of its errors.

pub mod document;
pub mod recovery;

use std::{fmt, str::FromStr, time::Duration};

pub use crate::machine::{ErrorClass, UnknownError};
use crate::machine::{ExecutionInput, error_names};
use kernel::{
    Timestamp,
    id::{AssetId, Attempt, TitleId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One run of the ingest machine. Only ids, so that the inputs of duplicate starts are identical.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The title.
    pub title_id: TitleId,
    /// The asset.
    pub asset_id: AssetId,
    /// The number of the run over the asset.
    pub attempt: Attempt,
}

impl Run {
    /// The machine's timeout (`TimeoutSeconds` of `statemachines/ingest.asl.yaml`). After it, no step of a run writes any more.
    pub const MAX_DURATION: Duration = Duration::from_hours(26);

    /// The execution's name. AWS allows 80 characters: letters, digits, `-` and `_`.
    #[must_use]
    pub fn execution_name(&self) -> String {
        format!("{}-{}", self.asset_id, self.attempt)
    }

    /// The prefix of this run's output in the media bucket, with its slash.
    #[must_use]
    pub fn output_prefix(&self) -> String {
        format!("media/{}/{}/", self.asset_id, self.attempt)
    }
}

/// The input of the ingest machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInput {
    /// The run.
    #[serde(flatten)]
    pub run: Run,
    /// The first step to do; the first one of all if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume_from: Option<Step>,
}

impl RunInput {
    /// The input of a run that begins at the step `from`.
    #[must_use]
    pub fn new(run: Run, from: Step) -> Self {
        Self {
            run,
            resume_from: (from != Step::Validate).then_some(from),
        }
    }
}

impl ExecutionInput for RunInput {
    fn execution_name(&self) -> String {
        self.run.execution_name()
    }
}

/// A step of the pipeline from a source to a published title, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The source is transferred to the upload bucket.
    Upload,
    /// The source is inspected: can it be published?
    Validate,
    /// The ladder is chosen and the price is quoted.
    Plan,
    /// MediaConvert makes the renditions.
    Transcode,
    /// The output check: playlists and segments are read.
    Verify,
    /// The title becomes visible.
    Publish,
    /// Subscribers are notified.
    Notify,
    /// Similar titles are found. Not a step of the machine: the table's stream starts it.
    Recommend,
}

impl Step {
    /// All steps, in order.
    pub const ALL: [Self; 8] = [
        Self::Upload,
        Self::Validate,
        Self::Plan,
        Self::Transcode,
        Self::Verify,
        Self::Publish,
        Self::Notify,
        Self::Recommend,
    ];

    /// The name on the wire and in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Validate => "validate",
            Self::Plan => "plan",
            Self::Transcode => "transcode",
            Self::Verify => "verify",
            Self::Publish => "publish",
            Self::Notify => "notify",
            Self::Recommend => "recommend",
        }
    }

    /// Whether the title is published even if this step fails; the step is then skipped.
    #[must_use]
    pub const fn is_optional(self) -> bool {
        matches!(self, Self::Notify | Self::Recommend)
    }

    /// Whether a run may start here (`resume_from` of the machine's input).
    #[must_use]
    pub const fn is_resumable(self) -> bool {
        matches!(
            self,
            Self::Validate | Self::Plan | Self::Transcode | Self::Verify | Self::Publish
        )
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No step has this name.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a step: expected upload, validate, plan, transcode, verify, publish, notify or recommend")]
pub struct UnknownStep(String);

impl FromStr for Step {
    type Err = UnknownStep;

    fn from_str(text: &str) -> Result<Self, UnknownStep> {
        Self::ALL
            .into_iter()
            .find(|step| step.as_str() == text)
            .ok_or_else(|| UnknownStep(text.chars().take(32).collect()))
    }
}

error_names! {
    /// An error that ends or interrupts a run. The state machine's `Retry` and `Catch` match on these names.
    IngestError:

    /// The file has no bytes.
    EmptyFile Refused,
    /// The file cannot be read as audio or video.
    NotAVideo Refused,
    /// The file has sound or a still picture, but no video.
    NoVideoStream Refused,
    /// The file is encrypted.
    Encrypted Refused,
    /// The file is a video of a format that cannot be transcoded.
    UnsupportedFormat Refused,
    /// The film is too short to be cut into segments.
    TooShort Refused,
    /// The film is longer than this installation allows.
    TooLong Refused,
    /// The file has more bytes than this installation allows.
    TooLarge Refused,
    /// The file has another size than its upload declared.
    SizeMismatch Refused,
    /// The picture has more pixels than this installation allows.
    TooManyPixels Refused,
    /// The source is not in the bucket any more.
    SourceMissing Refused,
    /// The quote is over the budget.
    OverBudget Failed,
    /// The account's or the installation's budget for transcoding for today is spent.
    DailyBudgetSpent Failed,
    /// MediaConvert refused the job.
    TranscodeRejected Failed,
    /// The job failed because of the file or the settings.
    TranscodeFailed Failed,
    /// The job failed because of something that may pass.
    TranscodeInterrupted Failed,
    /// The job did not end in time.
    TranscodeTimedOut Failed,
    /// The job was canceled in MediaConvert.
    TranscodeCanceled Failed,
    /// The title's owner or an admin canceled the processing.
    Canceled Failed,
    /// The owner's account is disabled.
    OwnerDisabled Failed,
    /// The output failed its check.
    VerificationFailed Failed,
    /// The title changed while it was being published.
    PublishConflict Failed,
    /// A newer run or upload replaced this one.
    Superseded Failed,
    /// An operator started an execution by hand that cannot run.
    CannotStart Failed,
    /// The run ended without an error: its execution is gone or was stopped.
    Interrupted Failed,
    /// A service throttled our calls.
    Throttled Transient,
    /// A service did not answer.
    Unavailable Transient,
    /// A service denied a call: a permission or a credential is missing.
    Denied Failed,
    /// A defect of ours.
    Internal Failed,
}

/// A sentence, followed by the advice for failures that another run may fix.
macro_rules! with_rerun_advice {
    ($what:literal) => {
        concat!(
            $what,
            " Admins see failed titles and can run this one again. You can also upload another file."
        )
    };
}

/// The advice for a failure that another run may fix.
pub const ADVICE_TO_RUN_AGAIN: &str = with_rerun_advice!("").trim_ascii_start();

/// The advice for a failure that was repeated.
pub const ADVICE_AFTER_REPETITION: &str =
    "It failed in the same way before, so running it again does not help. Upload another file.";

/// Whether another run over the same source may succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rerun {
    /// Yes: the cause passes, or an admin removes it.
    Always,
    /// Once: if the failure is repeated, it was no accident.
    Once,
    /// No: the source itself is refused.
    Never,
}

impl IngestError {
    /// Whether another run over the same source may succeed.
    #[must_use]
    pub const fn rerun(self) -> Rerun {
        match self.class() {
            ErrorClass::Refused => Rerun::Never,
            ErrorClass::Transient => Rerun::Always,
            ErrorClass::Failed => match self {
                Self::TranscodeFailed
                | Self::TranscodeInterrupted
                | Self::TranscodeTimedOut
                | Self::VerificationFailed
                | Self::Internal => Rerun::Once,
                _ => Rerun::Always,
            },
        }
    }

    /// The sentence for the uploader, unless the step has a more precise one.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::EmptyFile => "The file is empty. Choose another file.",
            Self::NotAVideo => "The file cannot be read as a video. Upload a video file such as MP4, MOV or MKV.",
            Self::NoVideoStream => "The file has no video track. Upload a file with a picture.",
            Self::Encrypted => "The file is encrypted. Upload a copy without copy protection.",
            Self::UnsupportedFormat => {
                "This kind of video cannot be transcoded. Upload it as MP4 with H.264, for example."
            }
            Self::TooShort => "The film is too short to be streamed. Upload a longer one.",
            Self::TooLong => "The film is longer than this installation accepts. Upload it in parts.",
            Self::TooLarge => "The file is larger than this installation accepts. Upload a smaller copy.",
            Self::SizeMismatch => "The file did not arrive whole. Upload it again.",
            Self::TooManyPixels => "The picture is larger than this installation accepts. Upload a smaller copy.",
            Self::SourceMissing => "The uploaded file is not there any more. Upload it again.",
            Self::OverBudget => {
                "Transcoding this film would cost more than this installation allows for one title. Upload a shorter or a \
                 smaller copy."
            }
            Self::DailyBudgetSpent => {
                "Today's budget for transcoding is spent. Admins see failed titles and can run this one again tomorrow (UTC)."
            }
            Self::TranscodeRejected => {
                "The transcoder refused the job for a reason that is not in your file. Admins see failed titles and can run this one \
                 again once that is corrected."
            }
            Self::TranscodeFailed => {
                "The film could not be transcoded. Export it again as MP4 with H.264 and AAC, and upload that."
            }
            Self::TranscodeInterrupted => with_rerun_advice!("Transcoding was interrupted."),
            Self::TranscodeTimedOut => with_rerun_advice!("Transcoding did not end in time."),
            Self::TranscodeCanceled => with_rerun_advice!("Transcoding was canceled."),
            Self::Canceled => "The processing was canceled. Upload another file, or delete the title.",
            Self::OwnerDisabled => {
                "The account of its owner is disabled. Once it is enabled again, admins can run the processing \
                 again, or its owner can upload another file."
            }
            Self::VerificationFailed => with_rerun_advice!("The transcoded film does not play as it should."),
            Self::PublishConflict => with_rerun_advice!("The title changed while it was being published."),
            Self::Superseded => "A newer upload or run replaced this one.",
            Self::CannotStart => "This run cannot start. Run the title again from its page, or upload another file.",
            Self::Interrupted => with_rerun_advice!("Processing was interrupted."),
            Self::Throttled => with_rerun_advice!("A service was busy for too long."),
            Self::Unavailable => with_rerun_advice!("A service did not answer."),
            Self::Denied => {
                "Marquee may not use a service that it needs. Admins see failed titles and can run this one again once that is \
                 corrected."
            }
            Self::Internal => with_rerun_advice!("A defect of Marquee stopped the processing."),
        }
    }
}

/// An error name with the sentence that the uploader reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// The error's name, for programs.
    pub error: IngestError,
    /// The sentence for people: what happened and what to do.
    #[schema(examples("This file has sound but no video. Upload a file with a video track."))]
    pub sentence: String,
}

impl Reason {
    /// An error with a sentence of its own.
    #[must_use]
    pub fn new(error: IngestError, sentence: impl Into<String>) -> Self {
        Self {
            error,
            sentence: sentence.into(),
        }
    }
}

impl From<IngestError> for Reason {
    fn from(error: IngestError) -> Self {
        Self::new(error, error.sentence())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

/// Why, at which step and when a run failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    /// The reason.
    #[serde(flatten)]
    pub reason: Reason,
    /// The step.
    pub step: Step,
    /// When it failed.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

impl Failure {
    /// Whether an earlier run over the same source failed in the same way: with the same error in the same step.
    #[must_use]
    pub fn repeats(&self, earlier: Option<&Self>) -> bool {
        earlier.is_some_and(|earlier| earlier.reason.error == self.reason.error && earlier.step == self.step)
    }

    /// Whether another run over the same source may help. `earlier` is the failure of the run before.
    #[must_use]
    pub fn may_run_again(&self, earlier: Option<&Self>) -> bool {
        match self.reason.error.rerun() {
            Rerun::Always => true,
            Rerun::Once => !self.repeats(earlier),
            Rerun::Never => false,
        }
    }

    /// Replaces the advice to run again if the failure repeats `earlier`.
    #[must_use]
    pub fn after(mut self, earlier: Option<&Self>) -> Self {
        if self.reason.error.rerun() == Rerun::Once && self.repeats(earlier) {
            let what = self.reason.sentence.trim_end_matches(ADVICE_TO_RUN_AGAIN).trim_end();
            self.reason.sentence = format!("{what} {ADVICE_AFTER_REPETITION}");
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_steps_round_trip() {
        for error in IngestError::ALL {
            assert_eq!(error.name().parse(), Ok(*error));
            assert_eq!(serde_json::to_value(error).unwrap(), error.name());
        }
        for step in Step::ALL {
            assert_eq!(step.as_str().parse(), Ok(step));
            assert_eq!(serde_json::to_value(step).unwrap(), step.as_str());
        }
    }

    #[test]
    fn a_repeated_failure_is_not_run_a_third_time() {
        let failure = |error: IngestError, step| Failure {
            reason: error.into(),
            step,
            at: Timestamp::UNIX_EPOCH,
        };
        let first = failure(IngestError::VerificationFailed, Step::Verify);
        assert!(first.may_run_again(None));
        assert!(first.reason.sentence.ends_with(ADVICE_TO_RUN_AGAIN));
        let second = first.clone().after(Some(&first));
        assert!(!second.may_run_again(Some(&first)));
        assert!(second.reason.sentence.ends_with(ADVICE_AFTER_REPETITION));
        assert!(!second.reason.sentence.contains(ADVICE_TO_RUN_AGAIN));

        let elsewhere = failure(IngestError::Internal, Step::Plan);
        assert!(elsewhere.may_run_again(Some(&first)), "another failure than before");
        let same_step = failure(IngestError::Internal, Step::Verify);
        assert!(same_step.may_run_again(Some(&first)), "another error");
        let same_error = failure(IngestError::VerificationFailed, Step::Publish);
        assert!(same_error.may_run_again(Some(&first)), "another step");
        let unavailable = failure(IngestError::Unavailable, Step::Verify);
        assert!(
            unavailable.may_run_again(Some(&unavailable)),
            "unavailable services come back"
        );
        assert!(!failure(IngestError::NotAVideo, Step::Validate).may_run_again(None));
    }

    #[test]
    fn every_sentence_says_what_to_do() {
        for error in IngestError::ALL {
            let sentence = error.sentence();
            assert!(!sentence.contains("dministrator"), "{sentence}");
            assert!(sentence.ends_with('.'), "{sentence}");
            // A superseded run needs no action.
            let advises = ["Upload", "upload", "Choose", "run this one again"]
                .iter()
                .any(|advice| sentence.contains(advice));
            assert!(advises || *error == IngestError::Superseded, "{error}: {sentence}");
        }
    }

    #[test]
    fn the_input_of_a_run_has_only_ids_and_a_step() {
        let run = Run {
            title_id: TitleId::mint(Timestamp::UNIX_EPOCH),
            asset_id: AssetId::mint(Timestamp::UNIX_EPOCH),
            attempt: Attempt(2),
        };
        let whole = RunInput { run, resume_from: None };
        let resumed = RunInput {
            run,
            resume_from: Some(Step::Verify),
        };
        let expected = serde_json::json!({ "title_id": run.title_id, "asset_id": run.asset_id, "attempt": 2 });

        assert_eq!(serde_json::to_value(whole).unwrap(), expected);
        assert_eq!(serde_json::to_value(resumed).unwrap()["resume_from"], "verify");
        assert_eq!(serde_json::from_value::<RunInput>(expected).unwrap(), whole);
    }

    #[test]
    fn the_maximum_duration_is_the_machines_timeout() {
        let machine = include_str!("../../../statemachines/ingest.asl.yaml");
        let allowed = machine.lines().find_map(|line| line.strip_prefix("TimeoutSeconds: "));

        assert_eq!(allowed, Some(Run::MAX_DURATION.as_secs().to_string().as_str()));
    }

    #[test]
    fn an_execution_name_is_valid_for_aws() {
        let run = Run {
            title_id: TitleId::mint(Timestamp::UNIX_EPOCH),
            asset_id: AssetId::mint(Timestamp::UNIX_EPOCH),
            attempt: Attempt(u32::MAX),
        };
        let name = run.execution_name();

        assert!(name.len() <= 80);
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
    }
}
