//! The stores of playback keys: a SecureString for functions that sign tokens, CloudFront's KeyValueStore for functions that verify them.

use aws_config::SdkConfig;
use aws_sdk_ssm::{Client as ParameterClient, error::ProvideErrorMetadata, types::ParameterType};
use domain::playback_keys::{KeyRing, Slot};

use crate::{aws::CallError, key_value_store::KeyValueStore};

const SSM: &str = "Parameter Store";

/// The key ring for signing, in a SecureString parameter.
#[derive(Clone, Debug)]
pub struct SigningKeys {
    client: ParameterClient,
    parameter: String,
}

impl SigningKeys {
    /// The key ring in `parameter`.
    #[must_use]
    pub fn new(config: &SdkConfig, parameter: impl Into<String>) -> Self {
        Self {
            client: ParameterClient::new(config),
            parameter: parameter.into(),
        }
    }

    /// The key ring, if it exists already.
    pub async fn find(&self) -> Result<Option<KeyRing>, CallError> {
        let answer = self
            .client
            .get_parameter()
            .name(&self.parameter)
            .with_decryption(true)
            .send()
            .await;
        let parameter = match answer {
            Ok(answer) => answer.parameter,
            Err(error) if error.code() == Some("ParameterNotFound") => return Ok(None),
            Err(error) => return Err(CallError::from_sdk(SSM)(error)),
        };
        let text = parameter.and_then(|parameter| parameter.value).unwrap_or_default();

        // The parser's message could quote a key.
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|_| CallError::internal(SSM, "the stored keys cannot be read"))
    }

    /// Replaces the key ring.
    pub async fn put(&self, ring: &KeyRing) -> Result<(), CallError> {
        let text = serde_json::to_string(ring).map_err(|error| CallError::internal(SSM, error))?;
        self.client
            .put_parameter()
            .name(&self.parameter)
            .r#type(ParameterType::SecureString)
            .value(text)
            .overwrite(true)
            .send()
            .await
            .map_err(CallError::from_sdk(SSM))?;

        Ok(())
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
