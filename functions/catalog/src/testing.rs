//! The routes of this area with a stand-in for the table, for tests.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use adapters::{
    aws::{self, SdkConfig},
    cognito::UserPool,
    dynamodb::Table,
    functions::AsyncFunction,
    sfn::IngestMachine,
};
use domain::creators::CreatorPolicy;
use kernel::{id::AccountId, money::MicroDollars};
use runtime::http::testing::{Api, Services};
use serde_json::{Value, json};
use services::{AccountRegistry, AccountStatuses};

use crate::{Context, routes};

/// The title that [`Items::publish`] stores.
pub(crate) const TITLE: &str = "/api/titles/0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11";

/// All routes of the area, without services: a request that is accepted is answered with 503.
pub(crate) fn api() -> Api {
    api_at(&aws::offline())
}

/// All routes of the area, with the services of these settings.
pub(crate) fn api_at(aws: &SdkConfig) -> Api {
    let table = Table::new(aws, "marquee");
    let pool = UserPool::new(aws, "us-east-1_EXAMPLE01");
    let context = Context {
        registry: AccountRegistry::new(&table, pool.clone(), CreatorPolicy::Approval),
        titles: table.titles(),
        genres: table.genres(),
        assets: table.assets(),
        retention: table.retention(),
        quotas: table.quotas(),
        titles_per_day: 50,
        title_changes_per_day: 2,
        restorable: Duration::from_hours(168),
        audit: table.audit_log(),
        statuses: AccountStatuses::new(pool),
        machine: IngestMachine::new(aws, "arn:aws:states:us-east-1:123456789012:stateMachine:marquee-ingest"),
        cancel_transcode: AsyncFunction::new(aws, "marquee-cancel-transcode"),
        budget: MicroDollars(20_000_000),
    };

    Api::new(context, routes())
}

/// A table that stores whole items, for one caller at a time.
#[derive(Clone, Default)]
pub(crate) struct Items(pub(crate) Arc<Mutex<HashMap<String, Value>>>);

impl Items {
    fn keep(&self, item: &Value) {
        self.0.lock().unwrap().insert(key(item), item.clone());
    }

    fn answer(&self, request: &Value) -> Value {
        if let Some(item) = request.get("Item") {
            self.keep(item);
        }
        for write in request["TransactItems"].as_array().into_iter().flatten() {
            self.keep(&write["Put"]["Item"]);
        }
        let items = self.0.lock().unwrap();

        items
            .get(&key(&request["Key"]))
            .map_or(json!({}), |item| json!({ "Item": item }))
    }

    /// A published title, of version 4.
    pub(crate) fn publish(&self, owner: AccountId) {
        let records: Value = serde_json::from_str(include_str!("../../../events/dynamodb/fan-out.json")).unwrap();
        let mut item = records["Records"][0]["dynamodb"]["NewImage"].clone();
        item["owner_id"] = json!({ "S": owner.to_string() });

        self.keep(&item);
    }
}

fn key(item: &Value) -> String {
    format!("{} {}", item["pk"]["S"], item["sk"]["S"])
}

/// All routes of the area with such a table.
pub(crate) async fn api_with_table() -> (Api, Items) {
    let items = Items::default();
    let table = items.clone();
    let services = Services::answering(move |call| (200, table.answer(&call.body).to_string())).await;

    (api_at(&aws::at(&services.url)), items)
}
