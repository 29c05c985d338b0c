//! What this area refuses before it calls a service, and that the samples are accepted.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use adapters::{
    aws::{self, SdkConfig},
    cognito::{ApiClient, UserPool},
    dynamodb::Table,
};
use domain::{creators::CreatorPolicy, rate_limit::AttemptLimits};
use runtime::http::testing::{Api, Services, condition_failed_on};
use serde_json::{Value, json};
use services::{AccountRegistry, AccountStatuses};

use crate::{AuthLimits, Context, context::STATUS_MAX_AGE, routes, samples};

/// The account in the samples.
const ADA: &str = "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11";

/// All routes of the area, without services: a request that is accepted is answered with 503.
fn api() -> Api {
    Api::new(context(&aws::offline()), routes())
}

pub(crate) fn context(aws: &SdkConfig) -> Context {
    let pool = UserPool::new(aws, "us-east-1_EXAMPLE01");
    let table = Table::new(aws, "marquee");
    let limits = AttemptLimits { caller_factor: 1 };

    Context {
        accounts: table.accounts(),
        registry: AccountRegistry::new(&table, pool.clone(), CreatorPolicy::Approval),
        statuses: AccountStatuses::with_max_age(pool.clone(), STATUS_MAX_AGE),
        ended_sessions: table.ended_sessions(),
        limits: AuthLimits::new(table.rate_limits(), limits, "secret"),
        client: ApiClient::new(pool.clone(), "api", "secret"),
        pool,
    }
}

/// The table's answer for a bucket without tokens.
pub(crate) fn used_up() -> (u16, String) {
    condition_failed_on(&json!({ "full_at_ms": { "N": "4000000000000" }, "expires_at_epoch": { "N": "0" } }))
}

#[tokio::test]
async fn the_samples_are_accepted() {
    api().accepts(samples()).await;
}

#[tokio::test]
async fn only_the_routes_below_auth_are_public() {
    api()
        .refuses_strangers_except_at(&[
            "sign_up",
            "resend_code",
            "confirm_sign_up",
            "forgot_password",
            "reset_password",
            "sign_in",
            "refresh_session",
            "sign_out",
        ])
        .await;
}

#[tokio::test]
async fn a_new_creator_sees_the_role_although_the_roles_are_cached() {
    let approved = Arc::new(AtomicBool::new(false));
    let is_approved = Arc::clone(&approved);
    let services = Services::answering(move |call| {
        let is_approved = is_approved.load(Ordering::Relaxed);
        let epoch = "1970-01-01T00:00:00Z";
        let answer = match (call.name.as_str(), call.body["Key"]["sk"]["S"].as_str()) {
            ("AdminGetUser", _) => json!({ "Username": ADA, "Enabled": true, "UserStatus": "CONFIRMED" }),
            ("AdminListGroupsForUser", _) if is_approved => json!({ "Groups": [{ "GroupName": "creator" }] }),
            ("GetItem", Some("ACCOUNT")) => json!({ "Item": {
                "account_id": { "S": ADA }, "email": { "S": "ada@example.org" }, "display_name": { "S": "Ada" },
                "created_at": { "S": epoch }, "version": { "N": "1" },
            } }),
            ("GetItem", Some("CREATOR_REQUEST")) if is_approved => json!({ "Item": {
                "account_id": { "S": ADA }, "state": { "S": "approved" },
                "asked_at": { "S": epoch }, "decided_at": { "S": epoch }, "version": { "N": "1" },
            } }),
            _ => json!({}),
        };
        (200, answer.to_string())
    })
    .await;
    let api = Api::new(context(&aws::at(&services.url)), routes());
    let event: Value = serde_json::from_str(include_str!("../../../events/api/get-me.json")).unwrap();

    assert_eq!(api.event(&event).await.ok()["roles"], json!([]));
    approved.store(true, Ordering::Relaxed);
    assert_eq!(api.event(&event).await.ok()["roles"], json!(["creator"]));
}

#[tokio::test]
async fn an_account_that_used_up_its_calls_ends_no_sessions() {
    let services = Services::answering(|_| used_up()).await;
    let api = Api::new(context(&aws::at(&services.url)), routes());

    let reply = api.viewer().post("/api/me/sign-out-everywhere", json!({})).await;

    reply.refused(429);
}

#[tokio::test]
async fn an_address_has_no_white_space_and_no_control_characters() {
    for email in ["a b@example.org", "ada@exam\tple.org", "ada\u{7}@example.org"] {
        for path in ["/api/auth/forgot-password", "/api/auth/resend-code"] {
            let reply = api().stranger().post(path, json!({ "email": email })).await;
            assert_eq!(reply.pointers(), ["/email"], "{email:?} at {path}");
        }
    }
}

#[tokio::test]
async fn an_address_that_cognito_refuses_is_answered_like_one_without_an_account() {
    let services = Services::answering(|call| {
        if call.name == "UpdateItem" {
            return (200, "{}".to_owned());
        }
        let refusal = json!({ "__type": "InvalidParameterException", "message": "Value at 'username'" });
        (400, refusal.to_string())
    })
    .await;
    let api = Api::new(context(&aws::at(&services.url)), routes());
    let email = "ada\u{200b}@example.org";

    for path in ["/api/auth/forgot-password", "/api/auth/resend-code"] {
        let reply = api.stranger().post(path, json!({ "email": email })).await;
        assert_eq!(reply.status, 202, "{path}: {}", reply.text());
    }
    let reset = json!({ "email": email, "code": "271828", "password": "correct horse battery staple" });
    let reply = api.stranger().post("/api/auth/reset-password", reset).await;
    assert_eq!(reply.pointers(), ["/code"]);
}

#[tokio::test]
async fn a_sign_up_takes_an_address_and_nothing_else() {
    let sign_up = async |body| api().stranger().post("/api/auth/sign-up", body).await;

    assert_eq!(sign_up(json!({ "email": ".@x.y" })).await.pointers(), ["/email"]);
    let with_password = json!({ "email": "ada@example.org", "password": "correct horse battery staple" });
    assert_eq!(sign_up(with_password).await.pointers(), ["/password"]);
}

#[tokio::test]
async fn all_errors_of_a_confirmation_are_reported_before_the_code_is_used() {
    let body = json!({ "email": "ada", "code": "12345", "password": "short", "display_name": "A\u{7}da" });
    let reply = api().stranger().post("/api/auth/confirm", body).await;

    assert_eq!(reply.pointers(), ["/email", "/code", "/password", "/display_name"]);
}

#[tokio::test]
async fn the_role_of_an_admin_cannot_be_asked_for() {
    let body = json!({
        "email": "ada@example.org", "code": "271828", "password": "correct horse battery staple",
        "display_name": "Ada", "role": "admin",
    });
    let reply = api().stranger().post("/api/auth/confirm", body).await;

    assert_eq!(reply.pointers(), ["/role"]);
}

#[tokio::test]
async fn a_password_is_long_and_no_common_one_wherever_it_is_chosen() {
    for weak in ["elevenchars", "Password12345", "ada.lovelace rules"] {
        let email = "ada.lovelace@example.org";
        let confirm = json!({ "email": email, "code": "271828", "password": weak, "display_name": "Ada" });
        let reset = json!({ "email": email, "code": "271828", "password": weak });

        for (path, body) in [("/api/auth/confirm", confirm), ("/api/auth/reset-password", reset)] {
            let reply = api().stranger().post(path, body).await;
            assert_eq!(reply.pointers(), ["/password"], "{weak} at {path}");
        }
    }
}

#[tokio::test]
async fn a_new_password_differs_from_the_current_one() {
    let same = json!({ "current_password": "correct horse battery", "new_password": "correct horse battery" });
    let reply = api().viewer().put("/api/me/password", same).await;

    assert_eq!(reply.pointers(), ["/new_password"]);
}

#[tokio::test]
async fn a_password_that_cognito_did_not_check_is_not_called_wrong() {
    for (said, status) in [
        ("Incorrect username or password.", 422),
        ("Password attempts exceeded", 429),
    ] {
        let services = Services::answering(move |call| {
            let (status, answer) = match (call.name.as_str(), call.body["Key"]["sk"]["S"].as_str()) {
                // The address was changed at Cognito itself.
                ("GetItem", Some("ACCOUNT")) => (
                    200,
                    json!({ "Item": {
                    "account_id": { "S": ADA }, "email": { "S": "former@example.org" }, "display_name": { "S": "Ada" },
                    "created_at": { "S": "1970-01-01T00:00:00Z" }, "version": { "N": "1" },
                } }),
                ),
                ("AdminGetUser", _) => (
                    200,
                    json!({ "Username": ADA, "Enabled": true, "UserStatus": "CONFIRMED", "UserCreateDate": 0,
                        "UserAttributes": [{ "Name": "email", "Value": "ada@example.org" }] }),
                ),
                ("AdminListGroupsForUser", _) => (200, json!({ "Groups": [] })),
                (name, _) if name.ends_with("InitiateAuth") => {
                    (400, json!({ "__type": "NotAuthorizedException", "message": said }))
                }
                _ => (200, json!({})),
            };
            (status, answer.to_string())
        })
        .await;
        let api = Api::new(context(&aws::at(&services.url)), routes());
        let event: Value = serde_json::from_str(include_str!("../../../events/api/change-password.json")).unwrap();

        let reply = api.event(&event).await;

        reply.refused(status);
        let calls = services.calls();
        assert!(calls.iter().all(|call| call.name != "AdminSetUserPassword"));
        let sign_in = calls.iter().find(|call| call.name.ends_with("InitiateAuth")).unwrap();
        assert_eq!(sign_in.body["AuthParameters"]["USERNAME"], "ada@example.org");
        let given_back = json!("SET full_at_ms = full_at_ms - :every");
        assert!(
            calls.iter().all(|call| call.body["UpdateExpression"] != given_back),
            "a wrong password stays counted"
        );
    }
}

#[tokio::test]
async fn a_change_of_the_password_is_counted_before_the_user_pool_is_called() {
    let services = Services::answering(|call| match call.name.as_str() {
        "UpdateItem" => used_up(),
        // `Member` asks for the status.
        "AdminGetUser" => {
            let user = json!({ "Username": ADA, "Enabled": true, "UserStatus": "CONFIRMED" });
            (200, user.to_string())
        }
        "AdminListGroupsForUser" => (200, json!({ "Groups": [] }).to_string()),
        _ => (200, json!({}).to_string()),
    })
    .await;
    let api = Api::new(context(&aws::at(&services.url)), routes());
    let event: Value = serde_json::from_str(include_str!("../../../events/api/change-password.json")).unwrap();

    api.event(&event).await.refused(429);

    let calls = services.calls();
    let limited = calls.iter().position(|call| call.name == "UpdateItem").unwrap();
    assert_eq!(
        limited,
        calls.len() - 1,
        "nothing follows: {:?}",
        calls.iter().map(|call| &call.name).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_role_that_an_admin_takes_away_while_it_is_asked_for_is_not_kept() {
    let asked = AtomicBool::new(false);
    let services = Services::answering(move |call| {
        let declined = json!({ "Item": {
            "account_id": { "S": ADA }, "state": { "S": "declined" }, "asked_at": { "S": "2026-11-20T00:00:00Z" },
            "version": { "N": "2" },
        } });
        let answer = match call.name.as_str() {
            "TransactWriteItems" => {
                asked.store(true, Ordering::Relaxed);
                json!({})
            }
            "GetItem" if asked.load(Ordering::Relaxed) => declined,
            "AdminGetUser" => json!({ "Username": ADA, "Enabled": true, "UserStatus": "CONFIRMED" }),
            "AdminListGroupsForUser" => json!({ "Groups": [] }),
            _ => json!({}),
        };
        (200, answer.to_string())
    })
    .await;
    let aws = aws::at(&services.url);
    let cx = Context {
        registry: AccountRegistry::new(
            &Table::new(&aws, "marquee"),
            UserPool::new(&aws, "us-east-1_EXAMPLE01"),
            CreatorPolicy::Open,
        ),
        ..context(&aws)
    };
    let event: Value = serde_json::from_str(include_str!("../../../events/api/request-creator.json")).unwrap();

    Api::new(cx, routes()).event(&event).await.refused(409);

    let calls = services.calls();
    let changes = calls.iter().map(|call| call.name.as_str());
    let changes: Vec<_> = changes.filter(|name| name.ends_with("Group")).collect();
    assert_eq!(changes, ["AdminAddUserToGroup", "AdminRemoveUserFromGroup"]);
}

#[tokio::test]
async fn an_invalid_token_refreshes_nothing_and_ends_nothing() {
    let body = || json!({ "refresh_token": "not one" });

    api().stranger().post("/api/auth/refresh", body()).await.refused(401);
    // They have the form of a token but are not ours, so neither the table nor Cognito is asked about them.
    let long = format!("{}.proof.a.b.c", "s".repeat(2_100));
    for forged in ["session.proof.a.b.c", &long] {
        let body = json!({ "refresh_token": forged });
        api().stranger().post("/api/auth/refresh", body).await.refused(401);
    }
    let forged = || json!({ "refresh_token": "session.proof.a.b.c" });
    assert_eq!(api().stranger().post("/api/auth/sign-out", forged()).await.status, 204);
    assert_eq!(api().stranger().post("/api/auth/sign-out", body()).await.status, 204);
}

#[tokio::test]
async fn a_cookie_is_for_pages_of_this_site() {
    let with_cookie = |site: &'static str| {
        let api = api();
        async move {
            let stranger = api.stranger().with_header("cookie", "marquee-session=not one");
            let stranger = stranger.with_header("sec-fetch-site", site);
            stranger.post("/api/auth/refresh", json!({})).await.status
        }
    };

    assert_eq!(with_cookie("same-origin").await, 401);
    assert_eq!(with_cookie("cross-site").await, 403);
    assert_eq!(with_cookie("same-site").await, 403);

    let body = json!({ "email": "ada@example.org", "password": "correct horse battery staple", "session": "cookie" });
    api().stranger().post("/api/auth/sign-in", body).await.refused(403);
}
