//! Stored items: conversion between serde structs and DynamoDB's attribute maps, reads and conditional writes.

use std::{collections::HashMap, fmt::Display};

use aws_sdk_dynamodb::types::{AttributeValue, Delete, KeysAndAttributes, Put, TransactWriteItem, Update};
use futures::future::try_join_all;
use serde::{Serialize, de::DeserializeOwned};
use serde_dynamo::aws_sdk_dynamodb_1 as codec;

use super::{StoreError, Table, keys::Key};

/// The most keys of one BatchGetItem.
const MAX_KEYS: usize = 100;
/// How often the keys that a batch left over are requested again.
const MAX_BATCH_ATTEMPTS: u8 = 4;

/// An item as DynamoDB represents it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// A stored item. Its kind is an attribute, so that a person who looks at the table knows what the item is.
pub(crate) trait Stored: Serialize + DeserializeOwned {
    /// The value of the `kind` attribute.
    const KIND: &'static str;

    /// Parses an item.
    fn from_item(item: Item) -> Result<Self, StoreError> {
        codec::from_item(item).map_err(|error| StoreError::Corrupt {
            kind: Self::KIND,
            cause: error.to_string(),
        })
    }

    /// The item with its `key` and kind.
    fn to_item(&self, key: Key) -> Result<Item, StoreError> {
        let mut item: Item = codec::to_item(self).map_err(|error| StoreError::Corrupt {
            kind: Self::KIND,
            cause: error.to_string(),
        })?;
        item.extend(key.attributes());
        item.insert("kind".to_owned(), AttributeValue::S(Self::KIND.to_owned()));

        Ok(item)
    }
}

/// A value as an attribute.
pub(crate) fn value<T: Serialize>(value: &T) -> Result<AttributeValue, StoreError> {
    codec::to_attribute_value(value).map_err(|error| StoreError::Corrupt {
        kind: "value",
        cause: error.to_string(),
    })
}

/// A number as an attribute.
pub(crate) fn number(number: impl Display) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// A text as an attribute.
pub(crate) fn text(text: impl Display) -> AttributeValue {
    AttributeValue::S(text.to_string())
}

impl Table {
    /// Reads one item, strongly consistent.
    pub(crate) async fn get<T: Stored>(&self, key: Key) -> Result<Option<T>, StoreError> {
        self.read(key, true).await
    }

    /// Reads one item, eventually consistent, for half the price: it may lack the latest write.
    pub(crate) async fn get_eventually_consistent<T: Stored>(&self, key: Key) -> Result<Option<T>, StoreError> {
        self.read(key, false).await
    }

    async fn read<T: Stored>(&self, key: Key, consistent: bool) -> Result<Option<T>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key.attributes()))
            .consistent_read(consistent)
            .send()
            .await?;

        answer.item.map(T::from_item).transpose()
    }

    /// Reads the items with these keys that exist, in no order: strongly consistent, or for half the price eventually consistent.
    pub(crate) async fn get_many<T: Stored>(&self, keys: Vec<Key>, consistent: bool) -> Result<Vec<T>, StoreError> {
        let batches = keys.chunks(MAX_KEYS).map(async |keys| {
            let mut wanted: Vec<Item> = keys.iter().cloned().map(Key::attributes).collect();
            let mut found = Vec::new();
            for _ in 0..MAX_BATCH_ATTEMPTS {
                let batch = KeysAndAttributes::builder()
                    .set_keys(Some(wanted))
                    .consistent_read(consistent)
                    .build();
                let batch = batch.map_err(StoreError::internal)?;
                let answer = self
                    .client
                    .batch_get_item()
                    .request_items(&self.name, batch)
                    .send()
                    .await?;

                found.extend(
                    answer
                        .responses
                        .unwrap_or_default()
                        .remove(&self.name)
                        .unwrap_or_default(),
                );
                // A response has at most 16 MB, and less while the table throttles.
                let left = answer.unprocessed_keys.unwrap_or_default().remove(&self.name);
                wanted = left.map(|left| left.keys).unwrap_or_default();
                if wanted.is_empty() {
                    return Ok(found);
                }
            }

            Err(StoreError::throttled())
        });
        let found = try_join_all(batches).await?;

        found.into_iter().flatten().map(T::from_item).collect()
    }

    /// Writes an item that does not exist yet.
    pub(crate) async fn create(&self, item: Item) -> Result<(), StoreError> {
        self.client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await?;

        Ok(())
    }

    /// Replaces an item whose version is still `read`.
    pub(crate) async fn replace(&self, item: Item, read: u64) -> Result<(), StoreError> {
        self.client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("version = :read")
            .expression_attribute_values(":read", number(read))
            .send()
            .await?;

        Ok(())
    }

    /// Writes an item that was read at this version; 0 means that it did not exist.
    pub(crate) async fn save(&self, item: Item, read: u64) -> Result<(), StoreError> {
        match read {
            0 => self.create(item).await,
            read => self.replace(item, read).await,
        }
    }

    /// The same as [`Self::save`], inside a transaction.
    pub(crate) fn saving(&self, item: Item, read: u64) -> Result<Put, StoreError> {
        match read {
            0 => self.creation(item),
            read => self.replacement(item, read),
        }
    }

    /// The same as [`Self::create`], inside a transaction.
    pub(crate) fn creation(&self, item: Item) -> Result<Put, StoreError> {
        put(Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)"))
    }

    /// The same as [`Self::replace`], inside a transaction.
    pub(crate) fn replacement(&self, item: Item, read: u64) -> Result<Put, StoreError> {
        put(Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("version = :read")
            .expression_attribute_values(":read", number(read)))
    }

    /// Writes all of `writes`, or none of them.
    pub(crate) async fn write_together(&self, writes: Vec<TransactWriteItem>) -> Result<(), StoreError> {
        self.client
            .transact_write_items()
            .set_transact_items(Some(writes))
            .send()
            .await
            .map_err(super::error::from_transaction)?;

        Ok(())
    }
}

/// A put as part of a transaction.
pub(crate) fn putting(put: Put) -> TransactWriteItem {
    TransactWriteItem::builder().put(put).build()
}

/// An update as part of a transaction.
pub(crate) fn updating(update: Update) -> TransactWriteItem {
    TransactWriteItem::builder().update(update).build()
}

/// A deletion as part of a transaction.
pub(crate) fn deleting(delete: Delete) -> TransactWriteItem {
    TransactWriteItem::builder().delete(delete).build()
}

fn put(builder: aws_sdk_dynamodb::types::builders::PutBuilder) -> Result<Put, StoreError> {
    builder.build().map_err(StoreError::internal)
}
