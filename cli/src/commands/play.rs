//! `play`: where a title can be watched, and whether it can.

use serde_json::{Value, json};
use url::Url;

use super::title_path;
use crate::api::types::Playback;
use crate::api::{Api, Repeat};
use crate::arguments::Play;
use crate::failure::Failure;
use crate::hls;
use crate::output::{Output, note, understood};

pub(super) async fn run(api: &Api, options: &Play, output: Output) -> Result<(), Failure> {
    let id = &options.title.id;
    let (playback, playback_url) = playback(api, id).await?;
    let watch_url = watch_url(api, id)?;
    let mut result = json!({
        "title_id": id,
        "watch_url": watch_url.as_str(),
        "playback_url": playback_url.as_str(),
        "expires_at": playback.expires_at,
    });
    if options.check {
        let walked = hls::walk(api.http(), &playback_url).await?;
        result["check"] = json!(walked);
        note(&format!("  {}", walked.summary()));
    }
    output.document(&result, |_: Value| {
        format!("watch: {watch_url}\nplayback: {playback_url}")
    })
}

/// Starts a playback; its manifest's address is good for players that cannot renew it.
pub(crate) async fn playback(api: &Api, title_id: &str) -> Result<(Playback, Url), Failure> {
    let path = format!("{}/playback", title_path(title_id));
    let answer = api.post(&path, &json!({ "renewable": false }), Repeat::Freely).await?;
    let playback: Playback = understood(&answer)?;
    let url = api.config().absolute(&playback.manifest_url)?;
    Ok((playback, url))
}

/// The page of the web app on which a person watches a title.
pub(super) fn watch_url(api: &Api, title_id: &str) -> Result<Url, Failure> {
    api.config().absolute(&format!("titles/{title_id}"))
}
