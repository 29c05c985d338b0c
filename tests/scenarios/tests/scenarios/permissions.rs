//! The permission matrix (`tests/contracts/permissions.tsv`), sent row by row to a running Marquee: the answers to strangers, viewers,
//! creators, owners and admins, and to callers with a revoked power or an invalid token; for titles in every state.

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
    watching::{PUBLISH_TIMEOUT, TOKEN_MAX_AGE},
};
use reqwest::Method;
use serde_json::{Value, json};

const MATRIX: &str = include_str!("../../../contracts/permissions.tsv");
/// How long an instance of a function may cache a revoked power (`AccountStatuses::MAX_AGE`). Instances have caches of their own, so one
/// refusal does not mean that the next call is refused.
const MAX_CACHE_AGE: Duration = Duration::from_secs(5);
/// The number of refused requests that are sent at the same time.
const CONCURRENCY: usize = 4;
/// The deadline after which every instance refuses a revoked power.
const REVOCATION_DEADLINE: Duration = Duration::from_secs(10);

/// Waits until every instance refuses a power that was revoked at `revoked_at`.
async fn wait_until_revoked(revoked_at: Instant, mut is_refused: impl AsyncFnMut() -> bool) {
    wait::until("the power is revoked everywhere", Duration::from_mins(2), async || {
        // The time of sending counts, since the duration of the answer depends on the machine.
        let sent = revoked_at.elapsed();
        let refused = is_refused().await;
        assert!(
            refused || sent < REVOCATION_DEADLINE,
            "it was not refused {sent:?} after the revocation"
        );

        (refused && sent >= MAX_CACHE_AGE).then_some(())
    })
    .await;
}

struct Row {
    method: Method,
    path: &'static str,
    body: Option<Value>,
    /// The state of the title, for routes with a title.
    title: &'static str,
    /// The expected status for each actor of the matrix's first line.
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
    // This row makes the viewer a creator, so it has to be the last.
    rows.sort_by_key(|row| row.path == "/api/me/creator-request");

    rows
}

impl Row {
    /// The actual answer to `actor`, if its status is not the expected one.
    async fn fault(&self, actor: &Actor, path: &str, expected: u16) -> Option<String> {
        let mut body = self.body.clone();
        // Each call uses an address of its own, since the calls for one address are limited.
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

/// Publishes a title with a visibility.
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
async fn every_actor_gets_the_status_of_the_matrix() {
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
        let test = RowTest {
            row: &row,
            actors: &actors,
            titles: &titles,
            film: &film,
        };
        // Refused requests come first, since an allowed one may change the state on which the refusal depends. They change nothing, so
        // they run concurrently.
        let (refused, allowed): (Vec<_>, Vec<_>) = row.statuses.iter().partition(|(_, status)| *status >= 400);
        let refused: Vec<_> = refused.into_iter().map(|case| test.fault(case)).collect();
        wrong.extend(stream::iter(refused).buffered(CONCURRENCY).collect::<Vec<_>>().await);
        for case in allowed {
            wrong.push(test.fault(case).await);
            if row.title == "archived" && row.path.ends_with("/restore") {
                // Later rows need an archived title too.
                let archived = format!("/api/titles/{}", titles["archived"]);
                actors["owner"].delete(&archived).await.done(204);
            }
        }
    }

    let wrong: Vec<_> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A row, and the actors and titles to test it with.
struct RowTest<'a> {
    row: &'a Row,
    actors: &'a HashMap<&'static str, Actor>,
    titles: &'a HashMap<&'static str, String>,
    film: &'a Path,
}

impl RowTest<'_> {
    /// A description of the actual answer to an actor, if its status is not the expected one.
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
            // No account has this id.
            _ if row.path.contains("{account_id}") => row
                .path
                .replace("{account_id}", "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d99")
                .replace("{role}", "creator"),
            Some(title) => row.path.replace("{title_id}", title),
            None if row.path.contains('{') => {
                // Each call uses a title with an open upload of its own, since some calls change it.
                let uploaded = owner.send_parts("The matrix", film).await;
                open = Some(format!("/api/uploads/{}", uploaded.upload_id));
                row.path
                    .replace("{title_id}", &uploaded.title_id)
                    .replace("{upload_id}", &uploaded.upload_id)
                    // No experiment has this id.
                    .replace("{experiment_id}", &uploaded.title_id)
            }
            None => row.path.to_owned(),
        };
        let fault = row.fault(&actors[name], &path, expected).await;
        if let Some(upload) = open {
            // The open uploads of an account are limited. The call may have ended this one already.
            let _ = owner.delete(&upload).await;
        }

        fault.map(|fault| format!("{} {} ({}) as {name}: {fault}", row.method, row.path, row.title))
    }
}

/// All actors of the matrix: a stranger, the members with these addresses, an admin, and admins whose power is revoked.
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
    for (name, revocation) in ["removed", "disabled", "deleted"].into_iter().zip(Revocation::ALL) {
        let actor = marquee.newcomer_in_group("admin").await;
        marquee.revoke(&actor, revocation).await;
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
async fn a_token_with_other_claims_has_a_valid_signature() {
    let marquee = Marquee::running();
    let viewer = marquee.viewer().await;

    // Otherwise the matrix would test a bad signature instead of an expired token.
    viewer.with_claims(|_| ()).get("/api/me").await.done(200);
    let hour_ago = |claims: &mut Value| claims["exp"] = json!(claims["iat"].as_u64().expect("a time") - 3_600);
    viewer.with_claims(hour_ago).get("/api/me").await.refused(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_power_of_an_admin_has_no_effect_ten_seconds_after_its_revocation() {
    let marquee = Marquee::running();
    let owner = marquee.creator().await;
    let film = films::film(320, 180, 2);
    let title = published(&owner, &film, "private").await;
    let admin_rows: Vec<Row> = rows().into_iter().filter(only_for_admins).collect();
    assert!(admin_rows.len() > 4, "the matrix has routes for admins");

    for revocation in Revocation::ALL {
        let admin = marquee.newcomer_in_group("admin").await;
        // The functions cache the roles.
        for path in ["/api/titles?state=failed", "/api/admin/recommender/status", "/api/me"] {
            admin.get(path).await.done(200);
        }
        let playback = format!("/api/titles/{title}/playback");
        admin.post(&playback, &json!({"renewable": true})).await.done(201);

        marquee.revoke(&admin, revocation).await;
        let revoked_at = Instant::now();
        let refused = if revocation == Revocation::Removed { 403 } else { 401 };
        wait_until_revoked(revoked_at, async || {
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
            assert_eq!(fault, None, "{} {path} after {revocation:?}", row.method);
        }
        let (hidden, member) = if revocation == Revocation::Removed {
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
        if revocation != Revocation::Removed {
            admin.get("/api/me").await.refused(401);
        }
    }
}

/// Whether only admins may call a row's route.
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
async fn only_an_admin_restores_a_title_that_an_admin_archived() {
    let marquee = Marquee::running();
    let (owner, admin) = (marquee.creator().await, marquee.admin().await);
    let title = published(&owner, &films::film(320, 180, 2), "unlisted").await;
    let path = format!("/api/titles/{title}");
    let restore = format!("{path}/restore");

    admin.delete(&path).await.done(204);
    let refused = owner.post(&restore, &json!({})).await.problem(403);
    let detail = refused["detail"].as_str().expect("a detail");
    assert!(detail.contains("an admin archived this title"), "{detail}");
    let restored = admin.post(&restore, &json!({})).await.json();
    assert_eq!(restored["state"], "published");

    owner.delete(&path).await.done(204);
    owner.post(&restore, &json!({})).await.done(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_former_creator_cannot_upload_or_widen_a_titles_audience() {
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
    let revoked_at = Instant::now();
    // With an unknown part, a function that still has the role in its cache completes nothing.
    let mut too_many = uploaded.clone();
    let parts = too_many.completion["parts"].as_array_mut().expect("parts");
    let mut part = parts[0].clone();
    part["part_number"] = json!(parts.len() + 1);
    parts.push(part);
    wait_until_revoked(revoked_at, async || {
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

    // They keep access to their own titles and uploads.
    let title = format!("/api/titles/{}", uploaded.title_id);
    creator.get(&title).await.done(200);
    creator
        .delete(&format!("/api/uploads/{}", uploaded.upload_id))
        .await
        .done(204);
}
