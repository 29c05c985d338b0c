//! HTTP as a client sees it, through API Gateway's event.

use axum::Json;
use domain::{
    account::{AccountStatus, Role},
    audit::AuditEntry,
};
use kernel::id::TitleId;
use lambda_http::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Accounts, Admin, Audited, Body, Creator, FieldErrors, Limit, Member, Path, Problem, Query, Request, Viewer,
    testing::Api,
};
use crate::testing::Log;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewThing {
    name: String,
    sizes: Vec<u8>,
}

impl Request for NewThing {
    type Valid = (String, Vec<u8>);

    fn parse(self) -> Result<Self::Valid, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.check("/name", kernel::text::line(&self.name, 8));
        let sizes = errors.check(
            "/sizes",
            if self.sizes.is_empty() {
                Err("must not be empty")
            } else {
                Ok(self.sizes)
            },
        );

        match (name, sizes) {
            (Some(name), Some(sizes)) => Ok((name, sizes)),
            _ => Err(errors),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    #[serde(default)]
    limit: Limit,
}

#[derive(Clone)]
struct Context;

impl Accounts for Context {
    async fn status(&self, _id: kernel::id::AccountId) -> Result<AccountStatus, Problem> {
        Err(Problem::unavailable("the user pool is offline"))
    }
}

impl Audited for Context {
    async fn record_refusal(&self, _entry: AuditEntry) -> Result<(), Problem> {
        Err(Problem::unavailable("the audit log is offline"))
    }
}

#[utoipa::path(post, path = "/things", responses((status = 200)))]
async fn create(_: Creator, Body((name, sizes)): Body<NewThing>) -> Json<Value> {
    Json(json!({ "name": name, "sizes": sizes }))
}

#[utoipa::path(get, path = "/things", responses((status = 200)))]
async fn list(_: Viewer, Query(filter): Query<Filter>) -> Json<Value> {
    Json(json!(filter.limit.get()))
}

#[utoipa::path(get, path = "/things/{id}", responses((status = 200)))]
async fn get(Path(id): Path<TitleId>) -> Json<Value> {
    Json(json!(id))
}

#[utoipa::path(delete, path = "/things/{id}", responses((status = 200)))]
async fn delete(_: Admin) -> Result<(), Problem> {
    Err(Problem::internal("the password is swordfish"))
}

#[utoipa::path(patch, path = "/things/{id}", responses((status = 200)))]
async fn change(Member(person): Member) -> Json<Value> {
    Json(json!(person.roles))
}

#[utoipa::path(put, path = "/things/{id}", responses((status = 200)))]
async fn watch(Viewer(person): Viewer) -> Json<Value> {
    Json(json!(person.roles))
}

#[utoipa::path(get, path = "/panic", responses((status = 200)))]
async fn panics() {
    panic!("the password is swordfish");
}

fn router() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(get, delete, change, watch))
        .routes(routes!(panics))
}

fn api() -> Api {
    Api::new(Context, router())
}

#[tokio::test]
async fn permissions_are_checked_before_the_body() {
    let api = api();

    assert_eq!(
        api.stranger().get("/api/things").await.refused(401).r#type,
        "/problems/unauthorized"
    );
    api.viewer().post("/api/things", json!({})).await.refused(403);
    api.creator().delete("/api/things/1").await.refused(403);
    api.viewer().get("/api/things").await.ok();
    api.admin()
        .post("/api/things", json!({ "name": "a", "sizes": [1] }))
        .await
        .ok();
}

#[tokio::test]
async fn the_status_that_is_looked_up_counts_and_not_the_token() {
    let (api, thing) = (api(), "/api/things/1");
    let removed = || api.admin().with_status(AccountStatus::Active(vec![]));

    removed().delete(thing).await.refused(403);
    removed().post("/api/things", json!({})).await.refused(403);
    assert_eq!(removed().put(thing, json!({})).await.ok(), json!([]));
    for ended in [AccountStatus::Disabled, AccountStatus::Deleted] {
        api.admin().with_status(ended.clone()).delete(thing).await.refused(401);
        api.admin()
            .with_status(ended.clone())
            .put(thing, json!({}))
            .await
            .refused(401);
        let body = json!({});
        api.creator()
            .with_status(ended.clone())
            .post("/api/things", body)
            .await
            .refused(401);
        api.viewer()
            .with_status(ended)
            .patch(thing, json!({}))
            .await
            .refused(401);
    }

    // A token from before the role was granted.
    let body = json!({ "name": "a", "sizes": [1] });
    let granted = api.viewer().with_status(AccountStatus::Active(vec![Role::Creator]));
    granted.post("/api/things", body).await.ok();
    assert_eq!(granted.patch(thing, json!({})).await.ok(), json!(["creator"]));
}

#[tokio::test]
async fn a_viewer_is_not_looked_up_and_a_failed_look_up_gives_no_permission() {
    let api = api();
    let unknown = |roles: &str| {
        json!({
            "version": "2.0",
            "rawPath": "/api/things/1",
            "headers": {},
            "requestContext": {
                "http": { "method": "PUT", "path": "/api/things/1" },
                "authorizer": { "jwt": { "claims": {
                    "sub": "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11", "token_use": "access", "cognito:groups": roles,
                } } },
            },
        })
    };

    assert_eq!(api.event(&unknown("[creator]")).await.ok(), json!([]));
    api.event(&unknown("[admin]")).await.refused(503);
}

#[tokio::test]
async fn the_log_line_of_a_write_names_actor_and_target_and_that_of_a_read_does_not() {
    let (id, thing) = (
        "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11",
        "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d12",
    );
    let call = |method: &str| {
        json!({
            "version": "2.0",
            "rawPath": format!("/api/things/{thing}"),
            "headers": {},
            "requestContext": {
                "http": { "method": method, "path": format!("/api/things/{thing}") },
                "authorizer": { "jwt": { "claims": { "sub": id, "token_use": "access" } } },
            },
        })
    };
    let log = Log::begin();

    api().event(&call("PUT")).await.ok();
    api().event(&call("DELETE")).await.refused(403);
    api().event(&call("GET")).await.ok();

    let lines = log.lines().into_iter().filter(|line| line["method"].is_string());
    let lines: Vec<_> = lines.collect();
    for (line, method) in lines.iter().zip(["PUT", "DELETE"]) {
        assert_eq!(
            (&line["method"], &line["actor.id"], &line["target.id"]),
            (&json!(method), &json!(id), &json!(thing))
        );
    }
    assert_eq!(lines[2]["method"], "GET");
    assert_eq!(
        (&lines[2]["actor.id"], &lines[2]["target.id"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn an_id_token_is_not_an_access_token() {
    let event = json!({
        "version": "2.0",
        "rawPath": "/api/things",
        "headers": {},
        "requestContext": {
            "http": { "method": "GET", "path": "/api/things" },
            "authorizer": { "jwt": { "claims": {
                "sub": "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11", "token_use": "id",
            } } },
        },
    });

    assert_eq!(
        api().event(&event).await.refused(401).detail,
        "send the access token, not another one"
    );
}

#[tokio::test]
async fn all_invalid_fields_are_named_at_once() {
    let problem = api()
        .creator()
        .post("/api/things", json!({ "name": " ", "sizes": [] }))
        .await
        .refused(422);

    let pointers: Vec<_> = problem.errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/name", "/sizes"]);
}

#[tokio::test]
async fn the_error_of_a_value_of_the_wrong_type_has_its_pointer() {
    let bodies = [
        (
            json!({ "name": "a", "sizes": [1, 999] }),
            "/sizes/1",
            "must be a whole number from 0 to 255",
        ),
        (json!({ "name": 7, "sizes": [1] }), "/name", "must be a text"),
        (json!({ "sizes": [1] }), "/name", "is required"),
        (
            json!({ "name": "a", "sizes": [1], "a/b": 1 }),
            "/a~1b",
            "is not a field of this request",
        ),
    ];

    for (body, pointer, detail) in bodies {
        let problem = api().creator().post("/api/things", body.clone()).await.refused(422);
        let [error] = problem.errors.as_slice() else {
            panic!("one error for {body}")
        };
        assert_eq!(
            (error.pointer.as_str(), error.detail.as_str()),
            (pointer, detail),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused() {
    let bodies = [
        "",
        "{",
        r#"{"name":"a","sizes":[1]}x"#,
        "\u{0}",
        "[]",
        r#"["a",[1]]"#,
        r#""text""#,
        "null",
        "7",
    ];

    for body in bodies {
        let reply = api()
            .creator()
            .send(Method::POST, "/api/things", Some(body.to_owned()))
            .await;
        assert!(
            reply.refused(400).detail.starts_with("the body is "),
            "{body}: {}",
            reply.text()
        );
    }
    let deep = format!("{{\"name\":{}", "[".repeat(40_000));
    api()
        .creator()
        .send(Method::POST, "/api/things", Some(deep))
        .await
        .refused(422);
    let long = " ".repeat(70_000);
    api()
        .creator()
        .send(Method::POST, "/api/things", Some(long))
        .await
        .refused(413);
    let plain = api()
        .creator()
        .with_header("content-type", "text/plain")
        .post("/api/things", json!({}))
        .await;
    assert!(plain.refused(400).detail.contains("application/json"));
}

#[tokio::test]
async fn path_and_query_parameters_are_checked() {
    let api = api();

    for id in [
        "film",
        "0192F7A4-6F0E-7CC2-B3A1-5A1F0F6F9D11",
        "0192f7a46f0e7cc2b3a15a1f0f6f9d11",
        "urn:uuid:0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11",
        "%7B0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11%7D",
    ] {
        let problem = api.stranger().get(&format!("/api/things/{id}")).await.refused(404);
        assert_eq!(
            problem.detail,
            "there is nothing at this address: an id in it is not one"
        );
    }
    for query in [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=999999999999",
        "limit=x",
        "limt=5",
        "limit=1&limit=2",
    ] {
        let problem = api.viewer().get(&format!("/api/things?{query}")).await.refused(400);
        assert!(
            problem.detail.starts_with("the query is not valid: `"),
            "{query}: {}",
            problem.detail
        );
    }
    assert_eq!(api.viewer().get("/api/things?limit=100").await.ok(), 100);
    assert_eq!(api.viewer().get("/api/things").await.ok(), 20);
}

#[tokio::test]
async fn an_unknown_address_or_method_is_a_problem_too() {
    for path in ["/", "/api", "/api/nothing", "/api/things/1/2"] {
        let problem = api().viewer().get(path).await.refused(404);
        assert_eq!(
            (problem.instance.as_str(), problem.request_id.as_str()),
            (path, super::testing::REQUEST_ID)
        );
    }
    let reply = api().viewer().delete("/api/things").await;
    reply.refused(405);
    assert_eq!(reply.headers["allow"], "POST,GET,HEAD");
}

#[tokio::test]
async fn a_defect_or_a_panic_shows_only_the_request_id() {
    for reply in [
        api().admin().delete("/api/things/1").await,
        api().stranger().get("/api/panic").await,
    ] {
        let problem = reply.refused(500);
        assert_eq!(problem.request_id, super::testing::REQUEST_ID);
        assert!(!reply.text().contains("swordfish"));
        assert_eq!(reply.headers["cache-control"], "no-store");
        assert_eq!(reply.headers["x-content-type-options"], "nosniff");
    }
}

#[tokio::test]
async fn a_request_has_the_trace_of_its_header() {
    let trace = "1-6920a1b2-0f1e2d3c4b5a69788796a5b4";
    let traced = |header: &str| {
        json!({
            "version": "2.0",
            "rawPath": "/api/nothing",
            "headers": { "x-amzn-trace-id": header },
            "requestContext": { "http": { "method": "GET", "path": "/api/nothing" } },
        })
    };
    let log = Log::begin();

    let problem = api().event(&traced(&format!("Root={trace}"))).await.refused(404);
    assert_eq!(problem.trace_id.as_deref(), Some(trace));
    assert_eq!(log.lines()[0]["span"]["trace"], trace);
    assert_eq!(log.lines()[0]["span"]["requestId"], super::testing::REQUEST_ID);

    let problem = api().event(&traced("Root=<script>")).await.refused(404);
    assert_eq!(problem.trace_id, None);
}

#[tokio::test]
async fn with_an_origin_secret_no_request_bypasses_the_distribution() {
    let api = Api::with_origin_secret(Context, router());

    api.viewer().get("/api/things").await.refused(403);
    api.viewer()
        .with_header("x-marquee-origin-secret", "secreT")
        .get("/api/things")
        .await
        .refused(403);
    for wrong in ["", "secret,before", ","] {
        let caller = api.viewer().with_header("x-marquee-origin-secret", wrong);
        caller.get("/api/things").await.refused(403);
    }
    // The secret that the distribution sends, and the one that it sent before.
    for right in ["secret", "before"] {
        let caller = api.viewer().with_header("x-marquee-origin-secret", right);
        caller.get("/api/things").await.ok();
    }
}
