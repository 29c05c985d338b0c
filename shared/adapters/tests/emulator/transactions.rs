//! Writes of several items: together, or not at all.

use adapters::dynamodb::{DisabledFlag, ListAudit, ListTitles, PageRequest, QuotaError, keys};
use domain::{
    admins::RecentRemovals,
    asset::Asset,
    audit::{AuditEntry, Target},
    creators::{CreatorPolicy, CreatorRequest},
    quota::QuotaExceeded,
    title::{Title, TitleState},
    upload::{Upload, UploadState},
};
use futures::future::join_all;
use kernel::{error_kind::ErrorKind, id::AccountId};

use crate::{
    fixtures::{account, after, audit_entry, begun_upload, draft, kind, new_account, next_run, now, owner, rename},
    table::{TestTable, number},
};

/// How many bytes an account may store.
const LIMIT: u64 = 10_000;

/// A table with a title that has no film.
async fn table_with_draft() -> Option<(TestTable, Title)> {
    let table = TestTable::create().await?;
    let title = create_draft(&table, new_account()).await;

    Some((table, title))
}

async fn create_draft(table: &TestTable, account: AccountId) -> Title {
    let title = draft(account, "Film", now());
    table.titles().create(&title).await.expect("a new title");

    title
}

async fn begin_upload(
    table: &TestTable,
    title: &mut Title,
    (asset, upload): &(Asset, Upload),
    replaced: Option<&Upload>,
) -> Result<(), QuotaError> {
    table.titles().begin_upload(title, asset, upload, replaced, LIMIT).await
}

/// A table with a title whose file of this size is on its way.
async fn table_with_upload(bytes: u64) -> Option<(TestTable, Title, Asset, Upload)> {
    let (table, mut title) = table_with_draft().await?;
    let begun = begun_upload(&mut title, bytes, now());
    begin_upload(&table, &mut title, &begun, None)
        .await
        .expect("a new upload");

    Some((table, title, begun.0, begun.1))
}

async fn stored_bytes(table: &TestTable, account: AccountId) -> Option<i64> {
    let item = table.item(keys::storage(account)).await?;
    let storage = item["storage"].as_m().expect("a map");

    number(storage, "bytes")
}

async fn audit_lines(table: &TestTable, title: &Title) -> Vec<AuditEntry> {
    let which = ListAudit::To(Target::Title(title.id));
    let page = table.audit_log().list(&which, &PageRequest::first(10)).await;

    page.expect("a list").items
}

#[tokio::test]
async fn an_upload_begins_with_its_title_asset_files_and_storage() {
    let Some((table, title, asset, upload)) = table_with_upload(4_000).await else {
        return;
    };

    let found = table.titles().find(title.id).await.expect("an answer");
    assert_eq!(found.as_ref(), Some(&title));
    assert_eq!((title.state, title.version), (TitleState::Uploading, 2));
    let found = table.assets().find(title.id, asset.id).await.expect("an answer");
    assert_eq!(found, Some(asset.clone()));
    assert_eq!(table.uploads().find(upload.id).await.expect("an answer"), Some(upload));
    assert!(table.item(keys::retention(title.id, asset.id)).await.is_some());
    assert_eq!(stored_bytes(&table, title.owner.account_id).await, Some(4_000));
}

#[tokio::test]
async fn an_upload_for_a_title_that_has_changed_writes_nothing() {
    let Some((table, title)) = table_with_draft().await else {
        return;
    };
    let mut changed = title.clone();
    rename(&mut changed, "Renamed");
    table.titles().save(&mut changed).await.expect("a write");
    let before = table.contents().await;

    let mut late = title;
    let begun = begun_upload(&mut late, 4_000, now());
    let refused = begin_upload(&table, &mut late, &begun, None).await;

    let Err(QuotaError::Store(error)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(kind::<(), _>(Err(error)), ErrorKind::Conflict);
    assert_eq!(late.version, 1);
    assert_eq!(table.contents().await, before);
}

#[tokio::test]
async fn an_upload_that_the_account_has_no_space_for_writes_nothing() {
    let Some((table, title, ..)) = table_with_upload(LIMIT - 1).await else {
        return;
    };
    let mut another = create_draft(&table, title.owner.account_id).await;
    let before = table.contents().await;

    let begun = begun_upload(&mut another, 2, now());
    let refused = begin_upload(&table, &mut another, &begun, None).await;

    assert!(
        matches!(refused, Err(QuotaError::Exceeded(QuotaExceeded::StoredBytes { .. }))),
        "{refused:?}"
    );
    assert_eq!(table.contents().await, before);
}

#[tokio::test]
async fn uploads_of_one_account_that_begin_at_the_same_moment_are_all_counted() {
    let Some(table) = TestTable::create().await else { return };
    let account = new_account();
    let mut titles = Vec::new();
    for _ in 0..6 {
        titles.push(create_draft(&table, account).await);
    }

    let begun = join_all(titles.iter_mut().map(async |title| {
        let begun = begun_upload(title, 1_000, now());
        begin_upload(&table, title, &begun, None).await
    }));

    assert!(begun.await.iter().all(Result::is_ok));
    assert_eq!(stored_bytes(&table, account).await, Some(6_000));
}

#[tokio::test]
async fn of_uploads_that_begin_at_the_same_moment_as_many_begin_as_have_space() {
    let Some(table) = TestTable::create().await else { return };
    let account = new_account();
    let mut titles = Vec::new();
    for _ in 0..6 {
        titles.push(create_draft(&table, account).await);
    }

    let begun = join_all(titles.iter_mut().map(async |title| {
        let begun = begun_upload(title, LIMIT / 3, now());
        begin_upload(&table, title, &begun, None).await
    }));

    assert_eq!(begun.await.iter().filter(|begun| begun.is_ok()).count(), 3);
    assert_eq!(stored_bytes(&table, account).await, i64::try_from(LIMIT / 3 * 3).ok());
}

#[tokio::test]
async fn a_replaced_upload_gives_its_space_to_the_new_one() {
    let Some((table, mut title, _, mut replaced)) = table_with_upload(LIMIT).await else {
        return;
    };

    replaced.state = UploadState::Aborted;
    let begun = begun_upload(&mut title, LIMIT - 1, now());
    begin_upload(&table, &mut title, &begun, Some(&replaced))
        .await
        .expect("an upload");

    let account = title.owner.account_id;
    assert_eq!(stored_bytes(&table, account).await, i64::try_from(LIMIT - 1).ok());
    let found = table
        .uploads()
        .find(replaced.id)
        .await
        .expect("an answer")
        .expect("an upload");
    assert_eq!((found.state, found.version), (UploadState::Aborted, 2));
}

#[tokio::test]
async fn an_upload_that_another_one_has_completed_is_not_replaced() {
    let Some((table, mut title, _, upload)) = table_with_upload(4_000).await else {
        return;
    };
    let (mut completed, mut replaced) = (upload.clone(), upload);
    completed.state = UploadState::Completing;
    table.uploads().save(&mut completed).await.expect("a write");
    let before = table.contents().await;

    replaced.state = UploadState::Aborted;
    let begun = begun_upload(&mut title, 1_000, now());
    let refused = begin_upload(&table, &mut title, &begun, Some(&replaced)).await;

    let Err(QuotaError::Store(error)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(kind::<(), _>(Err(error)), ErrorKind::Conflict);
    assert_eq!(table.contents().await, before);
}

#[tokio::test]
async fn a_run_over_an_asset_that_has_changed_leaves_the_title_as_it_was() {
    let Some((table, mut title, mut asset, _)) = table_with_upload(4_000).await else {
        return;
    };
    let mut changed = asset.clone();
    table.assets().save(&mut changed).await.expect("a write");
    let before = table.contents().await;

    title.start_processing(now()).expect("an upload");
    next_run(&mut asset, now());
    let refused = table.titles().begin_run(&mut title, &mut asset).await;

    assert_eq!(kind(refused), ErrorKind::Conflict);
    assert_eq!((title.version, asset.version), (2, 1));
    assert_eq!(table.contents().await, before);
}

#[tokio::test]
async fn an_audited_change_is_in_the_audit_log_and_a_refused_one_is_not() {
    let Some((table, mut title)) = table_with_draft().await else {
        return;
    };
    let (admin, mut late) = (new_account(), title.clone());
    let first = audit_entry(admin, &title, now());
    let second = audit_entry(admin, &title, after(1));

    title.archive(&owner(&title), now()).expect("a draft");
    table.titles().save_audited(&mut title, &first).await.expect("a write");
    let refused = table.titles().save_audited(&mut late, &second).await;

    assert_eq!(kind(refused), ErrorKind::Conflict);
    assert_eq!((title.version, late.version), (2, 1));
    assert_eq!(audit_lines(&table, &title).await, [first]);
    assert_eq!(table.titles().find(title.id).await.expect("an answer"), Some(title));
}

#[tokio::test]
async fn a_deletion_is_audited_or_not_made() {
    let Some((table, mut title)) = table_with_draft().await else {
        return;
    };
    let stale = title.clone();
    table.titles().save(&mut title).await.expect("a write");
    let entry = audit_entry(new_account(), &title, now());

    let refused = table.titles().remove_audited(&stale, &entry).await;
    assert_eq!(kind(refused), ErrorKind::Conflict);
    assert_eq!(audit_lines(&table, &title).await, []);
    let found = table.titles().find_many(&[title.id]).await.expect("an answer");
    assert_eq!(found.len(), 1);

    table.titles().remove_audited(&title, &entry).await.expect("a deletion");
    assert_eq!(audit_lines(&table, &title).await, [entry]);
    assert_eq!(table.titles().find(title.id).await.expect("an answer"), None);
}

#[tokio::test]
async fn a_line_of_the_audit_log_is_written_once() {
    let Some((table, mut title)) = table_with_draft().await else {
        return;
    };
    let (log, entry) = (table.audit_log(), audit_entry(new_account(), &title, now()));
    log.write(&entry).await.expect("a new line");

    assert_eq!(kind(log.write(&entry).await), ErrorKind::Conflict);
    log.write_once(&entry).await.expect("harmless");
    assert_eq!(
        kind(table.titles().save_audited(&mut title, &entry).await),
        ErrorKind::Conflict
    );

    assert_eq!(audit_lines(&table, &title).await, [entry]);
    assert_eq!(title.version, 1);
}

#[tokio::test]
async fn a_decision_about_a_request_is_audited_or_not_made() {
    let Some((table, title)) = table_with_draft().await else {
        return;
    };
    let (requests, id) = (table.creator_requests(), title.owner.account_id);
    let asked = CreatorRequest::ask(CreatorPolicy::Approval, None, id, now()).expect("a request");
    requests.save(&asked).await.expect("a new request");
    let mut approved = requests.find(id).await.expect("an answer").expect("a request");
    approved.approve(after(1)).expect("a pending request");
    let entry = audit_entry(new_account(), &title, now());

    assert_eq!(waiting(&table).await, 1);
    requests.decide(&approved, &entry).await.expect("the first decision");
    assert_eq!(waiting(&table).await, 0);
    let second = audit_entry(new_account(), &title, now());
    assert_eq!(kind(requests.decide(&approved, &second).await), ErrorKind::Conflict);
    assert_eq!(audit_lines(&table, &title).await, [entry]);
}

async fn waiting(table: &TestTable) -> usize {
    let page = table.creator_requests().pending(&PageRequest::first(10)).await;

    page.expect("a list").items.len()
}

#[tokio::test]
async fn an_account_is_flagged_together_with_the_roster_and_the_audit_log() {
    let Some((table, title)) = table_with_draft().await else {
        return;
    };
    let (admins, id) = (table.admins(), new_account());
    table
        .accounts()
        .ensure(&account(id, "ada"))
        .await
        .expect("a new account");
    let read = admins.roster().await.expect("an answer");
    assert_eq!(read, RecentRemovals::default());
    let entry = |seconds| audit_entry(new_account(), &title, after(seconds));
    let disabled = DisabledFlag::Set(id, now());

    admins
        .record(&entry(0), Some(&read), Some(disabled))
        .await
        .expect("a write");
    assert_eq!(
        table.accounts().disabled_since(id).await.expect("an answer"),
        Some(now())
    );
    let refused = admins
        .record(&entry(1), Some(&read), Some(DisabledFlag::Clear(id)))
        .await;
    assert_eq!(kind(refused), ErrorKind::Conflict, "the roster has changed");
    assert_eq!(
        table.accounts().disabled_since(id).await.expect("an answer"),
        Some(now())
    );

    admins
        .record(&entry(2), None, Some(DisabledFlag::Clear(id)))
        .await
        .expect("a write");
    assert_eq!(table.accounts().disabled_since(id).await.expect("an answer"), None);
    assert_eq!(audit_lines(&table, &title).await.len(), 2);
}

#[tokio::test]
async fn an_account_without_an_item_gets_no_flag() {
    let Some((table, title)) = table_with_draft().await else {
        return;
    };
    let id = new_account();

    let (admins, entry) = (table.admins(), audit_entry(id, &title, now()));
    admins
        .record(&entry, None, Some(DisabledFlag::Set(id, now())))
        .await
        .expect("a write");

    assert_eq!(table.accounts().find(id).await.expect("an answer"), None);
    assert_eq!(audit_lines(&table, &title).await.len(), 1);
}

#[tokio::test]
async fn a_title_is_in_the_list_of_its_new_state_only() {
    let Some((table, title, ..)) = table_with_upload(4_000).await else {
        return;
    };
    let list = async |state| {
        let page = table
            .titles()
            .list(ListTitles::InState(state), &PageRequest::first(10))
            .await;
        page.expect("a list").items
    };

    assert_eq!(list(TitleState::Draft).await, []);
    assert_eq!(list(TitleState::Uploading).await, [title]);
}
