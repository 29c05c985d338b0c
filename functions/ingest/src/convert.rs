//! The end of the step `validate` for files that MediaConvert cannot read: an animated PNG or WebP becomes a QuickTime film, and the
//! cover of a song becomes the picture of its title.
//!
//! For other files `validate` ends the step itself. The converted file is stored next to the upload and deleted with it. Only this
//! function decodes files of strangers: with decoders in safe Rust, within bounds of bytes and pixels. A panic of a decoder means that
//! the file is damaged.

mod animation;
mod cover;
mod quicktime;
mod range_reader;
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
    source::{Converted, SoundFacts, SourceFacts, ToConvert},
    validate::{Limits, validate_converted},
};
use range_reader::RangeReader;
use runtime::{
    clock,
    config::{self, ConfigError},
};

use crate::{
    step::{RunningStep, StepFailure},
    validate::{finish, limits},
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

/// The key of the file that is converted from an upload, in the upload's folder, so that it is deleted with it.
pub(crate) fn converted_key(upload: UploadId, converted: Converted) -> String {
    let name = match converted {
        // MediaConvert recognises an image by its name.
        Converted::Cover => "cover.png",
        Converted::Film | Converted::Nothing => "film.mov",
    };

    format!("{}/{name}", upload::folder(upload))
}

/// Converts the file if that is left to do, and ends the step that `validate` began.
pub async fn handle(cx: Context, run: Run) -> Result<(), StepFailure> {
    let found = cx.assets.find_with_documents(run.title_id, run.asset_id).await?;
    let asset = found.ok_or(IngestError::Superseded)?.asset;
    if asset.step(Step::Validate).state == StepState::Done {
        return Ok(());
    }

    let step = RunningStep::begin(&cx.assets, run, Step::Validate, clock::now()).await?;
    let upload = step.input.asset.upload_id;
    let facts = match step.document()? {
        ToConvert::Animation(kind) => convert_animation(&cx, upload, kind).await?,
        ToConvert::Sound(sound) => convert_cover(&cx, upload, sound).await?,
    };

    finish(step, &facts).await
}

async fn convert_animation(cx: &Context, upload: UploadId, kind: AnimationKind) -> Result<SourceFacts, StepFailure> {
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
        .write(&converted_key(upload, Converted::Film), "video/quicktime", film)
        .await?;

    Ok(facts)
}

async fn convert_cover(cx: &Context, upload: UploadId, sound: SoundFacts) -> Result<SourceFacts, StepFailure> {
    let reader = RangeReader::new(cx.uploads.clone(), upload::key(upload), sound.size_bytes);
    let failure = reader.failure();
    let cover = decode(move || cover::picture(reader)).await;
    // An error of S3 takes precedence over the error that it causes in a parser.
    if let Some(failure) = failure.take() {
        return Err(failure);
    }
    let cover = cover?;
    cx.uploads
        .write(&converted_key(upload, Converted::Cover), "image/png", cover.png)
        .await?;

    Ok(sound.with_cover(cover.size))
}

/// Runs a decoder on a thread of its own. A panic means that the file is damaged.
async fn decode<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Reason> + Send + 'static,
) -> Result<T, StepFailure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(decoded) => Ok(decoded?),
        Err(error) => {
            tracing::error!("a decoder panicked: {error}");
            Err(Reason::new(IngestError::UnsupportedFormat, DAMAGED).into())
        }
    }
}

const DAMAGED: &str = "The file is damaged: its pictures cannot be read. Save it again and upload that.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_converted_file_is_in_its_uploads_folder_and_starts_no_run() {
        let id: UploadId = "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11".parse().unwrap();
        let folder = upload::key(id).trim_end_matches("source").to_owned();
        for converted in [Converted::Cover, Converted::Film] {
            let key = converted_key(id, converted);
            assert!(key.starts_with(&folder) && key != upload::key(id), "{key}");
            assert_eq!(
                upload::upload_id_from_key(&key),
                None,
                "only the upload itself starts a run"
            );
        }
    }
}
