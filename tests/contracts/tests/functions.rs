//! The functions of the template are those of the areas' programs.

use std::collections::BTreeSet;

use marquee_architecture_tests::{area_and_name, resources, template};
use marquee_contract_tests::functions;

#[test]
fn the_template_names_every_function_of_every_area_and_no_other() {
    let declared = resources(&template(), "AWS::Serverless::Function");
    let declared: Vec<(String, String)> = declared.iter().map(|(_, function)| area_and_name(function)).collect();
    let built: BTreeSet<(String, String)> = functions()
        .into_iter()
        .flat_map(|(area, names)| names.iter().map(move |name| (area.to_owned(), name.replace('_', "-"))))
        .collect();

    assert_eq!(
        declared.iter().cloned().collect::<BTreeSet<_>>(),
        built,
        "left: template.yaml, right: the lists in functions/*/src/lib.rs"
    );
    // Each API answers by itself what no route of it does.
    let own = declared.iter().filter(|(area, _)| area != "gateway").count();
    let areas = built.iter().filter(|(area, _)| area != "gateway").count();
    assert_eq!(own, areas, "two resources are the same function");
}
