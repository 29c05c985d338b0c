//! The end of the step `validate` for files that MediaConvert cannot read as they are: an animated PNG or WebP becomes a QuickTime
//! film, and the cover of a song becomes the picture that its sound is shown with.
//!
//! All other films pass: `validate` is done with them. What is made lies beside the upload and is deleted with it. Strangers' bytes
//! are decoded here and nowhere else, by decoders in safe Rust, within bounds of bytes and pixels; a decoder that panics all
//! the same has met a damaged file.

mod animation;
mod cover;
mod quicktime;
mod ranges;
mod tags;

use adapters::{
    dynamodb::{Assets, Table},
    s3::Bucket,
};
use domain::{
    asset::StepState,
    ingest::{IngestError, Reason, Run, Step},
    upload,
};
use kernel::id::UploadId;
use media::{
    animation::AnimationKind,
    source::{Converted, SoundFacts, SourceFacts},
    validate::{Limits, validate_converted},
};
use ranges::Ranges;
use runtime::{
    clock,
    config::{self, ConfigError},
};
use serde::{Deserialize, Serialize};

use crate::{
    step::{StepAtWork, StepFailure, documents},
    validate::{end, limits},
};

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    assets: Assets,
    uploads: Bucket,
    limits: Limits,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;

        Ok(Self {
            assets: Table::new(&aws, config::text("TABLE_NAME")?).assets(),
            uploads: Bucket::new(&aws, config::text("UPLOAD_BUCKET")?),
            limits: limits()?,
        })
    }
}

/// What `validate` leaves to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ToConvert {
    /// Sound whose cover becomes its picture.
    Sound(SoundFacts),
    /// Pictures that become a film.
    Animation(AnimationKind),
}

/// The key of what is made of an upload. It lies with the upload, so that it is deleted with it.
pub(crate) fn made_key(upload: UploadId, made: Converted) -> String {
    let name = match made {
        // MediaConvert wants to see what an image is by its name.
        Converted::Cover => "cover.png",
        Converted::Film | Converted::Nothing => "film.mov",
    };

    format!("{}/{name}", upload::folder(upload))
}

/// Converts what has to be, and ends the step that `validate` began.
pub async fn handle(cx: Context, run: Run) -> Result<(), StepFailure> {
    let looked = cx.assets.find_with_documents(run.title_id, run.asset_id).await?;
    let asset = looked.ok_or(IngestError::Superseded)?.asset;
    if asset.step(Step::Validate).state == StepState::Done {
        return Ok(());
    }

    let step = StepAtWork::begin(&cx.assets, run, Step::Validate, clock::now()).await?;
    let upload = step.found.asset.upload_id;
    let facts = match step.document(documents::TO_CONVERT)? {
        ToConvert::Animation(kind) => film(&cx, upload, kind).await?,
        ToConvert::Sound(sound) => with_cover(&cx, upload, sound).await?,
    };

    end(step, &facts).await
}

async fn film(cx: &Context, upload: UploadId, kind: AnimationKind) -> Result<SourceFacts, StepFailure> {
    let mut chunks = cx
        .uploads
        .chunks(&upload::key(upload))
        .await?
        .ok_or(IngestError::SourceMissing)?;
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await? {
        bytes.extend_from_slice(&chunk);
    }
    let size = bytes.len() as u64;
    let (film, animation) = decode(move || animation::film(kind, bytes)).await?;
    let facts = validate_converted(size, &animation, &cx.limits)?;
    cx.uploads
        .write(&made_key(upload, Converted::Film), "video/quicktime", film)
        .await?;

    Ok(facts)
}

async fn with_cover(cx: &Context, upload: UploadId, sound: SoundFacts) -> Result<SourceFacts, StepFailure> {
    let ranges = Ranges::new(cx.uploads.clone(), upload::key(upload), sound.size_bytes);
    let found = ranges.failure();
    let cover = decode(move || cover::picture(ranges)).await;
    // What S3 said counts for more than what a parser made of it.
    if let Some(failure) = found.take() {
        return Err(failure);
    }
    let cover = cover?;
    cx.uploads
        .write(&made_key(upload, Converted::Cover), "image/png", cover.png)
        .await?;

    Ok(sound.with_cover(cover.size))
}

/// Runs a decoder beside the runtime. One that panics has met a file that it cannot read.
async fn decode<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Reason> + Send + 'static,
) -> Result<T, StepFailure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(decoded) => Ok(decoded?),
        Err(error) => {
            tracing::error!("a decoder gave up: {error}");
            Err(Reason::new(IngestError::UnsupportedFormat, DAMAGED).into())
        }
    }
}

const DAMAGED: &str = "The file is damaged: its pictures cannot be read. Save it again and upload that.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_lies_with_its_upload_and_starts_no_run() {
        let id: UploadId = "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11".parse().unwrap();
        let folder = upload::key(id).trim_end_matches("source").to_owned();
        for made in [Converted::Cover, Converted::Film] {
            let key = made_key(id, made);
            assert!(key.starts_with(&folder) && key != upload::key(id), "{key}");
            assert_eq!(
                upload::upload_id_from_key(&key),
                None,
                "no object but the upload begins a run"
            );
        }
    }
}
