//! `docs/tables.md` is true of the keys in the code and of the table in the template.

use std::collections::BTreeSet;

use marquee_architecture_tests::{read, resources, template};

#[test]
fn every_key_is_documented_and_every_documented_key_exists() {
    let code: BTreeSet<String> = read("shared/adapters/src/dynamodb/keys.rs")
        .lines()
        .filter_map(|line| Some(line.strip_prefix("pub fn ")?.split('(').next()?.to_owned()))
        // A place in a list, not a key of its own.
        .filter(|name| name != "at")
        .collect();
    let page: BTreeSet<String> = read("docs/tables.md")
        .lines()
        .filter_map(|line| {
            line.split('|')
                .nth(2)?
                .trim()
                .strip_prefix('`')?
                .strip_suffix('`')
                .map(ToOwned::to_owned)
        })
        .filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .collect();

    assert_eq!(code, page, "left: keys.rs, right: docs/tables.md");
}

#[test]
fn indexes_are_those_of_the_template() {
    let tables = resources(&template(), "AWS::DynamoDB::Table");
    let (_, table) = tables.first().expect("a table");
    let declared: BTreeSet<String> = table["GlobalSecondaryIndexes"]
        .as_sequence()
        .expect("indexes")
        .iter()
        .map(|index| index["IndexName"].as_str().expect("a name").to_owned())
        .collect();
    let used: BTreeSet<String> = read("shared/adapters/src/dynamodb/keys.rs")
        .lines()
        .filter_map(|line| {
            Some(
                line.trim()
                    .strip_prefix("pub const ")?
                    .split_once(": Index")?
                    .0
                    .to_lowercase(),
            )
        })
        .collect();

    assert_eq!(declared, used, "left: template.yaml, right: keys.rs");
}

#[test]
fn nobody_scans_the_table() {
    for folder in ["functions", "shared"] {
        for file in marquee_architecture_tests::files(folder) {
            if file.extension().is_some_and(|extension| extension == "rs") {
                let text = read(std::path::Path::new(folder).join(&file));

                assert!(
                    !text.contains(".scan()"),
                    "{folder}/{} scans: give the list an index",
                    file.display()
                );
            }
        }
    }
    assert!(!read("template.yaml").contains("dynamodb:Scan"));
}
