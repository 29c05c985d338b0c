//! Callers of the API: strangers and people with an account.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{Marquee, answer::Answer, wait};

/// A caller of the API.
#[derive(Clone, Debug)]
pub struct Actor {
    marquee: Marquee,
    token: Option<String>,
    country: Option<&'static str>,
    headers: Vec<(&'static str, String)>,
    /// The Cognito refresh token of a person who signed in.
    pub refresh_token: Option<String>,
    /// The address that the person signed up with.
    pub email: String,
}

/// The password of every person who signs up in a test.
pub const PASSWORD: &str = "Correct-horse-7-battery";
/// How long a throttled request is repeated.
const RETRY_TIMEOUT: Duration = Duration::from_mins(2);
/// The longest pause that the network address of the tests is asked for: many people may call from one. An account is asked for
/// longer pauses.
const MAX_SHARED_PAUSE: Duration = Duration::from_secs(1);

impl Marquee {
    /// A caller without an account.
    #[must_use]
    pub fn stranger(&self) -> Actor {
        Actor {
            marquee: self.clone(),
            token: None,
            country: None,
            headers: Vec::new(),
            refresh_token: None,
            email: String::new(),
        }
    }

    /// A new viewer.
    pub async fn viewer(&self) -> Actor {
        self.newcomer("viewer").await
    }

    /// A new creator.
    pub async fn creator(&self) -> Actor {
        self.newcomer("creator").await
    }

    /// The installation's first admin.
    pub async fn admin(&self) -> Actor {
        let admin = self.document("admin.json");
        let text = |name: &str| admin[name].as_str().expect("a text").to_owned();

        self.sign_in(&text("email"), &text("password")).await
    }

    /// Signs in with a password.
    pub async fn sign_in(&self, email: &str, password: &str) -> Actor {
        let password = json!({"email": email, "password": password});
        let tokens = self
            .stranger()
            .post_when_allowed("/api/auth/sign-in", &password)
            .await
            .json();
        let token = |name: &str| tokens[name].as_str().map(ToOwned::to_owned);

        Actor {
            marquee: self.clone(),
            token: token("access_token"),
            country: None,
            headers: Vec::new(),
            refresh_token: token("refresh_token"),
            email: email.to_owned(),
        }
    }

    /// The last code that was mailed to an address.
    pub async fn mailed_code(&self, email: &str) -> String {
        wait::until("the code is mailed", Duration::from_secs(20), async || {
            self.mailed_codes(email).await.pop()
        })
        .await
    }

    /// All codes that were mailed to an address, the newest last.
    pub async fn mailed_codes(&self, email: &str) -> Vec<String> {
        let mails: Value = self
            .http
            .get(format!("{}/_ministack/ses/messages", self.emulator))
            .send()
            .await
            .expect("the emulator answers")
            .json()
            .await
            .expect("mails are JSON");
        let code = |mail: &Value| {
            let mut words = mail["BodyText"].as_str()?.split(|c: char| !c.is_ascii_digit());
            words.rfind(|word| word.len() == 6).map(ToOwned::to_owned)
        };

        mails["messages"]
            .as_object()
            .into_iter()
            .flat_map(|folders| folders.values())
            .filter_map(Value::as_array)
            .flatten()
            .filter(|mail| mail["To"].to_string().contains(email))
            .filter_map(code)
            .collect()
    }

    /// An address without an account.
    #[must_use]
    pub fn new_email(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let moment = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("a clock").as_nanos();

        format!("person-{}-{moment}-{number}@example.org", std::process::id())
    }

    /// The body that confirms an address: the mailed code, and the fields of the account.
    pub async fn confirmation(&self, email: &str, role: &str) -> Value {
        let code = self.mailed_code(email).await;

        json!({"email": email, "code": code, "password": PASSWORD, "display_name": "Ada Tester", "role": role})
    }

    async fn newcomer(&self, role: &str) -> Actor {
        let email = self.new_email();
        let stranger = self.stranger();
        let address = json!({"email": email});
        stranger
            .post_when_allowed("/api/auth/sign-up", &address)
            .await
            .done(202);
        let confirmation = self.confirmation(&email, role).await;
        stranger
            .post_when_allowed("/api/auth/confirm", &confirmation)
            .await
            .done(204);

        self.sign_in(&email, PASSWORD).await
    }
}

impl Actor {
    /// The same person, calling from a country. CloudFront derives countries from addresses; the local edge reads a header from
    /// callers with the installation's secret.
    #[must_use]
    pub fn in_country(self, code: &'static str) -> Self {
        Self {
            country: Some(code),
            ..self
        }
    }

    /// The same person, sending a header too.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    /// `POST` with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// `POST` with a JSON body, repeated while it is throttled: all people of the tests share one network address, and some an
    /// account.
    async fn post_when_allowed(&self, path: &str, body: &Value) -> Answer {
        self.retry_throttled(Duration::MAX, &Method::POST, path, body).await
    }

    /// `POST` with a JSON body, repeated while only the shared network address of the tests is throttled.
    pub async fn post_unthrottled(&self, path: &str, body: &Value) -> Answer {
        self.retry_throttled(MAX_SHARED_PAUSE, &Method::POST, path, body).await
    }

    /// `PUT` with a JSON body, repeated in the same way.
    pub async fn put_unthrottled(&self, path: &str, body: &Value) -> Answer {
        self.retry_throttled(MAX_SHARED_PAUSE, &Method::PUT, path, body).await
    }

    /// Repeats a throttled request, unless the answer asks for a pause longer than `max_pause`.
    async fn retry_throttled(&self, max_pause: Duration, method: &Method, path: &str, body: &Value) -> Answer {
        wait::until("the request is not throttled", RETRY_TIMEOUT, async || {
            let answer = self.send(method.clone(), path, Some(body)).await;
            let Some(pause) = answer.retry_after().filter(|pause| *pause <= max_pause) else {
                return Some(answer);
            };
            // An attempt that another request gives back is available earlier.
            tokio::time::sleep(pause.min(MAX_SHARED_PAUSE)).await;

            None
        })
        .await
    }

    /// `PUT` with a JSON body.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    /// `PATCH` with a JSON body.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// Any method, with or without a JSON body.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let request = format!("{method} {path}");
        let mut builder = self
            .marquee
            .http
            .request(method, format!("{}{path}", self.marquee.edge));
        if let Some(token) = &self.token {
            builder = builder.bearer_auth(token);
        }
        if let Some(country) = self.country {
            let secret = self.marquee.document("edge.json");
            let secret = secret["secret"].as_str().expect("a secret");
            builder = builder.header("x-marquee-edge-viewer", format!("{secret}; country={country}"));
        }
        for (name, value) in &self.headers {
            builder = builder.header(*name, value);
        }
        if let Some(body) = body {
            builder = builder.json(body);
        }
        let response = builder
            .send()
            .await
            .unwrap_or_else(|error| panic!("{request}: {error}"));

        Answer::read(request, response).await
    }

    /// `POST` with a body that need not be JSON.
    pub async fn post_raw(&self, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        let request = format!("POST {path}");
        let url = format!("{}{path}", self.marquee.edge);
        let mut builder = self
            .marquee
            .http
            .post(url)
            .header("content-type", content_type)
            .body(body);
        if let Some(token) = &self.token {
            builder = builder.bearer_auth(token);
        }
        let response = builder
            .send()
            .await
            .unwrap_or_else(|error| panic!("{request}: {error}"));

        Answer::read(request, response).await
    }

    /// The access token of a person who signed in.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The same person with another access token.
    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self {
            token: Some(token.into()),
            ..self.clone()
        }
    }

    /// The installation that this person uses.
    #[must_use]
    pub fn marquee(&self) -> &Marquee {
        &self.marquee
    }
}
