//! The stores of playback keys: a SecureString for functions that sign tokens, CloudFront's KeyValueStore for functions that verify them.

use aws_config::SdkConfig;
use domain::playback_keys::{KeyRing, Slot};
use serde_json::json;

use crate::{
    aws::{CallError, JsonApi, Service, code_of},
    key_value_store::KeyValueStore,
};

const PARAMETER_STORE: Service = Service {
    id: "SSM",
    signing_name: "ssm",
    host: "ssm",
    target: "AmazonSSM",
};
const SERVICE: &str = "Parameter Store";

/// The key ring for signing, in a SecureString parameter.
#[derive(Clone, Debug)]
pub struct SigningKeys {
    api: JsonApi,
    parameter: String,
}

impl SigningKeys {
    /// The key ring in `parameter`.
    #[must_use]
    pub fn new(config: &SdkConfig, parameter: impl Into<String>) -> Self {
        Self {
            api: JsonApi::new(config, PARAMETER_STORE),
            parameter: parameter.into(),
        }
    }

    /// The key ring, if it exists already.
    pub async fn find(&self) -> Result<Option<KeyRing>, CallError> {
        let request = json!({ "Name": self.parameter, "WithDecryption": true });
        let answer = match self.api.call("GetParameter", &request).await {
            Err(error) if code_of(&error) == Some("ParameterNotFound") => return Ok(None),
            answer => answer.map_err(CallError::from_sdk(SERVICE))?,
        };
        let text = answer["Parameter"]["Value"].as_str().unwrap_or_default();

        // The parser's message could quote a key.
        serde_json::from_str(text)
            .map(Some)
            .map_err(|_| CallError::internal(SERVICE, "the stored keys cannot be read"))
    }

    /// Replaces the key ring.
    pub async fn put(&self, ring: &KeyRing) -> Result<(), CallError> {
        let text = serde_json::to_string(ring).map_err(|error| CallError::internal(SERVICE, error))?;
        let request = json!({ "Name": self.parameter, "Type": "SecureString", "Value": text, "Overwrite": true });

        self.api
            .call("PutParameter", &request)
            .await
            .map(drop)
            .map_err(CallError::from_sdk(SERVICE))
    }
}

/// The keys for verification, by CloudFront Functions.
#[derive(Clone, Debug)]
pub struct VerificationKeys(KeyValueStore);

impl VerificationKeys {
    /// The key value store with the ARN `store`.
    #[must_use]
    pub fn new(config: &SdkConfig, store: impl Into<String>) -> Self {
        Self(KeyValueStore::new(config, store))
    }

    /// Writes both keys at once. Always both, because a store that was created again has none.
    pub async fn put(&self, ring: &KeyRing) -> Result<(), CallError> {
        let pairs = [Slot::K0, Slot::K1].map(|slot| (slot.as_str().to_owned(), ring.key(slot).to_owned()));

        self.0.put(&pairs).await
    }
}
