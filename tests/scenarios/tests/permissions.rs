//! The permission matrix (`tests/contracts/permissions.tsv`), tried row by row on a running Marquee: what a stranger, a
//! viewer, another creator, the owner and an admin get.

#![expect(clippy::expect_used, reason = "tests fail by panicking")]

use marquee_scenario_tests::{Marquee, films, people::Actor};
use reqwest::Method;
use serde_json::Value;

const MATRIX: &str = include_str!("../../contracts/permissions.tsv");

struct Row<'a> {
    method: Method,
    path: &'a str,
    body: Option<Value>,
    /// For the stranger, the viewer, another creator, the owner and an admin.
    statuses: Vec<u16>,
}

fn rows() -> impl Iterator<Item = Row<'static>> {
    MATRIX.lines().skip(1).map(|line| {
        let mut cells = line.split('\t');
        let mut next = || cells.next().expect("a cell");

        Row {
            method: next().parse().expect("a method"),
            path: next(),
            body: Some(next())
                .filter(|body| !body.is_empty())
                .map(|body| body.parse().expect("JSON")),
            statuses: cells.map(|status| status.parse().expect("a status")).collect(),
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_gets_what_the_matrix_says() {
    let marquee = Marquee::running();
    let owner = marquee.creator().await;
    let film = films::film(320, 180, 2);
    let actors: Vec<Actor> = vec![
        marquee.stranger(),
        marquee.viewer().await,
        marquee.creator().await,
        owner.clone(),
        marquee.admin().await,
    ];
    let mut wrong = Vec::new();

    for row in rows() {
        assert_eq!(row.statuses.len(), actors.len(), "{} {}", row.method, row.path);
        for (actor, (name, expected)) in actors.iter().zip(
            ["stranger", "viewer", "creator", "owner", "admin"]
                .iter()
                .zip(&row.statuses),
        ) {
            // A title with an open upload of its own for each call: some calls change it.
            let needs_title = row.path.contains('{');
            let path = if needs_title {
                let uploaded = owner.send_parts("The matrix", &film).await;

                row.path
                    .replace("{title_id}", &uploaded.title_id)
                    .replace("{upload_id}", &uploaded.upload_id)
                    // There is none.
                    .replace("{experiment_id}", &uploaded.title_id)
            } else {
                row.path.to_owned()
            };
            let answer = actor.send(row.method.clone(), &path, row.body.as_ref()).await;
            if answer.status.as_u16() >= 400 {
                let _ = answer.problem(answer.status.as_u16());
            }
            if answer.status.as_u16() != *expected {
                wrong.push(format!(
                    "{} {} as {name}: {} {}",
                    row.method,
                    row.path,
                    answer.status,
                    answer.text()
                ));
            }
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
