//! What an interrupted upload leaves behind, so that the next run goes on where it stopped.

use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::source::Source;
use crate::config::Config;
use crate::credentials::write_private;
use crate::failure::Failure;

/// An upload that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Begun {
    /// The title's name: another name means another title.
    pub(super) name: String,
    pub(super) title_id: String,
    /// None when the title was made and the upload was not.
    pub(super) upload_id: Option<String>,
    size_bytes: u64,
    modified: u128,
}

/// The place of one file's upload to one service.
#[derive(Debug)]
pub(super) struct Memory {
    path: PathBuf,
    size_bytes: u64,
    modified: u128,
}

impl Memory {
    pub(super) fn of(config: &Config, source: &Source) -> Self {
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

    /// What was begun for this very file under this name. Another file in its place, or a memory that cannot be read,
    /// is as good as none.
    pub(super) fn recall(&self, name: &str) -> Option<Begun> {
        let begun: Begun = serde_json::from_slice(&fs::read(&self.path).ok()?).ok()?;
        let same = begun.name == name && begun.size_bytes == self.size_bytes && begun.modified == self.modified;
        same.then_some(begun)
    }

    pub(super) fn keep(&self, name: &str, title_id: &str, upload_id: Option<&str>) -> Result<(), Failure> {
        let begun = Begun {
            name: name.into(),
            title_id: title_id.into(),
            upload_id: upload_id.map(str::to_owned),
            size_bytes: self.size_bytes,
            modified: self.modified,
        };
        write_private(&self.path, &serde_json::to_vec_pretty(&begun).unwrap_or_default()).map_err(|error| {
            Failure::usage(
                format!("{} cannot be written: {error}", self.path.display()),
                "make the folder writable or set MARQUEE_CONFIG_DIR",
            )
        })
    }

    pub(super) fn forget(&self) {
        // What remains is only a file that is not looked at again once its upload has ended.
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
    fn only_the_same_file_under_the_same_name_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let config = |url: &str| Config {
            url: url.parse().unwrap(),
            folder: folder.path().into(),
        };
        let here = config("http://localhost:8080/");
        let memory = Memory::of(&here, &source(1));
        assert_eq!(memory.recall("A"), None);

        memory.keep("A", "title", Some("upload")).unwrap();
        assert_eq!(memory.recall("A").unwrap().upload_id.as_deref(), Some("upload"));
        assert_eq!(memory.recall("B"), None);
        assert_eq!(Memory::of(&here, &source(2)).recall("A"), None);
        assert_eq!(
            Memory::of(&config("https://elsewhere.example/"), &source(1)).recall("A"),
            None
        );

        memory.forget();
        assert_eq!(memory.recall("A"), None);
    }
}
