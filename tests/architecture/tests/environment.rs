//! Every function has the settings that it reads when it starts: one that is missing ends every cold start.

#![expect(clippy::expect_used, reason = "tests fail by panicking")]

use std::{collections::BTreeSet, fs};

use marquee_architecture_tests::{read, resources, root, template};
use serde_yaml_ng::Value;

/// The file, below `functions`, with the `Context` that a binary reads from its environment.
fn context(area: &str, binary: &str) -> String {
    let line = binary
        .lines()
        .find(|line| line.starts_with("use ") && line.contains("Context"))
        .unwrap_or_else(|| panic!("a binary of {area} names its context: {binary}"));
    let path = line
        .trim_start_matches("use ")
        .split(['{', ';'])
        .next()
        .expect("a path");
    let modules: Vec<&str> = path
        .split("::")
        .filter(|part| !part.is_empty() && *part != "Context")
        .collect();

    match modules[..] {
        [_, module] => format!("{area}/src/{module}.rs"),
        _ => ["context.rs", "lib.rs"]
            .map(|file| format!("{area}/src/{file}"))
            .into_iter()
            .find(|file| root().join("functions").join(file).exists())
            .expect("an area's context"),
    }
}

/// The variables that a file cannot do without.
fn needed(source: &str) -> BTreeSet<String> {
    ["config::text(\"", "config::value(\"", "config::value::<u64>(\""]
        .into_iter()
        .flat_map(|call| source.split(call).skip(1))
        .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
        .collect()
}

fn variables(function: &Value) -> BTreeSet<String> {
    let names = function["Environment"]["Variables"].as_mapping().into_iter().flatten();

    names.filter_map(|(name, _)| Some(name.as_str()?.to_owned())).collect()
}

#[test]
fn every_function_has_the_settings_that_it_reads() {
    let template = template();
    let shared = variables(&template["Globals"]["Function"]);
    let functions = resources(&template, "AWS::Serverless::Function");
    let areas: Vec<String> = fs::read_dir(root().join("functions"))
        .expect("functions")
        .map(|entry| entry.expect("an area").file_name().to_string_lossy().into_owned())
        .collect();
    let mut found = 0;

    for (id, function) in functions {
        let name = function["CodeUri"].as_str().expect("a path");
        let name = name.trim_start_matches("build/functions/").trim_end_matches(".zip");
        let file = |area: &&String| root().join(format!("functions/{area}/src/bin/{name}.rs")).exists();
        let area = areas.iter().find(file).expect(name);
        let binary = read(format!("functions/{area}/src/bin/{name}.rs"));
        if !binary.contains("from_env") {
            continue;
        }

        let source = read(format!("functions/{}", context(area, &binary)));
        let mut has = variables(&function);
        has.extend(shared.clone());
        let missing: Vec<String> = needed(&source).difference(&has).cloned().collect();
        assert!(
            missing.is_empty(),
            "{id} starts with {missing:?}, which its Environment lacks"
        );
        found += 1;
    }

    assert!(found > 50, "only {found} functions read their environment");
}
