//! Only one file has unsafe code, with an explanation (ADR 16).

use std::path::Path;

use marquee_architecture_tests::{files, read};

/// Maps an artefact into memory.
const ALLOWED: &str = "recommender/src/artefact/mapped.rs";

#[test]
fn only_one_file_has_unsafe_code() {
    let folders = ["cli", "functions", "local", "recommender", "shared", "tests", "xtask"];
    let sources = folders
        .into_iter()
        .flat_map(|folder| files(folder).into_iter().map(move |path| Path::new(folder).join(path)));
    let found: Vec<String> = sources
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter(|path| !path.ends_with("unsafe_code.rs") && read(path).contains("unsafe_code"))
        .map(|path| path.display().to_string())
        .collect();

    assert_eq!(found, [ALLOWED], "no other file may have unsafe code");
    assert!(read(ALLOWED).contains("// SAFETY:"));
}
