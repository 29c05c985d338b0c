//! The manifest in a trained `model.tar.gz`. The archive may be large: it is streamed, and only until the manifest is found.

use std::io::{self, Read};

use adapters::s3::Bucket;
use domain::retraining::{Reason, RetrainError};
use flate2::read::GzDecoder;
use serde::Deserialize;
use tokio::sync::mpsc;

use crate::step::StepFailure;

/// The manifest of the current model.
pub(crate) const CURRENT_MANIFEST: &str = "manifest.json";
/// The manifest of a challenger, in an archive with both models.
pub(crate) const CHALLENGER_MANIFEST: &str = "challenger/manifest.json";
/// A manifest is a page of text: a longer file is no manifest.
const MAX_MANIFEST_BYTES: u64 = 1024 * 1024;

/// The manifest of a model.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Manifest {
    /// The version in the model's answers.
    pub(crate) version: String,
}

/// The manifest called `name` in the archive at `key`.
pub(crate) async fn manifest(bucket: &Bucket, key: &str, name: &'static str) -> Result<Manifest, StepFailure> {
    let broken = |cause: &str| Reason::with_cause(RetrainError::BrokenModel, cause).into();
    let Some(mut chunks) = bucket.chunks(key).await? else {
        return Err(broken(&format!("there is no {key}")));
    };

    // The archive's reader is not async: it reads from a channel, in a thread of its own.
    let (sender, receiver) = mpsc::channel(4);
    let reader = tokio::task::spawn_blocking(move || read(Chunks::new(receiver), name));
    while let Some(chunk) = chunks.next().await? {
        // The reader has ended: the manifest is found, or the archive is damaged.
        if sender.send(chunk).await.is_err() {
            break;
        }
    }
    drop(sender);

    match reader.await {
        Ok(Ok(Some(manifest))) => Ok(manifest),
        Ok(Ok(None)) => Err(broken(&format!("{key} has no {name}"))),
        Ok(Err(error)) => Err(broken(&format!("{key} is damaged: {error}"))),
        Err(error) => {
            tracing::error!("the reader of the archive failed: {error}");
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
            return serde_json::from_reader(entry.take(MAX_MANIFEST_BYTES))
                .map(Some)
                .map_err(io::Error::from);
        }
    }

    Ok(None)
}

/// The bytes of a channel, as a reader.
struct Chunks {
    receiver: mpsc::Receiver<Vec<u8>>,
    chunk: io::Cursor<Vec<u8>>,
}

impl Chunks {
    fn new(receiver: mpsc::Receiver<Vec<u8>>) -> Self {
        Self {
            receiver,
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
            match self.receiver.blocking_recv() {
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
        read(archive(files).as_slice(), CURRENT_MANIFEST)
            .unwrap()
            .map(|manifest| manifest.version)
    }

    #[test]
    fn the_manifest_is_found_at_any_position() {
        let manifest = r#"{"format":2,"version":"1f0c"}"#;

        assert_eq!(version(&[("manifest.json", manifest)]), Some("1f0c".to_owned()));
        assert_eq!(
            version(&[("factors.safetensors", "…"), ("./manifest.json", manifest)]),
            Some("1f0c".to_owned())
        );
        assert_eq!(version(&[("other/manifest.json", manifest)]), None);
    }

    #[test]
    fn a_damaged_archive_is_an_error() {
        assert!(read("no archive".as_bytes(), CURRENT_MANIFEST).is_err());
        assert!(read(archive(&[("manifest.json", "{")]).as_slice(), CURRENT_MANIFEST).is_err());
        let mut half = archive(&[("factors", &"x".repeat(10_000)), ("manifest.json", "{}")]);
        half.truncate(half.len() / 2);
        assert!(read(half.as_slice(), CURRENT_MANIFEST).is_err());
    }

    #[tokio::test]
    async fn an_archive_is_read_from_chunks_of_any_size() {
        let bytes = archive(&[
            ("manifest.json", r#"{"version":"0"}"#),
            ("./challenger/manifest.json", r#"{"version":"1"}"#),
        ]);
        for size in [1, 7, 100_000] {
            let (sender, receiver) = mpsc::channel(4);
            let reader = tokio::task::spawn_blocking(move || read(Chunks::new(receiver), CHALLENGER_MANIFEST));
            for chunk in bytes.chunks(size) {
                if sender.send(chunk.to_vec()).await.is_err() {
                    break;
                }
            }
            drop(sender);
            assert_eq!(reader.await.unwrap().unwrap().unwrap().version, "1");
        }
    }
}
