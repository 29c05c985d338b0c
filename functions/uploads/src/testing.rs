//! A context, an account, and the items of its upload, for the tests of these routes.

pub(crate) use adapters::dynamodb::testing::{ID, asset};
use adapters::{
    aws::SdkConfig,
    cognito::UserPool,
    dynamodb::{Table, testing as items},
    s3::UploadBucket,
};
use api::{
    Managed,
    access::{self, Resource},
};
use domain::{
    account::{Person, Role},
    quota::UploadLimits,
};
use kernel::Timestamp;
use runtime::http::{Member, testing::Services};
use serde_json::{Value, json};
use services::AccountStatuses;

use crate::Context;

/// The context of the routes.
pub(crate) fn context(aws: &SdkConfig) -> Context {
    let table = Table::new(aws, "marquee");

    Context {
        statuses: AccountStatuses::new(UserPool::new(aws, "us-east-1_EXAMPLE01")),
        titles: table.titles(),
        assets: table.assets(),
        uploads: table.uploads(),
        retention: table.retention(),
        bucket: UploadBucket::new(aws, "uploads"),
        finisher: None,
        max_bytes: 1_000_000_000,
        quotas: table.quotas(),
        limits: UploadLimits {
            open: 10,
            begun_per_day: 200,
            bytes_per_day: 1_000_000_000,
            stored_bytes: 1_000_000_000,
        },
    }
}

/// The owner of all items.
pub(crate) fn creator() -> Person {
    Person {
        id: ID.parse().unwrap(),
        roles: vec![Role::Creator],
    }
}

/// The resource of the calls as the table has it now, with its owner and this body.
pub(crate) async fn managed<T: Resource, B>(store: &T::Store, body: B) -> Managed<T, Member, B> {
    let id = serde_json::from_value(json!(ID)).unwrap();
    let resource = access::managed(store, id, &creator()).await.unwrap();

    Managed(resource, Member(creator()), body)
}

/// The states of the upload that were written, in order.
pub(crate) fn written_states(services: &Services) -> Vec<String> {
    let calls = services.calls();
    let items = calls.iter().map(|call| &call.body["Item"]);

    items
        .filter(|item| item["sk"]["S"] == "UPLOAD")
        .filter_map(|item| item["state"]["S"].as_str().map(ToOwned::to_owned))
        .collect()
}

/// The time of the calls.
pub(crate) fn now() -> Timestamp {
    items::TIME.parse().unwrap()
}

/// The bucket's answer with this error code.
pub(crate) fn refused(code: &str) -> (u16, String) {
    (400, format!("<Error><Code>{code}</Code><Message>No.</Message></Error>"))
}

/// An upload of one part.
pub(crate) fn upload(state: &str, version: u64) -> Value {
    json!({
        "pk": { "S": format!("UPLOAD#{ID}") },
        "sk": { "S": "UPLOAD" },
        "upload_id": { "S": ID },
        "title_id": { "S": ID },
        "asset_id": { "S": ID },
        "account_id": { "S": ID },
        "state": { "S": state },
        "size_bytes": { "N": "1000" },
        "part_size": { "N": "8388608" },
        "content_type": { "S": "video/mp4" },
        "multipart_id": { "S": "multipart" },
        "created_at": { "S": items::TIME },
        "expires_at": { "S": items::EXPIRES },
        "expires_at_epoch": { "N": "1798110400" },
        "version": { "N": version.to_string() },
    })
}

/// The usage of its account.
pub(crate) fn usage() -> Value {
    items::usage(ID, ID, 1000)
}

/// The upload's title.
pub(crate) fn title() -> Value {
    items::title("uploading")
}
