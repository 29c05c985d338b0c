//! The functions of the template are those of the areas' programs.

use std::{collections::BTreeSet, fs, path::PathBuf};

use marquee_contract_tests::functions;
use serde_yaml_ng::Value;

#[test]
fn the_template_names_every_function_of_every_area_and_no_other() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let template: Value = serde_yaml_ng::from_str(&fs::read_to_string(root.join("template.yaml")).unwrap()).unwrap();
    let resources = template["Resources"].as_mapping().unwrap().values();
    let declared: Vec<(String, String)> = resources
        .filter(|resource| resource["Type"] == "AWS::Serverless::Function")
        .map(|resource| {
            let text = |name: &str| resource["Properties"][name].as_str().unwrap().to_owned();
            (text("CodeUri"), text("Handler"))
        })
        .collect();
    let built: BTreeSet<(String, String)> = functions()
        .into_iter()
        .flat_map(|(area, names)| {
            names
                .iter()
                .map(move |name| (format!("build/functions/{area}.zip"), name.replace('_', "-")))
        })
        .collect();

    assert_eq!(
        declared.iter().cloned().collect::<BTreeSet<_>>(),
        built,
        "left: template.yaml, right: the lists in functions/*/src/lib.rs"
    );
    assert_eq!(declared.len(), built.len(), "two resources are the same function");
}
