//! Every function has the settings that it reads when it starts: without one of them, every cold start fails.

use std::collections::BTreeSet;

use marquee_architecture_tests::{area_and_name, read, resources, root, template};
use serde_yaml_ng::Value;

/// Functions that read no settings: the gateway's answer for unknown routes.
const WITHOUT_CONTEXT: [(&str, &str); 1] = [("gateway", "not-found")];

/// The file with the `Context` of a function: its own, or that of its area.
fn context(area: &str, function: &str) -> Option<String> {
    let own = read(format!("functions/{area}/src/{function}.rs"));
    // `pub use crate::output::Context;`
    let shared = own.lines().find_map(|line| {
        ["pub use crate::", "pub(crate) use crate::"]
            .into_iter()
            .find_map(|start| line.strip_prefix(start))?
            .strip_suffix("::Context;")
    });

    [function, shared.unwrap_or_default(), "context", "lib"]
        .map(|file| format!("functions/{area}/src/{file}.rs"))
        .into_iter()
        .find(|file| root().join(file).exists() && read(file).contains("async fn from_env() -> "))
}

/// The required variables of a file.
fn required(source: &str) -> BTreeSet<String> {
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
    assert!(!functions.is_empty());

    for (id, function) in functions {
        let (area, name) = area_and_name(&function);
        let Some(context) = context(&area, &name.replace('-', "_")) else {
            assert!(
                WITHOUT_CONTEXT.contains(&(area.as_str(), name.as_str())),
                "{id}: no `Context` of {area}/{name} was found"
            );
            continue;
        };

        let source = read(context);
        let mut has = variables(&function);
        has.extend(shared.clone());
        let missing: Vec<String> = required(&source).difference(&has).cloned().collect();
        assert!(
            missing.is_empty(),
            "{id} reads {missing:?}, which its Environment lacks"
        );
    }
}
