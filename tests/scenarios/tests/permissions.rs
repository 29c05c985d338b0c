//! The permission matrix (`tests/contracts/permissions.tsv`), tried row by row on a running Marquee: what strangers, viewers,
//! creators, owners and admins get, and those whose power or whose token is gone; for titles in every state.

#![expect(clippy::expect_used, reason = "tests fail by panicking")]

use std::{
    collections::HashMap,
    path::Path,
    time::{Duration, Instant},
};

use futures::{StreamExt as _, future::join_all, stream};
use marquee_scenario_tests::{
    Marquee, films,
    people::{Actor, PASSWORD},
    revocation::Revocation,
    wait,
    watching::PUBLISH_TIMEOUT,
};
use reqwest::Method;
use serde_json::{Value, json};

const MATRIX: &str = include_str!("../../contracts/permissions.tsv");
/// How long an instance of a function may still know a power that was taken away (`AccountStatuses::MAX_AGE`). Another instance may know
/// nothing of it: that one is refused says nothing about the next call.
const MAX_CACHE_AGE: Duration = Duration::from_secs(5);
/// How many are refused at the same time.
const CONCURRENCY: usize = 4;
/// What is sent later than this is refused everywhere.
const GONE: Duration = Duration::from_secs(10);
/// For how long a token is used: it is good for some minutes more, which a row takes at most.
const TOKEN_MAX_AGE: Duration = Duration::from_mins(5);

/// Tries until the power that ended at `end` is gone everywhere: until every instance has forgotten it, and it is refused.
async fn wait_until_revoked(end: Instant, mut is_refused: impl AsyncFnMut() -> bool) {
    wait::until("the power is gone", Duration::from_mins(2), async || {
        // How long the answer takes depends on the machine.
        let sent = end.elapsed();
        let refused = is_refused().await;
        assert!(refused || sent < GONE, "it was not refused {sent:?} after the end");

        (refused && sent >= MAX_CACHE_AGE).then_some(())
    })
    .await;
}

struct Row {
    method: Method,
    path: &'static str,
    body: Option<Value>,
    /// In which state the title is, of routes with a title.
    title: &'static str,
    /// What each actor gets, as the matrix's first line names them.
    statuses: Vec<(&'static str, u16)>,
}

fn rows() -> Vec<Row> {
    let mut lines = MATRIX.lines();
    let actors: Vec<&str> = lines.next().expect("a heading").split('\t').skip(4).collect();

    let mut rows: Vec<Row> = lines
        .map(|line| {
            let mut cells = line.split('\t');
            let mut next = || cells.next().expect("a cell");
            let (method, path, body, title) = (next(), next(), next(), next());
            let statuses: Vec<_> = cells.map(|status| status.parse().expect("a status")).collect();
            assert_eq!(statuses.len(), actors.len(), "{method} {path}");

            Row {
                method: method.parse().expect("a method"),
                path,
                body: (!body.is_empty()).then(|| body.parse().expect("JSON")),
                title,
                statuses: actors.iter().copied().zip(statuses).collect(),
            }
        })
        .collect();
    // It makes the viewer a creator here, so nothing may come after it.
    rows.sort_by_key(|row| row.path == "/api/me/creator-request");

    rows
}

impl Row {
    /// What is wrong with what `actor` gets, if something is.
    async fn fault(&self, actor: &Actor, path: &str, expected: u16) -> Option<String> {
        let mut body = self.body.clone();
        // An address of its own for each call: only so many calls may be about the same one.
        if let Some(email) = body.as_mut().and_then(|body| body.get_mut("email"))
            && email.as_str().is_some_and(|email| email.contains('@'))
        {
            *email = json!(actor.marquee().new_email());
        }
        let answer = actor.send(self.method.clone(), path, body.as_ref()).await;
        if answer.status.as_u16() >= 400 {
            let _ = answer.problem(answer.status.as_u16());
        }

        (answer.status.as_u16() != expected).then(|| format!("{} {}", answer.status, answer.text()))
    }
}

/// A title that is published with this visibility, and a film that others share.
async fn published(owner: &Actor, film: &Path, visibility: &str) -> String {
    let uploaded = owner.upload(&format!("The {visibility} matrix"), film).await;
    let title = owner
        .title_in(&uploaded.title_id, &["published"], PUBLISH_TIMEOUT)
        .await;
    let change = json!({"visibility": visibility, "version": title["version"]});
    let changed = owner
        .patch(&format!("/api/titles/{}", uploaded.title_id), &change)
        .await;
    changed.done(200);

    uploaded.title_id
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_gets_what_the_matrix_says() {
    let marquee = Marquee::running();
    let owner = marquee.creator().await;
    let film = films::film(320, 180, 2);
    let states = ["public", "unlisted", "private"];
    let titles = join_all(states.map(|visibility| published(&owner, &film, visibility)));
    let mut titles: HashMap<&'static str, String> = states.into_iter().zip(titles.await).collect();
    let archived = published(&owner, &film, "public").await;
    owner.delete(&format!("/api/titles/{archived}")).await.done(204);
    titles.insert("archived", archived);

    let members = [
        ("viewer", marquee.viewer().await.email),
        ("creator", marquee.creator().await.email),
        ("owner", owner.email),
    ];
    let mut signed_in = Instant::now();
    let mut actors = Box::pin(sign_all_in(&marquee, &members)).await;

    let mut wrong = Vec::new();
    for row in rows() {
        if signed_in.elapsed() >= TOKEN_MAX_AGE {
            signed_in = Instant::now();
            actors = Box::pin(sign_all_in(&marquee, &members)).await;
        }
        let trial = RowTest {
            row: &row,
            actors: &actors,
            titles: &titles,
            film: &film,
        };
        // Those who are refused first: what they are refused must not be done already. It changes nothing, so that it may be
        // tried by many at once.
        let (refused, allowed): (Vec<_>, Vec<_>) = row.statuses.iter().partition(|(_, status)| *status >= 400);
        let refused: Vec<_> = refused.into_iter().map(|each| trial.fault(each)).collect();
        wrong.extend(stream::iter(refused).buffered(CONCURRENCY).collect::<Vec<_>>().await);
        for each in allowed {
            wrong.push(trial.fault(each).await);
            if row.title == "archived" && row.path.ends_with("/restore") {
                // The rows behind this one are about an archived title too.
                let archived = format!("/api/titles/{}", titles["archived"]);
                actors["owner"].delete(&archived).await.done(204);
            }
        }
    }

    let wrong: Vec<_> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A row, and what it is tried with.
struct RowTest<'a> {
    row: &'a Row,
    actors: &'a HashMap<&'static str, Actor>,
    titles: &'a HashMap<&'static str, String>,
    film: &'a Path,
}

impl RowTest<'_> {
    /// What is wrong with what one of the actors gets, if something is.
    async fn fault(&self, &(name, expected): &(&'static str, u16)) -> Option<String> {
        let Self {
            row,
            actors,
            titles,
            film,
        } = *self;
        let owner = &actors["owner"];
        let mut open = None;
        let path = match titles.get(row.title) {
            // Nobody has this account.
            _ if row.path.contains("{account_id}") => row
                .path
                .replace("{account_id}", "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d99")
                .replace("{role}", "creator"),
            Some(title) => row.path.replace("{title_id}", title),
            None if row.path.contains('{') => {
                // A title with an open upload of its own for each call: some calls change it.
                let uploaded = owner.send_parts("The matrix", film).await;
                open = Some(format!("/api/uploads/{}", uploaded.upload_id));
                row.path
                    .replace("{title_id}", &uploaded.title_id)
                    .replace("{upload_id}", &uploaded.upload_id)
                    // There is none.
                    .replace("{experiment_id}", &uploaded.title_id)
            }
            None => row.path.to_owned(),
        };
        let fault = row.fault(&actors[name], &path, expected).await;
        if let Some(upload) = open {
            // An account may have only so many open uploads; the call may have ended this one already.
            let _ = owner.delete(&upload).await;
        }

        fault.map(|fault| format!("{} {} ({}) as {name}: {fault}", row.method, row.path, row.title))
    }
}

/// All actors of the matrix: a stranger, the members with these addresses, an admin, and admins whose power has ended.
async fn sign_all_in(marquee: &Marquee, members: &[(&'static str, String)]) -> HashMap<&'static str, Actor> {
    let admin = marquee.admin().await;
    let mut actors = HashMap::from([
        ("stranger", marquee.stranger()),
        ("id_token", admin.with_claims(to_id_token)),
        (
            "expired",
            admin.with_claims(|claims| claims["exp"] = json!(1_700_000_000)),
        ),
        ("admin", admin),
    ]);
    for (name, email) in members {
        actors.insert(*name, marquee.sign_in(email, PASSWORD).await);
    }
    for (name, end) in ["removed", "disabled", "deleted"].into_iter().zip(Revocation::ALL) {
        let actor = marquee.newcomer_in_group("admin").await;
        marquee.revoke(&actor, end).await;
        actors.insert(name, actor);
    }

    actors
}

/// An id token, which the authorizer takes as well.
fn to_id_token(claims: &mut Value) {
    let client = claims["client_id"].take();
    claims["aud"] = client;
    claims["token_use"] = json!("id");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_with_other_claims_is_signed_well() {
    let marquee = Marquee::running();
    let viewer = marquee.viewer().await;

    // Or the matrix would take a bad signature for an expired token.
    viewer.with_claims(|_| ()).get("/api/me").await.done(200);
    let hour_ago = |claims: &mut Value| claims["exp"] = json!(claims["iat"].as_u64().expect("a time") - 3_600);
    viewer.with_claims(hour_ago).get("/api/me").await.refused(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_power_of_an_admin_is_gone_ten_seconds_after_it_is_taken_away() {
    let marquee = Marquee::running();
    let owner = marquee.creator().await;
    let film = films::film(320, 180, 2);
    let title = published(&owner, &film, "private").await;
    let admin_rows: Vec<Row> = rows().into_iter().filter(only_for_admins).collect();
    assert!(admin_rows.len() > 4, "the matrix has routes for admins");

    for end in Revocation::ALL {
        let admin = marquee.newcomer_in_group("admin").await;
        // The functions remember who this is.
        for path in ["/api/titles?state=failed", "/api/admin/recommender/status", "/api/me"] {
            admin.get(path).await.done(200);
        }
        let playback = format!("/api/titles/{title}/playback");
        admin.post(&playback, &json!({"renewable": true})).await.done(201);

        marquee.revoke(&admin, end).await;
        let ended = Instant::now();
        let refused = if end == Revocation::Removed { 403 } else { 401 };
        wait_until_revoked(ended, async || {
            let answers = [
                admin.get("/api/titles?state=failed").await,
                admin.get("/api/admin/recommender/status").await,
            ];

            answers.iter().all(|answer| answer.status == refused)
        })
        .await;

        for row in &admin_rows {
            let path = ["{title_id}", "{experiment_id}", "{account_id}"]
                .iter()
                .fold(row.path.replace("{role}", "creator"), |path, name| {
                    path.replace(name, &title)
                });
            let fault = row.fault(&admin, &path, refused).await;
            assert_eq!(fault, None, "{} {path} after {end:?}", row.method);
        }
        let (hidden, member) = if end == Revocation::Removed {
            (404, 403)
        } else {
            (401, 401)
        };
        let change = json!({"name": "Mine now", "version": 1});
        admin.post(&playback, &json!({"renewable": true})).await.refused(hidden);
        admin
            .patch(&format!("/api/titles/{title}"), &change)
            .await
            .refused(hidden);
        admin
            .post("/api/titles", &json!({"name": "Mine"}))
            .await
            .refused(member);
        if end != Revocation::Removed {
            admin.get("/api/me").await.refused(401);
        }
    }
}

/// Whether a row is refused to everybody but admins.
fn only_for_admins(row: &Row) -> bool {
    let status = |actor| {
        row.statuses
            .iter()
            .find(|(name, _)| *name == actor)
            .expect("an actor")
            .1
    };

    row.path.starts_with("/api/admin/") && status("owner") == 403 && status("admin") != 403
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_admin_archives_only_an_admin_restores() {
    let marquee = Marquee::running();
    let (owner, admin) = (marquee.creator().await, marquee.admin().await);
    let title = published(&owner, &films::film(320, 180, 2), "unlisted").await;
    let path = format!("/api/titles/{title}");
    let restore = format!("{path}/restore");

    admin.delete(&path).await.done(204);
    let refused = owner.post(&restore, &json!({})).await.problem(403);
    let words = refused["detail"].as_str().expect("words");
    assert!(words.contains("an administrator archived this title"), "{words}");
    let restored = admin.post(&restore, &json!({})).await.json();
    assert_eq!(restored["state"], "published");

    owner.delete(&path).await.done(204);
    owner.post(&restore, &json!({})).await.done(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creator_whose_role_is_taken_away_uploads_and_shows_nothing_more() {
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let film = films::film(320, 180, 2);
    let private = published(&creator, &film, "private").await;
    let private = format!("/api/titles/{private}");
    let uploaded = creator.send_parts("The last one", &film).await;

    marquee
        .cognito()
        .await
        .admin_remove_user_from_group()
        .user_pool_id(marquee.user_pool())
        .username(creator.account_id())
        .group_name("creator")
        .send()
        .await
        .expect("AdminRemoveUserFromGroup");
    let ended = Instant::now();
    // A part too many: for as long as that function knows the role, nothing is completed.
    let mut too_many = uploaded.clone();
    let parts = too_many.completion["parts"].as_array_mut().expect("parts");
    let mut part = parts[0].clone();
    part["part_number"] = json!(parts.len() + 1);
    parts.push(part);
    wait_until_revoked(ended, async || {
        let answers = [
            creator.post("/api/titles", &json!({"name": "One more"})).await,
            creator.complete(&too_many).await,
        ];

        answers.iter().all(|answer| answer.status == 403)
    })
    .await;
    creator.complete(&uploaded).await.refused(403);

    let version = creator.get(&private).await.json()["version"].clone();
    let wider = json!({"visibility": "public", "version": version});
    creator.patch(&private, &wider).await.refused(403);
    creator.delete(&private).await.done(204);
    creator
        .post(&format!("{private}/restore"), &json!({}))
        .await
        .refused(403);

    // What is theirs stays theirs.
    let title = format!("/api/titles/{}", uploaded.title_id);
    creator.get(&title).await.done(200);
    creator
        .delete(&format!("/api/uploads/{}", uploaded.upload_id))
        .await
        .done(204);
}
