//! The ingest pipeline's words: its steps, and the closed list of what can go wrong.

pub mod recovery;

use std::{fmt, str::FromStr, time::Duration};

use crate::machine::error_names;
pub use crate::machine::{ErrorClass, UnknownError};
use kernel::{
    Timestamp,
    id::{AssetId, Attempt, TitleId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What one run of the ingest machine works on: its whole input. Only ids, so that a duplicate is equal to the byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The title that is being made.
    pub title_id: TitleId,
    /// The uploaded source.
    pub asset_id: AssetId,
    /// Which run over the asset.
    pub attempt: Attempt,
}

impl Run {
    /// As long as the machine lets a run go on (`TimeoutSeconds` of `statemachines/ingest.asl.yaml`): later, nothing of it writes any more.
    pub const MAX_DURATION: Duration = Duration::from_hours(26);

    /// The execution's name: AWS allows 80 characters of letters, digits, `-` and `_`.
    #[must_use]
    pub fn execution_name(&self) -> String {
        format!("{}-{}", self.asset_id, self.attempt)
    }

    /// Where this run's transcode writes in the media bucket, slash included.
    #[must_use]
    pub fn output_prefix(&self) -> String {
        format!("media/{}/{}/", self.asset_id, self.attempt)
    }
}

/// The whole input of the ingest machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInput {
    /// What is worked on.
    #[serde(flatten)]
    pub run: Run,
    /// The first step to do; from the beginning if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume_from: Option<Step>,
}

/// A step on the way from a file to a published title, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The file arrives in the upload bucket.
    Upload,
    /// The file is looked at: is it a video that can be published?
    Validate,
    /// The ladder is chosen and the price is quoted.
    Plan,
    /// MediaConvert makes the renditions.
    Transcode,
    /// The output is walked and proved playable.
    Verify,
    /// The title becomes visible.
    Publish,
    /// Subscribers are told.
    Notify,
    /// The title is placed among those that it is like: not by the machine, but once the table's stream tells of it.
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

    /// The word on the wire and in the table.
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

    /// Whether a title is published although this step failed: it is skipped then.
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
    /// Everything that can end or interrupt a run. The state machine's `Retry` and `Catch` match on these names.
    IngestError:

    /// The file has no bytes.
    EmptyFile Refused,
    /// The file cannot be read as audio or video.
    NotAVideo Refused,
    /// There is sound or a picture, but no video.
    NoVideoStream Refused,
    /// The file is encrypted.
    Encrypted Refused,
    /// It is a video, of a kind that cannot be transcoded here.
    UnsupportedFormat Refused,
    /// Too short to be cut into segments.
    TooShort Refused,
    /// Longer than this installation allows.
    TooLong Refused,
    /// More bytes than this installation allows.
    TooLarge Refused,
    /// Another number of bytes than was announced.
    SizeMismatch Refused,
    /// A larger picture than this installation allows.
    TooManyPixels Refused,
    /// The uploaded file is not in the bucket any more.
    SourceMissing Refused,
    /// The quote is over the budget.
    OverBudget Failed,
    /// What may be spent on encoding today, by the account or by everybody, is spent.
    DailyBudgetSpent Failed,
    /// MediaConvert refused the job.
    TranscodeRejected Failed,
    /// The job failed for a reason in the file or the settings.
    TranscodeFailed Failed,
    /// The job failed for a reason that may pass.
    TranscodeInterrupted Failed,
    /// The job did not end in time.
    TranscodeTimedOut Failed,
    /// Somebody canceled the job.
    TranscodeCanceled Failed,
    /// Its owner or an admin canceled the processing of the title.
    Canceled Failed,
    /// The account of the title's owner is disabled.
    OwnerDisabled Failed,
    /// The output does not play as it should.
    VerificationFailed Failed,
    /// The title changed while it was being published.
    PublishConflict Failed,
    /// A newer run or upload took over.
    Superseded Failed,
    /// An administrator started a run by hand that cannot begin.
    CannotStart Failed,
    /// The run ended without a word: its execution is gone or was stopped.
    Interrupted Failed,
    /// A service asked us to slow down.
    Throttled Transient,
    /// A service did not answer.
    Unavailable Transient,
    /// A service denied us a call: a permission or a credential is missing.
    Denied Failed,
    /// A defect of ours.
    Internal Failed,
}

/// What happened, and what its owner can do where another run may help.
macro_rules! again {
    ($what:literal) => {
        concat!(
            $what,
            " The administrators see it among the failed titles and can run it again. You can also upload another file."
        )
    };
}

/// The advice for a failure that another run may mend.
pub const ADVICE_TO_RUN_AGAIN: &str = again!("").trim_ascii_start();

/// The advice for a failure that has come back.
pub const ADVICE_AFTER_REPETITION: &str =
    "It failed in the same way before, so running it again does not help. Upload another file.";

/// Whether another run over the same file may end better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rerun {
    /// The cause passes, or an administrator mends it: as often as one likes.
    Always,
    /// It may have been an accident; what comes back was none.
    Once,
    /// The verdict is about the file.
    Never,
}

impl IngestError {
    /// Whether another run over the same file may end better.
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

    /// What to tell the uploader where nobody found better words.
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
                "Encoding this film would cost more than this installation allows for one title. Upload a shorter or a \
                 smaller copy."
            }
            Self::DailyBudgetSpent => {
                "Today's budget for encoding is spent. The administrators see it among the failed titles and can run it \
                 again tomorrow (UTC)."
            }
            Self::TranscodeRejected => {
                "The transcoder refused the job for a reason that is not in your file. The administrators see it among the \
                 failed titles and can run it again once that is mended."
            }
            Self::TranscodeFailed => {
                "The film could not be transcoded. Export it again as MP4 with H.264 and AAC, and upload that."
            }
            Self::TranscodeInterrupted => again!("Transcoding was interrupted."),
            Self::TranscodeTimedOut => again!("Transcoding did not end in time."),
            Self::TranscodeCanceled => again!("Transcoding was canceled."),
            Self::Canceled => "The processing was canceled. Upload another file, or delete the title.",
            Self::OwnerDisabled => {
                "The account of its owner is disabled. Once it is enabled again, the administrators can run the \
                 processing again, or its owner can upload another file."
            }
            Self::VerificationFailed => again!("The transcoded film does not play as it should."),
            Self::PublishConflict => again!("The title changed while it was being published."),
            Self::Superseded => "A newer upload or run took over.",
            Self::CannotStart => "This run cannot begin. Run the title again from its page, or upload another file.",
            Self::Interrupted => again!("Processing was interrupted."),
            Self::Throttled => again!("A service was busy for too long."),
            Self::Unavailable => again!("A service did not answer."),
            Self::Denied => {
                "Marquee may not use a service that it needs. The administrators see it among the failed titles and can run it \
                 again once that is corrected."
            }
            Self::Internal => again!("A defect of Marquee stopped the processing."),
        }
    }
}

/// An error name with the sentence that the uploader reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// The name, for programs.
    pub error: IngestError,
    /// What happened and what to do, for people.
    #[schema(examples("This file has sound but no video. Upload a file with a video track."))]
    pub sentence: String,
}

impl Reason {
    /// A name with words of its own.
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

/// Where and why a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    /// What happened.
    #[serde(flatten)]
    pub reason: Reason,
    /// In which step.
    pub step: Step,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

impl Failure {
    /// Whether this is what ended an earlier run over the same file: the same error in the same step.
    #[must_use]
    pub fn repeats(&self, earlier: Option<&Self>) -> bool {
        earlier.is_some_and(|earlier| earlier.reason.error == self.reason.error && earlier.step == self.step)
    }

    /// Whether another run over the same file may help, after `earlier` ended the run before.
    #[must_use]
    pub fn may_run_again(&self, earlier: Option<&Self>) -> bool {
        match self.reason.error.rerun() {
            Rerun::Always => true,
            Rerun::Once => !self.repeats(earlier),
            Rerun::Never => false,
        }
    }

    /// Says so if it has come back, instead of advising another run.
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
    fn what_comes_back_is_not_run_a_third_time() {
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
        let outage = failure(IngestError::Unavailable, Step::Verify);
        assert!(outage.may_run_again(Some(&outage)), "outages pass");
        assert!(!failure(IngestError::NotAVideo, Step::Validate).may_run_again(None));
    }

    #[test]
    fn no_sentence_leaves_its_reader_without_a_way() {
        for error in IngestError::ALL {
            let sentence = error.sentence();
            assert!(!sentence.contains("An administrator can"), "{sentence}");
            assert!(sentence.ends_with('.'), "{sentence}");
            // Of what was overtaken there is nothing to do.
            let advises = ["Upload", "upload", "Choose", "run it again"]
                .iter()
                .any(|advice| sentence.contains(advice));
            assert!(advises || *error == IngestError::Superseded, "{error}: {sentence}");
        }
    }

    #[test]
    fn a_runs_input_holds_nothing_but_ids_and_perhaps_a_step() {
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
    fn the_longest_run_is_as_long_as_the_machine_allows() {
        let machine = include_str!("../../../statemachines/ingest.asl.yaml");
        let allowed = machine.lines().find_map(|line| line.strip_prefix("TimeoutSeconds: "));

        assert_eq!(allowed, Some(Run::MAX_DURATION.as_secs().to_string().as_str()));
    }

    #[test]
    fn an_execution_name_fits_into_what_aws_allows() {
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
