//! A challenger beside the current model: one archive with both, since a serverless endpoint has one container and one archive.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

use super::TrainError;
use crate::artefact::{ArtefactError, CHALLENGER};

/// How SageMaker calls what a training left.
const ARCHIVE: &str = "model.tar.gz";

/// Where the new model goes. With a current model's archive in the channel `current` that is unpacked into `model`, and the
/// new one goes below it; without one the new model stands alone.
pub(super) fn folder(current: &Path, model: &Path) -> Result<PathBuf, TrainError> {
    let archive = current.join(ARCHIVE);
    if !archive.exists() {
        return Ok(model.to_owned());
    }
    unpack(&archive, model).map_err(ArtefactError::file(&archive))?;
    Ok(model.join(CHALLENGER))
}

/// Without what was the challenger of the one that is current now.
fn unpack(archive: &Path, model: &Path) -> io::Result<()> {
    std::fs::create_dir_all(model)?;
    for entry in tar::Archive::new(GzDecoder::new(File::open(archive)?)).entries()? {
        let mut entry = entry?;
        let path = entry.path()?;
        if !path.strip_prefix(".").unwrap_or(&path).starts_with(CHALLENGER) {
            // Never outside of the folder, whatever the archive says.
            entry.unpack_in(model)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn pack(folder: &Path, files: &[&str]) {
        let file = File::create(folder.join(ARCHIVE)).unwrap();
        let mut tar = tar::Builder::new(GzEncoder::new(file, Compression::fast()));
        for name in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(1);
            header.set_mode(0o644);
            tar.append_data(&mut header, name, b"x".as_slice()).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap();
    }

    #[test]
    fn a_challenger_goes_below_the_current_model() {
        let (current, model) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        pack(
            current.path(),
            &["manifest.json", "challenger/manifest.json", "./titles.jsonl"],
        );

        let folder = folder(current.path(), model.path()).unwrap();

        assert_eq!(folder, model.path().join(CHALLENGER));
        assert!(model.path().join("manifest.json").exists() && model.path().join("titles.jsonl").exists());
        assert!(!folder.exists(), "what was a challenger is none any more");
    }

    #[test]
    fn without_a_current_model_the_new_one_stands_alone() {
        let (current, model) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());

        assert_eq!(folder(current.path(), model.path()).unwrap(), model.path());
        fs::write(current.path().join(ARCHIVE), "damaged").unwrap();
        assert!(
            folder(current.path(), model.path())
                .unwrap_err()
                .to_string()
                .contains(ARCHIVE)
        );
    }
}
