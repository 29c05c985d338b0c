//! Downloads a whole HLS presentation as a player would, and checks that nothing is missing.

mod offer;
mod pieces;

use std::collections::HashSet;
use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use m3u8_rs::Playlist;
use reqwest::Client;
use serde::Serialize;
use url::Url;

use crate::api::unreachable;
use crate::failure::{Exit, Failure};
pub use offer::Offer;
use pieces::{download as download_piece, init, pieces};

/// Bytes of a manifest.
const MAX_MANIFEST: usize = 8 * 1024 * 1024;
const PARALLEL: usize = 4;
/// How long the download of a playlist or a segment may take.
const DOWNLOAD_TIMEOUT: Duration = Duration::from_mins(2);
/// How much the lengths of playlists may differ: sound and picture never end at the same moment.
const TOLERANCE_SECONDS: f64 = 0.5;

/// A complete presentation.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Presentation {
    /// Every playlist that the master playlist refers to.
    pub playlists: Vec<DownloadedPlaylist>,
    /// The number of segments of all playlists.
    pub segments: usize,
    /// The bytes of all segments.
    pub bytes: u64,
    /// The length of the longest playlist.
    pub duration_ms: u64,
    /// The length of the longest video playlist.
    pub picture_ms: u64,
    /// Its largest picture, and its sounds.
    pub offer: Offer,
}

/// A playlist, with its segments.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DownloadedPlaylist {
    pub(crate) uri: String,
    /// `variant`, or the type of the rendition group (`AUDIO`, `SUBTITLES` …).
    pub(crate) kind: String,
    pub(crate) segments: usize,
    pub(crate) bytes: u64,
    pub(crate) duration_ms: u64,
}

impl Presentation {
    pub(crate) fn summary(&self) -> String {
        format!(
            "plays: {} playlists, {} segments, {} bytes, {:.1} s",
            self.playlists.len(),
            self.segments,
            self.bytes,
            Duration::from_millis(self.duration_ms).as_secs_f64(),
        )
    }
}

/// Downloads everything that a master playlist refers to.
pub(crate) async fn download(http: &Client, master: &Url) -> Result<Presentation, Failure> {
    let text = manifest(http, master).await?;
    let Ok(Playlist::MasterPlaylist(parsed)) = m3u8_rs::parse_playlist_res(&text) else {
        return Err(broken(master, "it is not a master playlist"));
    };
    let variants = parsed
        .variants
        .iter()
        .filter(|variant| !variant.is_i_frame)
        .map(|variant| ("variant".to_owned(), variant.uri.clone()));
    let renditions = parsed
        .alternatives
        .iter()
        .filter_map(|rendition| Some((rendition.media_type.to_string(), rendition.uri.clone()?)));
    let mut seen = HashSet::new();
    let children: Vec<_> = variants
        .chain(renditions)
        .filter(|(_, uri)| seen.insert(uri.clone()))
        .collect();
    if children.is_empty() {
        return Err(broken(master, "it refers to no playlist"));
    }

    let mut playlists = Vec::new();
    for (kind, uri) in children {
        playlists.push(playlist(http, master, kind, &uri).await?);
    }
    check_lengths(master, &playlists)?;
    let offer = Offer::announced(&parsed);
    let offer = match offer::largest(&parsed) {
        Some(variant) => offer.coded_as(&init_segment(http, master, &variant.uri).await?),
        None => offer,
    };
    let pictures = playlists.iter().filter(|playlist| playlist.kind == "variant");
    Ok(Presentation {
        picture_ms: pictures.map(|playlist| playlist.duration_ms).max().unwrap_or_default(),
        offer,
        segments: playlists.iter().map(|playlist| playlist.segments).sum(),
        bytes: playlists.iter().map(|playlist| playlist.bytes).sum(),
        duration_ms: playlists
            .iter()
            .map(|playlist| playlist.duration_ms)
            .max()
            .unwrap_or_default(),
        playlists,
    })
}

async fn playlist(http: &Client, master: &Url, kind: String, uri: &str) -> Result<DownloadedPlaylist, Failure> {
    let url = master
        .join(uri)
        .map_err(|error| broken(master, &format!("`{uri}` is not an address: {error}")))?;
    let text = manifest(http, &url).await?;
    let Ok(Playlist::MediaPlaylist(parsed)) = m3u8_rs::parse_playlist_res(&text) else {
        return Err(broken(&url, "it is not a media playlist"));
    };
    if !parsed.end_list {
        return Err(broken(&url, "it has no end (EXT-X-ENDLIST)"));
    }
    if parsed.segments.is_empty() {
        return Err(broken(&url, "it has no segments"));
    }

    let bytes: u64 = stream::iter(pieces(&url, &parsed)?)
        .map(|piece| download_piece(http, piece))
        .buffer_unordered(PARALLEL)
        .try_fold(0, async |sum, bytes| Ok(sum + bytes))
        .await?;
    let seconds: f64 = parsed.segments.iter().map(|segment| f64::from(segment.duration)).sum();
    Ok(DownloadedPlaylist {
        uri: uri.to_owned(),
        kind,
        segments: parsed.segments.len(),
        bytes,
        duration_ms: u64::try_from(Duration::try_from_secs_f64(seconds).unwrap_or_default().as_millis())
            .unwrap_or(u64::MAX),
    })
}

/// The initialization segment of a playlist; empty if it has none.
async fn init_segment(http: &Client, master: &Url, uri: &str) -> Result<Vec<u8>, Failure> {
    let url = master
        .join(uri)
        .map_err(|error| broken(master, &format!("`{uri}` is not an address: {error}")))?;
    let text = manifest(http, &url).await?;
    match m3u8_rs::parse_playlist_res(&text) {
        Ok(Playlist::MediaPlaylist(parsed)) => match init(&url, &parsed)? {
            Some(section) => manifest(http, &section).await,
            None => Ok(Vec::new()),
        },
        _ => Err(broken(&url, "it is not a media playlist")),
    }
}

async fn manifest(http: &Client, url: &Url) -> Result<Vec<u8>, Failure> {
    let response = http
        .get(url.clone())
        .timeout(DOWNLOAD_TIMEOUT)
        .send()
        .await
        .map_err(|error| unreachable(url.path(), &error.without_url()))?;
    if !response.status().is_success() {
        return Err(broken(url, &format!("it was answered with {}", response.status())));
    }
    response
        .bytes_stream()
        .map_err(|error| unreachable(url.path(), &error.without_url()))
        .try_fold(Vec::new(), async |mut text, block| {
            text.extend_from_slice(&block);
            if text.len() > MAX_MANIFEST {
                Err(broken(url, "it is too large for a playlist"))
            } else {
                Ok(text)
            }
        })
        .await
}

/// Checks that all playlists have the same length.
fn check_lengths(master: &Url, playlists: &[DownloadedPlaylist]) -> Result<(), Failure> {
    let durations = || {
        playlists
            .iter()
            .filter(|playlist| playlist.kind != "SUBTITLES")
            .map(|playlist| playlist.duration_ms)
    };
    let (Some(shortest), Some(longest)) = (durations().min(), durations().max()) else {
        return Ok(());
    };
    let difference = Duration::from_millis(longest - shortest).as_secs_f64();
    if difference > TOLERANCE_SECONDS {
        return Err(broken(
            master,
            &format!("its playlists differ by {difference:.2} s in length"),
        ));
    }
    Ok(())
}

/// The path contains the token, so only its last segment is shown.
fn broken(url: &Url, why: &str) -> Failure {
    let name = url.path_segments().and_then(Iterator::last).unwrap_or_default();
    Failure::new(
        Exit::Refused,
        format!("it does not play: {name}: {why}"),
        "an admin can run the pipeline again: `marquee redrive`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url() -> Url {
        "http://localhost:8080/media/token/asset/1/hls/video.m3u8"
            .parse()
            .unwrap()
    }

    #[test]
    fn playlists_must_agree_in_length() {
        let of_length = |kind: &str, duration_ms| DownloadedPlaylist {
            uri: String::new(),
            kind: kind.into(),
            segments: 1,
            bytes: 1,
            duration_ms,
        };
        assert!(check_lengths(&url(), &[of_length("variant", 10_000), of_length("AUDIO", 10_040)]).is_ok());
        assert!(check_lengths(&url(), &[of_length("variant", 10_000), of_length("variant", 8_000)]).is_err());
        assert!(check_lengths(&url(), &[of_length("variant", 10_000), of_length("SUBTITLES", 8_000)]).is_ok());
    }

    #[test]
    fn a_failure_does_not_show_the_token() {
        assert!(!broken(&url(), "x").message.contains("token"));
    }
}
