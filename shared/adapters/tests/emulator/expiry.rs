//! Items that expire: the table may hold them for two days longer, and code does not see them.

use adapters::dynamodb::{BucketKey, keys};
use domain::{engagement::PlaybackSession, experiment::Exposure, quota::Usage, rate_limit::Limit, upload::Upload};
use kernel::{
    id::{AccountId, ExperimentId, PlaybackId, TitleId},
    money::MicroDollars,
};
use std::time::Duration;

use crate::{
    fixtures::{account, after, audit_entry, begun_upload, draft, new_account, now},
    table::{TestTable, number},
    template,
};

const A_DAY: u64 = 24 * 60 * 60;

/// The attribute that the template names.
fn attribute() -> String {
    let specification = &template::properties("Table", &["TimeToLiveSpecification"])["TimeToLiveSpecification"];
    assert_eq!(specification["Enabled"], true);

    specification["AttributeName"].as_str().expect("a name").to_owned()
}

fn playback_session(account_id: AccountId) -> PlaybackSession {
    PlaybackSession {
        playback_id: PlaybackId::mint(now()),
        account_id,
        title_id: TitleId::mint(now()),
        began_at: now(),
    }
}

async fn begin_upload(table: &TestTable, account: AccountId) -> Upload {
    let mut title = draft(account, "Film", now());
    table.titles().create(&title).await.expect("a new title");
    let (asset, upload) = begun_upload(&mut title, 1_000, now());
    let begun = table
        .titles()
        .begin_upload(&mut title, &asset, &upload, None, 1_000)
        .await;
    begun.expect("a new upload");

    upload
}

/// One item of each kind that expires, by its key, with the seconds after which it does.
async fn expiring_items(table: &TestTable) -> Vec<(keys::Key, u64)> {
    let account = new_account();
    let upload = begin_upload(table, account).await;
    let session = playback_session(account);
    table.playback_sessions().begin(&session).await.expect("a new session");
    table.ended_sessions().add("session", now()).await.expect("a write");
    let exposure = Exposure {
        experiment_id: ExperimentId::mint(now()),
        account_id: account,
        day: "2026-11-28".to_owned(),
        shown_at: now(),
        arm: None,
        titles: vec![],
    };
    table.exposures().record(&exposure).await.expect("a write");
    let entry = audit_entry(account, &draft(account, "Film", now()), now());
    table.audit_log().write(&entry).await.expect("a new line");
    let budgets = adapters::dynamodb::Budgets {
        account: MicroDollars(10),
        installation: MicroDollars(10),
    };
    table
        .quotas()
        .pay(account, "run", MicroDollars(1), budgets, now())
        .await
        .expect("a paid run");
    let limit = Limit::new(5, Duration::from_mins(1));
    let bucket = BucketKey {
        what: "password",
        subject: "subject".to_owned(),
    };
    table
        .rate_limits()
        .take(&bucket, limit, now())
        .await
        .expect("an answer")
        .expect("a token");

    vec![
        (keys::upload(upload.id), (6 + 30) * A_DAY),
        (keys::playback_session(account, session.playback_id), 7 * A_DAY),
        (keys::ended_session("session"), 31 * A_DAY),
        (
            keys::exposure(account, exposure.experiment_id, &exposure.day),
            3 * A_DAY,
        ),
        (keys::audit_entry(entry.id), 400 * A_DAY),
        (keys::usage(account), 30 * A_DAY),
        (keys::spending(), 30 * A_DAY),
        (keys::rate_limit(bucket.what, &bucket.subject), 5 * 60 + 60 * 60),
    ]
}

#[tokio::test]
async fn items_expire_by_the_attribute_of_the_template_in_seconds_since_1970() {
    let Some(table) = TestTable::create().await else { return };
    let attribute = attribute();

    for (key, seconds) in expiring_items(&table).await {
        let item = table.item(key.clone()).await.expect("an item");
        assert_eq!(number(&item, &attribute), Some(after(seconds).as_second()), "{key:?}");
    }
}

#[tokio::test]
async fn titles_assets_accounts_and_what_they_store_never_expire() {
    let Some(table) = TestTable::create().await else { return };
    let attribute = attribute();
    let id = new_account();
    table
        .accounts()
        .ensure(&account(id, "ada"))
        .await
        .expect("a new account");
    let upload = begin_upload(&table, id).await;

    for key in [
        keys::account(id),
        keys::storage(id),
        keys::title(upload.title_id),
        keys::asset(upload.title_id, upload.asset_id),
        keys::retention(upload.title_id, upload.asset_id),
    ] {
        let item = table.item(key.clone()).await.expect("an item");
        assert!(!item.contains_key(&attribute), "{key:?}");
    }
}

#[tokio::test]
async fn a_playback_session_that_has_expired_is_not_found_although_the_table_holds_it() {
    let Some(table) = TestTable::create().await else { return };
    let session = playback_session(new_account());
    let sessions = table.playback_sessions();
    sessions.begin(&session).await.expect("a new session");
    let find = async |account, at| {
        sessions
            .find(account, session.playback_id, at)
            .await
            .expect("an answer")
    };

    assert_eq!(
        find(session.account_id, after(7 * A_DAY - 1)).await,
        Some(session.clone())
    );
    assert_eq!(find(session.account_id, after(7 * A_DAY)).await, None);
    assert_eq!(
        find(new_account(), now()).await,
        None,
        "it is the session of one account"
    );
    assert_eq!(table.contents().await.len(), 1);
}

#[tokio::test]
async fn what_an_account_used_on_another_day_does_not_count_although_the_table_holds_it() {
    let Some(table) = TestTable::create().await else { return };
    let (quotas, account) = (table.quotas(), new_account());
    let create_title = |usage: &mut Usage| usage.create_title(1);

    quotas
        .change(account, now(), create_title)
        .await
        .expect("the first title");
    quotas
        .change(account, after(40 * A_DAY), create_title)
        .await
        .expect("the first title of that day");

    let item = table.item(keys::usage(account)).await.expect("an item");
    assert_eq!(
        number(&item, &attribute()),
        Some(after(70 * A_DAY).as_second()),
        "it expires later now"
    );
}
