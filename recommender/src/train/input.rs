//! Training data as SageMaker mounts it: a folder for each channel, whose files are JSON lines (plain or gzipped) or Parquet.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::parquet;

/// Why training data could not be used.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// The file cannot be read.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A line, or a row of Parquet, is malformed.
    #[error("{path}:{line}: {why}", path = path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// Its number, from 1; 0 for the whole file.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
}

/// Reads every line of a channel, in the order of the file names, and adds the files' bytes to the hash of the data.
pub(super) fn read<T: DeserializeOwned>(
    channel: &str,
    folder: &Path,
    hash: &mut Sha256,
    mut take: impl FnMut(T) -> Result<(), String>,
) -> Result<(), InputError> {
    for path in files(folder)? {
        let unreadable = |source| InputError::File {
            path: path.clone(),
            source,
        };
        let name = path.strip_prefix(folder).unwrap_or(&path);
        hash.update(format!("\n{channel} {}\n", name.display()));

        let open = || File::open(&path).map_err(unreadable);
        io::copy(&mut open()?, hash).map_err(unreadable)?;
        let is = |extension: &str| path.extension().is_some_and(|own| own == extension);
        let rows: Box<dyn Iterator<Item = Numbered<T>>> = if is("parquet") {
            Box::new(parquet_rows(&path, open()?)?)
        } else if is("gz") {
            Box::new(json_lines(&path, MultiGzDecoder::new(BufReader::new(open()?))))
        } else {
            Box::new(json_lines(&path, open()?))
        };
        for (number, row) in rows {
            take(row?).map_err(refused(&path, number))?;
        }
    }
    Ok(())
}

/// A line or row with its number.
type Numbered<T> = (usize, Result<T, InputError>);

/// JSON lines; empty ones are skipped but counted.
fn json_lines<T: DeserializeOwned>(path: &Path, bytes: impl io::Read) -> impl Iterator<Item = Numbered<T>> {
    let lines = (1..).zip(BufReader::new(bytes).lines());
    lines.filter_map(move |(number, line)| match line {
        Ok(line) if line.trim().is_empty() => None,
        Ok(line) => {
            let read = serde_json::from_str(&line).map_err(|error| refused(path, number)(error.to_string()));
            Some((number, read))
        }
        Err(source) => {
            let path = path.to_owned();
            Some((number, Err(InputError::File { path, source })))
        }
    })
}

fn parquet_rows<T: DeserializeOwned>(path: &Path, file: File) -> Result<impl Iterator<Item = Numbered<T>>, InputError> {
    let rows = parquet::rows(file).map_err(|error| refused(path, 0)(error.to_string()))?;
    Ok((1..).zip(rows).map(move |(number, row)| {
        let row = row.map_err(|error| error.to_string());
        let read = row.and_then(|row| serde_json::from_value(row).map_err(|error| error.to_string()));
        (number, read.map_err(refused(path, number)))
    }))
}

fn refused(path: &Path, line: usize) -> impl Fn(String) -> InputError {
    move |why| InputError::Line {
        path: path.to_owned(),
        line,
        why,
    }
}

/// All files below a folder, sorted, without hidden ones and markers such as `_SUCCESS`.
fn files(folder: &Path) -> Result<Vec<PathBuf>, InputError> {
    let unreadable = |source| InputError::File {
        path: folder.to_owned(),
        source,
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if entry.file_name().to_string_lossy().starts_with(['.', '_']) {
            continue;
        }
        if entry.path().is_dir() {
            found.extend(files(&entry.path())?);
        } else {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;
    use crate::train::interaction::Interaction;

    const LINE: &str = r#"{"account_id":"p","title_id":"a","weight":1,"at":"2026-01-01T00:00:00Z"}"#;

    fn read_all(folder: &Path) -> (Result<usize, InputError>, String) {
        let (mut hash, mut count) = (Sha256::new(), 0);
        let result = read("interactions", folder, &mut hash, |_: Interaction| {
            count += 1;
            Ok(())
        });
        (result.map(|()| count), hex::encode(hash.finalize()))
    }

    #[test]
    fn every_file_is_read_and_hashed() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.jsonl"), format!("{LINE}\n\n{LINE}")).unwrap();
        fs::write(folder.path().join("_SUCCESS"), "").unwrap();
        fs::create_dir(folder.path().join("2026")).unwrap();
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(LINE.as_bytes()).unwrap();
        fs::write(folder.path().join("2026/b.jsonl.gz"), gzip.finish().unwrap()).unwrap();

        let (count, hash) = read_all(folder.path());
        assert_eq!(count.unwrap(), 3);
        assert_eq!(hash, read_all(folder.path()).1);

        fs::write(folder.path().join("a.jsonl"), LINE).unwrap();
        assert_ne!(hash, read_all(folder.path()).1);
    }

    #[test]
    fn parquet_and_lines_are_read_from_one_channel() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.jsonl"), LINE).unwrap();
        parquet::tests::write(&folder.path().join("b.parquet"));
        assert_eq!(read_all(folder.path()).0.unwrap(), 3);

        fs::write(folder.path().join("c.parquet"), LINE).unwrap();
        let error = read_all(folder.path()).0.unwrap_err().to_string();
        assert!(error.contains("c.parquet:0: "), "{error}");
    }

    #[test]
    fn a_broken_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.jsonl"), format!("{LINE}\n{{\"title_id\":1}}\n")).unwrap();
        let error = read_all(folder.path()).0.unwrap_err().to_string();
        assert!(error.contains("a.jsonl:2: "), "{error}");
        assert!(read_all(&folder.path().join("missing")).0.is_err());
    }
}
