//! What source files may not have.

use std::path::{Path, PathBuf};

use marquee_architecture_tests::{files, read};

/// Maps an artefact into memory.
const UNSAFE: &str = "recommender/src/artefact/mapped.rs";

/// The Rust files with a line for which `is_wanted` holds, but this file.
fn with_line(is_wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let folders = [
        "cli",
        "deploy",
        "functions",
        "local",
        "recommender",
        "shared",
        "tests",
        "xtask",
    ];
    let sources = folders
        .into_iter()
        .flat_map(|folder| files(folder).into_iter().map(move |path| Path::new(folder).join(path)));

    sources
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter(|path| !path.ends_with("architecture/tests/sources.rs") && read(path).lines().any(&is_wanted))
        .collect()
}

#[test]
fn only_one_file_has_unsafe_code() {
    let found = with_line(|line| line.contains("unsafe_code"));

    assert_eq!(
        found,
        [Path::new(UNSAFE)],
        "no other file may have unsafe code (ADR 16)"
    );
    assert!(read(UNSAFE).contains("// SAFETY:"));
}

/// `make test` does not look for them: for each crate that takes seconds.
#[test]
fn no_documentation_has_examples_that_no_test_runs() {
    let found = with_line(|line| {
        let line = line.trim_start();
        (line.starts_with("///") || line.starts_with("//!")) && line.contains("```")
    });

    assert!(found.is_empty(), "examples belong to tests: {found:?}");
}
