//! Uploads for existing titles.

use indicatif::ProgressBar;

use super::source::Source;
use super::{ResumeMode, UploadOptions, Uploaded, deliver, found, open};
use crate::api::Api;
use crate::api::types::{Title, Upload};
use crate::failure::{Exit, Failure};
use crate::output::parsed;
use crate::paths;

/// Uploads a file for a title without a film, or resumes its open upload, which the service names.
pub(crate) async fn upload_for(
    api: &Api,
    source: &Source,
    title_id: &str,
    options: &UploadOptions,
    bar: &ProgressBar,
) -> Result<Uploaded, Failure> {
    let title: Title = parsed(&api.get(&paths::title(title_id)).await?)?;
    check_state(&title)?;
    let unfinished = match (&title.upload_id, options.resume) {
        (Some(upload_id), ResumeMode::Resume) => open_upload(api, upload_id).await?,
        // A new upload aborts the open one.
        (_, ResumeMode::Restart) | (None, _) => None,
    };
    let upload = match unfinished {
        Some(upload) => {
            check_size(&title, &upload, source)?;
            upload
        }
        None => open(api, title_id, source, &options.content_type).await?,
    };

    deliver(api, source, (title.title_id, title.name), &upload, options, bar).await
}

async fn open_upload(api: &Api, upload_id: &str) -> Result<Option<Upload>, Failure> {
    let Some(document) = found(api.get(&format!("api/uploads/{upload_id}")).await)? else {
        return Ok(None);
    };
    let upload: Upload = parsed(&document)?;

    Ok((upload.state != "aborted").then_some(upload))
}

/// Refuses a title that accepts no film, with advice.
fn check_state(title: &Title) -> Result<(), Failure> {
    let id = &title.title_id;
    let advice = match title.state.as_str() {
        "draft" | "uploading" | "failed" => return Ok(()),
        "processing" => format!("wait for it (`marquee timeline {id} --watch`), or `marquee cancel {id}`"),
        _ => "upload the file as a new title with `marquee ingest`".to_owned(),
    };

    Err(Failure::new(
        Exit::Refused,
        format!("{id} is {}: only a draft or a failed title accepts a film", title.state),
        advice,
    ))
}

/// Refuses a file of another size than the open upload. Uploaded parts of the same size are compared one by one.
fn check_size(title: &Title, upload: &Upload, source: &Source) -> Result<(), Failure> {
    if upload.size_bytes == source.size_bytes {
        return Ok(());
    }

    Err(Failure::new(
        Exit::Refused,
        format!(
            "an upload of another file is open for {}: that one has {} bytes, this one {}",
            title.title_id, upload.size_bytes, source.size_bytes
        ),
        "choose the file of that upload, or abort it with --restart",
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn title(state: &str) -> Title {
        parsed(&json!({
            "title_id": "t", "name": "Bunny", "visibility": "public", "state": state, "version": 1,
            "owner": { "creator_id": "a", "display_name": "Blender" },
        }))
        .unwrap()
    }

    #[test]
    fn only_a_title_without_a_film_accepts_one() {
        for state in ["draft", "uploading", "failed"] {
            assert!(check_state(&title(state)).is_ok(), "{state}");
        }
        for (state, advice) in [
            ("processing", "marquee cancel t"),
            ("published", "marquee ingest"),
            ("archived", "marquee ingest"),
        ] {
            let refused = check_state(&title(state)).unwrap_err();
            assert_eq!(refused.exit, Exit::Refused);
            assert!(
                refused.message.starts_with(&format!("t is {state}")),
                "{}",
                refused.message
            );
            assert!(refused.advice.contains(advice), "{}", refused.advice);
        }
    }

    #[test]
    fn an_open_upload_accepts_only_a_file_of_its_size() {
        let upload: Upload = parsed(&json!({
            "upload_id": "u", "asset_id": "a", "state": "open", "size_bytes": 7, "part_size": 5,
        }))
        .unwrap();
        let source = |size_bytes| Source {
            path: "/films/a.mp4".into(),
            name: "a.mp4".into(),
            size_bytes,
            modified: 1,
        };
        assert!(check_size(&title("uploading"), &upload, &source(7)).is_ok());
        let refused = check_size(&title("uploading"), &upload, &source(8)).unwrap_err();
        assert!(refused.message.contains("7 bytes, this one 8"), "{}", refused.message);
        assert!(refused.advice.contains("--restart"));
    }
}
