//! The emulator of an installation: its address, the key of its root, and plain requests where no SDK is linked.

use anyhow::Context as _;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use crate::REGION;

/// The emulator, as the other services reach it.
#[derive(Clone, Debug)]
pub struct Emulator {
    port: u16,
    region: String,
    root_key: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Emulator {
    /// The emulator on this port of this machine. Its root signs with `root_key`, which needs no secret.
    #[must_use]
    pub fn new(port: u16, root_key: String) -> Self {
        Self {
            port,
            region: REGION.to_owned(),
            root_key,
            client: Client::builder(TokioExecutor::new()).build_http(),
        }
    }

    /// The same emulator, for requests in another region than the stand-ins serve.
    #[must_use]
    pub fn in_region(self, region: &str) -> Self {
        let region = region.to_owned();
        Self { region, ..self }
    }

    /// The region of requests.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address, as AWS SDKs want it in `AWS_ENDPOINT_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The access key of its root.
    #[must_use]
    pub fn root_key(&self) -> &str {
        &self.root_key
    }

    /// An `Authorization` header of the root for this service. The emulator does not check the root's signature.
    #[must_use]
    pub fn root_authorization(&self, service: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential={}/20260101/{}/{service}/aws4_request, SignedHeaders=host, Signature=0",
            self.root_key, self.region
        )
    }

    /// Sends a request and reads the whole response.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> anyhow::Result<(StatusCode, Bytes)> {
        let (parts, body) = self.respond(request).await?.into_parts();
        Ok((parts.status, body))
    }

    /// Sends a request and reads the whole response, with its headers.
    pub async fn respond(&self, request: Request<Full<Bytes>>) -> anyhow::Result<Response<Bytes>> {
        let response = self.client.request(request).await;
        let (parts, body) = response.context("the emulator cannot be reached")?.into_parts();
        Ok(Response::from_parts(parts, body.collect().await?.to_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_signs_for_the_region() {
        let emulator = Emulator::new(4600, "root".to_owned());
        assert!(emulator.root_authorization("logs").contains("/us-east-1/logs/"));

        let abroad = emulator.in_region("eu-central-1");
        assert!(abroad.root_authorization("logs").contains("/eu-central-1/logs/"));
    }
}
