//! A CloudFront KeyValueStore: pairs that CloudFront Functions can read seconds after they are written.

use aws_config::SdkConfig;
use aws_sdk_cloudfrontkeyvaluestore::{
    Client,
    config::endpoint::{Endpoint, EndpointFuture, Params, ResolveEndpoint},
    error::{ProvideErrorMetadata, SdkError},
    types::{DeleteKeyRequestListItem, PutKeyRequestListItem},
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use kernel::error_kind::{ErrorKind, HasKind};

use crate::aws::CallError;

const SERVICE: &str = "the key value store";
/// How often a write is attempted while other writers are faster: each write names the version of the store that it changes.
const MAX_ATTEMPTS: u8 = 8;

/// A store.
#[derive(Clone, Debug)]
pub(crate) struct KeyValueStore {
    client: Client,
    arn: String,
}

impl KeyValueStore {
    pub(crate) fn new(config: &SdkConfig, arn: impl Into<String>) -> Self {
        let mut settings = aws_sdk_cloudfrontkeyvaluestore::config::Builder::from(config);
        if let Some(url) = config.endpoint_url() {
            // A configured endpoint is used unchanged. The SDK would add the account's number to its host name, which resolves on AWS
            // only.
            settings = settings.endpoint_resolver(FixedEndpoint(url.to_owned()));
        }

        Self {
            client: Client::from_conf(settings.build()),
            arn: arn.into(),
        }
    }

    /// Writes pairs, all at once.
    pub(crate) async fn put(&self, pairs: &[(String, String)]) -> Result<(), CallError> {
        for _ in 0..MAX_ATTEMPTS {
            let mut update = self
                .client
                .update_keys()
                .kvs_arn(&self.arn)
                .if_match(self.version().await?);
            for (key, value) in pairs {
                let put = PutKeyRequestListItem::builder().key(key).value(value).build();
                update = update.puts(put.map_err(|error| CallError::internal(SERVICE, error))?);
            }
            if written(update.send().await)? {
                return Ok(());
            }
        }

        Err(contended())
    }

    /// Removes keys, all at once. Keys that do not exist are ignored.
    pub(crate) async fn remove(&self, keys: &[String]) -> Result<(), CallError> {
        self.remove_if(keys, |_, _| true).await
    }

    /// Removes those of these keys that `is_due` chooses by their values at this moment.
    pub(crate) async fn remove_if(
        &self,
        keys: &[String],
        is_due: impl Fn(&str, &str) -> bool,
    ) -> Result<(), CallError> {
        for _ in 0..MAX_ATTEMPTS {
            // The version is read first: an update succeeds only if the keys are still as they were read.
            let version = self.version().await?;
            let mut update = self.client.update_keys().kvs_arn(&self.arn).if_match(version);
            let mut found = false;
            for key in keys {
                if self.get(key).await?.is_some_and(|value| is_due(key, &value)) {
                    let delete = DeleteKeyRequestListItem::builder().key(key).build();
                    update = update.deletes(delete.map_err(|error| CallError::internal(SERVICE, error))?);
                    found = true;
                }
            }
            if !found || written(update.send().await)? {
                return Ok(());
            }
        }

        Err(contended())
    }

    /// The value of a key, if it exists.
    pub(crate) async fn get(&self, key: &str) -> Result<Option<String>, CallError> {
        match self.client.get_key().kvs_arn(&self.arn).key(key).send().await {
            Ok(answer) => Ok(Some(answer.value)),
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(CallError::from_sdk(SERVICE)(error)),
        }
    }

    /// All pairs.
    pub(crate) async fn all(&self) -> Result<Vec<(String, String)>, CallError> {
        let mut pages = self.client.list_keys().kvs_arn(&self.arn).into_paginator().send();
        let mut pairs = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(CallError::from_sdk(SERVICE))?;
            let items = page.items.unwrap_or_default().into_iter();
            pairs.extend(items.map(|item| (item.key, item.value)));
        }

        Ok(pairs)
    }

    async fn version(&self) -> Result<String, CallError> {
        let current = self.client.describe_key_value_store().kvs_arn(&self.arn).send().await;

        Ok(current.map_err(CallError::from_sdk(SERVICE))?.e_tag)
    }
}

/// Whether an update was written. It was not if another writer was faster.
fn written<T, E>(answer: Result<T, SdkError<E, HttpResponse>>) -> Result<bool, CallError>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match answer.map_err(CallError::from_sdk(SERVICE)) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::Conflict => Ok(false),
        Err(error) => Err(error),
    }
}

fn contended() -> CallError {
    let cause = "other writers were faster at every attempt";

    CallError::new(SERVICE, ErrorKind::Throttled, cause)
}

#[derive(Debug)]
struct FixedEndpoint(String);

impl ResolveEndpoint for FixedEndpoint {
    fn resolve_endpoint<'a>(&'a self, _params: &'a Params) -> EndpointFuture<'a> {
        EndpointFuture::ready(Ok(Endpoint::builder().url(self.0.clone()).build()))
    }
}
