//! The items of one run, for the tests of the steps.

use adapters::dynamodb::testing as items;
pub(crate) use adapters::dynamodb::testing::{ID, title};
use domain::ingest::Run;
use kernel::id::Attempt;
use serde_json::{Value, json};

/// The first run over the asset of [`title`].
pub(crate) fn run() -> Run {
    Run {
        title_id: ID.parse().unwrap(),
        asset_id: ID.parse().unwrap(),
        attempt: Attempt::FIRST,
    }
}

/// The run's asset with this newest attempt.
pub(crate) fn asset(attempt: u32) -> Value {
    let mut asset = items::asset();
    asset["attempt"] = json!({ "N": attempt.to_string() });

    asset
}

/// The account of the title's owner.
pub(crate) fn account() -> Value {
    json!({
        "pk": { "S": format!("ACCOUNT#{ID}") },
        "sk": { "S": "ACCOUNT" },
        "account_id": { "S": ID },
        "email": { "S": "ada@example.org" },
        "display_name": { "S": "Ada" },
        "created_at": { "S": items::TIME },
        "version": { "N": "1" },
    })
}

/// The account of the title's owner, disabled by an admin.
pub(crate) fn disabled_account() -> Value {
    let mut account = account();
    account["disabled_at"] = json!({ "S": items::TIME });

    account
}
