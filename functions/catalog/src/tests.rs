//! What this area refuses before it calls a service, that the samples are accepted, and what titles' owners and admins may change.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use adapters::{
    aws::{self, SdkConfig},
    dynamodb::testing,
};
use domain::account::{AccountStatus, Role};
use runtime::{
    http::testing::{Reply, Services, listen},
    testing::Log,
};
use serde_json::json;

use crate::{
    samples,
    testing::{TITLE, api, api_at, api_with_table},
};

#[tokio::test]
async fn the_samples_are_accepted() {
    api().accepts(samples()).await;
}

/// The route's reply, its number of calls and its log, if the table answers every call with this error.
async fn with_table_error(code: &str, status: u16) -> (Reply, usize, Vec<String>) {
    let (calls, log) = (Arc::new(AtomicUsize::new(0)), Log::begin());
    let counted = Arc::clone(&calls);
    let error = json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "no" }).to_string();
    let aws = aws::answered(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        (status, error.clone())
    });

    let reply = api_at(&aws).viewer().get(TITLE).await;

    (reply, calls.load(Ordering::Relaxed), log.levels())
}

#[tokio::test]
async fn a_permission_error_of_the_table_is_internal_and_not_retried() {
    for (code, status) in [
        ("AccessDeniedException", 400),
        ("ExpiredTokenException", 400),
        ("ResourceNotFoundException", 400),
        ("ValidationException", 400),
    ] {
        let (reply, calls, levels) = with_table_error(code, status).await;

        let problem = reply.refused(500);
        assert_eq!(problem.r#type, "/problems/internal", "{code}");
        assert!(!problem.detail.contains("table"), "{code}: {}", problem.detail);
        assert_eq!(calls, 1, "{code}");
        assert_eq!(levels, ["ERROR"], "{code}");
    }
}

#[tokio::test]
async fn a_throttling_table_is_called_again() {
    for (code, status) in [
        ("ThrottlingException", 400),
        ("ProvisionedThroughputExceededException", 400),
    ] {
        let (reply, calls, levels) = with_table_error(code, status).await;

        assert_eq!(reply.refused(503).r#type, "/problems/unavailable", "{code}");
        assert_eq!(reply.headers["retry-after"], "2", "{code}");
        assert!(calls > 1, "{code}: the SDK asks again, {calls}");
        assert_eq!(levels, ["WARN"], "{code}");
    }
    let (reply, _, levels) = with_table_error("InternalServerError", 500).await;
    reply.refused(503);
    assert!(!reply.headers.contains_key("retry-after"));
    assert_eq!(levels, ["WARN"]);
}

#[tokio::test]
async fn every_route_refuses_strangers() {
    api().refuses_strangers_except_at(&[]).await;
}

#[tokio::test]
async fn only_creators_create_and_only_admins_redrive() {
    api()
        .viewer()
        .post("/api/titles", json!({ "name": "Mine" }))
        .await
        .refused(403);
    api()
        .creator()
        .post(&format!("{TITLE}/redrive"), json!({}))
        .await
        .refused(403);
}

#[tokio::test]
async fn only_admins_list_the_titles_of_others_by_state() {
    api().creator().get("/api/titles?state=failed").await.refused(403);
    api().admin().get("/api/titles?state=failed").await.refused(503);
    api()
        .creator()
        .get("/api/titles?owner=me&state=failed")
        .await
        .refused(503);
}

#[tokio::test]
async fn all_errors_of_a_title_are_reported() {
    let body = json!({
        "name": " ",
        "description": "x".repeat(5_001),
        "genres": ["drama", "Science Fiction"],
        "language": "english",
    });
    let reply = api().creator().post("/api/titles", body).await;

    assert_eq!(reply.pointers(), ["/name", "/description", "/genres/1", "/language"]);
}

#[tokio::test]
async fn an_error_points_at_its_field() {
    for (body, pointer) in [
        (json!({ "name": "a".repeat(201) }), "/name"),
        (json!({ "name": "line\nbreak" }), "/name"),
        (
            json!({ "name": "a", "genres": ["a", "b", "c", "d", "e", "f"] }),
            "/genres",
        ),
        (json!({ "name": "a", "genres": [1] }), "/genres/0"),
        (json!({ "name": "a", "genres": null }), "/genres"),
        (json!({ "name": "a", "visibility": "secret" }), "/visibility"),
        (json!({ "name": "a", "owner": "another" }), "/owner"),
        (json!({ "name": ["a"] }), "/name"),
        (json!({}), "/name"),
    ] {
        let reply = api().creator().post("/api/titles", body.clone()).await;

        assert_eq!(reply.pointers(), [pointer], "{body}");
    }
}

#[tokio::test]
async fn names_may_be_of_any_script() {
    for name in ["日本語の映画", "🎬", "Amélie", "كابوس", "a\u{200d}b"] {
        api()
            .creator()
            .post("/api/titles", json!({ "name": name }))
            .await
            .refused(503);
    }
}

#[tokio::test]
async fn a_change_names_its_version_and_may_remove_the_language() {
    assert_eq!(
        api().creator().patch(TITLE, json!({ "name": "New" })).await.pointers(),
        ["/version"]
    );
    assert_eq!(
        api().creator().patch(TITLE, json!({ "version": -1 })).await.pointers(),
        ["/version"]
    );
    assert_eq!(
        api()
            .creator()
            .patch(TITLE, json!({ "version": 1, "state": "published" }))
            .await
            .pointers(),
        ["/state"]
    );
    api()
        .creator()
        .patch(TITLE, json!({ "version": 1, "language": null }))
        .await
        .refused(503);
}

#[tokio::test]
async fn the_query_is_checked() {
    for query in [
        "owner=you",
        "state=happy",
        "genre=Sci%20Fi",
        "limit=0",
        "colour=red",
        "cursor=nonsense",
        "cursor=",
        "cursor=IiI",
        "genre=a&owner=me",
    ] {
        api().viewer().get(&format!("/api/titles?{query}")).await.refused(400);
    }
}

/// A table whose lists never end and have no matching item; counts the queries.
async fn endless_table() -> (SdkConfig, Arc<AtomicUsize>) {
    let queries = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&queries);
    let answer = axum::routing::post(async move || {
        counted.fetch_add(1, Ordering::Relaxed);
        let place = json!({ "lists_sk": { "S": "2026-11-20T00:00:00.000Z#a" } });
        axum::Json(json!({ "Items": [], "Count": 0, "ScannedCount": 1_000, "LastEvaluatedKey": place }))
    });
    let url = listen(axum::Router::new().route("/", answer)).await;

    (aws::at(url), queries)
}

#[tokio::test]
async fn a_rare_genre_is_not_searched_in_the_whole_catalogue() {
    let (aws, queries) = endless_table().await;

    let page = api_at(&aws).viewer().get("/api/titles?genre=western").await.ok();

    assert!((4..=12).contains(&queries.load(Ordering::Relaxed)), "{queries:?}");
    assert_eq!(page["items"], json!([]));
    assert!(page["next_cursor"].is_string(), "the list continues: {page}");
}

#[tokio::test]
async fn an_owner_cannot_restore_a_title_that_an_admin_archived() {
    let (api, items) = api_with_table().await;
    let (owner, admin) = (api.creator(), api.admin());
    items.publish(owner.account_id());
    let restore = format!("{TITLE}/restore");

    assert_eq!(admin.delete(TITLE).await.status, 204);
    let refused = owner.post(&restore, json!({})).await.refused(403);
    assert!(
        refused.detail.contains("an admin archived this title"),
        "{}",
        refused.detail
    );
    assert_eq!(admin.post(&restore, json!({})).await.ok()["state"], "published");

    assert_eq!(owner.delete(TITLE).await.status, 204);
    assert_eq!(owner.post(&restore, json!({})).await.ok()["state"], "published");
    // The owner archived it first, and still cannot restore it after the admin.
    for actor in [&owner, &admin, &admin] {
        assert_eq!(actor.delete(TITLE).await.status, 204);
    }
    owner.post(&restore, json!({})).await.refused(403);
}

#[tokio::test]
async fn a_former_creator_cannot_show_a_title_to_more_viewers() {
    let (api, items) = api_with_table().await;
    let owner = api.creator();
    items.publish(owner.account_id());
    let former = owner.with_status(AccountStatus::Active(vec![]));

    let private = json!({ "version": 4, "visibility": "private" });
    assert_eq!(former.patch(TITLE, private).await.ok()["visibility"], "private");
    let public = json!({ "version": 5, "visibility": "public" });
    former.patch(TITLE, public).await.refused(403);
    assert_eq!(former.delete(TITLE).await.status, 204);
    former.post(&format!("{TITLE}/restore"), json!({})).await.refused(403);

    let creator = former.with_status(AccountStatus::Active(vec![Role::Creator]));
    creator.post(&format!("{TITLE}/restore"), json!({})).await.ok();
}

#[tokio::test]
async fn the_audit_log_has_an_admins_change_of_visibility() {
    let (api, items) = api_with_table().await;
    let admin = api.admin();
    items.publish(api.creator().account_id());

    let private = json!({ "version": 4, "visibility": "private" });
    admin.patch(TITLE, private).await.ok();
    admin
        .patch(TITLE, json!({ "version": 5, "description": "Corrected." }))
        .await
        .ok();

    let stored = items.0.lock().unwrap();
    let entries = stored.values().filter(|item| item["action"]["S"] == "title_changed");
    let mut details: Vec<_> = entries
        .map(|entry| entry["detail"]["S"].as_str().unwrap_or("none"))
        .collect();
    details.sort_unstable();
    assert_eq!(details, ["none", "public to private"]);
}

#[tokio::test]
async fn an_account_has_a_quota_for_changing_and_restoring_titles() {
    let (api, items) = api_with_table().await;
    let (owner, admin) = (api.creator(), api.admin());
    items.publish(owner.account_id());
    let change = |version: u64| json!({ "version": version, "description": format!("Version {version}.") });

    owner.patch(TITLE, change(4)).await.ok();
    owner.patch(TITLE, change(3)).await.refused(409);
    assert_eq!(owner.delete(TITLE).await.status, 204);
    owner.post(&format!("{TITLE}/restore"), json!({})).await.ok();
    let reply = owner.patch(TITLE, change(7)).await;

    let refused = reply.refused(429);
    assert!(
        refused.detail.contains("this account has changed titles 2 times today"),
        "{}",
        refused.detail
    );
    assert_eq!(reply.headers["retry-after"], "86400", "it is midnight");
    admin.patch(TITLE, change(7)).await.ok();
    assert_eq!(owner.delete(TITLE).await.status, 204, "a film can always be taken down");
    owner.post(&format!("{TITLE}/restore"), json!({})).await.refused(429);
}

#[tokio::test]
async fn a_run_that_began_after_a_title_was_canceled_is_not_stopped() {
    let cancel_again = async |redriven: bool| {
        let reads = AtomicUsize::new(0);
        let services = Services::answering(move |call| {
            let mut title = testing::title("failed");
            title["failure"] = json!({ "M": {
                "error": { "S": "Canceled" }, "sentence": { "S": "It was canceled." }, "step": { "S": "transcode" }, "at": { "S": testing::TIME },
            } });
            let mut asset = testing::asset();
            asset["attempt"] = json!({ "N": "1" });
            let is_title = call.name == "GetItem" && call.body["Key"]["sk"]["S"] == "TITLE";
            if is_title && reads.fetch_add(1, Ordering::Relaxed) > 0 && redriven {
                title["version"] = json!({ "N": "4" });
            }

            call.answer_from(&[title, asset])
        })
        .await;
        let reply = api_at(&aws::at(&services.url))
            .admin()
            .post(&format!("{TITLE}/cancel"), json!({}))
            .await;
        let stops = services
            .calls()
            .iter()
            .filter(|call| call.name == "StopExecution")
            .count();

        (reply.status, stops)
    };

    assert_eq!(cancel_again(false).await, (200, 1), "the execution is stopped again");
    assert_eq!(cancel_again(true).await, (409, 0));
}
