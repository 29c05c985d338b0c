//! Everything that is linked may be used in a program under MIT or Apache-2.0.

use marquee_architecture_tests::workspace;

/// Licences that ask for no more than a notice.
const ALLOWED: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

#[test]
fn every_dependency_has_a_licence_that_we_may_use() {
    let refused: Vec<String> = workspace()
        .packages
        .iter()
        .filter(|package| !package.license.as_deref().is_some_and(allowed))
        .map(|package| format!("{} {}: {:?}", package.name, package.version, package.license))
        .collect();

    assert!(refused.is_empty(), "licences to look at:\n{}", refused.join("\n"));
}

/// Whether some way to read an SPDX expression needs allowed licences only.
fn allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");

    // Expressions in crates are flat or have brackets around an OR: an AND needs every side, a side any of its ORs.
    expression.split(" AND ").all(|side| {
        side.split(" OR ")
            .any(|licence| ALLOWED.contains(&licence.trim().trim_matches(['(', ')'])))
    })
}

#[test]
fn expressions_are_read_as_they_mean() {
    assert!(allowed("MIT OR GPL-3.0"));
    assert!(allowed("(MIT OR Apache-2.0) AND Unicode-3.0"));
    assert!(allowed("MIT/Apache-2.0"));
    assert!(!allowed("GPL-3.0"));
    assert!(!allowed("MIT AND GPL-3.0"));
}
