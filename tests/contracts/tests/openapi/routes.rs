//! `docs/routes.md`: a table of the routes for each area.

use std::fmt::Write as _;

use marquee_contract_tests::{document, functions};
use runtime::http::testing::Operation;

use crate::{caller::Caller, route_key};

const HEAD: &str = "\
<!-- Generated from the code: `make generate` writes this page. -->

# Routes

All routes by area. `openapi.json` describes their requests and answers; `tests/contracts/permissions.tsv` has the answer to every caller,
for titles in every state. The column *for* follows from these answers. They include no earlier like: a viewer who likes a title may take
the like back, even if the title is not visible any more.
";

pub(crate) fn page() -> String {
    let document = document();
    let operations = Operation::all(&document);
    let mut page = HEAD.to_owned();

    for (area, functions) in functions() {
        let routes: Vec<&Operation> = functions
            .iter()
            .filter_map(|function| operations.iter().find(|operation| operation.id == *function))
            .collect();
        if routes.is_empty() {
            continue;
        }
        write!(
            page,
            "\n## [{area}](../functions/{area}/README.md)\n\n| route | function | for | does |\n|---|---|---|---|\n"
        )
        .unwrap();
        for route in routes {
            let method = route.method.as_str().to_lowercase();
            let summary = document["paths"][&route.route][method]["summary"].as_str().unwrap();
            let (key, id) = (route_key(route), &route.id);
            let (name, callers) = (id.replace('_', "-"), Caller::from_matrix(route).as_str());
            writeln!(
                page,
                "| `{key}` | [`{name}`](../functions/{area}/src/{id}.rs) | {callers} | {summary} |"
            )
            .unwrap();
        }
    }

    page
}
