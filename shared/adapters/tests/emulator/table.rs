//! A table as the template declares it, for one test.

use std::{collections::HashMap, ops::Deref, time::Duration};

use adapters::dynamodb::{Table, keys::Key};
use aws_sdk_dynamodb::{Client, types::AttributeValue};
use serde_json::{Value, json};

use crate::{
    emulator::{Emulator, unique},
    template,
};

/// What CreateTable takes of the template's properties. The others are set by calls of their own, or are about deletion.
const PROPERTIES: [&str; 5] = [
    "AttributeDefinitions",
    "BillingMode",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "StreamSpecification",
];
/// How long a test waits for a record of the stream.
const STREAM_TIMEOUT: Duration = Duration::from_secs(10);

/// An item as the table stores it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// An empty table, and what no adapter shows of it.
pub(crate) struct TestTable {
    pub(crate) emulator: Emulator,
    pub(crate) name: String,
    table: Table,
    client: Client,
}

impl Deref for TestTable {
    type Target = Table;

    fn deref(&self) -> &Table {
        &self.table
    }
}

impl TestTable {
    /// A new table; none if the emulator is not installed. Nothing expires in it: tests are about times that have passed.
    pub(crate) async fn create() -> Option<Self> {
        let emulator = Emulator::running().await?;
        let name = unique("table");
        let mut input = template::properties("Table", &PROPERTIES);
        input["TableName"] = name.as_str().into();
        // CloudFormation enables a stream by its view.
        input["StreamSpecification"]["StreamEnabled"] = true.into();
        emulator.call("dynamodb", "DynamoDB_20120810.CreateTable", &input).await;

        let root = emulator.root().await;
        Some(Self {
            table: Table::new(&root, &name),
            client: Client::new(&root),
            emulator,
            name,
        })
    }

    /// The item with this key, as it is stored.
    pub(crate) async fn item(&self, key: Key) -> Option<Item> {
        let get = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key.attributes()))
            .consistent_read(true);

        get.send().await.expect("GetItem").item
    }

    /// Deletes an item, whatever its version.
    pub(crate) async fn delete(&self, key: Key) {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(key.attributes()));
        delete.send().await.expect("DeleteItem");
    }

    /// All items, in a fixed order: two results are equal if nothing was written between them.
    pub(crate) async fn contents(&self) -> Vec<Item> {
        let mut pages = self
            .client
            .scan()
            .table_name(&self.name)
            .into_paginator()
            .items()
            .send();
        let mut items = Vec::new();
        while let Some(item) = pages.next().await {
            items.push(item.expect("Scan"));
        }
        items.sort_by_key(|item| (text(item, "pk"), text(item, "sk")));

        items
    }

    /// The first `count` records of the stream, as Lambda passes them to a function.
    pub(crate) async fn stream_records(&self, count: usize) -> Vec<Value> {
        let described = self.client.describe_table().table_name(&self.name).send().await;
        let table = described.expect("DescribeTable").table.expect("a table");
        let stream = table.latest_stream_arn.expect("a stream");
        let described = self.stream("DescribeStream", &json!({ "StreamArn": stream })).await;
        let from_the_beginning = json!({
            "StreamArn": stream,
            "ShardId": described["StreamDescription"]["Shards"][0]["ShardId"],
            "ShardIteratorType": "TRIM_HORIZON",
        });
        let mut iterator = self.stream("GetShardIterator", &from_the_beginning).await["ShardIterator"].take();

        let mut records = Vec::new();
        let reading = async {
            while records.len() < count {
                let mut answer = self.stream("GetRecords", &json!({ "ShardIterator": iterator })).await;
                records.extend(answer["Records"].as_array().expect("records").iter().cloned());
                iterator = answer["NextShardIterator"].take();
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(STREAM_TIMEOUT, reading)
            .await
            .expect("every write has a record in time");

        records
    }

    async fn stream(&self, action: &str, input: &Value) -> Value {
        let target = format!("DynamoDBStreams_20120810.{action}");

        self.emulator.call("dynamodb", &target, input).await
    }
}

/// A text of an item.
pub(crate) fn text(item: &Item, attribute: &str) -> Option<String> {
    item.get(attribute)?.as_s().ok().cloned()
}

/// A whole number of an item.
pub(crate) fn number(item: &Item, attribute: &str) -> Option<i64> {
    item.get(attribute)?.as_n().ok()?.parse().ok()
}
