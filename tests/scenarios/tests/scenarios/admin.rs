//! Admins grant and take roles, disable accounts, decide who becomes a creator, and see all of this in the audit log.

use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::join;
use jiff::Timestamp;
use marquee_scenario_tests::{
    Marquee,
    people::{Actor, PASSWORD},
    wait,
};
use serde_json::{Value, json};

/// The deadline after which a revoked role or account is refused everywhere.
const REVOCATION_DEADLINE: Duration = Duration::from_secs(10);
/// A timeout for a granted role to take effect: no requirement sets a deadline.
const GRANT_TIMEOUT: Duration = Duration::from_mins(1);

fn account(actor: &Actor) -> String {
    format!("/api/admin/accounts/{}", actor.account_id())
}

/// The lines of the audit log that match a query, newest first.
async fn lines(admin: &Actor, query: &str) -> Vec<Value> {
    let page = admin.get(&format!("/api/admin/audit?{query}")).await.json();

    page["items"].as_array().expect("lines").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_granted_and_taken_within_ten_seconds() {
    let marquee = Marquee::running();
    let (admin, person) = (marquee.admin().await, marquee.viewer().await);
    let role = format!("{}/roles/creator", account(&person));
    let create = async || {
        person
            .post("/api/titles", &json!({"name": "Mine"}))
            .await
            .status
            .as_u16()
    };

    assert_eq!(create().await, 403);
    admin.put(&role, &json!({})).await.done(204);
    wait::until("the role is effective", GRANT_TIMEOUT, async || {
        (create().await == 201).then_some(())
    })
    .await;
    assert_eq!(admin.get(&account(&person)).await.json()["roles"], json!(["creator"]));
    assert_eq!(person.get("/api/me").await.json()["roles"], json!(["creator"]));

    admin.delete(&role).await.done(204);
    wait::holds_within("the role is gone", REVOCATION_DEADLINE, async || create().await == 403).await;

    let target = format!("target=account:{}", person.account_id());
    let log = lines(&admin, &target).await;
    let actions: Vec<_> = log
        .iter()
        .map(|line| (line["action"].clone(), line["detail"].clone()))
        .collect();
    assert_eq!(
        actions,
        [
            (json!("role_taken"), json!("creator")),
            (json!("role_granted"), json!("creator"))
        ]
    );
    for line in &log {
        assert_eq!(line["actor_id"], admin.account_id());
        assert!(line["address"].is_string() && line["request_id"].is_string(), "{line}");
        assert!(
            line["route"]
                .as_str()
                .is_some_and(|route| route.ends_with("/roles/{role}")),
            "{line}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_account_does_nothing_until_it_is_enabled() {
    let marquee = Marquee::running();
    let (admin, creator) = (marquee.admin().await, marquee.creator().await);
    let title = creator.create_title("Before the end").await;
    creator.get("/api/me").await.done(200);

    admin
        .post(&format!("{}/disable", account(&creator)), &json!({}))
        .await
        .done(204);
    wait::holds_within("it is disabled everywhere", REVOCATION_DEADLINE, async || {
        let me = creator.get("/api/me").await;
        let created = creator.post("/api/titles", &json!({"name": "After it"})).await;

        me.status == 401 && created.status == 401
    })
    .await;
    creator.delete(&format!("/api/titles/{title}")).await.refused(401);
    let credentials = json!({"email": creator.email, "password": PASSWORD});
    marquee
        .stranger()
        .post("/api/auth/sign-in", &credentials)
        .await
        .refused(401);
    let refresh = json!({"refresh_token": creator.refresh_token});
    marquee
        .stranger()
        .post("/api/auth/refresh", &refresh)
        .await
        .refused(401);
    assert_eq!(admin.get(&account(&creator)).await.json()["state"], "disabled");
    let disabled = admin.get("/api/admin/accounts?state=disabled&limit=60").await.json();
    assert!(
        disabled["items"].to_string().contains(&creator.account_id()),
        "{disabled}"
    );

    admin
        .post(&format!("{}/enable", account(&creator)), &json!({}))
        .await
        .done(204);
    let again = marquee.sign_in(&creator.email, PASSWORD).await;
    wait::until("it is in use again", GRANT_TIMEOUT, async || {
        let answer = again.post("/api/titles", &json!({"name": "After all"})).await;

        (answer.status == 201).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_by_the_beginning_of_their_address() {
    let marquee = Marquee::running();
    let (admin, person) = (marquee.admin().await, marquee.viewer().await);
    let start = person.email.split('@').next().expect("an address");

    let found = admin
        .get(&format!("/api/admin/accounts?email={}", start.to_uppercase()))
        .await
        .json();

    assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!(found["items"][0]["account_id"], person.account_id());
    admin.get("/api/admin/accounts?email=%22").await.refused(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_admin_cannot_be_disabled_or_lose_the_role() {
    let marquee = Marquee::running();
    let admin = marquee.admin().await;
    let (one, other) = Box::pin(join(
        marquee.newcomer_in_group("admin"),
        marquee.newcomer_in_group("admin"),
    ))
    .await;

    admin
        .post(&format!("{}/disable", account(&admin)), &json!({}))
        .await
        .refused(409);
    // The last two admins remove each other at once: one is refused, because it is no admin any more, or because the other is leaving.
    let (take_other, take_one) = (
        format!("{}/roles/admin", account(&other)),
        format!("{}/roles/admin", account(&one)),
    );
    mark_others_leaving(&marquee, [&one, &other]).await;
    let (first, second) = join(one.delete(&take_other), other.delete(&take_one)).await;
    clear_leaving(&marquee).await;
    for answer in [&first, &second] {
        assert!([204, 403, 409].contains(&answer.status.as_u16()), "{}", answer.text());
    }
    assert!(first.status != 204 || second.status != 204, "no admin is left");
    admin.get("/api/admin/accounts?role=admin").await.done(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_requester_becomes_a_creator_when_an_admin_approves() {
    let marquee = Marquee::running();
    let (admin, asks, declined) = (marquee.admin().await, marquee.viewer().await, marquee.viewer().await);
    // The test installation approves requests at once, so the test writes waiting requests into the table.
    for person in [&asks, &declined] {
        put_request(&marquee, &person.account_id()).await;
    }
    assert_eq!(asks.get("/api/me").await.json()["creator_request"], "pending");
    let waiting = admin.get("/api/admin/creator-requests?limit=100").await.json();
    assert!(waiting.to_string().contains(&asks.account_id()), "{waiting}");

    let request = |person: &Actor, verb: &str| format!("/api/admin/creator-requests/{}/{verb}", person.account_id());
    asks.post(&request(&asks, "approve"), &json!({})).await.refused(403);
    admin.post(&request(&asks, "approve"), &json!({})).await.done(204);
    admin.post(&request(&asks, "approve"), &json!({})).await.done(204);
    admin.post(&request(&asks, "decline"), &json!({})).await.refused(409);
    admin.post(&request(&declined, "decline"), &json!({})).await.done(204);

    wait::until("the role is effective", GRANT_TIMEOUT, async || {
        let created = asks.post("/api/titles", &json!({"name": "Mine"})).await;

        (created.status == 201).then_some(())
    })
    .await;
    declined
        .post("/api/titles", &json!({"name": "Mine"}))
        .await
        .refused(403);
    let waiting = admin.get("/api/admin/creator-requests?limit=100").await.json();
    assert!(!waiting.to_string().contains(&declined.account_id()), "{waiting}");
    let log = lines(&admin, &format!("target=account:{}", declined.account_id())).await;
    assert_eq!(log[0]["action"], "creator_declined");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_policy_open_a_request_is_approved_at_once() {
    let marquee = Marquee::running();
    let viewer = marquee.viewer().await;
    assert_eq!(viewer.get("/api/me").await.json()["roles"], json!([]));

    let asked = viewer.post("/api/me/creator-request", &json!({})).await.json();

    assert_eq!(asked["state"], "approved");
    let me = viewer.get("/api/me").await.json();
    assert_eq!(me["roles"], json!(["creator"]), "at once");
    // Still with the token of a viewer.
    wait::until("the role is effective", GRANT_TIMEOUT, async || {
        let created = viewer.post("/api/titles", &json!({"name": "Mine"})).await;

        (created.status == 201).then_some(())
    })
    .await;

    // An admin overrules the policy.
    let admin = marquee.admin().await;
    let role = format!("/api/admin/accounts/{}/roles/creator", viewer.account_id());
    admin.delete(&role).await.done(204);
    let again = wait::until("the role is gone", GRANT_TIMEOUT, async || {
        let asked = viewer.post("/api/me/creator-request", &json!({})).await;

        (asked.status == 409).then(|| asked.problem(409))
    })
    .await;
    assert!(again.to_string().contains("you can ask again on"), "{again}");
    admin.put(&role, &json!({})).await.done(204);
    assert_eq!(viewer.get("/api/me").await.json()["creator_request"], "approved");
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_of_admins_and_refused_attempts_are_in_the_audit_log() {
    let marquee = Marquee::running();
    let (admin, owner, stranger) = (marquee.admin().await, marquee.creator().await, marquee.viewer().await);
    let title = owner.create_title("To be changed").await;
    let path = format!("/api/titles/{title}");
    // The table has a person's name from here on.
    admin.get("/api/me").await.done(200);

    owner
        .patch(&path, &json!({"name": "By its owner", "version": 1}))
        .await
        .done(200);
    admin
        .patch(&path, &json!({"name": "By an admin", "version": 2}))
        .await
        .done(200);
    for _ in 0..3 {
        stranger.get("/api/admin/audit").await.refused(403);
    }

    let changes = lines(&admin, &format!("target=title:{title}")).await;
    assert_eq!(
        changes.len(),
        1,
        "the owner's own change is not in the log: {changes:?}"
    );
    assert_eq!(changes[0]["action"], "title_changed");
    assert_eq!(changes[0]["target_name"], "By an admin");
    assert!(changes[0]["actor_name"].is_string(), "{changes:?}");
    let refusals = lines(&admin, &format!("actor={}", stranger.account_id())).await;
    assert_eq!(refusals.len(), 1, "once an hour and route: {refusals:?}");
    assert_eq!(
        (&refusals[0]["action"], &refusals[0]["route"]),
        (&json!("refused"), &json!("GET /api/admin/audit"))
    );
    let today = lines(&admin, "limit=100").await;
    assert!(today.iter().any(|line| line["entry_id"] == changes[0]["entry_id"]));
}

/// Marks all admins but these as leaving, which is valid for a minute.
async fn mark_others_leaving(marquee: &Marquee, staying: [&Actor; 2]) {
    let staying = staying.map(Actor::account_id);
    let now = Timestamp::try_from(SystemTime::now()).expect("a time").to_string();
    let mut admins = marquee
        .cognito()
        .await
        .list_users_in_group()
        .user_pool_id(marquee.user_pool())
        .group_name("admin")
        .into_paginator()
        .items()
        .send();
    let mut leaving = Vec::new();
    while let Some(admin) = admins.next().await {
        let id = admin.expect("ListUsersInGroup").username.expect("a name");
        if !staying.contains(&id) {
            let entry = [("account_id", id), ("since", now.clone())];
            let entry = entry.map(|(name, value)| (name.to_owned(), AttributeValue::S(value)));
            leaving.push(AttributeValue::M(entry.into()));
        }
    }

    let text = |value: &str| AttributeValue::S(value.to_owned());
    let item = [
        ("pk", text("ADMINS")),
        ("sk", text("ADMINS")),
        ("kind", text("admins")),
        ("leaving", AttributeValue::L(leaving)),
        ("version", AttributeValue::N("1".to_owned())),
    ];
    put(marquee, item).await;
}

/// Deletes the marks of leaving admins.
async fn clear_leaving(marquee: &Marquee) {
    let key = AttributeValue::S("ADMINS".to_owned());
    let delete = aws_sdk_dynamodb::Client::new(&marquee.operator().await)
        .delete_item()
        .table_name(table(marquee))
        .key("pk", key.clone())
        .key("sk", key);

    delete.send().await.expect("DeleteItem");
}

/// Writes a waiting request to become a creator into the table.
async fn put_request(marquee: &Marquee, account: &str) {
    let now = "2026-11-20T10:00:00Z";
    let text = |value: String| AttributeValue::S(value);
    let item = [
        ("pk", text(format!("ACCOUNT#{account}"))),
        ("sk", text("CREATOR_REQUEST".to_owned())),
        ("kind", text("creator_request".to_owned())),
        ("account_id", text(account.to_owned())),
        ("state", text("pending".to_owned())),
        ("asked_at", text(now.to_owned())),
        ("version", AttributeValue::N("1".to_owned())),
        ("lists_pk", text("CREATOR_REQUESTS".to_owned())),
        ("lists_sk", text(format!("2026-11-20T10:00:00.000Z#{account}"))),
    ];

    put(marquee, item).await;
}

async fn put<const N: usize>(marquee: &Marquee, item: [(&str, AttributeValue); N]) {
    let put = aws_sdk_dynamodb::Client::new(&marquee.operator().await)
        .put_item()
        .table_name(table(marquee))
        .set_item(Some(item.map(|(name, value)| (name.to_owned(), value)).into()));

    put.send().await.expect("PutItem");
}

fn table(marquee: &Marquee) -> String {
    marquee.outputs()["TableName"].as_str().expect("an output").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_that_changes_while_admins_page_through_a_state_is_not_missed() {
    let marquee = Marquee::running();
    let (admin, creator) = (marquee.admin().await, marquee.creator().await);
    let changed = creator.create_title("Changed in between").await;
    creator.create_title("Newer").await;
    let first = admin.get("/api/titles?state=draft&limit=1").await.json();
    assert_ne!(first["items"][0]["title_id"], json!(changed), "it is further behind");

    // It moves to the beginning of the list, which the admin has already read.
    let change = json!({"version": 1, "description": "Another description."});
    creator
        .patch(&format!("/api/titles/{changed}"), &change)
        .await
        .done(200);

    let mut seen: Vec<Value> = Vec::new();
    let mut cursor = first["next_cursor"].as_str().map(ToOwned::to_owned);
    while let Some(position) = cursor {
        let page = admin
            .get(&format!("/api/titles?state=draft&limit=100&cursor={position}"))
            .await
            .json();
        let ids = page["items"].as_array().expect("titles").iter();
        seen.extend(ids.map(|title| title["title_id"].clone()));
        cursor = page["next_cursor"].as_str().map(ToOwned::to_owned);
    }
    assert!(seen.contains(&json!(changed)));
}
