//! Settings of clients: who calls the emulator, and how many requests the SDK sends.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use adapters::aws::SdkConfig;
use aws_config::Region;
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::{
    http::{HttpClient as _, HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
    orchestrator::HttpRequest,
};
use serde_json::{Value, json};

use crate::emulator::{Emulator, REGION, ROOT_KEY, element, unique};

impl Emulator {
    /// Settings of a client that acts as the account's root, which may call everything.
    pub(crate) async fn root(&self) -> SdkConfig {
        settings(&self.url, credentials(ROOT_KEY, ROOT_KEY, None)).await
    }

    /// Settings of a client that acts as a role with these statements of a policy. The emulator checks its signatures.
    pub(crate) async fn role(&self, statements: Value) -> SdkConfig {
        let role = self.create_role().await;
        let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        let name = role.rsplit('/').next().unwrap_or_default();
        let put = [
            ("RoleName", name),
            ("PolicyName", "test"),
            ("PolicyDocument", policy.as_str()),
        ];
        self.call_iam("PutRolePolicy", &put).await;

        let assumed = aws_sdk_sts::Client::new(&self.root().await)
            .assume_role()
            .role_arn(role)
            .role_session_name("test")
            .send()
            .await
            .expect("AssumeRole");
        let session = assumed.credentials.expect("credentials");
        let token = Some(session.session_token);

        settings(
            &self.url,
            credentials(session.access_key_id, session.secret_access_key, token),
        )
        .await
    }

    /// A role without permissions, which everyone may assume; its ARN.
    pub(crate) async fn create_role(&self) -> String {
        let trust = json!({
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "sts:AssumeRole" }],
        });
        let (name, trust) = (unique("role"), trust.to_string());
        let create = [
            ("RoleName", name.as_str()),
            ("AssumeRolePolicyDocument", trust.as_str()),
        ];
        let created = self.call_iam("CreateRole", &create).await;

        element(&created, "Arn").to_owned()
    }

    /// Settings of a client that may do nothing but what its signature proves.
    pub(crate) async fn role_without_permissions(&self) -> SdkConfig {
        self.role(json!([{ "Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*" }]))
            .await
    }
}

/// Settings of a client of whatever listens at `url`.
pub(crate) async fn settings(url: &str, credentials: Credentials) -> SdkConfig {
    aws_config::from_env()
        .region(Region::from_static(REGION))
        .endpoint_url(url)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(Builder::new().build_http())
        .load()
        .await
}

pub(crate) fn credentials(key: impl Into<String>, secret: impl Into<String>, token: Option<String>) -> Credentials {
    Credentials::new(key, secret, token, None, "test")
}

/// The same settings, and the number of requests that their clients have sent.
pub(crate) fn counted(settings: &SdkConfig) -> (SdkConfig, Arc<AtomicUsize>) {
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&requests);
    let client = Builder::new().build_http();
    let counting = http_client_fn(move |settings, components| {
        SharedHttpConnector::new(Counting {
            connector: client.http_connector(settings, components),
            requests: Arc::clone(&counter),
        })
    });

    (settings.to_builder().http_client(counting).build(), requests)
}

#[derive(Debug)]
struct Counting {
    connector: SharedHttpConnector,
    requests: Arc<AtomicUsize>,
}

impl HttpConnector for Counting {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.requests.fetch_add(1, Ordering::Relaxed);

        self.connector.call(request)
    }
}
