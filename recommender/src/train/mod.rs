//! `train`: from interactions and titles to an artefact, as SageMaker asks of a training container.

mod hyperparameters;
mod input;
mod popularity;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use clap::Args;
use sha2::{Digest as _, Sha256};
use tracing::info;

use crate::artefact::{self, Artefact, ArtefactError, Manifest, TrainedTitle};
use crate::document::Document;
use crate::words::Terms;
pub use hyperparameters::HyperparameterError;
use hyperparameters::Hyperparameters;
pub use input::InputError;
use popularity::Popularity;

/// SageMaker shows this much of the failure file.
const SHOWN: usize = 1024;

/// Where `train` reads and writes; the names of the variables are SageMaker's.
#[derive(Debug, Args)]
pub struct Options {
    /// Channel with `{account_id, title_id, weight, at}` as JSON lines.
    #[arg(
        long,
        env = "SM_CHANNEL_INTERACTIONS",
        default_value = "/opt/ml/input/data/interactions"
    )]
    interactions: PathBuf,
    /// Channel with `{title_id, name, description, genres, people, language, published_at}` as JSON lines.
    #[arg(long, env = "SM_CHANNEL_TITLES", default_value = "/opt/ml/input/data/titles")]
    titles: PathBuf,
    /// Folder with `hyperparameters.json`; a folder without it means the defaults.
    #[arg(long, env = "SM_INPUT_CONFIG_DIR", default_value = "/opt/ml/input/config")]
    config: PathBuf,
    /// Folder for the artefact.
    #[arg(long, env = "SM_MODEL_DIR", default_value = "/opt/ml/model")]
    model: PathBuf,
    /// Folder for the file `failure`.
    #[arg(long, env = "SM_OUTPUT_DIR", default_value = "/opt/ml/output")]
    output: PathBuf,
    /// Packs the artefact into this `model.tar.gz` too; SageMaker does that by itself.
    #[arg(long)]
    archive: Option<PathBuf>,
}

/// Why no model was made.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The hyperparameters cannot be used.
    #[error(transparent)]
    Hyperparameters(#[from] HyperparameterError),
    /// The data cannot be used.
    #[error(transparent)]
    Input(#[from] InputError),
    /// There is nothing to recommend.
    #[error("the channel `titles` has no title")]
    NoTitles,
    /// The artefact cannot be written.
    #[error(transparent)]
    Artefact(#[from] ArtefactError),
}

/// Trains. A failure is also told to SageMaker, in the file where it looks for it.
pub fn run(options: &Options) -> Result<(), TrainError> {
    let trained = train(options);
    if let Err(error) = &trained {
        let reason: String = error.to_string().chars().take(SHOWN).collect();
        // The exit code says that it failed; this only says why.
        _ = fs::create_dir_all(&options.output).and_then(|()| fs::write(options.output.join("failure"), reason));
    }
    trained
}

fn train(options: &Options) -> Result<(), TrainError> {
    let hyperparameters = Hyperparameters::read(&options.config)?;
    let mut data = Sha256::new();

    let mut titles: BTreeMap<String, Document> = BTreeMap::new();
    input::read("titles", &options.titles, &mut data, |document: Document| {
        document.check("").map_err(|refusal| refusal.to_string())?;
        // A title that stands twice was changed meanwhile: the later line says how it is now.
        titles.insert(document.title_id.clone(), document);
        Ok(())
    })?;
    if titles.is_empty() {
        return Err(TrainError::NoTitles);
    }

    let mut popularity = Popularity::new(hyperparameters.half_life_days);
    input::read("interactions", &options.interactions, &mut data, |interaction| {
        popularity.add(interaction)
    })?;
    let by_title = popularity.by_title();
    let words: std::collections::BTreeSet<String> = titles
        .values()
        .flat_map(|document| Terms::of(document).words.into_keys())
        .collect();
    let counts = BTreeMap::from([
        ("titles".to_owned(), titles.len() as u64),
        (
            "titles_watched".to_owned(),
            titles.keys().filter(|id| by_title.contains_key(id.as_str())).count() as u64,
        ),
        (
            "titles_gone".to_owned(),
            by_title.keys().filter(|id| !titles.contains_key(**id)).count() as u64,
        ),
        ("interactions".to_owned(), popularity.interactions()),
        ("people".to_owned(), popularity.people()),
        ("words".to_owned(), words.len() as u64),
    ]);

    let manifest = Manifest::new(
        hex::encode(data.finalize()),
        popularity.newest(),
        hyperparameters.by_name(),
        counts,
    );
    let titles = titles
        .into_values()
        .map(|document| TrainedTitle {
            popularity: by_title.get(document.title_id.as_str()).copied().unwrap_or_default(),
            document,
        })
        .collect();
    let manifest = artefact::save(Artefact { manifest, titles }, &options.model)?;
    if let Some(archive) = &options.archive {
        artefact::pack(&options.model, archive)?;
    }
    info!(model = manifest.version, counts = ?manifest.counts, "trained model {}", manifest.version);
    Ok(())
}
