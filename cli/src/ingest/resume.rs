//! Remembers unfinished uploads, so that the next run resumes them.

use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::source::Source;
use crate::config::Config;
use crate::credentials::write_private;
use crate::failure::Failure;

/// An upload that has not completed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct UnfinishedUpload {
    /// The name of the title: another name means another title.
    pub(super) name: String,
    pub(super) title_id: String,
    /// `None` if only the title was created.
    pub(super) upload_id: Option<String>,
    size_bytes: u64,
    modified: u128,
}

/// The record of one file's upload to one service.
#[derive(Debug)]
pub(super) struct ResumeFile {
    path: PathBuf,
    size_bytes: u64,
    modified: u128,
}

impl ResumeFile {
    pub(super) fn new(config: &Config, source: &Source) -> Self {
        let mut key = Sha256::new();
        key.update(config.url.as_str());
        key.update([0]);
        key.update(source.path.as_os_str().as_encoded_bytes());
        let name = format!("{}.json", &hex::encode(key.finalize())[..32]);
        Self {
            path: config.folder.join("uploads").join(name),
            size_bytes: source.size_bytes,
            modified: source.modified,
        }
    }

    /// The unfinished upload of this file under this name. `None` if the file changed or the record cannot be read.
    pub(super) fn load(&self, name: &str) -> Option<UnfinishedUpload> {
        let unfinished: UnfinishedUpload = serde_json::from_slice(&fs::read(&self.path).ok()?).ok()?;
        let same =
            unfinished.name == name && unfinished.size_bytes == self.size_bytes && unfinished.modified == self.modified;
        same.then_some(unfinished)
    }

    pub(super) fn save(&self, name: &str, title_id: &str, upload_id: Option<&str>) -> Result<(), Failure> {
        let unfinished = UnfinishedUpload {
            name: name.into(),
            title_id: title_id.into(),
            upload_id: upload_id.map(str::to_owned),
            size_bytes: self.size_bytes,
            modified: self.modified,
        };
        write_private(&self.path, &serde_json::to_vec_pretty(&unfinished).unwrap_or_default()).map_err(|error| {
            Failure::usage(
                format!("{} cannot be written: {error}", self.path.display()),
                "make the folder writable or set MARQUEE_CONFIG_DIR",
            )
        })
    }

    pub(super) fn forget(&self) {
        // A record that stays is harmless: its upload has ended.
        _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(modified: u128) -> Source {
        Source {
            path: "/films/a.mp4".into(),
            name: "a.mp4".into(),
            size_bytes: 7,
            modified,
        }
    }

    #[test]
    fn only_the_same_file_under_the_same_name_is_resumed() {
        let folder = tempfile::tempdir().unwrap();
        let config = |url: &str| Config {
            url: url.parse().unwrap(),
            folder: folder.path().into(),
        };
        let here = config("http://localhost:8080/");
        let resume_file = ResumeFile::new(&here, &source(1));
        assert_eq!(resume_file.load("A"), None);

        resume_file.save("A", "title", Some("upload")).unwrap();
        assert_eq!(resume_file.load("A").unwrap().upload_id.as_deref(), Some("upload"));
        assert_eq!(resume_file.load("B"), None);
        assert_eq!(ResumeFile::new(&here, &source(2)).load("A"), None);
        assert_eq!(
            ResumeFile::new(&config("https://elsewhere.example/"), &source(1)).load("A"),
            None
        );

        resume_file.forget();
        assert_eq!(resume_file.load("A"), None);
    }
}
