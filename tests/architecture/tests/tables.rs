//! `docs/tables.md` has the keys of the code, and the code has the indexes of the template.

use std::{collections::BTreeSet, path::Path};

use marquee_architecture_tests::{files, read, resources, stacks, template};

#[test]
fn every_key_is_documented_and_every_documented_key_exists() {
    let code: BTreeSet<String> = read("shared/adapters/src/dynamodb/keys.rs")
        .lines()
        .filter_map(|line| Some(line.strip_prefix("pub fn ")?.split('(').next()?.to_owned()))
        // A position in a list, not a key.
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

/// Rules work on values of the domain; only one file has the stored form of each.
#[test]
fn no_type_of_a_stored_item_is_public() {
    let mut items = 0;
    for file in files("shared/adapters/src") {
        let text = read(Path::new("shared/adapters/src").join(&file));
        let stored = text.split("impl Stored for ").skip(1);
        let names = stored.filter_map(|rest| rest.split_whitespace().next());

        for name in names {
            items += 1;
            assert!(
                !text.contains(&format!("pub struct {name} ")),
                "{}: {name} is a stored item: give the functions a type of the domain, and convert it by `From`",
                file.display()
            );
        }
    }
    assert!(items > 20, "there are items: {items}");
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
fn no_function_scans_the_table() {
    for folder in ["functions", "shared"] {
        for file in files(folder) {
            let is_test = file.components().any(|part| part.as_os_str() == "tests");
            if !is_test && file.extension().is_some_and(|extension| extension == "rs") {
                let text = read(Path::new(folder).join(&file));

                assert!(
                    !text.contains(".scan()"),
                    "{folder}/{} scans: give the list an index",
                    file.display()
                );
            }
        }
    }
    for (file, _) in stacks() {
        assert!(!read(&file).contains("dynamodb:Scan"), "{} allows Scan", file.display());
    }
}
