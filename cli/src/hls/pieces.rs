//! The files and byte ranges of a media playlist.

use std::collections::HashSet;

use futures::TryStreamExt as _;
use m3u8_rs::{ByteRange, MediaPlaylist};
use reqwest::{Client, StatusCode, header};
use url::Url;

use super::{DOWNLOAD_TIMEOUT, broken};
use crate::api::unreachable;
use crate::failure::Failure;

/// Something to download: an initialization segment, a segment, or a byte range.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Piece {
    url: Url,
    range: Option<(u64, u64)>,
}

/// Everything that a media playlist refers to, each once.
pub(super) fn pieces(url: &Url, playlist: &MediaPlaylist) -> Result<Vec<Piece>, Failure> {
    let mut pieces = Vec::new();
    let mut end_of_previous = 0;
    let join = |uri: &str| {
        url.join(uri)
            .map_err(|error| broken(url, &format!("`{uri}` is not an address: {error}")))
    };
    for segment in &playlist.segments {
        if let Some(key) = &segment.key
            && let Some(uri) = &key.uri
        {
            pieces.push(Piece {
                url: join(uri)?,
                range: None,
            });
        }
        if let Some(map) = &segment.map {
            pieces.push(Piece {
                url: join(&map.uri)?,
                range: map.byte_range.as_ref().map(|range| span(range, 0)),
            });
        }
        let range = segment.byte_range.as_ref().map(|range| span(range, end_of_previous));
        end_of_previous = range.map_or(0, |(_, end)| end);
        pieces.push(Piece {
            url: join(&segment.uri)?,
            range,
        });
    }
    let mut seen = HashSet::new();
    pieces.retain(|piece| seen.insert(piece.clone()));
    Ok(pieces)
}

/// The initialization segment, if it is a file of its own.
pub(super) fn init(url: &Url, playlist: &MediaPlaylist) -> Result<Option<Url>, Failure> {
    let map = playlist.segments.first().and_then(|segment| segment.map.as_ref());
    map.filter(|map| map.byte_range.is_none())
        .map(|map| url.join(&map.uri))
        .transpose()
        .map_err(|error| broken(url, &format!("its initialization segment has no address: {error}")))
}

/// First byte and the one after the last; without an offset a range follows the one before it.
fn span(range: &ByteRange, end_of_previous: u64) -> (u64, u64) {
    let start = range.offset.unwrap_or(end_of_previous);
    (start, start + range.length)
}

/// Downloads a piece without storing it; returns its length.
pub(super) async fn download(http: &Client, piece: Piece) -> Result<u64, Failure> {
    let mut request = http.get(piece.url.clone()).timeout(DOWNLOAD_TIMEOUT);
    if let Some((start, end)) = piece.range {
        request = request.header(header::RANGE, format!("bytes={start}-{}", end.saturating_sub(1)));
    }
    let response = request
        .send()
        .await
        .map_err(|error| unreachable(piece.url.path(), &error.without_url()))?;
    let expected = if piece.range.is_some() {
        StatusCode::PARTIAL_CONTENT
    } else {
        StatusCode::OK
    };
    if response.status() != expected {
        return Err(broken(
            &piece.url,
            &format!("it was answered with {}", response.status()),
        ));
    }
    let announced = response.content_length();
    let received = response
        .bytes_stream()
        .map_err(|error| unreachable(piece.url.path(), &error.without_url()))
        .try_fold(0, async |sum, block| Ok(sum + block.len() as u64))
        .await?;
    let wanted = piece
        .range
        .map(|(start, end)| end - start)
        .or(announced)
        .unwrap_or(received);
    if received == 0 || received != wanted {
        return Err(broken(&piece.url, &format!("received {received} of {wanted} bytes")));
    }
    Ok(received)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url() -> Url {
        "http://localhost:8080/media/token/asset/1/hls/video.m3u8"
            .parse()
            .unwrap()
    }

    fn media(text: &str) -> MediaPlaylist {
        m3u8_rs::parse_media_playlist_res(text.as_bytes()).unwrap()
    }

    #[test]
    fn sections_and_segments_are_downloaded_once() {
        let playlist = media(
            "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n#EXT-X-MAP:URI=\"init.mp4\"\n\
             #EXTINF:4,\na.mp4\n#EXTINF:2,\nb.mp4\n#EXT-X-ENDLIST\n",
        );
        let names: Vec<_> = pieces(&url(), &playlist)
            .unwrap()
            .into_iter()
            .map(|piece| piece.url.path_segments().unwrap().next_back().unwrap().to_owned())
            .collect();
        assert_eq!(names, ["init.mp4", "a.mp4", "b.mp4"]);
    }

    #[test]
    fn ranges_follow_one_another() {
        let playlist = media(
            "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n#EXT-X-MAP:URI=\"all.mp4\",BYTERANGE=\"100@0\"\n\
             #EXTINF:4,\n#EXT-X-BYTERANGE:50@100\nall.mp4\n#EXTINF:2,\n#EXT-X-BYTERANGE:25\nall.mp4\n#EXT-X-ENDLIST\n",
        );
        let ranges: Vec<_> = pieces(&url(), &playlist)
            .unwrap()
            .into_iter()
            .filter_map(|piece| piece.range)
            .collect();
        assert_eq!(ranges, [(0, 100), (100, 150), (150, 175)]);
    }
}
