//! Starts playback sessions, and downloads what they play.

use serde_json::json;
use url::Url;

use crate::api::types::Playback;
use crate::api::{Api, Retry};
use crate::failure::Failure;
use crate::hls::{self, Presentation};
use crate::output::parsed;
use crate::paths;

/// Downloads everything that the master playlist of a title refers to.
pub async fn download(api: &Api, title_id: &str) -> Result<Presentation, Failure> {
    let (_, url) = start(api, title_id).await?;
    hls::download(api.http(), &url).await
}

/// Starts a playback session, with a manifest address for players that cannot renew it.
pub(crate) async fn start(api: &Api, title_id: &str) -> Result<(Playback, Url), Failure> {
    let path = format!("{}/playback", paths::title(title_id));
    let answer = api.post(&path, &json!({ "renewable": false }), Retry::Always).await?;
    let playback: Playback = parsed(&answer)?;
    let url = api.config().absolute(&playback.manifest_url)?;
    Ok((playback, url))
}
