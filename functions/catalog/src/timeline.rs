//! A title's pipeline progress: every step with its record.

use api::FailureView;
use domain::{
    asset::{Asset, StepRecord, StepState},
    ingest::Step,
    quote::{Quote, QuoteLine},
    title::{Title, TitleState},
};
use kernel::{
    id::{AssetId, Attempt, TitleId},
    money::MicroDollars,
};
use runtime::http::{Sample, sample};
use serde::Serialize;
use utoipa::ToSchema;

/// A title's pipeline progress.
#[derive(Serialize, ToSchema)]
#[schema(as = Timeline)]
pub(crate) struct TimelineView {
    title_id: TitleId,
    state: TitleState,
    /// The newest upload; absent for a draft.
    #[serde(skip_serializing_if = "Option::is_none")]
    asset_id: Option<AssetId>,
    /// The newest run over it; absent while it is being uploaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<Attempt>,
    /// The quote for transcoding, once it is planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    quote: Option<QuoteView>,
    /// Every step, in order.
    steps: Vec<StepView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureView>,
    /// Whether an admin may run it again. If not, upload another file, which the owner may do in any case.
    redrivable: bool,
}

/// The quote for transcoding and its budget.
#[derive(Serialize, ToSchema)]
#[schema(as = BudgetedQuote)]
struct QuoteView {
    #[serde(flatten)]
    quote: Quote,
    /// What transcoding one upload may cost in this installation.
    budget_micros: MicroDollars,
}

/// A step and its record.
#[derive(Serialize, ToSchema)]
#[schema(as = TimelineStep)]
struct StepView {
    step: Step,
    #[serde(flatten)]
    record: StepRecord,
}

/// Marks a job that waits in MediaConvert's queue as submitted. MediaConvert sends no event for it, so its record has no phase
/// until the job begins.
fn with_submitted_phase(step: Step, record: StepRecord) -> StepRecord {
    let waits = step == Step::Transcode
        && record.state == StepState::Running
        && record.progress_percent.is_none()
        && record.phase.is_none();

    if waits {
        StepRecord {
            phase: Some("SUBMITTED".to_owned()),
            ..record
        }
    } else {
        record
    }
}

/// Whether a new run may succeed: the last one failed, not because of the file itself, and not in the same way as the one before.
pub(crate) fn can_redrive(title: &Title, asset: Option<&Asset>) -> bool {
    let earlier = asset.and_then(|asset| asset.failed_before.as_ref());
    let may_help = title
        .failure
        .as_ref()
        .is_none_or(|failure| failure.may_run_again(earlier));

    title.state == TitleState::Failed && may_help
}

impl TimelineView {
    /// Shows a title with its newest upload.
    pub(crate) fn new(title: &Title, asset: Option<&Asset>, budget_micros: MicroDollars) -> Self {
        let record = |step| asset.map_or_else(|| StepRecord::new(StepState::Waiting), |asset| asset.step(step));
        let quote = asset.and_then(|asset| asset.quote.clone());

        Self {
            title_id: title.id,
            state: title.state,
            asset_id: asset.map(|asset| asset.id),
            attempt: asset.and_then(|asset| asset.attempt),
            quote: quote.map(|quote| QuoteView { quote, budget_micros }),
            steps: Step::ALL
                .into_iter()
                .map(|step| StepView {
                    step,
                    record: with_submitted_phase(step, record(step)),
                })
                .collect(),
            failure: title.failure.as_ref().map(FailureView::from),
            redrivable: can_redrive(title, asset),
        }
    }
}

impl Sample for TimelineView {
    fn samples() -> Vec<Self> {
        let done = || StepRecord::started(sample::time()).done(sample::time());
        let record = |step| match step {
            Step::Upload | Step::Validate | Step::Plan => done(),
            Step::Transcode => StepRecord {
                progress_percent: Some(42),
                phase: Some("TRANSCODING".to_owned()),
                ..StepRecord::started(sample::time())
            },
            _ => StepRecord::new(StepState::Waiting),
        };
        let price = MicroDollars(91_350);

        vec![Self {
            title_id: TitleId::from_uuid(sample::uuid()),
            state: TitleState::Processing,
            asset_id: Some(AssetId::from_uuid(sample::uuid())),
            attempt: Some(Attempt::FIRST),
            quote: Some(QuoteView {
                quote: Quote {
                    amount_micros: price,
                    currency: "USD".to_owned(),
                    unverified: true,
                    lines: vec![QuoteLine {
                        what: "video 1280x720 at 24 frames/s".to_owned(),
                        minutes_milli: 9_950,
                        multiplier_milli: 1_000,
                        amount_micros: price,
                    }],
                },
                budget_micros: MicroDollars(20_000_000),
            }),
            steps: Step::ALL
                .into_iter()
                .map(|step| StepView {
                    step,
                    record: record(step),
                })
                .collect(),
            failure: None,
            redrivable: false,
        }]
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        ingest::{Failure, IngestError},
        title::testing::{details, owner},
    };
    use kernel::id::AccountId;

    use super::*;

    fn title(state: TitleState, failed_with: Option<IngestError>) -> Title {
        let (id, owner) = (sample::uuid(), owner(AccountId::from_uuid(sample::uuid())));
        let mut title = Title::draft(TitleId::from_uuid(id), owner, details("Film", &[]), sample::time());
        title.state = state;
        title.failure = failed_with.map(|error| Failure {
            reason: error.into(),
            step: Step::Validate,
            at: sample::time(),
        });

        title
    }

    #[test]
    fn only_a_failed_title_whose_file_is_not_refused_can_be_run_again() {
        let redrivable = |state, failed_with| can_redrive(&title(state, failed_with), None);

        assert!(redrivable(TitleState::Failed, Some(IngestError::Interrupted)));
        assert!(!redrivable(TitleState::Failed, Some(IngestError::NotAVideo)));
        assert!(!redrivable(TitleState::Published, None));
        assert!(!redrivable(TitleState::Processing, None));
    }

    #[test]
    fn a_job_that_waits_in_the_queue_is_shown_as_submitted() {
        let running = StepRecord::started(sample::time());
        let phase = |step, record: &StepRecord| with_submitted_phase(step, record.clone()).phase;

        assert_eq!(phase(Step::Transcode, &running).as_deref(), Some("SUBMITTED"));
        assert_eq!(phase(Step::Verify, &running), None);
        let begun = StepRecord {
            progress_percent: Some(0),
            phase: Some("TRANSCODING".to_owned()),
            ..running.clone()
        };
        assert_eq!(phase(Step::Transcode, &begun).as_deref(), Some("TRANSCODING"));
        assert_eq!(phase(Step::Transcode, &running.done(sample::time())), None);
        assert_eq!(phase(Step::Transcode, &StepRecord::new(StepState::Waiting)), None);
    }
}
