//! Authorization of a stand-in's callers. The emulator, which holds the users, roles and policies, decides: the stand-in sends it
//! the action, the resource and the access key of the SigV4 `Authorization` header.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use http::{HeaderMap, Method, Request, StatusCode, Uri, header};
use http_body_util::Full;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::emulator::Emulator;

/// The time limit of a decision.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Asks the emulator what callers may do.
#[derive(Clone, Debug)]
pub struct Authorizer {
    emulator: Emulator,
}

/// A request as received, to verify its signature.
#[derive(Clone, Copy, Debug)]
pub struct SignedRequest<'a> {
    /// Its method.
    pub method: &'a Method,
    /// Its path and query as sent.
    pub uri: &'a Uri,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its whole body.
    pub body: &'a [u8],
}

/// Why a call is refused. A stand-in turns this into its service's error shape.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No SigV4 signature on the request: AWS answers 403 `MissingAuthenticationToken`.
    #[error("Missing Authentication Token")]
    Unsigned,
    /// The credentials are refused (unknown key, wrong signature, expired), with the emulator's code and message.
    #[error("{message}")]
    Credentials {
        /// The error code, such as `UnrecognizedClientException`.
        code: String,
        /// The reason.
        message: String,
    },
    /// IAM denies the action: AWS answers 403 `AccessDeniedException` (400 in some JSON protocols) with this sentence.
    #[error("User: {principal_arn} is not authorized to perform: {action} on resource: {resource}")]
    Denied {
        /// The caller.
        principal_arn: String,
        /// The action, as `service:Action`.
        action: String,
        /// The resource.
        resource: String,
    },
    /// The emulator did not answer: the call is refused.
    #[error("the emulator could not decide about {action}: {reason}")]
    Undecided {
        /// The action.
        action: String,
        /// What failed.
        reason: String,
    },
}

#[derive(Serialize)]
struct AuthorizationRequest<'a> {
    access_key_id: &'a str,
    action: &'a str,
    resource: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    context: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<SignedParts<'a>>,
}

/// The parts of a request that its signature covers.
#[derive(Serialize)]
struct SignedParts<'a> {
    method: &'a str,
    path: &'a str,
    query: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    body_sha256: String,
}

#[derive(Deserialize)]
struct Decision {
    allowed: bool,
    principal_arn: String,
    error: Option<CredentialsError>,
}

#[derive(Deserialize)]
struct CredentialsError {
    code: String,
    message: String,
}

impl Authorizer {
    /// An authorizer that asks this emulator.
    #[must_use]
    pub fn new(emulator: &Emulator) -> Self {
        Self {
            emulator: emulator.clone(),
        }
    }

    /// Checks that the signer of these headers may do `action` (`s3:GetObject`) on `resource` (an ARN or `*`). The signature is
    /// not verified: this is for rights that a call needs beyond its own action, which `authorize_signed` has checked.
    pub async fn authorize(&self, headers: &HeaderMap, action: &str, resource: &str) -> Result<(), Refusal> {
        let access_key_id = access_key_id(headers).ok_or(Refusal::Unsigned)?;
        self.decide(AuthorizationRequest {
            access_key_id,
            action,
            resource,
            context: BTreeMap::new(),
            request: None,
        })
        .await
    }

    /// Checks that the signer of these headers may pass `role` to `service` (`mediaconvert.amazonaws.com`).
    pub async fn authorize_passing(&self, headers: &HeaderMap, role: &str, service: &str) -> Result<(), Refusal> {
        let access_key_id = access_key_id(headers).ok_or(Refusal::Unsigned)?;
        self.decide(AuthorizationRequest {
            access_key_id,
            action: "iam:PassRole",
            resource: role,
            context: BTreeMap::from([("iam:PassedToService", service)]),
            request: None,
        })
        .await
    }

    /// Checks the signature of a request, and that its signer may do `action` on `resource`.
    pub async fn authorize_signed(
        &self,
        request: SignedRequest<'_>,
        action: &str,
        resource: &str,
    ) -> Result<(), Refusal> {
        let access_key_id = access_key_id(request.headers).ok_or(Refusal::Unsigned)?;
        let signed_parts = SignedParts {
            method: request.method.as_str(),
            path: request.uri.path(),
            query: request.uri.query().unwrap_or_default(),
            headers: text_headers(request.headers),
            body_sha256: hex::encode(Sha256::digest(request.body)),
        };
        self.decide(AuthorizationRequest {
            access_key_id,
            action,
            resource,
            context: BTreeMap::new(),
            request: Some(signed_parts),
        })
        .await
    }

    async fn decide(&self, request: AuthorizationRequest<'_>) -> Result<(), Refusal> {
        let (action, resource) = (request.action, request.resource);
        let answer = tokio::time::timeout(TIMEOUT, self.ask(&request)).await;
        let answer = answer.unwrap_or_else(|_| Err(anyhow::anyhow!("no answer in {} s", TIMEOUT.as_secs())));
        let answer = answer.map_err(|error| Refusal::Undecided {
            action: action.into(),
            reason: error.to_string(),
        })?;

        let Decision {
            allowed,
            principal_arn,
            error,
        } = answer;
        tracing::debug!(principal_arn, action, resource, allowed, "{principal_arn}: {action}");
        match error {
            Some(CredentialsError { code, message }) => Err(Refusal::Credentials { code, message }),
            None if allowed => Ok(()),
            None => Err(Refusal::Denied {
                principal_arn,
                action: action.into(),
                resource: resource.into(),
            }),
        }
    }

    async fn ask(&self, request: &AuthorizationRequest<'_>) -> anyhow::Result<Decision> {
        let request = Request::post(format!("{}/_marquee/authorize", self.emulator.url()))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(serde_json::to_vec(request)?))?;
        let (status, body) = self.emulator.send(request).await?;

        match status {
            StatusCode::OK => Ok(serde_json::from_slice(&body)?),
            StatusCode::NOT_FOUND => {
                warn_once();
                Ok(Decision {
                    allowed: true,
                    principal_arn: "unknown".into(),
                    error: None,
                })
            }
            _ => anyhow::bail!("it answered {status}"),
        }
    }
}

/// An emulator that was started without our launcher lacks this route: then nothing is enforced, and the log says so once.
fn warn_once() {
    static WARNED: AtomicBool = AtomicBool::new(false);
    if !WARNED.swap(true, Ordering::Relaxed) {
        tracing::warn!("the emulator has no /_marquee/authorize: callers are not authorized");
    }
}

/// The access key of a signed request, from `AWS4-HMAC-SHA256 Credential=AKIA…/20260101/us-east-1/…`.
fn access_key_id(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let parameters = value.strip_prefix("AWS4-HMAC-SHA256")?;
    let credential = parameters
        .split(',')
        .find_map(|parameter| parameter.trim().strip_prefix("Credential="))?;
    let (key, _scope) = credential.split_once('/')?;
    (!key.is_empty()).then_some(key)
}

fn text_headers(headers: &HeaderMap) -> Vec<(&str, &str)> {
    headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use axum::{Json, Router, routing::post};
    use http::HeaderValue;
    use serde_json::{Value, json};

    use super::*;

    fn signed_by(key: &str) -> HeaderMap {
        let value = format!(
            "AWS4-HMAC-SHA256 Credential={key}/20260101/us-east-1/sagemaker/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature=00"
        );
        HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::try_from(value).unwrap())])
    }

    async fn authorizer(router: Router) -> Authorizer {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Authorizer::new(&Emulator::new(port, "test".into()))
    }

    /// The emulator's side of the protocol: only `AKIAGOOD` is allowed, and only to invoke.
    fn decider() -> Router {
        async fn decide(Json(request): Json<Value>) -> Json<Value> {
            let allowed = request["access_key_id"] == "AKIAGOOD" && request["action"] == "sagemaker:InvokeEndpoint";
            Json(json!({ "allowed": allowed, "principal_arn": "arn:aws:iam::000000000000:user/ada" }))
        }
        Router::new().route("/_marquee/authorize", post(decide))
    }

    #[test]
    fn the_signer_is_read_from_the_authorization_header() {
        assert_eq!(access_key_id(&signed_by("ASIAEXAMPLE")), Some("ASIAEXAMPLE"));

        for value in [
            "",
            "Bearer x",
            "AWS4-HMAC-SHA256 SignedHeaders=host",
            "AWS4-HMAC-SHA256 Credential=/20260101",
        ] {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(value))]);
            assert_eq!(access_key_id(&headers), None, "{value}");
        }
        assert_eq!(access_key_id(&HeaderMap::new()), None);
    }

    #[tokio::test]
    async fn iam_decides_about_signer_action_and_resource() {
        let authorizer = authorizer(decider()).await;
        let ask = async |key, action| authorizer.authorize(&signed_by(key), action, "*").await;

        assert!(ask("AKIAGOOD", "sagemaker:InvokeEndpoint").await.is_ok());
        assert_eq!(
            ask("AKIAGOOD", "sagemaker:CreateModel").await.unwrap_err().to_string(),
            "User: arn:aws:iam::000000000000:user/ada is not authorized to perform: sagemaker:CreateModel on resource: *"
        );
        assert!(matches!(
            ask("AKIAEVIL", "sagemaker:InvokeEndpoint").await,
            Err(Refusal::Denied { .. })
        ));
        assert!(matches!(
            authorizer.authorize(&HeaderMap::new(), "a:B", "*").await,
            Err(Refusal::Unsigned)
        ));
    }

    #[tokio::test]
    async fn without_an_emulator_every_call_is_refused() {
        let authorizer = Authorizer::new(&Emulator::new(9, "test".into()));

        let answer = authorizer
            .authorize(&signed_by("AKIAGOOD"), "sagemaker:InvokeEndpoint", "*")
            .await;

        assert!(matches!(answer, Err(Refusal::Undecided { .. })));
    }

    #[tokio::test]
    async fn an_emulator_without_our_launcher_allows_everything() {
        let authorizer = authorizer(Router::new()).await;

        assert!(
            authorizer
                .authorize(&signed_by("AKIAGOOD"), "sagemaker:InvokeEndpoint", "*")
                .await
                .is_ok()
        );
    }
}
