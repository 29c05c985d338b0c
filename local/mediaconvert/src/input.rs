//! The cache of input files: a file that was probed is not fetched again by the job that follows. The emulator's files are linked, since a
//! download of 6 GB takes 20 s.

use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};

use anyhow::Context as _;
use aws_sdk_s3::{Client, error::SdkError, operation::head_object::HeadObjectOutput};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;

/// The number of files in the cache.
const MAX_FILES: usize = 4;
/// The subfolder of files that are being fetched.
const PARTIAL: &str = "partial";
/// A file may be pruned between fetch and link: then it is fetched again.
const MAX_ATTEMPTS: usize = 5;

/// The cached files.
#[derive(Debug)]
pub(super) struct InputCache {
    folder: PathBuf,
    objects: PathBuf,
}

/// S3's metadata of a fetched file.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) size: u64,
    pub(super) e_tag: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) last_modified: Option<i64>,
}

/// Why a file could not be fetched.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("HeadObject failed")]
    NotFound,
    #[error("Access Denied")]
    Denied,
    #[error("{0:#}")]
    Other(#[from] anyhow::Error),
}

impl InputCache {
    /// An empty cache in `folder`. `objects` has the emulator's objects.
    pub(super) fn open(folder: &Path, objects: &Path) -> anyhow::Result<Self> {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        fs::create_dir_all(folder.join(PARTIAL)).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self {
            folder: folder.to_owned(),
            objects: objects.to_owned(),
        })
    }

    /// Fetches an object into a new file, with the rights of this client, which are checked even if the object is cached.
    pub(super) async fn fetch(&self, s3: &Client, bucket: &str, key: &str, into: &Path) -> Result<Fetched, FetchError> {
        let head = s3.head_object().bucket(bucket).key(key).send().await.map_err(refused)?;
        let cached = self.folder.join(file_name(bucket, key, &head));
        let mut linked = Err(io::Error::from(io::ErrorKind::NotFound));
        for _ in 0..MAX_ATTEMPTS {
            if !cached.exists() {
                self.prune()?;
                if !self.link_object(bucket, key, &head, &cached) {
                    self.download(s3, bucket, key, &cached).await?;
                }
            }
            linked = fs::hard_link(&cached, into);
            if linked.as_ref().err().map(io::Error::kind) != Some(io::ErrorKind::NotFound) {
                break;
            }
        }
        linked.with_context(|| format!("cannot make {}", into.display()))?;
        Ok(Fetched {
            size: head
                .content_length()
                .and_then(|size| u64::try_from(size).ok())
                .unwrap_or_default(),
            e_tag: head.e_tag().map(|tag| tag.trim_matches('"').to_owned()),
            content_type: head.content_type().map(str::to_owned),
            last_modified: head.last_modified().map(aws_sdk_s3::primitives::DateTime::secs),
        })
    }

    /// Links the file in which the emulator keeps an object, if it is there. The emulator never changes such a file: another one takes its
    /// place. It has the key as its path, except where a file cannot have that path.
    fn link_object(&self, bucket: &str, key: &str, head: &HeadObjectOutput, into: &Path) -> bool {
        let key = Path::new(key);
        let is_plain = key
            .components()
            .all(|component| matches!(component, Component::Normal(_)));
        if !is_plain || fs::hard_link(self.objects.join(bucket).join(key), into).is_err() {
            return false;
        }
        let is_ours = fs::metadata(into).is_ok_and(|file| i64::try_from(file.len()).ok() == head.content_length());
        if !is_ours {
            // Another upload has replaced the object. The download replaces a file that cannot be removed.
            drop(fs::remove_file(into));
        }

        is_ours
    }

    async fn download(&self, s3: &Client, bucket: &str, key: &str, file: &Path) -> Result<(), FetchError> {
        let mut object = s3.get_object().bucket(bucket).key(key).send().await.map_err(refused)?;
        let temporary = tempfile::NamedTempFile::new_in(self.folder.join(PARTIAL)).context("cannot make a file")?;
        let mut writer = tokio::fs::File::create(temporary.path())
            .await
            .context("cannot write the input")?;
        while let Some(bytes) = object.body.try_next().await.context("cannot read the input")? {
            writer.write_all(&bytes).await.context("cannot write the input")?;
        }
        writer.flush().await.context("cannot write the input")?;
        temporary.persist(file).context("cannot keep the input")?;
        Ok(())
    }

    /// Removes the oldest files, for one more to fit. Jobs have links of their own to theirs.
    fn prune(&self) -> anyhow::Result<()> {
        let mut files: Vec<_> = fs::read_dir(&self.folder)
            .context("cannot read the inputs")?
            .filter_map(|entry| {
                let entry = entry.ok().filter(|entry| entry.file_name() != PARTIAL)?;
                Some((entry.metadata().ok()?.modified().ok()?, entry.path()))
            })
            .collect();
        files.sort();
        let surplus = (files.len() + 1).saturating_sub(MAX_FILES);
        for (_, path) in files.into_iter().take(surplus) {
            // Another fetch may have pruned it.
            let _removed = fs::remove_file(path);
        }
        Ok(())
    }
}

fn file_name(bucket: &str, key: &str, head: &HeadObjectOutput) -> String {
    let version = (
        head.e_tag(),
        head.last_modified().map(aws_sdk_s3::primitives::DateTime::as_nanos),
        head.content_length(),
    );
    format!("{:x}", Sha256::digest(format!("{bucket}\n{key}\n{version:?}")))
}

fn refused<E: std::error::Error + Send + Sync + 'static>(
    error: SdkError<E, aws_sdk_s3::config::http::HttpResponse>,
) -> FetchError {
    match error.raw_response().map(|response| response.status().as_u16()) {
        Some(404) => FetchError::NotFound,
        Some(401 | 403) => FetchError::Denied,
        _ => FetchError::Other(anyhow::Error::from(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_file_of_the_object_is_linked() {
        let home = tempfile::tempdir().unwrap();
        let objects = home.path().join("objects");
        fs::create_dir_all(objects.join("uploads/1")).unwrap();
        fs::write(objects.join("uploads/1/source"), "film").unwrap();
        fs::write(home.path().join("secret"), "film").unwrap();
        let cache = InputCache::open(&home.path().join("inputs"), &objects).unwrap();
        let into = home.path().join("inputs/1");
        let head = |size| HeadObjectOutput::builder().content_length(size).build();

        assert!(!cache.link_object("uploads", "2/source", &head(4), &into));
        assert!(!cache.link_object("uploads", "../../secret", &head(4), &into));
        assert!(!cache.link_object("uploads", "1/source", &head(5), &into));
        assert!(!into.exists());
        assert!(cache.link_object("uploads", "1/source", &head(4), &into));
        assert_eq!(fs::read_to_string(&into).unwrap(), "film");
    }
}
