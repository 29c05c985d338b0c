//! People: a stranger, and those who signed up.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{Marquee, answer::Answer, wait};

/// Somebody who calls the API.
#[derive(Clone, Debug)]
pub struct Actor {
    marquee: Marquee,
    token: Option<String>,
    country: Option<&'static str>,
    headers: Vec<(&'static str, String)>,
    /// The Cognito refresh token, of those who signed in.
    pub refresh_token: Option<String>,
    /// The address they signed up with.
    pub email: String,
}

/// The password of everybody who signs up in a test.
pub const PASSWORD: &str = "Correct-horse-7-battery";
/// How long a request is repeated.
const TURN: Duration = Duration::from_mins(2);
/// How long the address that all people of the tests share is refused at most: many may call from it. What one account is
/// refused lasts longer.
const SHARED_ADDRESS: Duration = Duration::from_secs(1);

impl Marquee {
    /// Somebody without an account.
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

    /// Somebody new who watches.
    pub async fn viewer(&self) -> Actor {
        self.newcomer("viewer").await
    }

    /// Somebody new who uploads.
    pub async fn creator(&self) -> Actor {
        self.newcomer("creator").await
    }

    /// The installation's first admin.
    pub async fn admin(&self) -> Actor {
        let admin = self.document("admin.json");
        let word = |name: &str| admin[name].as_str().expect("a text").to_owned();

        self.sign_in(&word("email"), &word("password")).await
    }

    /// Signs in with a password.
    pub async fn sign_in(&self, email: &str, password: &str) -> Actor {
        let password = json!({"email": email, "password": password});
        let tokens = self
            .stranger()
            .post_in_turn("/api/auth/sign-in", &password)
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

    /// The code that was mailed last to an address.
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

    /// An address that nobody has signed up with.
    #[must_use]
    pub fn new_email(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let moment = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("a clock").as_nanos();

        format!("person-{}-{moment}-{number}@example.org", std::process::id())
    }

    /// What confirms an address: the mailed code, and the account that its holder wants.
    pub async fn confirmation(&self, email: &str, role: &str) -> Value {
        let code = self.mailed_code(email).await;

        json!({"email": email, "code": code, "password": PASSWORD, "display_name": "Ada Tester", "role": role})
    }

    async fn newcomer(&self, role: &str) -> Actor {
        let email = self.new_email();
        let stranger = self.stranger();
        let address = json!({"email": email});
        stranger.post_in_turn("/api/auth/sign-up", &address).await.done(202);
        let confirmation = self.confirmation(&email, role).await;
        stranger
            .post_in_turn("/api/auth/confirm", &confirmation)
            .await
            .done(204);

        self.sign_in(&email, PASSWORD).await
    }
}

impl Actor {
    /// The same person, calling from a country. CloudFront knows countries by addresses; the edge here is told, and believes
    /// who knows the installation's secret.
    #[must_use]
    pub fn in_country(self, code: &'static str) -> Self {
        Self {
            country: Some(code),
            ..self
        }
    }

    /// The same person, who sends a header too.
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

    /// `POST` with a JSON body, repeated while it is one attempt too many: all people of the tests share one address, and some an
    /// account.
    async fn post_in_turn(&self, path: &str, body: &Value) -> Answer {
        self.in_turn(Duration::MAX, &Method::POST, path, body).await
    }

    /// `POST` with a JSON body, repeated while only the address that all people of the tests share is refused.
    pub async fn post_alone(&self, path: &str, body: &Value) -> Answer {
        self.in_turn(SHARED_ADDRESS, &Method::POST, path, body).await
    }

    /// `PUT` with a JSON body, repeated in the same way.
    pub async fn put_alone(&self, path: &str, body: &Value) -> Answer {
        self.in_turn(SHARED_ADDRESS, &Method::PUT, path, body).await
    }

    /// Repeats a request that is one attempt too many, unless it is refused for longer than `longest`.
    async fn in_turn(&self, longest: Duration, method: &Method, path: &str, body: &Value) -> Answer {
        wait::until("there are fewer attempts", TURN, async || {
            let answer = self.send(method.clone(), path, Some(body)).await;
            let Some(pause) = answer.retry_after().filter(|pause| *pause <= longest) else {
                return Some(answer);
            };
            // An attempt that another gives back is there earlier.
            tokio::time::sleep(pause.min(SHARED_ADDRESS)).await;

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

    /// The access token, of those who signed in.
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
