//! The artefact that `train` writes and `serve` maps into memory: a folder with `manifest.json`, `model.safetensors` (numbers),
//! `titles.jsonl` and `evaluation.json`, and the same as one `model.tar.gz`. The same input gives the same bytes.

mod manifest;
mod mapped;
mod tensors;

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};
use serde::Deserialize;

pub(crate) use self::manifest::Manifest;
use self::manifest::{FORMAT, FileFacts};
pub(crate) use self::mapped::Mapped;
pub(crate) use self::tensors::{MappedTensors, NEIGHBOURS, TOWER_BUCKETS, Tensors};
use crate::document::Document;

const MANIFEST: &str = "manifest.json";
const TITLES: &str = "titles.jsonl";
const NUMBERS: &str = "model.safetensors";
const EVALUATION: &str = "evaluation.json";
/// The folder of the challenger, inside the folder of the current model.
pub(crate) const CHALLENGER: &str = "challenger";

/// Why an artefact could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ArtefactError {
    /// The disk refused.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another version of the trainer wrote it.
    #[error("{path}: format {format} is not {FORMAT}: train again", path = path.display())]
    OtherFormat {
        /// The manifest.
        path: PathBuf,
        /// What it says.
        format: u32,
    },
    /// The file is not what it should be.
    #[error("{path}: {why}", path = path.display())]
    Broken {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

impl ArtefactError {
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }

    pub(crate) fn broken(path: &Path, why: impl Into<String>) -> Self {
        Self::Broken {
            path: path.to_owned(),
            why: why.into(),
        }
    }
}

/// A model before it is saved: `save` adds the sizes and checksums of its files to the manifest.
pub(crate) struct Artefact {
    pub(crate) manifest: Manifest,
    /// In the order of their ids.
    pub(crate) titles: Vec<Document>,
    /// `save` fills in `ids`, `id_starts` and `line_starts`.
    pub(crate) tensors: Tensors,
}

/// A memory-mapped artefact.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) manifest: Manifest,
    pub(crate) titles: Mapped,
    pub(crate) tensors: MappedTensors,
}

/// Writes the artefact into a folder. The manifest is written last: if it exists, all other files are complete.
pub(crate) fn save(artefact: Artefact, folder: &Path) -> Result<Manifest, ArtefactError> {
    let Artefact {
        mut manifest,
        titles,
        mut tensors,
    } = artefact;
    fs::create_dir_all(folder).map_err(ArtefactError::file(folder))?;
    let json = |error: serde_json::Error| ArtefactError::file(folder)(error.into());

    let mut lines = Vec::new();
    (tensors.id_starts, tensors.line_starts) = (vec![0], vec![0]);
    for title in &titles {
        serde_json::to_writer(&mut lines, title).map_err(json)?;
        lines.push(b'\n');
        tensors.line_starts.push(lines.len() as u64);
        tensors.ids.extend_from_slice(title.title_id.as_bytes());
        tensors.id_starts.push(tensors.ids.len() as u64);
    }
    let path = folder.join(NUMBERS);
    let numbers = tensors.to_bytes().map_err(|why| ArtefactError::broken(&path, why))?;
    let evaluation = serde_json::to_vec_pretty(&manifest.metrics).map_err(json)?;
    for (name, bytes) in [(TITLES, &lines), (NUMBERS, &numbers), (EVALUATION, &evaluation)] {
        write(&folder.join(name), bytes)?;
        manifest.files.insert(name.into(), FileFacts::from_bytes(bytes));
    }
    write(
        &folder.join(MANIFEST),
        &serde_json::to_vec_pretty(&manifest).map_err(json)?,
    )?;
    Ok(manifest)
}

/// Packs a saved artefact as SageMaker does, but reproducibly: no times, no owners, sorted names.
pub(crate) fn pack(folder: &Path, archive: &Path) -> Result<(), ArtefactError> {
    let packed = File::create(archive).and_then(|file| {
        let mut tar = tar::Builder::new(GzBuilder::new().mtime(0).write(file, Compression::fast()));
        let challenger = [EVALUATION, MANIFEST, NUMBERS, TITLES].map(|name| format!("{CHALLENGER}/{name}"));
        let challenger = challenger
            .iter()
            .map(String::as_str)
            .filter(|name| folder.join(name).exists());
        for name in [EVALUATION, MANIFEST, NUMBERS, TITLES].into_iter().chain(challenger) {
            let bytes = fs::read(folder.join(name))?;
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            header.set_mtime(0);
            tar.append_data(&mut header, name, bytes.as_slice())?;
        }
        tar.into_inner()?.finish().map(drop)
    });
    packed.map_err(ArtefactError::file(archive))
}

/// Loads the artefact in a folder; `None` before the first training.
pub(crate) fn load(folder: &Path) -> Result<Option<Loaded>, ArtefactError> {
    let path = folder.join(MANIFEST);
    let manifest = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ArtefactError::file(&path)(error)),
    };
    let head: Head =
        serde_json::from_slice(&manifest).map_err(|error| ArtefactError::broken(&path, error.to_string()))?;
    if head.format != FORMAT {
        let format = head.format;
        return Err(ArtefactError::OtherFormat { path, format });
    }
    let manifest: Manifest =
        serde_json::from_slice(&manifest).map_err(|error| ArtefactError::broken(&path, error.to_string()))?;

    let titles = checked(&manifest, folder, TITLES)?;
    let path = folder.join(NUMBERS);
    let tensors = checked(&manifest, folder, NUMBERS)?;
    let tensors = MappedTensors::from_file(tensors).map_err(|why| ArtefactError::broken(&path, why))?;
    Ok(Some(Loaded {
        manifest,
        titles,
        tensors,
    }))
}

/// Read first, so that a manifest of another format is reported as such.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

fn checked(manifest: &Manifest, folder: &Path, name: &str) -> Result<Mapped, ArtefactError> {
    let path = folder.join(name);
    let file = Mapped::open(&path).map_err(ArtefactError::file(&path))?;
    if !manifest.files.get(name).is_some_and(|facts| facts.matches(&file)) {
        let why = "it is not the file that the manifest describes";
        return Err(ArtefactError::broken(&path, why));
    }
    Ok(file)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), ArtefactError> {
    fs::write(path, bytes).map_err(ArtefactError::file(path))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::document::tests::document;

    fn artefact() -> Artefact {
        let manifest = Manifest::new("d".into(), None, BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Artefact {
            manifest,
            titles: vec![document("a", "Bunny", "comedy", ""), document("bc", "Hare", "", "")],
            tensors: Tensors {
                popularity: vec![2.5, 0.0],
                ..Tensors::default()
            },
        }
    }

    #[test]
    fn what_is_saved_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = save(artefact(), folder.path()).unwrap();
        let loaded = load(folder.path()).unwrap().unwrap();
        assert_eq!(loaded.manifest, manifest);
        assert_eq!(loaded.tensors.popularity(), [2.5, 0.0]);
        assert_eq!(
            (loaded.tensors.ids(), loaded.tensors.id_starts()),
            (b"abc".as_slice(), [0, 1, 3].as_slice())
        );
    }

    #[test]
    fn an_empty_folder_is_no_model() {
        let folder = tempfile::tempdir().unwrap();
        assert!(load(folder.path()).unwrap().is_none());
        assert!(load(&folder.path().join("missing")).unwrap().is_none());
    }

    #[test]
    fn a_damaged_artefact_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused = || load(folder.path()).unwrap_err().to_string();
        for file in [TITLES, NUMBERS] {
            save(artefact(), folder.path()).unwrap();
            let path = folder.path().join(file);
            let mut bytes = fs::read(&path).unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            fs::write(&path, bytes).unwrap();
            assert!(refused().contains(file), "{}", refused());
        }
        fs::write(folder.path().join(MANIFEST), r#"{"format":1}"#).unwrap();
        assert!(refused().contains("train again"));
        fs::write(folder.path().join(MANIFEST), "{").unwrap();
        assert!(refused().contains("manifest.json"));
    }

    #[test]
    fn the_version_follows_from_what_it_is_made_of() {
        let of = |data: &str, days| {
            let hyperparameters = BTreeMap::from([("half_life_days".into(), days)]);
            Manifest::new(data.into(), None, hyperparameters, BTreeMap::new(), BTreeMap::new()).version
        };
        assert_eq!(of("a", 30.0), of("a", 30.0));
        assert_ne!(of("a", 30.0), of("b", 30.0));
        assert_ne!(of("a", 30.0), of("a", 7.0));
    }
}
