//! What stands in a trained `model.tar.gz`: read as it comes, and only as far as is needed, for it may be large.

use std::io::{self, Read};

use adapters::s3::Bucket;
use flate2::read::GzDecoder;
use serde::Deserialize;
use tokio::sync::mpsc;

use crate::step::StepFailure;
use domain::retraining::{Reason, RetrainError};

/// The file in which a model says what it is, of one that stands alone ...
pub(crate) const ALONE: &str = "manifest.json";
/// ... and of one that stands beside another.
pub(crate) const BESIDE: &str = "challenger/manifest.json";
/// It is a page of text; what is longer is something else.
const MANIFEST_LIMIT: u64 = 1024 * 1024;

/// What a model says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Manifest {
    /// What it calls itself in its answers.
    pub(crate) version: String,
}

/// The manifest called `name` in the archive at `key`.
pub(crate) async fn manifest(bucket: &Bucket, key: &str, name: &'static str) -> Result<Manifest, StepFailure> {
    let broken = |why: &str| Reason::with_cause(RetrainError::BrokenModel, why).into();
    let Some(mut chunks) = bucket.chunks(key).await? else {
        return Err(broken(&format!("there is no {key}")));
    };

    // What reads an archive is not async: it reads from a channel, in a thread of its own.
    let (give, take) = mpsc::channel(4);
    let reading = tokio::task::spawn_blocking(move || read(Chunks::of(take), name));
    while let Some(chunk) = chunks.next().await? {
        // Nobody takes it any more: the manifest is found, or the archive is broken.
        if give.send(chunk).await.is_err() {
            break;
        }
    }
    drop(give);

    match reading.await {
        Ok(Ok(Some(manifest))) => Ok(manifest),
        Ok(Ok(None)) => Err(broken(&format!("{key} has no {name}"))),
        Ok(Err(error)) => Err(broken(&format!("{key} is damaged: {error}"))),
        Err(error) => {
            tracing::error!("the archive's reader ended: {error}");
            Err(RetrainError::Internal.into())
        }
    }
}

fn read(archive: impl Read, name: &str) -> io::Result<Option<Manifest>> {
    let mut archive = tar::Archive::new(GzDecoder::new(archive));
    for entry in archive.entries()? {
        let entry = entry?;
        let path = entry.path()?;
        if path.strip_prefix("./").unwrap_or(&path).as_os_str() == name {
            return serde_json::from_reader(entry.take(MANIFEST_LIMIT))
                .map(Some)
                .map_err(io::Error::from);
        }
    }

    Ok(None)
}

/// Bytes that come through a channel.
struct Chunks {
    take: mpsc::Receiver<Vec<u8>>,
    chunk: io::Cursor<Vec<u8>>,
}

impl Chunks {
    fn of(take: mpsc::Receiver<Vec<u8>>) -> Self {
        Self {
            take,
            chunk: io::Cursor::default(),
        }
    }
}

impl Read for Chunks {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.chunk.read(into)?;
            if count > 0 || into.is_empty() {
                return Ok(count);
            }
            match self.take.blocking_recv() {
                Some(chunk) => self.chunk = io::Cursor::new(chunk),
                None => return Ok(0),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (name, text) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, name, text.as_bytes()).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap()
    }

    fn version(files: &[(&str, &str)]) -> Option<String> {
        read(archive(files).as_slice(), ALONE)
            .unwrap()
            .map(|manifest| manifest.version)
    }

    #[test]
    fn the_manifest_is_found_wherever_it_stands() {
        let manifest = r#"{"format":2,"version":"1f0c"}"#;

        assert_eq!(version(&[("manifest.json", manifest)]), Some("1f0c".to_owned()));
        assert_eq!(
            version(&[("factors.safetensors", "…"), ("./manifest.json", manifest)]),
            Some("1f0c".to_owned())
        );
        assert_eq!(version(&[("other/manifest.json", manifest)]), None);
    }

    #[test]
    fn what_is_damaged_is_an_error() {
        assert!(read("no archive".as_bytes(), ALONE).is_err());
        assert!(read(archive(&[("manifest.json", "{")]).as_slice(), ALONE).is_err());
        let mut half = archive(&[("factors", &"x".repeat(10_000)), ("manifest.json", "{}")]);
        half.truncate(half.len() / 2);
        assert!(read(half.as_slice(), ALONE).is_err());
    }

    #[tokio::test]
    async fn chunks_of_any_size_make_the_same_archive() {
        let bytes = archive(&[
            ("manifest.json", r#"{"version":"0"}"#),
            ("./challenger/manifest.json", r#"{"version":"1"}"#),
        ]);
        for size in [1, 7, 100_000] {
            let (give, take) = mpsc::channel(4);
            let reading = tokio::task::spawn_blocking(move || read(Chunks::of(take), BESIDE));
            for chunk in bytes.chunks(size) {
                if give.send(chunk.to_vec()).await.is_err() {
                    break;
                }
            }
            drop(give);
            assert_eq!(reading.await.unwrap().unwrap().unwrap().version, "1");
        }
    }
}
