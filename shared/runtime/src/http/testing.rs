//! Actors for tests, which call a router as API Gateway does, with an event that `lambda_http` parses:
//! `api.stranger().get("/api/me").await.refused(401)`. And stand-ins for AWS services.

#![expect(clippy::expect_used, reason = "tests fail by panicking")]
#![expect(
    clippy::must_use_candidate,
    reason = "a test often needs the assertion only, not the value"
)]
#![expect(clippy::missing_panics_doc, reason = "a failed assertion panics")]

mod operation;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes};
use domain::account::{AccountStatus, Person, Role};
use kernel::{Timestamp, id::AccountId};
use lambda_http::{
    Context, RequestExt,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    tower::ServiceExt,
};
use serde_json::{Value, json};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

pub use self::operation::Operation;

use super::{Now, PREFIX, ProblemBody, Samples, app, caller::LookedUp, middleware::OriginSecret};

/// Serves `router` in place of an AWS service, for as long as the test runs; returns its address.
pub async fn listen(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });

    format!("http://{address}")
}

/// A call to an AWS service.
#[derive(Clone, Debug)]
pub struct Call {
    /// The operation, such as `PutItem`, or method and path if the protocol has no names: `HEAD /uploads/film`.
    pub name: String,
    /// The body; null if it is not JSON.
    pub body: Value,
}

impl Call {
    fn read(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Self {
        let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
        let operation = target.and_then(|target| target.rsplit('.').next());

        Self {
            name: operation.map_or_else(|| format!("{method} {uri}"), ToOwned::to_owned),
            body: serde_json::from_slice(body).unwrap_or_default(),
        }
    }

    /// The response of a table that holds `items`: it reads by key, and accepts every write without storing it.
    pub fn answer_from(&self, items: &[Value]) -> (u16, String) {
        let key = &self.body["Key"];
        let found = items
            .iter()
            .find(|item| item["pk"] == key["pk"] && item["sk"] == key["sk"]);
        let answer = match found {
            Some(item) if self.name == "GetItem" => json!({ "Item": item }),
            _ => json!({}),
        };

        (200, answer.to_string())
    }
}

/// The response of a table to a write whose condition fails.
pub fn condition_failed() -> (u16, String) {
    condition_failed_on(&Value::Null)
}

/// The same, with the stored item, for writes that ask for it.
#[must_use]
pub fn condition_failed_on(item: &Value) -> (u16, String) {
    let mut error = json!({ "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException" });
    if !item.is_null() {
        error["Item"] = item.clone();
    }

    (400, error.to_string())
}

/// A stand-in for all AWS services, which responds as a test wants.
pub struct Services {
    /// Their address.
    pub url: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Services {
    /// Responds to every call with the status and the body of `answer`, for as long as the test runs.
    pub async fn answering(answer: impl Fn(&Call) -> (u16, String) + Send + Sync + 'static) -> Self {
        let (answer, calls) = (Arc::new(answer), Arc::new(Mutex::new(Vec::new())));
        let recorded = Arc::clone(&calls);
        let respond = move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let call = Call::read(&method, &uri, &headers, &body);
            let (status, body) = answer(&call);
            recorded.lock().expect("no test panics while it writes").push(call);
            let status = StatusCode::from_u16(status).expect("a status");

            // The version of a key value store.
            async move { (status, [(header::ETAG, "1")], body) }
        };
        let url = listen(Router::new().fallback(respond)).await;

        Self { url, calls }
    }

    /// The calls until now, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().expect("no test panics while it writes").clone()
    }
}

/// The id of every request of a test.
pub const REQUEST_ID: &str = "6f1c0d3e-2f3b-4f43-9a35-9a4a0d1d9f0e";

/// A router, called as if by API Gateway.
pub struct Api {
    router: Router,
    /// The OpenAPI document of the routes.
    document: Value,
    now: Timestamp,
}

impl Api {
    /// Serves `router` as its Lambda function does.
    pub fn new<C: Clone + Send + Sync + 'static>(context: C, router: OpenApiRouter<C>) -> Self {
        Self::serve(context, router, None)
    }

    /// Serves `router` for requests with an origin secret: `secret` or `before`.
    pub fn with_origin_secret<C: Clone + Send + Sync + 'static>(context: C, router: OpenApiRouter<C>) -> Self {
        Self::serve(context, router, Some("secret,before".to_owned()))
    }

    fn serve<C>(context: C, router: OpenApiRouter<C>, secret: Option<String>) -> Self
    where
        C: Clone + Send + Sync + 'static,
    {
        let document = OpenApi::default().nest(PREFIX, router.get_openapi().clone());

        Self {
            document: serde_json::to_value(document).expect("a document"),
            router: app(context, router, OriginSecret::new(secret)),
            now: Timestamp::UNIX_EPOCH,
        }
    }

    /// Sets the time at which requests arrive.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        Self { now, ..self }
    }

    /// A caller without a token.
    #[must_use]
    pub fn stranger(&self) -> Actor<'_> {
        Actor {
            api: self,
            person: None,
            status: None,
            headers: json!({}),
        }
    }

    /// A new viewer.
    #[must_use]
    pub fn viewer(&self) -> Actor<'_> {
        self.with_roles(&[])
    }

    /// A new creator.
    #[must_use]
    pub fn creator(&self) -> Actor<'_> {
        self.with_roles(&[Role::Creator])
    }

    /// A new admin.
    #[must_use]
    pub fn admin(&self) -> Actor<'_> {
        self.with_roles(&[Role::Admin])
    }

    fn with_roles(&self, roles: &[Role]) -> Actor<'_> {
        let person = Person {
            id: AccountId::mint(self.now),
            roles: roles.to_vec(),
        };

        Actor {
            api: self,
            status: Some(AccountStatus::Active(roles.to_vec())),
            person: Some(person),
            headers: json!({}),
        }
    }

    /// The routes, with these samples of their bodies.
    pub fn operations(&self, samples: Vec<Samples>) -> Vec<Operation> {
        let mut document = self.document.clone();
        for sample in samples {
            sample.add_to(&mut document);
        }

        Operation::all(&document)
    }

    /// Expects that every route accepts the samples, for a context whose services are offline: a caller whom the route admits gets
    /// a 503.
    pub async fn accepts(&self, samples: Vec<Samples>) {
        for operation in self.operations(samples) {
            let mut is_admitted = false;
            for actor in [self.stranger(), self.viewer(), self.creator(), self.admin()] {
                is_admitted = is_admitted || actor.is_accepted(&operation).await;
            }

            assert!(is_admitted, "{} refuses every caller", operation.id);
        }
    }

    /// Expects that every route refuses a caller without a token, whatever the body is, except for the routes with these ids, which
    /// are public on purpose.
    pub async fn refuses_strangers_except_at(&self, public: &[&str]) {
        let operations = self.operations(vec![]);
        let open: BTreeSet<&str> = operations
            .iter()
            .filter(|o| !o.signed_in)
            .map(|o| o.id.as_str())
            .collect();
        let public: BTreeSet<&str> = public.iter().copied().collect();
        assert_eq!(
            open, public,
            "left: the routes without `security`, right: those that are public on purpose"
        );

        for operation in operations.iter().filter(|operation| operation.signed_in) {
            let reply = self.stranger().request(operation, Some(&json!({}))).await;
            assert_eq!(reply.status, 401, "{}: {}", operation.id, reply.text());
            reply.refused(401);
        }
    }

    /// Sends an event unchanged: a sample from `events/`. The status of its account is looked up.
    pub async fn event(&self, event: &Value) -> Reply {
        self.event_from(event, None).await
    }

    async fn event_from(&self, event: &Value, status: Option<AccountStatus>) -> Reply {
        let mut request = lambda_http::request::from_str(&event.to_string()).expect("an event of API Gateway");
        request.extensions_mut().insert(Now(self.now));
        if let Some(status) = status {
            request.extensions_mut().insert(LookedUp(status));
        }
        let mut lambda = Context::default();
        REQUEST_ID.clone_into(&mut lambda.request_id);
        let response = self
            .router
            .clone()
            .oneshot(request.with_lambda_context(lambda))
            .await
            .expect("a router answers");

        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX)
            .await
            .expect("the body is in memory")
            .to_vec();

        Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        }
    }
}

/// A caller, signed in or not.
pub struct Actor<'a> {
    api: &'a Api,
    /// The claims of the token.
    person: Option<Person>,
    /// The status that a look-up returns.
    status: Option<AccountStatus>,
    headers: Value,
}

impl Actor<'_> {
    /// The same token, with another status of the account.
    #[must_use]
    pub fn with_status(mut self, status: AccountStatus) -> Self {
        self.status = Some(status);
        self
    }

    /// The account of a signed-in actor.
    pub fn account_id(&self) -> AccountId {
        self.person.as_ref().expect("a signed-in actor").id
    }

    /// Adds a header to this actor's requests.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers[name] = json!(value);
        self
    }

    /// `GET path`.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    /// `DELETE path`.
    pub async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, None).await
    }

    /// `POST path` with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, Some(body.to_string())).await
    }

    /// `PUT path` with a JSON body.
    pub async fn put(&self, path: &str, body: Value) -> Reply {
        self.send(Method::PUT, path, Some(body.to_string())).await
    }

    /// `PATCH path` with a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.send(Method::PATCH, path, Some(body.to_string())).await
    }

    /// Sends the operation's request with this body.
    pub async fn request(&self, operation: &Operation, body: Option<&Value>) -> Reply {
        let mut address = operation.path();
        if !operation.query.is_empty() {
            address = format!("{address}?{}", operation.query_string());
        }

        self.send(operation.method.clone(), &address, body.map(Value::to_string))
            .await
    }

    /// Whether this actor may call the operation. Then it accepts the samples: the first is answered with a 503 by a service that is
    /// offline, and no other is invalid.
    async fn is_accepted(&self, operation: &Operation) -> bool {
        let reply = self.request(operation, operation.body()).await;
        if matches!(reply.status, 401 | 403) {
            return false;
        }
        assert_eq!(reply.refused(503).instance, operation.path());

        for body in operation.bodies.iter().skip(1) {
            let reply = self.request(operation, Some(body)).await;
            let is_invalid = matches!(reply.status, 400 | 413 | 415 | 422);
            assert!(!is_invalid, "{} {body}: {}", operation.id, reply.text());
        }

        true
    }

    /// Sends any text as the body, declared as JSON unless the actor has a `content-type` header.
    pub async fn send(&self, method: Method, path: &str, body: Option<String>) -> Reply {
        let (raw_path, raw_query) = path.split_once('?').unwrap_or((path, ""));
        let mut headers = self.headers.clone();
        if body.is_some() && headers.get("content-type").is_none() {
            headers["content-type"] = json!("application/json");
        }
        let event = json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": raw_path,
            "rawQueryString": raw_query,
            "headers": headers,
            "requestContext": {
                "stage": "$default",
                "requestId": "JKJaXmPLvHcESHA=",
                "http": { "method": method.as_str(), "path": raw_path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1" },
                "authorizer": self.person.as_ref().map(|person| json!({ "jwt": { "claims": claims(person) } })),
            },
            "body": body,
            "isBase64Encoded": false,
        });

        self.api.event_from(&event, self.status.clone()).await
    }
}

/// The claims of an access token, as API Gateway passes them.
fn claims(person: &Person) -> Value {
    let groups: Vec<_> = person.roles.iter().filter_map(|role| role.group()).collect();
    let mut claims = json!({ "sub": person.id.to_string(), "token_use": "access", "client_id": "api" });
    if !groups.is_empty() {
        claims["cognito:groups"] = json!(format!("[{}]", groups.join(" ")));
    }

    claims
}

/// A response.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    body: Vec<u8>,
}

impl Reply {
    /// The JSON body of a 200.
    pub fn ok(&self) -> Value {
        self.json(200)
    }

    /// The JSON body of a 201.
    pub fn created(&self) -> Value {
        self.json(201)
    }

    /// The problem that refused the request.
    pub fn refused(&self, status: u16) -> ProblemBody {
        let media_type = self
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        assert_eq!(
            (self.status, media_type),
            (status, Some("application/problem+json")),
            "{}",
            self.text()
        );

        serde_json::from_slice(&self.body).expect("a problem")
    }

    /// The invalid fields of a 422, as JSON pointers.
    pub fn pointers(&self) -> Vec<String> {
        let errors = self.refused(422).errors.into_iter();

        errors.map(|error| error.pointer).collect()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn json(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());

        serde_json::from_slice(&self.body).expect("a JSON body")
    }
}
