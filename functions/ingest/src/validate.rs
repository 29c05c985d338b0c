//! The step `validate`: checks that the file can be published.

use adapters::{
    dynamodb::{Assets, StepOutput, Table},
    mediaconvert::{ProbeError, Prober},
    s3::Bucket,
};
use domain::{
    ingest::{IngestError, Run, Step},
    upload,
};
use media::{
    animation::{Animation, AnimationKind, GifScan},
    file::{FileFacts, FileKind, Inspection, Progress},
    probe::Probe,
    source::{SourceFacts, ToConvert},
    validate::{Limits, MAX_PIXELS, Source, admit, validate, validate_gif},
};
use runtime::{
    clock,
    config::{self, ConfigError},
};

use crate::step::{RunningStep, StepFailure};

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    assets: Assets,
    uploads: Bucket,
    prober: Prober,
    limits: Limits,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;

        Ok(Self {
            assets: Table::new(&aws, config::text("TABLE_NAME")?).assets(),
            uploads: Bucket::new(&aws, config::text("UPLOAD_BUCKET")?),
            prober: Prober::new(&aws),
            limits: limits()?,
        })
    }
}

/// The limits of this installation.
pub(crate) fn limits() -> Result<Limits, ConfigError> {
    Ok(Limits {
        max_size_bytes: config::value("MAX_SIZE_BYTES")?,
        max_duration_ms: config::value::<u64>("MAX_DURATION_SECONDS")?.saturating_mul(1_000),
        max_pixels: MAX_PIXELS,
    })
}

/// Inspects the file and stores the facts about it.
pub async fn handle(cx: Context, run: Run) -> Result<(), StepFailure> {
    let step = RunningStep::begin(&cx.assets, run, Step::Validate, clock::now()).await?;
    let key = upload::key(step.input.asset.upload_id);
    let object = cx.uploads.head(&key).await?.ok_or(IngestError::SourceMissing)?;
    if object.size_bytes != step.input.asset.size_bytes {
        return Err(IngestError::SizeMismatch.into());
    }

    // The bytes are inspected before the probe, because a probe would follow a playlist to other files.
    let file = inspect(&cx.uploads, &key, object.size_bytes).await?;
    admit(object.size_bytes, &file, &cx.limits)?;
    let facts = match file.kind {
        FileKind::Animation(AnimationKind::Gif) => {
            validate_gif(object.size_bytes, &scan(&cx.uploads, &key).await?, &cx.limits)?
        }
        FileKind::Animation(kind) => return hand_over(&step, &ToConvert::Animation(kind)).await,
        _ => {
            let probe = probe(&cx.prober, &cx.uploads.uri(&key)).await?;
            match validate(object.size_bytes, &file, probe.as_ref(), &cx.limits)? {
                Source::Film(facts) => facts,
                Source::Sound(sound) => return hand_over(&step, &ToConvert::Sound(sound)).await,
            }
        }
    };

    finish(step, &facts).await
}

/// Ends the step with the facts about the film.
pub(crate) async fn finish(mut step: RunningStep<'_>, facts: &SourceFacts) -> Result<(), StepFailure> {
    step.add_notes(&facts.notes);
    let output = StepOutput::none().with_document(facts)?;

    step.done(output, clock::now()).await
}

/// Leaves the rest of the step to `convert`. The step stays `running` until then.
async fn hand_over(step: &RunningStep<'_>, rest: &ToConvert) -> Result<(), StepFailure> {
    let output = StepOutput::none().with_document(rest)?;

    step.save(output, clock::now()).await
}

async fn inspect(uploads: &Bucket, key: &str, size: u64) -> Result<FileFacts, StepFailure> {
    let mut inspection = Inspection::new(size);
    loop {
        match inspection.next() {
            Progress::Done(facts) => return Ok(facts),
            Progress::Read { offset, len } => {
                let bytes = uploads
                    .read(key, offset, len)
                    .await?
                    .ok_or(IngestError::SourceMissing)?;
                inspection.feed(offset, bytes);
            }
        }
    }
}

/// Reads a GIF to its end: its header has no duration, but each picture has a delay.
async fn scan(uploads: &Bucket, key: &str) -> Result<Animation, StepFailure> {
    let mut chunks = uploads.chunks(key).await?.ok_or(IngestError::SourceMissing)?;
    let mut scan = GifScan::default();
    while let Some(bytes) = chunks.next().await? {
        scan.feed(&bytes);
    }

    Ok(scan.end())
}

/// The probe's result; nothing if MediaConvert cannot read the file.
async fn probe(prober: &Prober, address: &str) -> Result<Option<Probe>, StepFailure> {
    match prober.probe(address).await {
        Ok(probe) => Ok(Some(probe)),
        Err(ProbeError::Unreadable(why)) => {
            tracing::info!("the probe cannot read the file: {why}");
            Ok(None)
        }
        Err(ProbeError::Service(error)) => Err(error.into()),
    }
}
