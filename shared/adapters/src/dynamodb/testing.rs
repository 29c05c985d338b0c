//! Stored items, for tests with a stand-in for the table.

use serde_json::{Value, json};

/// The id of all entities, unless a test gives another.
pub const ID: &str = "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11";
/// The time at which all entities were created.
pub const TIME: &str = "2026-11-18T11:06:40Z";
/// The time at which an upload from then expires.
pub const EXPIRES: &str = "2026-11-24T11:06:40Z";

/// A title in a state.
#[must_use]
pub fn title(state: &str) -> Value {
    json!({
        "pk": { "S": format!("TITLE#{ID}") },
        "sk": { "S": "TITLE" },
        "title_id": { "S": ID },
        "owner_id": { "S": ID },
        "owner_name": { "S": "Ada" },
        "name": { "S": "Film" },
        "description": { "S": "" },
        "genres": { "L": [] },
        "visibility": { "S": "public" },
        "state": { "S": state },
        "asset_id": { "S": ID },
        "upload_id": { "S": ID },
        "created_at": { "S": TIME },
        "updated_at": { "S": TIME },
        "version": { "N": "3" },
        "work_pk": { "S": "" },
        "work_sk": { "S": "" },
        "owned_pk": { "S": "" },
        "owned_sk": { "S": "" },
    })
}

/// Its asset, without steps.
#[must_use]
pub fn asset() -> Value {
    json!({
        "pk": { "S": format!("TITLE#{ID}") },
        "sk": { "S": format!("ASSET#{ID}") },
        "asset_id": { "S": ID },
        "title_id": { "S": ID },
        "upload_id": { "S": ID },
        "size_bytes": { "N": "1000" },
        "steps": { "M": {} },
        "created_at": { "S": TIME },
        "updated_at": { "S": TIME },
        "version": { "N": "1" },
    })
}

/// The usage of an account with this open upload of `bytes`.
#[must_use]
pub fn usage(account: &str, upload: &str, bytes: u64) -> Value {
    let bytes = json!({ "N": bytes.to_string() });
    let open = json!({ "bytes": bytes, "began_at": { "S": TIME }, "expires_at": { "S": EXPIRES } });
    let usage = json!({
        "day": { "S": "2026-11-18" },
        "titles": { "N": "1" },
        "uploads": { "N": "1" },
        "upload_bytes": bytes,
        "spent": { "N": "0" },
        "runs": { "L": [] },
        "open": { "M": { upload: { "M": open } } },
    });

    json!({
        "pk": { "S": format!("QUOTA#{account}") },
        "sk": { "S": "USAGE" },
        "account_id": { "S": account },
        "usage": { "M": usage },
        "expires_at_epoch": { "N": "0" },
        "version": { "N": "4" },
    })
}
