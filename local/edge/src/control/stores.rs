//! Copies of KeyValueStores, refreshed with the control plane: as on CloudFront, a changed key reaches the edge in seconds, and no
//! request waits for it.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use marquee_standin::emulator::Emulator;
use tokio::sync::Mutex;
use tracing::warn;

use super::emulator_api::EmulatorApi;
use crate::functions::Store;

/// The API's largest page.
const MAX_RESULTS: usize = 50;
const SERVICE: &str = "cloudfront-keyvaluestore";

/// The stores that functions read.
#[derive(Debug)]
pub(crate) struct Stores {
    emulator: EmulatorApi,
    copies: Mutex<HashMap<String, Arc<Store>>>,
}

impl Stores {
    pub(crate) fn new(emulator: &Emulator) -> Self {
        Self {
            emulator: EmulatorApi::new(emulator),
            copies: Mutex::default(),
        }
    }

    /// The last copy of a store.
    pub(crate) async fn get(&self, arn: &str) -> Arc<Store> {
        self.copies.lock().await.get(arn).cloned().unwrap_or_default()
    }

    /// Reads the stores again; the copy of one that cannot be read stays.
    pub(crate) async fn refresh(&self, arns: impl Iterator<Item = &str>) {
        for arn in arns {
            match self.read(arn).await {
                Ok(store) => drop(self.copies.lock().await.insert(arn.to_owned(), Arc::new(store))),
                Err(error) => warn!("the key value store {arn} cannot be read: {error:#}"),
            }
        }
    }

    async fn read(&self, arn: &str) -> anyhow::Result<Store> {
        let base = format!("/key-value-stores/{}", encoded(arn));
        let meta = self.emulator.get(SERVICE, &base).await?;
        let seconds = |name: &str| meta[name].as_f64().map_or(0, whole_seconds);

        let mut pairs = BTreeMap::new();
        let mut token: Option<String> = None;
        loop {
            let next = token
                .as_deref()
                .map(|token| format!("&NextToken={}", encoded(token)))
                .unwrap_or_default();
            let page = self
                .emulator
                .get(SERVICE, &format!("{base}/keys?MaxResults={MAX_RESULTS}{next}"))
                .await?;
            for item in page["Items"].as_array().into_iter().flatten() {
                if let (Some(key), Some(value)) = (item["Key"].as_str(), item["Value"].as_str()) {
                    pairs.insert(key.to_owned(), value.to_owned());
                }
            }
            token = page["NextToken"].as_str().map(str::to_owned);
            if token.is_none() {
                return Ok(Store {
                    pairs,
                    created: seconds("Created"),
                    last_modified: seconds("LastModified"),
                });
            }
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a time in seconds, whose fraction is not shown"
)]
fn whole_seconds(seconds: f64) -> i64 {
    seconds as i64
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_one_name_in_the_path() {
        let arn = "arn:aws:cloudfront::000000000000:key-value-store/ab";
        assert_eq!(
            encoded(arn),
            "arn%3Aaws%3Acloudfront%3A%3A000000000000%3Akey-value-store%2Fab"
        );
    }
}
