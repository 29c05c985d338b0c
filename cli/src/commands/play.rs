//! `play`: the addresses of a title, and whether it plays.

use serde_json::{Value, json};
use url::Url;

use crate::api::Api;
use crate::arguments::Play;
use crate::failure::Failure;
use crate::output::{Output, note};
use crate::{hls, playback};

pub(super) async fn run(api: &Api, options: &Play, output: Output) -> Result<(), Failure> {
    let id = &options.title.id;
    let (playback, playback_url) = playback::start(api, id).await?;
    let watch_url = watch_url(api, id)?;
    let mut result = json!({
        "title_id": id,
        "watch_url": watch_url.as_str(),
        "playback_url": playback_url.as_str(),
        "expires_at": playback.expires_at,
    });
    if options.check {
        let presentation = hls::download(api.http(), &playback_url).await?;
        result["check"] = json!(presentation);
        note(&format!("  {}", presentation.summary()));
    }
    output.document(&result, |_: Value| {
        format!("watch: {watch_url}\nplayback: {playback_url}")
    })
}

/// The page of the web app on which a person watches a title.
pub(super) fn watch_url(api: &Api, title_id: &str) -> Result<Url, Failure> {
    api.config().absolute(&format!("titles/{title_id}"))
}
