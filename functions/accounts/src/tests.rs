//! The doors of this area: what is refused before anybody is asked, and that the sample events get through.

use adapters::{
    aws,
    cognito::{ApiClient, UserPool},
    dynamodb::Table,
};
use runtime::http::testing::Api;
use serde_json::json;

use crate::{Context, routes};

/// All routes of the area, with nobody behind them: what gets past the door is answered with 503.
fn api() -> Api {
    let aws = aws::nowhere();
    let pool = UserPool::new(&aws, "us-east-1_EXAMPLE01");
    let context = Context {
        accounts: Table::new(&aws, "marquee").accounts(),
        client: ApiClient::new(pool.clone(), "api"),
        pool,
    };

    Api::new(context, routes())
}

#[tokio::test]
async fn the_samples_get_through_the_door() {
    api()
        .lets_through(&[
            include_str!("../../../events/api/sign-up.json"),
            include_str!("../../../events/api/confirm-sign-up.json"),
            include_str!("../../../events/api/sign-in.json"),
            include_str!("../../../events/api/refresh-session.json"),
            include_str!("../../../events/api/sign-out.json"),
            include_str!("../../../events/api/get-me.json"),
        ])
        .await;
}

#[tokio::test]
async fn a_stranger_is_nobody() {
    api().stranger().get("/api/me").await.refused(401);
}

#[tokio::test]
async fn a_sign_up_is_told_all_that_is_wrong_with_it() {
    let body = json!({ "email": "ada@localhost", "password": "short", "display_name": "A\u{7}da" });
    let reply = api().stranger().post("/api/auth/sign-up", body).await;

    assert_eq!(reply.pointers(), ["/email", "/password", "/display_name"]);
}

#[tokio::test]
async fn nobody_signs_up_as_an_admin() {
    let body = json!({
        "email": "ada@example.org", "password": "Correct-Horse-7", "display_name": "Ada", "role": "admin",
    });
    let reply = api().stranger().post("/api/auth/sign-up", body).await;

    assert_eq!(reply.pointers(), ["/role"]);
}

#[tokio::test]
async fn a_password_is_bounded_but_may_be_of_any_letters() {
    let sign_up = async |password: &str| {
        let body = json!({ "email": "ada@example.org", "password": password, "display_name": "Ada" });
        api().stranger().post("/api/auth/sign-up", body).await
    };

    assert_eq!(sign_up(&"é".repeat(257)).await.pointers(), ["/password"]);
    assert_eq!(sign_up("Tab\tin-the-middle-7").await.pointers(), ["/password"]);
    assert_eq!(sign_up(" Space-before-it-7").await.pointers(), ["/password"]);
    sign_up("Пароль-из-букв-7").await.refused(503);
}

#[tokio::test]
async fn a_code_is_six_digits() {
    for code in ["", "12345", "1234567", "12345x", "１２３４５６"] {
        let body = json!({ "email": "ada@example.org", "code": code });
        let reply = api().stranger().post("/api/auth/confirm", body).await;

        assert_eq!(reply.pointers(), ["/code"], "{code}");
    }
}

#[tokio::test]
async fn what_is_no_token_refreshes_nothing_and_ends_nothing() {
    let body = || json!({ "refresh_token": "not one" });

    api().stranger().post("/api/auth/refresh", body()).await.refused(401);
    assert_eq!(api().stranger().post("/api/auth/sign-out", body()).await.status, 204);
}
