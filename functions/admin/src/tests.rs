//! What this area refuses before it calls a service, and that the samples are accepted.

use std::time::Duration;

use adapters::{
    aws::{self, SdkConfig},
    cognito::UserPool,
    dynamodb::Table,
    playback_keys::SigningKeys,
    revocations::Revocations,
};
use domain::{
    account::{AccountStatus, Role},
    playback_keys::KeyRing,
};
use kernel::{Timestamp, id::AccountId};
use runtime::http::testing::{Api, Services};
use serde_json::json;
use services::AccountStatuses;

use crate::{Context, routes, samples};

const ID: &str = "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11";
const ACCOUNT: &str = "/api/admin/accounts/0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11";

/// All routes of the area, without services: a request that is accepted is answered with 503.
fn api() -> Api {
    Api::new(context(&aws::offline()), routes())
}

fn context(aws: &SdkConfig) -> Context {
    Context::new(
        &Table::new(aws, "marquee"),
        UserPool::new(aws, "us-east-1_EXAMPLE01"),
        SigningKeys::new(aws, "/marquee/playback-keys"),
        Revocations::new(aws, "arn:aws:cloudfront::123456789012:key-value-store/keys"),
    )
}

/// The parameter with the signing keys, and the edge's key value store.
async fn keys_and_edge() -> Services {
    let ring = KeyRing::new("a".into(), "b".into(), "v".into(), Timestamp::UNIX_EPOCH);
    let parameter = json!({ "Parameter": { "Value": serde_json::to_string(&ring).unwrap() } });

    Services::answering(move |call| match call.name.as_str() {
        "GetParameter" => (200, parameter.to_string()),
        _ => (200, "{}".to_owned()),
    })
    .await
}

#[tokio::test]
async fn the_samples_are_accepted() {
    api().accepts(samples()).await;
}

#[tokio::test]
async fn every_route_refuses_strangers() {
    api().refuses_strangers_except_at(&[]).await;
}

#[tokio::test]
async fn only_a_current_admin_is_admitted() {
    let api = api();

    for operation in api.operations(samples()) {
        for (actor, status) in [
            (api.viewer(), 403),
            (api.creator(), 403),
            (api.admin().with_status(AccountStatus::Active(vec![Role::Creator])), 403),
            (api.admin().with_status(AccountStatus::Disabled), 401),
            (api.admin().with_status(AccountStatus::Deleted), 401),
        ] {
            actor.request(&operation, None).await.refused(status);
        }
    }
}

#[tokio::test]
async fn only_the_roles_creator_and_admin_are_granted_and_taken() {
    let api = api();
    let admin = api.admin();

    admin
        .put(&format!("{ACCOUNT}/roles/viewer"), json!({}))
        .await
        .refused(400);
    admin.delete(&format!("{ACCOUNT}/roles/viewer")).await.refused(400);
    admin
        .put(&format!("{ACCOUNT}/roles/owner"), json!({}))
        .await
        .refused(404);
    admin
        .put(&format!("{ACCOUNT}/roles/creator"), json!({}))
        .await
        .refused(503);
}

#[tokio::test]
async fn links_that_are_signed_with_a_cached_status_are_revoked_too() {
    let services = keys_and_edge().await;
    let taken_at = Timestamp::from_second(1_800_000_000).unwrap();

    context(&aws::at(&services.url))
        .revoke_links(AccountId::mint(taken_at), taken_at)
        .await
        .unwrap();

    let calls = services.calls();
    let write = calls.iter().find(|call| call.body["Puts"].is_array()).unwrap();
    let since = write.body["Puts"][0]["Value"].as_str().unwrap();
    let since: i64 = since.parse().unwrap();
    let later = Duration::from_millis((since - taken_at.as_millisecond()).unsigned_abs());
    assert!(
        later > AccountStatuses::MAX_AGE && later <= Duration::from_secs(10),
        "links of {later:?} after the request are refused"
    );
}

#[tokio::test]
async fn a_contradiction_by_another_admin_at_the_same_moment_is_a_conflict() {
    let ring = KeyRing::new("a".into(), "b".into(), "v".into(), Timestamp::UNIX_EPOCH);
    let ring = serde_json::to_string(&ring).unwrap();
    for (action, disabled_at, status) in [
        ("disable", None, 409),
        ("disable", Some("2026-11-20T00:00:00Z"), 204),
        ("enable", Some("2026-11-20T00:00:00Z"), 409),
        ("enable", None, 204),
    ] {
        let ring = ring.clone();
        let services = Services::answering(move |call| {
            let mut account = json!({
                "account_id": { "S": ID }, "email": { "S": "ada@example.org" }, "display_name": { "S": "Ada" },
                "created_at": { "S": "1970-01-01T00:00:00Z" }, "version": { "N": "1" },
            });
            if let Some(at) = disabled_at {
                account["disabled_at"] = json!({ "S": at });
            }
            let answer = match call.name.as_str() {
                "GetItem" if call.body["Key"]["sk"]["S"] == "ACCOUNT" => json!({ "Item": account }),
                "AdminGetUser" => json!({
                    "Username": ID, "Enabled": true, "UserStatus": "CONFIRMED", "UserCreateDate": 0,
                    "UserAttributes": [{ "Name": "email", "Value": "ada@example.org" }],
                }),
                "AdminListGroupsForUser" => json!({ "Groups": [] }),
                "GetParameter" => json!({ "Parameter": { "Value": ring } }),
                _ => json!({}),
            };
            (200, answer.to_string())
        })
        .await;
        let api = Api::new(context(&aws::at(&services.url)), routes());

        let reply = api.admin().post(&format!("{ACCOUNT}/{action}"), json!({})).await;

        assert_eq!(reply.status, status, "{action}, disabled_at {disabled_at:?}");
    }
}
