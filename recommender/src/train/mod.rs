//! `train`: makes an artefact from titles and interactions, as SageMaker requires of a training container.

mod audiences;
mod challenger;
mod dataset;
mod evaluation;
mod facts;
mod hyperparameters;
mod input;
mod interaction;
mod neighbours;
mod parquet;
mod quantise;
pub(crate) mod tensors;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use tracing::info;

use self::dataset::{Dataset, Decay};
use self::evaluation::Evaluation;
pub use self::hyperparameters::HyperparameterError;
use self::hyperparameters::Hyperparameters;
pub use self::input::InputError;
use crate::artefact::{self, Artefact, ArtefactError, Manifest};
use crate::content::{ContentVector, Statistics};
use crate::document::Document;
use crate::terms::Terms;

/// SageMaker shows this number of characters of the failure file.
const MAX_FAILURE_CHARACTERS: usize = 1024;

/// Where `train` reads and writes; the names of the variables are SageMaker's.
#[derive(Debug, Args)]
pub struct Options {
    /// Channel with interactions, as JSON lines or Parquet.
    #[arg(
        long,
        env = "SM_CHANNEL_INTERACTIONS",
        default_value = "/opt/ml/input/data/interactions"
    )]
    interactions: PathBuf,
    /// Channel with titles, as JSON lines or Parquet.
    #[arg(long, env = "SM_CHANNEL_TITLES", default_value = "/opt/ml/input/data/titles")]
    titles: PathBuf,
    /// Channel with the `model.tar.gz` that the new model challenges; without it the new model is alone.
    #[arg(long, env = "SM_CHANNEL_CURRENT", default_value = "/opt/ml/input/data/current")]
    current: PathBuf,
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

/// Why `train` failed.
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

/// Trains a model. The reason of a failure is also written to the file from which SageMaker reads it.
pub fn run(options: &Options) -> Result<(), TrainError> {
    let trained = train(options);
    if let Err(error) = &trained {
        let reason: String = error.to_string().chars().take(MAX_FAILURE_CHARACTERS).collect();
        // If this fails too, the exit code still reports the failure.
        _ = fs::create_dir_all(&options.output).and_then(|()| fs::write(options.output.join("failure"), reason));
    }
    trained
}

fn train(options: &Options) -> Result<(), TrainError> {
    let hyperparameters = Hyperparameters::read(&options.config)?;
    // First, so that a damaged archive does not fail after an hour of training.
    let folder = challenger::folder(&options.current, &options.model)?;
    let mut data = Sha256::new();
    let titles = read_titles(&options.titles, &mut data)?;
    let mut dataset = Dataset::default();
    input::read("interactions", &options.interactions, &mut data, |line| {
        dataset.add(line)
    })?;

    let numbers: HashMap<&str, u32> = titles.iter().map(|title| title.title_id.as_str()).zip(0..).collect();
    let number = |id: &str| numbers.get(id).copied();
    let (lines, newest, titles_gone) = (dataset.lines, dataset.newest, dataset.titles_gone(number));
    let people = dataset.people(number);
    let now = newest.unwrap_or(Timestamp::UNIX_EPOCH);
    let decay = |name| Decay {
        half_life_days: hyperparameters.get(name),
        now,
    };
    let (trend, taste) = (decay("half_life_days"), decay("taste_half_life_days"));
    let terms: Vec<Terms> = titles.iter().map(Terms::from_document).collect();
    let statistics = Statistics::count(&terms);
    let contents: Vec<_> = terms
        .iter()
        .map(|terms| ContentVector::new(terms, &statistics))
        .collect();

    let metrics = Evaluation {
        people: &people,
        contents: &contents,
        hyperparameters: &hyperparameters,
        taste,
        trend,
    }
    .metrics();
    let popularity = dataset::popularity(titles.len(), people.iter().flatten(), trend);
    let counts = BTreeMap::from([
        ("titles".to_owned(), titles.len() as u64),
        (
            "titles_watched".to_owned(),
            popularity.iter().filter(|&&count| count > 0.0).count() as u64,
        ),
        ("titles_gone".to_owned(), titles_gone as u64),
        ("lines".to_owned(), lines),
        (
            "interactions".to_owned(),
            people.iter().map(Vec::len).sum::<usize>() as u64,
        ),
        ("people".to_owned(), people.len() as u64),
    ]);
    let interactions = dataset::matrix(titles.len(), &people, taste);
    let mut tensors = tensors::build(
        &titles,
        &contents,
        &statistics,
        popularity,
        &interactions,
        hyperparameters.als(),
    );
    audiences::add(&mut tensors, people.iter().flatten(), trend);
    let manifest = Manifest::new(
        hex::encode(data.finalize()),
        newest,
        hyperparameters.by_name(),
        counts,
        metrics,
    );
    let artefact = Artefact {
        manifest,
        titles,
        tensors,
    };
    let manifest = artefact::save(artefact, &folder)?;
    if let Some(archive) = &options.archive {
        artefact::pack(&options.model, archive)?;
    }
    // SageMaker extracts metrics from the output by regular expressions.
    for (name, value) in &manifest.metrics {
        println!("metric {name}={value:.6}");
    }
    info!(model = manifest.version, counts = ?manifest.counts, "trained model {}", manifest.version);
    Ok(())
}

/// The catalogue, in the order of the ids. Of several lines about a title, the one with the highest version counts, or the last.
fn read_titles(folder: &Path, data: &mut Sha256) -> Result<Vec<Document>, TrainError> {
    let mut titles: BTreeMap<String, Document> = BTreeMap::new();
    input::read("titles", folder, data, |document: Document| {
        document.check("").map_err(|refusal| refusal.to_string())?;
        let known = titles.get(&document.title_id);
        if known.is_none_or(|known| known.version <= document.version) {
            titles.insert(document.title_id.clone(), document);
        }
        Ok(())
    })?;
    let titles: Vec<Document> = titles.into_values().filter(|title| !title.removed).collect();
    if titles.is_empty() {
        return Err(TrainError::NoTitles);
    }
    Ok(titles)
}
