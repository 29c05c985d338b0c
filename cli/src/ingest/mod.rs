//! `marquee ingest` and `marquee upload`: from a file to a title that is being processed.

mod existing;
mod memory;
mod parts;
mod source;
mod transfer;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::api::types::{Title, Upload};
use crate::api::{Api, Repeat};
use crate::commands::title_path;
use crate::failure::{Exit, Failure};
use crate::output::understood;
pub(crate) use existing::upload_for;
use memory::Memory;
pub(crate) use source::Source;
use transfer::Transfer;

/// What is said about the new title.
#[derive(Debug, Clone)]
pub(crate) struct NewTitle {
    pub(crate) name: String,
    /// The request's body for `POST /api/titles`.
    pub(crate) body: Value,
}

/// How the file is sent.
#[derive(Debug, Clone)]
pub(crate) struct Manner {
    pub(crate) content_type: String,
    pub(crate) parallel: usize,
    pub(crate) memory: Remembering,
}

/// What becomes of an upload that was interrupted before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remembering {
    /// It goes on.
    Resume,
    /// It is left behind; this one is remembered.
    Restart,
}

/// A file that has arrived: the ids of what was made for it.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) title: String,
    pub(crate) upload: String,
    pub(crate) asset: String,
}

/// Uploads a file as a new title, or goes on with what an earlier run began.
pub(crate) async fn upload(
    api: &Api,
    source: &Source,
    title: &NewTitle,
    manner: &Manner,
    bar: &ProgressBar,
) -> Result<Arrived, Failure> {
    let memory = Memory::of(api.config(), source);
    let begun = match manner.memory {
        Remembering::Resume => resume(api, &memory, source, &title.name, &manner.content_type).await?,
        Remembering::Restart => None,
    };
    let (title_id, upload) = match begun {
        Some(begun) => begun,
        None => begin(api, &memory, source, title, &manner.content_type).await?,
    };
    memory.keep(&title.name, &title_id, Some(&upload.upload_id))?;

    let arrived = deliver(api, source, title_id, &upload, manner, bar).await?;
    memory.forget();
    Ok(arrived)
}

/// Sends what of a file has not arrived, and completes its upload.
async fn deliver(
    api: &Api,
    source: &Source,
    title_id: String,
    upload: &Upload,
    manner: &Manner,
    bar: &ProgressBar,
) -> Result<Arrived, Failure> {
    let parts = match upload.state.as_str() {
        "open" => {
            bar.set_length(upload.size_bytes);
            let transfer = Transfer {
                api,
                source,
                upload,
                parallel: manner.parallel,
                bar,
            };
            let parts = transfer.run().await?;
            source.check_unchanged()?;
            Some(parts)
        }
        // It may have been left half-way: asking again does no harm. Without its parts the film is there already.
        "completing" if upload.has_all_parts() => Some(upload.parts.clone()),
        _ => None,
    };
    if let Some(parts) = parts {
        let path = format!("api/uploads/{}/complete", upload.upload_id);
        api.post(&path, &json!({ "parts": parts }), Repeat::Freely).await?;
    }
    Ok(Arrived {
        title: title_id,
        upload: upload.upload_id.clone(),
        asset: upload.asset_id.clone(),
    })
}

async fn begin(
    api: &Api,
    memory: &Memory,
    source: &Source,
    title: &NewTitle,
    content_type: &str,
) -> Result<(String, Upload), Failure> {
    let made: Title = understood(&api.post("api/titles", &title.body, Repeat::OnlyUnsent).await?)?;
    memory.keep(&title.name, &made.title_id, None)?;
    let upload = open_or_discard(api, memory, &made.title_id, source, content_type).await?;
    Ok((made.title_id, upload))
}

/// Begins the upload for a title that this file made. When the service refuses it, the title goes as well: a draft that
/// nobody asked for would stay behind. After a lost connection it stays, and the next run goes on with it.
async fn open_or_discard(
    api: &Api,
    memory: &Memory,
    title_id: &str,
    source: &Source,
    content_type: &str,
) -> Result<Upload, Failure> {
    let opened = open(api, title_id, source, content_type).await;
    if let Err(failure) = &opened
        && failure.is_final()
    {
        // What the service said about the file matters more than a draft that could not be removed.
        _ = api.delete(&title_path(title_id)).await;
        memory.forget();
    }
    opened
}

async fn open(api: &Api, title_id: &str, source: &Source, content_type: &str) -> Result<Upload, Failure> {
    let body = json!({
        "file_name": source.name,
        "size_bytes": source.size_bytes,
        "content_type": content_type,
    });
    understood(
        &api.post(&format!("api/titles/{title_id}/uploads"), &body, Repeat::OnlyUnsent)
            .await?,
    )
}

/// The upload that an earlier run began, or a new one for the title that it made; `None` when neither is left.
async fn resume(
    api: &Api,
    memory: &Memory,
    source: &Source,
    name: &str,
    content_type: &str,
) -> Result<Option<(String, Upload)>, Failure> {
    let Some(begun) = memory.recall(name) else {
        return Ok(None);
    };
    if let Some(upload_id) = &begun.upload_id
        && let Some(upload) = found(api.get(&format!("api/uploads/{upload_id}")).await)?
    {
        let upload: Upload = understood(&upload)?;
        if matches!(upload.state.as_str(), "open" | "completing" | "uploaded") {
            return Ok(Some((begun.title_id, upload)));
        }
    }

    let Some(title) = found(api.get(&format!("api/titles/{}", begun.title_id)).await)? else {
        return Ok(None);
    };
    let title: Title = understood(&title)?;
    if !matches!(title.state.as_str(), "draft" | "uploading") {
        return Ok(None);
    }
    let upload = open_or_discard(api, memory, &begun.title_id, source, content_type).await?;
    Ok(Some((begun.title_id, upload)))
}

/// What is gone, or belongs to somebody else who signed in here before, is as good as never begun.
fn found(answer: Result<Value, Failure>) -> Result<Option<Value>, Failure> {
    match answer {
        Ok(document) => Ok(Some(document)),
        Err(failure) if failure.exit == Exit::NotFound || failure.status == Some(403) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// A bar on standard error; none when that is not a terminal.
pub(crate) fn progress_bar() -> ProgressBar {
    let template = "  upload {bar:32} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}
