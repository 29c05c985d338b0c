//! The file that is uploaded.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::failure::Failure;

/// A local file, with its state when the upload began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    /// Its size when the upload began.
    pub size_bytes: u64,
    /// Nanoseconds since 1970; together with the size, it shows whether the file changed.
    pub(crate) modified: u128,
}

impl Source {
    /// Reads the size and the time of the file; its content is not read.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let unusable = |error: std::io::Error| {
            Failure::usage(
                format!("{} cannot be read: {error}", path.display()),
                "check the path and its permissions",
            )
        };
        let path = fs::canonicalize(path).map_err(unusable)?;
        let facts = fs::metadata(&path).map_err(unusable)?;
        if !facts.is_file() {
            return Err(Failure::usage(
                format!("{} is not a file", path.display()),
                "choose a video file",
            ));
        }
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        Ok(Self {
            name,
            size_bytes: facts.len(),
            modified: modified(&facts),
            path,
        })
    }

    /// Refuses an empty file, before a title is created for it.
    pub(crate) fn check_content(&self) -> Result<(), Failure> {
        if self.size_bytes > 0 {
            return Ok(());
        }
        Err(Failure::usage(
            format!("{} is empty", self.path.display()),
            "choose a video file",
        ))
    }

    /// Refuses to continue if the file changed.
    pub(crate) fn check_unchanged(&self) -> Result<(), Failure> {
        if Self::open(&self.path)? == *self {
            return Ok(());
        }
        Err(Failure::usage(
            format!("{} changed during the upload", self.path.display()),
            "wait until no program writes to it, then upload it again with --restart",
        ))
    }

    /// The media type by the extension; the service inspects the file itself.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        let extension = self
            .path
            .extension()
            .map(|extension| extension.to_string_lossy().to_lowercase());
        match extension.as_deref().unwrap_or_default() {
            "mp4" | "m4v" => "video/mp4",
            "mov" | "qt" => "video/quicktime",
            "mkv" => "video/x-matroska",
            "webm" => "video/webm",
            "avi" => "video/x-msvideo",
            "ts" | "mts" | "m2ts" => "video/mp2t",
            "mpg" | "mpeg" | "ps" | "vob" => "video/mpeg",
            "mxf" => "application/mxf",
            "wmv" | "asf" => "video/x-ms-wmv",
            "flv" | "f4v" => "video/x-flv",
            "3gp" | "3g2" => "video/3gpp",
            "ogv" => "video/ogg",
            _ => "application/octet-stream",
        }
    }
}

fn modified(facts: &Metadata) -> u128 {
    facts
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_go_by_extension_whatever_its_case() {
        let content_type = |name: &str| {
            Source {
                path: name.into(),
                name: name.into(),
                size_bytes: 0,
                modified: 0,
            }
            .content_type()
        };
        assert_eq!(content_type("a.MP4"), "video/mp4");
        assert_eq!(content_type("été.mkv"), "video/x-matroska");
        assert_eq!(content_type("notes"), "application/octet-stream");
    }

    #[test]
    fn a_changed_file_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.mp4");
        fs::write(&path, "one").unwrap();
        let source = Source::open(&path).unwrap();
        source.check_unchanged().unwrap();

        fs::write(&path, "two more").unwrap();
        assert!(source.check_unchanged().is_err());
    }

    #[test]
    fn an_empty_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("line\nbreak.mp4");
        fs::write(&path, "").unwrap();
        assert!(Source::open(&path).unwrap().check_content().is_err());

        fs::write(&path, "film").unwrap();
        assert!(Source::open(&path).unwrap().check_content().is_ok());
    }

    #[test]
    fn a_folder_and_a_missing_file_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Source::open(folder.path()).is_err());
        assert!(Source::open(&folder.path().join("missing.mp4")).is_err());
    }
}
