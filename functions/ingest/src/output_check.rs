//! The output check: reads playlists and segments of an output from the bucket and checks that it plays. `verify` uses it before
//! publishing, and the sweeper for published titles.

use std::collections::BTreeMap;

use adapters::{aws::CallError, s3::Bucket};
use futures::future::try_join_all;
use media::{
    hls::{self, Expected, Fault, Output, PlaybackProof, init_keys, manifest_path, rendition_keys},
    plan::Plan,
};

/// Twelve hours of segments need a tenth of it.
const MAX_PLAYLIST_BYTES: u64 = 8 << 20;
/// How much of an initialization segment is read.
const MAX_INIT_BYTES: u64 = 1 << 20;

/// The proof, or the faults of an output.
pub(crate) type Verdict = Result<PlaybackProof, Vec<Fault>>;

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
        .into_iter()
        .map(|object| (object.key, object.size_bytes))
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

    Ok(hls::check_output(&expected, &output))
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
