//! Values of the domain, as the functions make them.

use std::{fmt::Debug, time::Duration};

use domain::{
    account::{Account, Person, Role},
    asset::Asset,
    audit::{Action, AuditEntry, Origin, Target},
    ingest::{Run, Step},
    title::{Title, testing},
    upload::{PartPlan, Upload, UploadState},
};
use kernel::{
    Timestamp,
    error_kind::{ErrorKind, HasKind},
    id::{AccountId, AssetId, Attempt, TitleId, UploadId},
};

/// The time of all tests: the morning of 2026-11-28, in UTC.
pub(crate) fn now() -> Timestamp {
    "2026-11-28T08:00:00Z".parse().expect("a time")
}

/// Some seconds after [`now`].
pub(crate) fn after(seconds: u64) -> Timestamp {
    now() + Duration::from_secs(seconds)
}

pub(crate) fn new_account() -> AccountId {
    AccountId::mint(now())
}

pub(crate) fn account(id: AccountId, name: &str) -> Account {
    Account {
        id,
        email: format!("{name}@example.org").try_into().expect("an address"),
        display_name: name.to_owned().try_into().expect("a name"),
        created_at: now(),
    }
}

/// A new title of `account`.
pub(crate) fn draft(account: AccountId, name: &str, at: Timestamp) -> Title {
    Title::draft(
        TitleId::mint(at),
        testing::owner(account),
        testing::details(name, &[]),
        at,
    )
}

/// A public title that was published at `at`.
pub(crate) fn published(account: AccountId, name: &str, genres: &[&str], at: Timestamp) -> Title {
    let mut title = draft(account, name, at);
    title.details = testing::details(name, genres);
    let asset_id = AssetId::mint(at);
    title.start_upload(asset_id, UploadId::mint(at), at).expect("a draft");
    title.start_processing(at).expect("an upload");
    title
        .publish(testing::publication(asset_id, at), at)
        .expect("a processed title");

    title
}

/// Changes the name of a title.
pub(crate) fn rename(title: &mut Title, name: &str) {
    title.details.name = name.to_owned().try_into().expect("a name");
}

/// Its owner, who may publish.
pub(crate) fn owner(title: &Title) -> Person {
    Person {
        id: title.owner.account_id,
        roles: vec![Role::Creator],
    }
}

/// An upload of this size that begins now, its asset, and their title in its new state.
pub(crate) fn begun_upload(title: &mut Title, size_bytes: u64, at: Timestamp) -> (Asset, Upload) {
    let (asset_id, upload_id) = (AssetId::mint(at), UploadId::mint(at));
    title
        .start_upload(asset_id, upload_id, at)
        .expect("a title without a film");
    let upload = Upload {
        id: upload_id,
        title_id: title.id,
        asset_id,
        account_id: title.owner.account_id,
        state: UploadState::Open,
        parts: PartPlan {
            size_bytes,
            part_size: 8 << 20,
        },
        content_type: "video/mp4".parse().expect("a content type"),
        multipart_id: "multipart".to_owned(),
        created_at: at,
        expires_at: Upload::expiry(at),
        version: 1,
    };

    (Asset::new(asset_id, title.id, upload_id, size_bytes, at), upload)
}

/// The next run over an asset whose file is there.
pub(crate) fn next_run(asset: &mut Asset, at: Timestamp) -> Run {
    asset.mark_uploaded(at);

    asset.begin_run(Step::Validate, at).expect("a run from the start").run
}

/// A run of which the table knows nothing.
pub(crate) fn new_run() -> Run {
    Run {
        title_id: TitleId::mint(now()),
        asset_id: AssetId::mint(now()),
        attempt: Attempt::FIRST,
    }
}

/// A line of the audit log about a title.
pub(crate) fn audit_entry(actor: AccountId, title: &Title, at: Timestamp) -> AuditEntry {
    let origin = Origin {
        route: "DELETE /api/titles/{title_id}".to_owned(),
        request_id: "request".to_owned(),
        address: None,
    };

    AuditEntry::new(actor, Action::TitleArchived, Target::Title(title.id), origin, at)
}

/// The kind of the error of a call that must fail.
pub(crate) fn kind<T: Debug, E: HasKind>(result: Result<T, E>) -> ErrorKind {
    result.expect_err("this call fails").kind()
}
