//! Playback keys in Parameter Store, and what the edge reads of its key value store.

use std::collections::BTreeMap;

use adapters::{
    playback_keys::{SigningKeys, VerificationKeys},
    revocations::Revocations,
};
use domain::playback_keys::KeyRing;
use futures::future::try_join_all;
use kernel::id::{AssetId, TitleId};
use serde_json::{Value, json};

use crate::{
    emulator::{Emulator, element, root_authorization, unique},
    fixtures::{after, now},
};

fn ring(key: &str) -> KeyRing {
    KeyRing::new(key.to_owned(), "another key".to_owned(), "viewers".to_owned(), now())
}

/// A key value store of the edge.
struct Store {
    emulator: Emulator,
    arn: String,
}

impl Store {
    async fn create() -> Option<Self> {
        let emulator = Emulator::running().await?;
        let name = unique("store");
        let answer = emulator
            .http
            .post(format!("{}/2020-05-31/key-value-store", emulator.url))
            .header("authorization", root_authorization("cloudfront"))
            .body(format!(
                "<CreateKeyValueStoreRequest><Name>{name}</Name></CreateKeyValueStoreRequest>"
            ))
            .send()
            .await
            .expect("an answer");
        let text = answer.text().await.expect("a text");
        let arn = element(&text, "ARN").to_owned();

        Some(Self { emulator, arn })
    }

    async fn revocations(&self) -> Revocations {
        Revocations::new(&self.emulator.root().await, &self.arn)
    }

    async fn verification_keys(&self) -> VerificationKeys {
        VerificationKeys::new(&self.emulator.root().await, &self.arn)
    }

    /// All pairs.
    async fn contents(&self) -> BTreeMap<String, String> {
        let arn = self.arn.replace(':', "%3A").replace('/', "%2F");
        let answer = self
            .emulator
            .http
            .get(format!("{}/key-value-stores/{arn}/keys", self.emulator.url))
            .header("authorization", root_authorization("cloudfront-keyvaluestore"))
            .send()
            .await
            .expect("an answer");
        let list: Value = serde_json::from_str(&answer.text().await.expect("a text")).expect("JSON");
        let text = |item: &Value, name: &str| item[name].as_str().expect("a text").to_owned();
        let items = list["Items"].as_array().expect("items").iter();

        items.map(|item| (text(item, "Key"), text(item, "Value"))).collect()
    }
}

#[tokio::test]
async fn signing_keys_are_read_as_they_were_written_from_an_encrypted_parameter() {
    let Some(emulator) = Emulator::running().await else {
        return;
    };
    let root = emulator.root().await;
    let name = format!("/{}", unique("keys"));
    let keys = SigningKeys::new(&root, &name);

    assert_eq!(keys.find().await.expect("an answer"), None);
    keys.put(&ring("first")).await.expect("a write");
    keys.put(&ring("second")).await.expect("a write");

    assert_eq!(keys.find().await.expect("an answer"), Some(ring("second")));
    let stored = emulator
        .call("ssm", "AmazonSSM.GetParameter", &json!({ "Name": name }))
        .await;
    let stored = &stored["Parameter"];
    assert_eq!(stored["Type"], "SecureString");
    assert!(
        !stored["Value"].as_str().unwrap_or_default().contains("second"),
        "it is not readable without its key"
    );
}

#[tokio::test]
async fn the_edge_gets_both_keys_of_the_newest_ring() {
    let Some(store) = Store::create().await else { return };
    let keys = store.verification_keys().await;

    keys.put(&ring("first")).await.expect("a write");
    keys.put(&ring("second")).await.expect("a write");

    let expected = [("k0", "second"), ("k1", "another key")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(store.contents().await, BTreeMap::from(expected));
}

#[tokio::test]
async fn a_revoked_title_is_refused_until_it_is_shown_again() {
    let Some(store) = Store::create().await else { return };
    let revocations = store.revocations().await;
    let (title, asset, other) = (TitleId::mint(now()), AssetId::mint(now()), TitleId::mint(now()));
    let pair = |key: String| (key, now().as_millisecond().to_string());

    revocations.revoke(title, Some(asset), now()).await.expect("a write");
    revocations.revoke(other, None, now()).await.expect("a write");
    let all = [
        pair(format!("t:{title}")),
        pair(format!("a:{asset}")),
        pair(format!("t:{other}")),
    ];
    assert_eq!(store.contents().await, BTreeMap::from(all));

    for _ in 0..2 {
        revocations.lift(title, Some(asset)).await.expect("an answer");
    }
    assert_eq!(store.contents().await, BTreeMap::from([pair(format!("t:{other}"))]));
}

#[tokio::test]
async fn titles_that_are_revoked_at_the_same_moment_are_all_refused() {
    let Some(store) = Store::create().await else { return };
    let revocations = store.revocations().await;
    let titles: Vec<TitleId> = (0..5).map(|_| TitleId::mint(now())).collect();

    try_join_all(titles.iter().map(|title| revocations.revoke(*title, None, now())))
        .await
        .expect("no error but conflicts");

    let keys: Vec<String> = store.contents().await.into_keys().collect();
    let mut expected: Vec<String> = titles.iter().map(|title| format!("t:{title}")).collect();
    expected.sort();
    assert_eq!(keys, expected);
}

#[tokio::test]
async fn entries_about_tokens_that_have_expired_are_forgotten_and_hidden_titles_are_not() {
    const TOKEN_LIFETIME_SECONDS: u64 = 12 * 60 * 60;
    let Some(store) = Store::create().await else { return };
    let revocations = store.revocations().await;
    let titles = [(); 2].map(|()| TitleId::mint(now()));
    let assets = [(); 2].map(|()| AssetId::mint(now()));
    for (index, seconds) in [0, 60].into_iter().enumerate() {
        let at = after(seconds);
        revocations
            .revoke(titles[index], Some(assets[index]), at)
            .await
            .expect("a write");
    }

    revocations
        .delete_expired(after(TOKEN_LIFETIME_SECONDS + 30))
        .await
        .expect("an answer");

    let keys: Vec<String> = store.contents().await.into_keys().collect();
    let mut expected = [
        format!("t:{}", titles[0]),
        format!("t:{}", titles[1]),
        format!("a:{}", assets[1]),
    ];
    expected.sort();
    assert_eq!(keys, expected);
}
