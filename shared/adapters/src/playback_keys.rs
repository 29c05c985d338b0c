//! Where the playback keys are kept: a SecureString for those who sign, CloudFront's KeyValueStore for those who check.

use aws_config::SdkConfig;
use aws_sdk_cloudfrontkeyvaluestore::{
    Client as KeyValueClient,
    config::endpoint::{Endpoint, EndpointFuture, Params, ResolveEndpoint},
    error::ProvideErrorMetadata,
};
use aws_sdk_ssm::{Client as ParameterClient, types::ParameterType};
use domain::playback_keys::{KeyRing, Slot};

use crate::aws::CallError;

const SSM: &str = "Parameter Store";
const STORE: &str = "the key value store";

/// The ring for those who sign, in a SecureString parameter.
#[derive(Clone, Debug)]
pub struct SigningKeys {
    client: ParameterClient,
    parameter: String,
}

impl SigningKeys {
    /// The ring in `parameter`.
    #[must_use]
    pub fn new(config: &SdkConfig, parameter: impl Into<String>) -> Self {
        Self {
            client: ParameterClient::new(config),
            parameter: parameter.into(),
        }
    }

    /// The ring, if there is one yet.
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
            Err(error) => return Err(CallError::of(SSM)(error)),
        };
        let text = parameter.and_then(|parameter| parameter.value).unwrap_or_default();

        // The parser's message could quote a key.
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|_| CallError::odd(SSM, "the stored keys cannot be read"))
    }

    /// Replaces the ring.
    pub async fn put(&self, ring: &KeyRing) -> Result<(), CallError> {
        let text = serde_json::to_string(ring).map_err(|error| CallError::odd(SSM, error))?;
        self.client
            .put_parameter()
            .name(&self.parameter)
            .r#type(ParameterType::SecureString)
            .value(text)
            .overwrite(true)
            .send()
            .await
            .map_err(CallError::of(SSM))?;

        Ok(())
    }
}

/// The keys for those who check: the functions at the edge.
#[derive(Clone, Debug)]
pub struct CheckingKeys {
    client: KeyValueClient,
    store: String,
}

impl CheckingKeys {
    /// The key value store with the ARN `store`.
    #[must_use]
    pub fn new(config: &SdkConfig, store: impl Into<String>) -> Self {
        let mut settings = aws_sdk_cloudfrontkeyvaluestore::config::Builder::from(config);
        if let Some(url) = config.endpoint_url() {
            // An endpoint that is given is taken as it is. The SDK would put the account's number before its host name,
            // where only AWS has an address.
            settings = settings.endpoint_resolver(Given(url.to_owned()));
        }

        Self {
            client: KeyValueClient::from_conf(settings.build()),
            store: store.into(),
        }
    }

    /// Writes the keys of some slots, all at once.
    pub async fn put(&self, ring: &KeyRing, slots: &[Slot]) -> Result<(), CallError> {
        let current = self.client.describe_key_value_store().kvs_arn(&self.store).send().await;
        let current = current.map_err(CallError::of(STORE))?;
        let mut update = self.client.update_keys().kvs_arn(&self.store).if_match(current.e_tag());
        for slot in slots {
            let put = aws_sdk_cloudfrontkeyvaluestore::types::PutKeyRequestListItem::builder()
                .key(slot.as_str())
                .value(ring.key(*slot))
                .build()
                .map_err(|error| CallError::odd(STORE, error))?;
            update = update.puts(put);
        }
        update.send().await.map_err(CallError::of(STORE))?;

        Ok(())
    }
}

#[derive(Debug)]
struct Given(String);

impl ResolveEndpoint for Given {
    fn resolve_endpoint<'a>(&'a self, _params: &'a Params) -> EndpointFuture<'a> {
        EndpointFuture::ready(Ok(Endpoint::builder().url(self.0.clone()).build()))
    }
}
