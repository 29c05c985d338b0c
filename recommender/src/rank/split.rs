//! A split of a data set: `train.csv`, `{validation,test}_{tr,te}.csv` with lines `uid,sid`, and `unique_sid.txt` with a
//! line for each title.

use std::{
    collections::{BTreeMap, HashSet},
    fs, io,
    path::{Path, PathBuf},
};

use crate::evaluate::HeldOut;

/// Why a split cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SplitError {
    /// The file cannot be read.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A line is malformed.
    #[error("{path}:{line}: {why}", path = path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
}

/// People to train on, and two groups of held-out people.
#[derive(Debug)]
pub(super) struct Split {
    pub(super) titles: usize,
    /// The titles of each training person.
    pub(super) train: Vec<Vec<u32>>,
    pub(super) validation: Vec<HeldOut>,
    /// By their number in the files.
    pub(super) test: BTreeMap<u32, Vec<u32>>,
}

impl Split {
    pub(super) fn read(folder: &Path) -> Result<Self, SplitError> {
        let path = folder.join("unique_sid.txt");
        let titles = text(&path)?.lines().filter(|line| !line.trim().is_empty()).count();
        let rows = |name: &str| rows(&folder.join(name), titles);
        let mut wanted = rows("validation_te.csv")?;
        let validation = rows("validation_tr.csv")?.into_iter().map(|(person, known)| HeldOut {
            known,
            wanted: wanted.remove(&person).unwrap_or_default().into_iter().collect(),
        });
        Ok(Self {
            titles,
            train: rows("train.csv")?.into_values().collect(),
            validation: validation.collect(),
            test: rows("test_tr.csv")?,
        })
    }
}

fn text(path: &Path) -> Result<String, SplitError> {
    fs::read_to_string(path).map_err(|source| SplitError::File {
        path: path.to_owned(),
        source,
    })
}

/// Person → titles, each once; the first line names the columns.
fn rows(path: &Path, titles: usize) -> Result<BTreeMap<u32, Vec<u32>>, SplitError> {
    let mut rows: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (line, pair) in (1..)
        .zip(text(path)?.lines())
        .skip(1)
        .filter(|(_, pair)| !pair.trim().is_empty())
    {
        let wrong = |why: String| SplitError::Line {
            path: path.to_owned(),
            line,
            why,
        };
        let numbers = pair
            .split_once(',')
            .and_then(|(person, title)| Some((person.trim().parse::<u32>().ok()?, title.trim().parse::<u32>().ok()?)));
        let (person, title) = numbers.ok_or_else(|| wrong("it must be two whole numbers, `uid,sid`".into()))?;
        if title as usize >= titles {
            return Err(wrong(format!(
                "there are {titles} titles in unique_sid.txt, so sid must be below that"
            )));
        }
        rows.entry(person).or_default().push(title);
    }
    for row in rows.values_mut() {
        let mut seen = HashSet::new();
        row.retain(|title| seen.insert(*title));
    }
    Ok(rows)
}
