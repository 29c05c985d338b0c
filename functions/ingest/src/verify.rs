//! The step `verify`: checks that the output plays, before it is published.

use adapters::dynamodb::StepOutput;
use domain::ingest::{IngestError, Reason, Run, Step};
use domain::transcode::JobOutcome;
use media::{hls::Fault, plan::Plan};
use runtime::clock;

pub use crate::output::Context;
use crate::{
    output_check::check_output,
    step::{RunningStep, StepFailure},
};

/// Checks the output of the attempt that transcoded, which may be an earlier one.
pub async fn handle(cx: Context, run: Run) -> Result<(), StepFailure> {
    let step = RunningStep::begin(&cx.assets, run, Step::Verify, clock::now()).await?;
    let plan: Plan = step.document()?;
    let attempt = step.input.asset.transcoded.ok_or_else(|| refusal(&[]))?;
    let transcoder = Run { attempt, ..run };
    let claim = cx.transcodes.find(&transcoder).await?;
    let transcoded_ms = claim.and_then(|claim| match claim.outcome {
        Some(JobOutcome::Complete { picture_ms }) => picture_ms,
        _ => None,
    });

    let verdict = check_output(&cx.media, &plan, &transcoder.output_prefix(), transcoded_ms).await?;
    let proof = verdict.map_err(|faults| refusal(&faults))?;

    let output = StepOutput::none().with_document(&proof)?;
    step.done(output, clock::now()).await
}

/// The reason for the owner, without file names. The log has them.
pub(crate) fn refusal(faults: &[Fault]) -> Reason {
    for fault in faults {
        tracing::warn!("the output does not play: {fault}");
    }

    let error = if faults.iter().any(Fault::is_permanent) {
        IngestError::UnsupportedFormat
    } else {
        IngestError::VerificationFailed
    };
    match faults {
        [] => error.into(),
        faults => Reason::new(error, Fault::sentence(faults)),
    }
}
