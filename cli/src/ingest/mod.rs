//! `marquee ingest` and `marquee upload`: upload a file for a new or an existing title.

mod existing;
mod parts;
mod resume;
mod source;
mod transfer;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::api::types::{Title, Upload};
use crate::api::{Api, Retry};
use crate::failure::{Exit, Failure};
use crate::output::parsed;
use crate::paths;
pub(crate) use existing::upload_for;
use resume::ResumeFile;
pub use source::Source;
use transfer::Transfer;

/// A title to create.
#[derive(Debug, Clone)]
pub struct NewTitle {
    /// Its name, by which an interrupted upload is found again.
    pub name: String,
    /// The body of `POST /api/titles`.
    pub body: Value,
}

/// How the file is sent.
#[derive(Debug, Clone)]
pub struct UploadOptions {
    /// The media type that the service is given.
    pub content_type: String,
    /// The number of parts that are sent at the same time.
    pub parallel: usize,
    /// Whether an interrupted upload is resumed.
    pub resume: ResumeMode,
}

/// What to do with an interrupted upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResumeMode {
    /// Resume it.
    Resume,
    /// Start over.
    Restart,
}

/// A completed upload: the name of its title, and ids.
#[derive(Debug, Clone)]
pub struct Uploaded {
    /// The title's id.
    pub title: String,
    pub(crate) name: String,
    pub(crate) upload: String,
    pub(crate) asset: String,
}

/// Uploads a file as a new title, or resumes the upload of an earlier run.
pub async fn upload(
    api: &Api,
    source: &Source,
    title: &NewTitle,
    options: &UploadOptions,
    bar: &ProgressBar,
) -> Result<Uploaded, Failure> {
    let resume_file = ResumeFile::new(api.config(), source);
    let unfinished = match options.resume {
        ResumeMode::Resume => resume(api, &resume_file, source, &title.name, &options.content_type).await?,
        ResumeMode::Restart => None,
    };
    let (title_id, upload) = match unfinished {
        Some(unfinished) => unfinished,
        None => begin(api, &resume_file, source, title, &options.content_type).await?,
    };
    resume_file.save(&title.name, &title_id, Some(&upload.upload_id))?;

    let uploaded = deliver(api, source, (title_id, title.name.clone()), &upload, options, bar).await?;
    resume_file.forget();
    Ok(uploaded)
}

/// Sends the missing parts of a file, and completes its upload.
async fn deliver(
    api: &Api,
    source: &Source,
    (title_id, name): (String, String),
    upload: &Upload,
    options: &UploadOptions,
    bar: &ProgressBar,
) -> Result<Uploaded, Failure> {
    let parts = match upload.state.as_str() {
        "open" => {
            bar.set_length(upload.size_bytes);
            let transfer = Transfer {
                api,
                source,
                upload,
                parallel: options.parallel,
                bar,
            };
            let parts = transfer.run().await?;
            source.check_unchanged()?;
            Some(parts)
        }
        // A repeated request completes an upload that was interrupted here. Without parts, the film is complete already.
        "completing" if upload.has_all_parts() => Some(upload.parts.clone()),
        _ => None,
    };
    if let Some(parts) = parts {
        let path = format!("api/uploads/{}/complete", upload.upload_id);
        api.post(&path, &json!({ "parts": parts }), Retry::Always).await?;
    }
    Ok(Uploaded {
        title: title_id,
        name,
        upload: upload.upload_id.clone(),
        asset: upload.asset_id.clone(),
    })
}

async fn begin(
    api: &Api,
    resume_file: &ResumeFile,
    source: &Source,
    title: &NewTitle,
    content_type: &str,
) -> Result<(String, Upload), Failure> {
    let created: Title = parsed(&api.post("api/titles", &title.body, Retry::OnlyUnsent).await?)?;
    resume_file.save(&title.name, &created.title_id, None)?;
    let upload = open_or_discard(api, resume_file, &created.title_id, source, content_type).await?;
    Ok((created.title_id, upload))
}

/// Begins the upload for a title that this program created. If the service refuses the upload, the title is deleted, so that
/// no unwanted draft stays. After a lost connection it stays, and the next run resumes it.
async fn open_or_discard(
    api: &Api,
    resume_file: &ResumeFile,
    title_id: &str,
    source: &Source,
    content_type: &str,
) -> Result<Upload, Failure> {
    let opened = open(api, title_id, source, content_type).await;
    if let Err(failure) = &opened
        && failure.is_final()
    {
        // The refusal of the file is more important than a draft that could not be deleted.
        _ = api.delete(&paths::title(title_id)).await;
        resume_file.forget();
    }
    opened
}

async fn open(api: &Api, title_id: &str, source: &Source, content_type: &str) -> Result<Upload, Failure> {
    let body = json!({
        "file_name": source.name,
        "size_bytes": source.size_bytes,
        "content_type": content_type,
    });
    parsed(
        &api.post(&format!("{}/uploads", paths::title(title_id)), &body, Retry::OnlyUnsent)
            .await?,
    )
}

/// The upload of an earlier run, or a new one for the title that it created; `None` if there is neither.
async fn resume(
    api: &Api,
    resume_file: &ResumeFile,
    source: &Source,
    name: &str,
    content_type: &str,
) -> Result<Option<(String, Upload)>, Failure> {
    let Some(unfinished) = resume_file.load(name) else {
        return Ok(None);
    };
    if let Some(upload_id) = &unfinished.upload_id
        && let Some(upload) = found(api.get(&paths::upload(upload_id)).await)?
    {
        let upload: Upload = parsed(&upload)?;
        if matches!(upload.state.as_str(), "open" | "completing" | "uploaded") {
            return Ok(Some((unfinished.title_id, upload)));
        }
    }

    let Some(title) = found(api.get(&paths::title(&unfinished.title_id)).await)? else {
        return Ok(None);
    };
    let title: Title = parsed(&title)?;
    if !matches!(title.state.as_str(), "draft" | "uploading") {
        return Ok(None);
    }
    let upload = open_or_discard(api, resume_file, &unfinished.title_id, source, content_type).await?;
    Ok(Some((unfinished.title_id, upload)))
}

/// `None` for a document that is gone, or that belongs to another account which signed in here before.
fn found(answer: Result<Value, Failure>) -> Result<Option<Value>, Failure> {
    match answer {
        Ok(document) => Ok(Some(document)),
        Err(failure) if failure.exit == Exit::NotFound || failure.status == Some(403) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// A progress bar on standard error, if that is a terminal.
pub(crate) fn progress_bar() -> ProgressBar {
    let template = "  upload {bar:32} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}
