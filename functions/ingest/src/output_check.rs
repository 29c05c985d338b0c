//! The output check: reads playlists and segments of an output from the bucket and checks that it plays. `verify` uses it before
//! publishing, and the sweeper for published titles.

use std::collections::BTreeMap;

use adapters::{
    aws::CallError,
    s3::{Bucket, ObjectInfo},
};
use domain::title::{Rendition, Sound};
use futures::future::try_join_all;
use media::{
    hls::{self, Expected, Fault, Output, PlaybackProof, init_keys, manifest_path, rendition_keys},
    plan::Plan,
};
use serde::{Deserialize, Serialize};

/// Twelve hours of segments need a tenth of it.
const MAX_PLAYLIST_BYTES: u64 = 8 << 20;
/// How much of an initialization segment is read.
const MAX_INIT_BYTES: u64 = 1 << 20;

/// The result of a successful check, which `verify` stores for `publish`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Proof {
    /// The key of the master playlist.
    pub(crate) manifest: String,
    /// The playing time.
    pub(crate) duration_ms: u64,
    /// The renditions that a player can choose.
    pub(crate) renditions: Vec<Rendition>,
    /// The sound tracks.
    #[serde(default)]
    pub(crate) sounds: Vec<Sound>,
    /// The key of the still picture that becomes the poster.
    pub(crate) poster: Option<String>,
    /// The number of files that a player may request.
    pub(crate) segments: usize,
    /// The size of these files together.
    pub(crate) bytes: u64,
}

/// The proof, or the faults of an output.
pub(crate) type Verdict = Result<Proof, Vec<Fault>>;

/// Compares everything below `prefix` with the plan.
pub(crate) async fn check_output(
    media: &Bucket,
    plan: &Plan,
    prefix: &str,
    transcoded_ms: Option<u64>,
) -> Result<Verdict, CallError> {
    let manifest = format!("{prefix}{}", manifest_path());
    let (listed, master) = futures::try_join!(media.list(prefix), media.read_text(&manifest, MAX_PLAYLIST_BYTES))?;
    let Some(master) = master else {
        return Ok(Err(vec![Fault::PlaylistMissing { key: manifest }]));
    };
    let playlists = match rendition_keys(prefix, &master) {
        Ok(keys) => texts(media, keys).await?,
        Err(fault) => return Ok(Err(vec![fault])),
    };
    let inits = match init_keys(prefix, &playlists) {
        Ok(keys) => heads(media, keys).await?,
        Err(fault) => return Ok(Err(vec![fault])),
    };
    let objects = listed
        .iter()
        .map(|object| (object.key.clone(), object.size_bytes))
        .collect();

    let expected = Expected {
        plan,
        prefix,
        transcoded_ms,
    };
    let output = Output {
        master: &master,
        playlists: &playlists,
        inits: &inits,
        objects: &objects,
    };

    Ok(hls::check_output(&expected, &output).map(|proof| Proof::new(proof, sounds(plan), poster(&listed, prefix))))
}

impl Proof {
    fn new(proof: PlaybackProof, sounds: Vec<Sound>, poster: Option<String>) -> Self {
        Self {
            manifest: proof.manifest,
            duration_ms: proof.duration_ms,
            renditions: proof.renditions,
            sounds,
            poster,
            segments: proof.segments,
            bytes: proof.bytes,
        }
    }
}

/// The planned sound tracks: the check found each of them under its name.
fn sounds(plan: &Plan) -> Vec<Sound> {
    let rungs = plan.ladder.audio.iter();
    rungs
        .map(|rung| Sound {
            name: rung.name.clone(),
            language: rung.language.clone(),
        })
        .collect()
}

/// The texts of the playlists. Missing files are left out; the check reports them.
async fn texts(media: &Bucket, keys: Vec<String>) -> Result<BTreeMap<String, String>, CallError> {
    let reads = keys.into_iter().map(async |key| {
        let text = media.read_text(&key, MAX_PLAYLIST_BYTES).await?;
        Ok::<_, CallError>(text.map(|text| (key, text)))
    });

    Ok(try_join_all(reads).await?.into_iter().flatten().collect())
}

async fn heads(media: &Bucket, keys: Vec<String>) -> Result<BTreeMap<String, Vec<u8>>, CallError> {
    let reads = keys.into_iter().map(async |key| {
        let bytes = media.read(&key, 0, MAX_INIT_BYTES).await?;
        Ok::<_, CallError>(bytes.map(|bytes| (key, bytes)))
    });

    Ok(try_join_all(reads).await?.into_iter().flatten().collect())
}

/// The still picture with the most bytes, because it shows the most: the first frame is often black.
fn poster(objects: &[ObjectInfo], prefix: &str) -> Option<String> {
    let stills = format!("{prefix}images/");

    objects
        .iter()
        .filter(|object| object.key.starts_with(&stills) && object.size_bytes > 0)
        .max_by_key(|object| object.size_bytes)
        .map(|object| object.key.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_poster_is_the_largest_still_picture() {
        let objects = [
            ("media/a/1/hls/segment.mp4", 9_000),
            ("media/a/1/images/still.0000000.jpg", 100),
            ("media/a/1/images/still.0000001.jpg", 700),
            ("media/a/1/images/still.0000002.jpg", 300),
        ]
        .map(|(key, size_bytes)| ObjectInfo {
            key: key.to_owned(),
            size_bytes,
        });

        assert_eq!(
            poster(&objects, "media/a/1/").as_deref(),
            Some("media/a/1/images/still.0000001.jpg")
        );
        assert_eq!(poster(&objects[..1], "media/a/1/"), None);
    }
}
