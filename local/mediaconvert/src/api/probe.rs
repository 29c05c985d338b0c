//! `Probe`: describes a file, which is read with the caller's rights, as on AWS.

use std::{path::Path, sync::Arc};

use axum::{Json, extract::State};
use serde_json::{Value, json};

use super::{
    super::{
        input::FetchError,
        model::Issue,
        package::names::parse_s3,
        probe::{self, ProbeError},
        service::Service,
    },
    caller::Caller,
    error::ApiError,
    request::checked,
};

/// `POST /probe`
pub(super) async fn probe(State(service): State<Arc<Service>>, caller: Caller) -> Result<Json<Value>, ApiError> {
    caller.require(&service, "mediaconvert:Probe", "*").await?;
    let request = checked(caller.body()?, "Probe")?;
    let files = request["inputFiles"].as_array().map(Vec::as_slice).unwrap_or_default();
    if files.is_empty() {
        return Err(ApiError::invalid(&[Issue::new(
            "/inputFiles",
            "Should have at least 1 items",
        )]));
    }
    let mut results = Vec::new();
    for file in files {
        results.push(probe_one(&service, &caller, file["fileUrl"].as_str().unwrap_or_default()).await?);
    }
    Ok(Json(json!({ "probeResults": results })))
}

async fn probe_one(service: &Service, caller: &Caller, url: &str) -> Result<Value, ApiError> {
    let Some((bucket, key)) = parse_s3(url) else {
        let message = "Only s3:// URLs are supported by the local MediaConvert";
        return Err(ApiError::invalid(&[Issue::new("/inputFiles/fileUrl", message)]));
    };
    caller.require_object(service, bucket, key).await?;
    let folder = service.work_folder(&format!("probe-{}", service.next_salt()));
    let answer = match tokio::fs::create_dir_all(&folder).await {
        Ok(()) => fetch_and_read(service, bucket, key, &folder).await,
        Err(error) => Err(ProbeFailure::Read(ProbeError::Broken(error.into()))),
    };
    if let Err(error) = tokio::fs::remove_dir_all(&folder).await {
        tracing::warn!("cannot remove {}: {error}", folder.display());
    }
    answer.map_err(|reason| match reason {
        ProbeFailure::Fetch(FetchError::NotFound) => ApiError::NotFound(format!("Input not found at {url}")),
        ProbeFailure::Fetch(FetchError::Denied) => ApiError::Forbidden(format!("Access denied to {url}")),
        ProbeFailure::Read(error @ ProbeError::NotMedia) => {
            ApiError::BadRequest(format!("Unable to probe {url}: {error}"))
        }
        ProbeFailure::Read(error @ ProbeError::Malformed(_)) => {
            ApiError::Unprocessable(format!("Unable to probe {url}: {error}"))
        }
        ProbeFailure::Fetch(FetchError::Other(error)) | ProbeFailure::Read(ProbeError::Broken(error)) => {
            ApiError::Internal(error)
        }
    })
}

/// Why a probe failed.
enum ProbeFailure {
    Fetch(FetchError),
    Read(ProbeError),
}

impl From<FetchError> for ProbeFailure {
    fn from(error: FetchError) -> Self {
        Self::Fetch(error)
    }
}

impl From<ProbeError> for ProbeFailure {
    fn from(error: ProbeError) -> Self {
        Self::Read(error)
    }
}

/// Fetches the file into an empty folder, so that it can refer to no other file.
async fn fetch_and_read(service: &Service, bucket: &str, key: &str, folder: &Path) -> Result<Value, ProbeFailure> {
    let file = folder.join("input");
    let fetched = service.inputs.fetch(&service.s3, bucket, key, &file).await?;
    let facts = probe::read((&service.settings.transcoding).into(), &file, folder).await?;
    let is_webm = probe::is_webm(&file).await.map_err(ProbeError::Broken)?;
    Ok(probe::probe_result(&facts, &fetched, is_webm))
}
