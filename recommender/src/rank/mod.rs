//! `rank`: trains on a split of a data set and writes ranked lists for its test people.

mod search;
mod split;

use std::{fs, io, path::PathBuf};

use clap::Args;
use tracing::info;

pub use self::split::SplitError;
use self::{search::search, split::Split};
use crate::{als::Interactions, recommend::Recommender};

/// Options of `rank`.
#[derive(Debug, Args)]
pub struct Options {
    /// Folder with the split.
    #[arg(long)]
    split: PathBuf,
    /// File for the lists.
    #[arg(long)]
    out: PathBuf,
}

/// Why `rank` failed.
#[derive(Debug, thiserror::Error)]
pub enum RankError {
    /// The split cannot be read.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// The lists cannot be written.
    #[error("{path}: {source}", path = path.display())]
    Out {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Chooses hyperparameters by the validation people, trains with them, and writes a line `uid<TAB>sid,sid,…` for each test
/// person: the best 100 titles, best first, without the known ones.
pub fn run(options: &Options) -> Result<(), RankError> {
    let split = Split::read(&options.split)?;
    let chosen = search(split.titles, &split.train, &split.validation);
    info!(
        ?chosen,
        "chose hyperparameters by {} validation people",
        split.validation.len()
    );

    let recommender = Recommender::train(&Interactions::from_rows(split.titles, &split.train), chosen);
    let mut lists = String::new();
    for (person, known) in &split.test {
        let titles: Vec<String> = recommender.rank(known).iter().map(u32::to_string).collect();
        lists.extend([person.to_string(), "\t".into(), titles.join(","), "\n".into()]);
    }
    fs::write(&options.out, lists).map_err(|source| RankError::Out {
        path: options.out.clone(),
        source,
    })?;
    info!("ranked for {} people into {}", split.test.len(), options.out.display());
    Ok(())
}
