//! Training a challenger: the archive holds it together with the current model, because a serverless endpoint has one
//! container and one archive.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

use super::TrainError;
use crate::artefact::{ArtefactError, CHALLENGER};

/// SageMaker's name for the archive of a training.
const ARCHIVE: &str = "model.tar.gz";

/// The folder for the new model. If the channel `current` has an archive, it is unpacked into `model`, and the new model goes
/// into a folder inside it; otherwise the new model is alone.
pub(super) fn folder(current: &Path, model: &Path) -> Result<PathBuf, TrainError> {
    let archive = current.join(ARCHIVE);
    if !archive.exists() {
        return Ok(model.to_owned());
    }
    unpack(&archive, model).map_err(ArtefactError::file(&archive))?;
    Ok(model.join(CHALLENGER))
}

/// Unpacks the current model without its own challenger.
fn unpack(archive: &Path, model: &Path) -> io::Result<()> {
    std::fs::create_dir_all(model)?;
    for entry in tar::Archive::new(GzDecoder::new(File::open(archive)?)).entries()? {
        let mut entry = entry?;
        let path = entry.path()?;
        if !path.strip_prefix(".").unwrap_or(&path).starts_with(CHALLENGER) {
            // Never writes outside of the folder, whatever the archive contains.
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
    fn a_challenger_goes_into_a_folder_of_the_current_model() {
        let (current, model) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        pack(
            current.path(),
            &["manifest.json", "challenger/manifest.json", "./titles.jsonl"],
        );

        let folder = folder(current.path(), model.path()).unwrap();

        assert_eq!(folder, model.path().join(CHALLENGER));
        assert!(model.path().join("manifest.json").exists() && model.path().join("titles.jsonl").exists());
        assert!(!folder.exists(), "the old challenger is dropped");
    }

    #[test]
    fn without_a_current_model_the_new_one_is_alone() {
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
