//! The public API over HTTP: authenticates requests, renews tokens, and retries after transient failures.

mod problem;
mod retry;
pub(crate) mod types;

use std::sync::Mutex;
use std::time::Duration;

use jiff::SignedDuration;
use reqwest::{Client, Method, Response, StatusCode, header};
use serde_json::{Value, json};

use crate::arguments::Global;
use crate::clock;
use crate::config::Config;
use crate::credentials::{Credentials, Store};
use crate::failure::{Exit, Failure};
use crate::output::parsed;
pub(crate) use retry::{Retry, unreachable, with_retries};
use types::Tokens;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The gateway answers within 30 s.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(35);

/// The client of one service.
#[derive(Debug)]
pub struct Api {
    http: Client,
    config: Config,
    store: Store,
    session: Mutex<Option<Credentials>>,
}

impl Api {
    /// A client with the sign-in that this machine has for the service, if there is one.
    pub fn new(global: &Global) -> Result<Self, Failure> {
        let config = Config::new(global)?;
        let http = Client::builder()
            .user_agent(concat!("marquee-cli/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| Failure::local(format!("the HTTP client could not start: {}", retry::reason(&error))))?;
        let store = Store::new(&config);
        let session = Mutex::new(store.load()?);
        Ok(Self {
            http,
            config,
            store,
            session,
        })
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// The HTTP client, for addresses that carry their own permission (part uploads, media).
    pub(crate) fn http(&self) -> &Client {
        &self.http
    }

    /// The document at a path of the API.
    pub async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.call(Method::GET, path, None, Retry::Always).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value, retry: Retry) -> Result<Value, Failure> {
        self.call(Method::POST, path, Some(body), retry).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.call(Method::PATCH, path, Some(body), Retry::OnlyUnsent).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value, retry: Retry) -> Result<Value, Failure> {
        self.call(Method::PUT, path, Some(body), retry).await
    }

    /// Deletes what a path of the API names.
    pub async fn delete(&self, path: &str) -> Result<Value, Failure> {
        self.call(Method::DELETE, path, None, Retry::Always).await
    }

    /// A call that needs no sign-in (`/api/auth/*`).
    pub(crate) async fn post_unauthenticated(&self, path: &str, body: &Value, retry: Retry) -> Result<Value, Failure> {
        with_retries(retry, || self.attempt(Method::POST, path, Some(body), None)).await
    }

    pub(crate) fn session(&self) -> Option<Credentials> {
        self.session.lock().map(|session| session.clone()).unwrap_or_default()
    }

    pub(crate) fn remember(&self, credentials: Credentials) -> Result<(), Failure> {
        self.store.save(&credentials)?;
        self.set_session(Some(credentials));
        Ok(())
    }

    pub(crate) fn forget(&self) -> Result<(), Failure> {
        self.set_session(None);
        self.store.forget()
    }

    /// The failure of a command that needs a sign-in.
    pub(crate) fn not_signed_in(&self) -> Failure {
        Failure::not_signed_in(self.config.url.as_str(), &self.store.elsewhere())
    }

    fn set_session(&self, credentials: Option<Credentials>) {
        if let Ok(mut session) = self.session.lock() {
            *session = credentials;
        }
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>, retry: Retry) -> Result<Value, Failure> {
        let mut token = self.token().await?;
        let answer = with_retries(retry, || self.attempt(method.clone(), path, body, Some(&token))).await;
        match answer {
            // The clock of this machine may be wrong, or the token was revoked: try again with a new one.
            Err(failure) if failure.status == Some(401) => {
                token = self.renew().await?;
                with_retries(retry, || self.attempt(method.clone(), path, body, Some(&token))).await
            }
            answer => answer,
        }
    }

    /// A token that does not expire soon.
    async fn token(&self) -> Result<String, Failure> {
        match self.session() {
            None => Err(self.not_signed_in()),
            Some(credentials) if credentials.is_stale(clock::now()) => self.renew().await,
            Some(credentials) => Ok(credentials.access_token),
        }
    }

    async fn renew(&self) -> Result<String, Failure> {
        // A refresh token can be used once, and another command may have used the one that this command loaded.
        let Some(credentials) = self.store.load()? else {
            return Err(self.not_signed_in());
        };
        let known = self.session();
        if known.as_ref() != Some(&credentials) && !credentials.is_stale(clock::now()) {
            self.set_session(Some(credentials.clone()));
            return Ok(credentials.access_token);
        }
        let body = json!({ "refresh_token": credentials.refresh_token });
        let answer = self
            .post_unauthenticated("api/auth/refresh", &body, Retry::Always)
            .await
            .map_err(|failure| match failure.exit {
                Exit::Unavailable => failure,
                _ => Failure {
                    exit: Exit::Forbidden,
                    message: "your sign-in has ended".into(),
                    ..failure
                }
                .with_advice("sign in again with `marquee sign-in`"),
            })?;
        let tokens: Tokens = parsed(&answer)?;
        let renewed = Credentials {
            expires_at: tokens.expires_at(clock::now()),
            access_token: tokens.access_token.clone(),
            refresh_token: tokens.refresh_token.unwrap_or(credentials.refresh_token),
            ..credentials
        };
        self.remember(renewed)?;
        Ok(tokens.access_token)
    }

    async fn attempt(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        token: Option<&str>,
    ) -> Result<Value, Failure> {
        let mut request = self
            .http
            .request(method, self.config.absolute(path)?)
            .timeout(ANSWER_TIMEOUT);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        self.read(response).await
    }

    async fn read(&self, response: Response) -> Result<Value, Failure> {
        let status = response.status();
        let retry_after = response
            .headers()
            .get(header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .map(Duration::from_secs);
        let body = response.bytes().await.map_err(|error| self.unreachable(&error))?;
        if !status.is_success() {
            return Err(problem::failure(status, retry_after, &body));
        }
        if status == StatusCode::NO_CONTENT || body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&body).map_err(|error| {
            Failure::new(
                Exit::Unavailable,
                format!("{} did not answer like Marquee: {error}", self.config.url),
                "check that --url is the address of Marquee",
            )
        })
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        unreachable(self.config.url.as_str(), error)
    }
}

impl Tokens {
    pub(crate) fn expires_at(&self, now: jiff::Timestamp) -> jiff::Timestamp {
        now.saturating_add(SignedDuration::from_secs(self.expires_in))
            .unwrap_or(now)
    }
}
