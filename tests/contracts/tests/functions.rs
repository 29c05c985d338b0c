//! The templates declare exactly the functions of the areas' programs.

use std::collections::BTreeSet;

use marquee_architecture_tests::{area_and_name, resources, template};
use marquee_contract_tests::functions;

#[test]
fn the_templates_declare_exactly_the_functions_of_the_areas() {
    let declared = resources(&template(), "AWS::Serverless::Function");
    let declared: Vec<(String, String)> = declared.iter().map(|(_, function)| area_and_name(function)).collect();
    let built: BTreeSet<(String, String)> = functions()
        .into_iter()
        .flat_map(|(area, names)| names.iter().map(move |name| (area.to_owned(), name.replace('_', "-"))))
        .collect();

    assert_eq!(
        declared.iter().cloned().collect::<BTreeSet<_>>(),
        built,
        "left: the templates, right: the lists in functions/*/src/lib.rs"
    );
    // Each API has its own resource for the gateway's `not-found`; every other function is one resource.
    let resources = declared.iter().filter(|(area, _)| area != "gateway").count();
    let functions = built.iter().filter(|(area, _)| area != "gateway").count();
    assert_eq!(resources, functions, "two resources are the same function");
}
