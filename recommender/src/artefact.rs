//! What `train` leaves and `serve` loads: a folder with `titles.jsonl` and `manifest.json`, and the same as one
//! `model.tar.gz`. The same input gives the same bytes.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::document::Document;
use crate::model::Model;

/// Raised when an older `serve` could not read what is written.
const FORMAT: u32 = 1;
const MANIFEST: &str = "manifest.json";
const TITLES: &str = "titles.jsonl";

/// What a model was made from, by what, and how much it knows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) format: u32,
    /// Names this model: the hash of everything it follows from.
    pub(crate) version: String,
    pub(crate) code_version: String,
    pub(crate) data_sha256: String,
    /// The moment that popularity is decayed to: the newest interaction.
    pub(crate) as_of: Option<Timestamp>,
    pub(crate) hyperparameters: BTreeMap<String, f64>,
    pub(crate) counts: BTreeMap<String, u64>,
    /// SHA-256 of each file beside the manifest.
    pub(crate) files: BTreeMap<String, String>,
}

/// A line of `titles.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TrainedTitle {
    #[serde(flatten)]
    pub(crate) document: Document,
    pub(crate) popularity: f64,
}

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

    fn broken(path: &Path, why: impl Into<String>) -> Self {
        Self::Broken {
            path: path.to_owned(),
            why: why.into(),
        }
    }
}

/// Everything of a model but the hash of its files, which `save` adds.
pub(crate) struct Artefact {
    pub(crate) manifest: Manifest,
    pub(crate) titles: Vec<TrainedTitle>,
}

impl Manifest {
    pub(crate) fn new(
        data_sha256: String,
        as_of: Option<Timestamp>,
        hyperparameters: BTreeMap<String, f64>,
        counts: BTreeMap<String, u64>,
    ) -> Self {
        let code_version = env!("CARGO_PKG_VERSION").to_owned();
        let mut version = Sha256::new();
        version.update(format!("{FORMAT} {code_version} {data_sha256} {hyperparameters:?}"));
        let version = hex::encode(version.finalize())[..16].to_owned();
        let files = BTreeMap::new();
        Self {
            format: FORMAT,
            version,
            code_version,
            data_sha256,
            as_of,
            hyperparameters,
            counts,
            files,
        }
    }
}

/// Writes the artefact into a folder. The manifest comes last: where it is, the rest is whole.
pub(crate) fn save(mut artefact: Artefact, folder: &Path) -> Result<Manifest, ArtefactError> {
    fs::create_dir_all(folder).map_err(ArtefactError::file(folder))?;
    let mut lines = Vec::new();
    for title in &artefact.titles {
        serde_json::to_writer(&mut lines, title)
            .map_err(io::Error::from)
            .map_err(ArtefactError::file(folder))?;
        lines.push(b'\n');
    }
    write(&folder.join(TITLES), &lines)?;

    artefact.manifest.files.insert(TITLES.into(), sha256(&lines));
    let manifest = serde_json::to_vec_pretty(&artefact.manifest).map_err(io::Error::from);
    write(&folder.join(MANIFEST), &manifest.map_err(ArtefactError::file(folder))?)?;
    Ok(artefact.manifest)
}

/// Packs a saved artefact as SageMaker does, but with the same bytes each time: no times, no owners, sorted names.
pub(crate) fn pack(folder: &Path, archive: &Path) -> Result<(), ArtefactError> {
    let packed = File::create(archive).and_then(|file| {
        let mut tar = tar::Builder::new(GzBuilder::new().mtime(0).write(file, Compression::best()));
        for name in [MANIFEST, TITLES] {
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

/// The model in a folder; the empty one where nothing was trained yet.
pub(crate) fn load(folder: &Path) -> Result<Model, ArtefactError> {
    let path = folder.join(MANIFEST);
    let manifest = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Model::empty()),
        Err(error) => return Err(ArtefactError::file(&path)(error)),
    };
    let manifest: Manifest =
        serde_json::from_slice(&manifest).map_err(|error| ArtefactError::broken(&path, error.to_string()))?;
    if manifest.format != FORMAT {
        return Err(ArtefactError::broken(
            &path,
            format!("format {} is not {FORMAT}", manifest.format),
        ));
    }

    let path = folder.join(TITLES);
    let lines = fs::read(&path).map_err(ArtefactError::file(&path))?;
    if manifest.files.get(TITLES) != Some(&sha256(&lines)) {
        return Err(ArtefactError::broken(
            &path,
            "it is not the file that the manifest describes",
        ));
    }
    let titles: Result<Vec<_>, _> = serde_json::Deserializer::from_slice(&lines)
        .into_iter::<TrainedTitle>()
        .map(|title| title.map(|title| (title.document, title.popularity)))
        .collect();
    Ok(Model::of(
        manifest.version,
        titles.map_err(|error| ArtefactError::broken(&path, error.to_string()))?,
    ))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), ArtefactError> {
    fs::write(path, bytes).map_err(ArtefactError::file(path))
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tests::document;

    fn artefact() -> Artefact {
        let counts = BTreeMap::from([("titles".to_owned(), 1)]);
        let manifest = Manifest::new(
            "d".into(),
            None,
            BTreeMap::from([("half_life_days".into(), 30.0)]),
            counts,
        );
        let title = TrainedTitle {
            document: document("a", "Bunny", "comedy", ""),
            popularity: 2.5,
        };
        Artefact {
            manifest,
            titles: vec![title],
        }
    }

    #[test]
    fn what_is_saved_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = save(artefact(), folder.path()).unwrap();
        let model = load(folder.path()).unwrap();
        assert_eq!(model.version, manifest.version);
        assert!((model.find("a").unwrap().popularity - 2.5).abs() < 1e-9);
    }

    #[test]
    fn an_empty_folder_is_an_empty_model() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(load(folder.path()).unwrap().version, "empty");
        assert_eq!(load(&folder.path().join("missing")).unwrap().version, "empty");
    }

    #[test]
    fn a_damaged_artefact_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        save(artefact(), folder.path()).unwrap();
        let titles = folder.path().join(TITLES);
        fs::write(&titles, fs::read_to_string(&titles).unwrap().replace("2.5", "9.5")).unwrap();
        assert!(load(folder.path()).unwrap_err().to_string().contains("titles.jsonl"));

        fs::write(folder.path().join(MANIFEST), "{").unwrap();
        assert!(load(folder.path()).unwrap_err().to_string().contains("manifest.json"));
    }

    #[test]
    fn the_version_follows_from_what_it_is_made_of() {
        let of = |data: &str, days| {
            Manifest::new(
                data.into(),
                None,
                BTreeMap::from([("half_life_days".into(), days)]),
                BTreeMap::new(),
            )
            .version
        };
        assert_eq!(of("a", 30.0), of("a", 30.0));
        assert_ne!(of("a", 30.0), of("b", 30.0));
        assert_ne!(of("a", 30.0), of("a", 7.0));
    }
}
