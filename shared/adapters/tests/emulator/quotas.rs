//! Quotas, budgets and storage: counted with what they pay for, once, however often a step is retried.

use adapters::dynamodb::{Budgets, Files, QuotaError, keys};
use domain::{
    quota::{OpenUpload, QuotaExceeded, UploadLimits},
    upload::{Upload, UploadState},
};
use futures::future::join_all;
use kernel::{
    Timestamp,
    id::{AccountId, AssetId, TitleId, UploadId},
    money::MicroDollars,
};

use crate::{
    fixtures::{after, begun_upload, draft, new_account, now},
    table::{Item, TestTable, number},
};

const A_DAY: u64 = 24 * 60 * 60;
const BUDGETS: Budgets = Budgets {
    account: MicroDollars(100),
    installation: MicroDollars(150),
};

async fn pay(table: &TestTable, account: AccountId, run: &str, quoted: i64, at: Timestamp) -> Result<i32, QuotaError> {
    table
        .quotas()
        .pay(account, run, MicroDollars(quoted), BUDGETS, at)
        .await
}

/// A number in a map of an item; 0 without an item.
fn stored(item: Option<Item>, map: &str, name: &str) -> i64 {
    item.and_then(|item| number(item.get(map)?.as_m().ok()?, name))
        .unwrap_or(0)
}

async fn spent(table: &TestTable, account: AccountId) -> (i64, i64) {
    let usage = table.item(keys::usage(account)).await;
    let spending = table.item(keys::spending()).await;

    (stored(usage, "usage", "spent"), stored(spending, "spending", "spent"))
}

async fn stored_bytes(table: &TestTable, account: AccountId) -> i64 {
    stored(table.item(keys::storage(account)).await, "storage", "bytes")
}

fn new_files() -> Files {
    Files {
        title_id: TitleId::mint(now()),
        asset_id: AssetId::mint(now()),
        upload_id: UploadId::mint(now()),
    }
}

#[tokio::test]
async fn titles_that_are_created_at_the_same_moment_are_all_counted() {
    let Some(table) = TestTable::create().await else { return };
    let (quotas, account) = (table.quotas(), new_account());

    let counts = join_all((0..8).map(|_| quotas.change(account, now(), |usage| usage.create_title(5)))).await;

    let refused = |count: &Result<(), _>| matches!(count, Err(QuotaError::Exceeded(QuotaExceeded::Titles(5))));
    assert_eq!(counts.iter().filter(|count| count.is_ok()).count(), 5);
    assert_eq!(counts.iter().filter(|count| refused(count)).count(), 3);
    let tomorrow = quotas.change(account, after(A_DAY), |usage| usage.create_title(5));
    tomorrow.await.expect("a new day");
}

#[tokio::test]
async fn a_run_is_paid_once_by_its_account_and_the_installation() {
    let Some(table) = TestTable::create().await else { return };
    let account = new_account();

    let priority = pay(&table, account, "run-1", 40, now()).await.expect("a paid run");
    let again = pay(&table, account, "run-1", 40, now())
        .await
        .expect("a run that was paid before");

    assert_eq!((priority, again), (50, 50));
    assert_eq!(spent(&table, account).await, (40, 40));
}

#[tokio::test]
async fn a_run_beyond_a_budget_is_paid_by_neither() {
    let Some(table) = TestTable::create().await else { return };
    let [first, second] = [new_account(), new_account()];
    pay(&table, first, "run-1", 90, now()).await.expect("a paid run");

    let refused = pay(&table, first, "run-2", 11, now()).await;
    assert!(
        matches!(refused, Err(QuotaError::Exceeded(QuotaExceeded::AccountSpend(_)))),
        "{refused:?}"
    );
    let refused = pay(&table, second, "run-3", 61, now()).await;
    assert!(
        matches!(refused, Err(QuotaError::Exceeded(QuotaExceeded::InstallationSpend(_)))),
        "{refused:?}"
    );

    assert_eq!(spent(&table, first).await, (90, 90));
    assert_eq!(spent(&table, second).await, (0, 90));
    pay(&table, second, "run-3", 61, after(A_DAY))
        .await
        .expect("the budget of a new day");
    assert_eq!(spent(&table, second).await, (61, 61));
}

#[tokio::test]
async fn runs_that_are_paid_at_the_same_moment_never_exceed_the_budget() {
    let Some(table) = TestTable::create().await else { return };
    let accounts: Vec<AccountId> = (0..8).map(|_| new_account()).collect();

    let paid = join_all(accounts.iter().map(|account| pay(&table, *account, "run", 30, now()))).await;

    assert_eq!(paid.iter().filter(|paid| paid.is_ok()).count(), 5, "{paid:?}");
    assert_eq!(spent(&table, accounts[0]).await.1, 150);
    let mut by_accounts = 0;
    for account in accounts {
        by_accounts += spent(&table, account).await.0;
    }
    assert_eq!(by_accounts, 150);
}

#[tokio::test]
async fn a_closed_upload_is_closed_once() {
    let Some(table) = TestTable::create().await else { return };
    let account = new_account();
    let mut title = draft(account, "Film", now());
    let (_, mut upload) = begun_upload(&mut title, 1_000, now());
    open(&table, &upload).await.expect("the first upload");

    table
        .quotas()
        .close_upload(&upload, now())
        .await
        .expect("an open upload remains open");
    let second = begun_upload(&mut title, 1_000, now()).1;
    let refused = open(&table, &second).await;
    assert!(
        matches!(refused, Err(QuotaError::Exceeded(QuotaExceeded::OpenUploads(1)))),
        "{refused:?}"
    );

    upload.state = UploadState::Aborted;
    for _ in 0..2 {
        table.quotas().close_upload(&upload, now()).await.expect("an answer");
    }
    let usage = table.item(keys::usage(account)).await;
    assert_eq!(stored(usage, "usage", "upload_bytes"), 0);
    open(&table, &second).await.expect("the second upload");
}

async fn open(table: &TestTable, upload: &Upload) -> Result<(), QuotaError> {
    let limits = UploadLimits {
        open: 1,
        begun_per_day: 10,
        bytes_per_day: 10_000,
        stored_bytes: 10_000,
    };
    let open = OpenUpload {
        bytes: upload.parts.size_bytes,
        began_at: upload.created_at,
        expires_at: upload.expires_at,
    };
    let quotas = table.quotas();

    quotas
        .change(upload.account_id, now(), |usage| {
            usage.begin_upload(&limits, upload.id, open.clone(), None)
        })
        .await
}

#[tokio::test]
async fn a_source_is_counted_once_and_given_back_once() {
    let Some(table) = TestTable::create().await else { return };
    let (retention, account) = (table.retention(), new_account());
    let [first, second] = [new_files(), new_files()];

    for files in [first, second, first] {
        retention.count_source(files, account, 1_000).await.expect("an answer");
    }
    assert_eq!(stored_bytes(&table, account).await, 2_000);

    let given_back = join_all((0..4).map(|_| retention.release_storage(first))).await;
    assert!(given_back.iter().all(Result::is_ok), "{given_back:?}");
    assert_eq!(stored_bytes(&table, account).await, 1_000);
    retention.count_source(first, account, 1_000).await.expect("an answer");
    assert_eq!(
        stored_bytes(&table, account).await,
        1_000,
        "it is not counted a second time"
    );

    retention.mark_deleted(second, 3, now()).await.expect("an answer");
    assert_eq!(stored_bytes(&table, account).await, 0);
}
