//! The table's stream: what adapters write is read back as changes of the domain.

use adapters::dynamodb::{Change, StreamRecord, keys};
use domain::{engagement::Engagement, experiment::Exposure};
use kernel::id::{ExperimentId, TitleId};

use crate::{
    fixtures::{account, draft, new_account, now, rename},
    table::TestTable,
};

/// The first `count` changes of the table.
async fn changes(table: &TestTable, count: usize) -> Vec<Change> {
    let records = table.stream_records(count).await;
    assert_eq!(records.len(), count, "one record for each write");
    let records = records
        .into_iter()
        .map(|record| serde_json::from_value::<StreamRecord>(record).expect("a record"));

    records.map(|record| record.change().expect("a change")).collect()
}

#[tokio::test]
async fn a_title_is_inserted_modified_and_removed() {
    let Some(table) = TestTable::create().await else { return };
    let first = draft(new_account(), "Film", now());
    let mut second = first.clone();
    table.titles().create(&first).await.expect("a new title");
    rename(&mut second, "Renamed");
    table.titles().save(&mut second).await.expect("a write");
    table.titles().remove(&second).await.expect("a removal");

    let changes = changes(&table, 3).await;

    let [
        Change::Title(None, Some(inserted)),
        Change::Title(Some(before), Some(modified)),
        Change::Title(Some(removed), None),
    ] = &changes[..]
    else {
        panic!("{changes:?}")
    };
    assert_eq!(
        [inserted, before].map(|title| (**title).clone()),
        [first.clone(), first]
    );
    assert_eq!(
        [modified, removed].map(|title| (**title).clone()),
        [second.clone(), second]
    );
}

#[tokio::test]
async fn a_write_that_fails_its_condition_changes_nothing() {
    let Some(table) = TestTable::create().await else { return };
    let mut title = draft(new_account(), "Film", now());
    let mut late = title.clone();
    table.titles().create(&title).await.expect("a new title");
    table.titles().save(&mut title).await.expect("a write");
    table.titles().save(&mut late).await.expect_err("a late write");
    table.titles().remove(&title).await.expect("a removal");

    let changes = changes(&table, 3).await;

    assert!(matches!(&changes[2], Change::Title(Some(removed), None) if removed.version == 2));
}

#[tokio::test]
async fn an_engagement_and_an_exposure_are_changes_of_their_own() {
    let Some(table) = TestTable::create().await else { return };
    let nothing = Engagement::new(new_account(), TitleId::mint(now()), 60_000, now());
    let engagements = table.engagements();
    let liked = engagements.change(&nothing, |engagement| engagement.like(now())).await;
    let liked = liked.expect("a write").expect("a like");
    let unliked = engagements
        .change(&nothing, |engagement| engagement.unlike(now()))
        .await;
    let unliked = unliked.expect("a write").expect("no like");
    let exposure = Exposure {
        experiment_id: ExperimentId::mint(now()),
        account_id: nothing.account_id,
        day: "2026-11-28".to_owned(),
        shown_at: now(),
        arm: None,
        titles: vec![],
    };
    table.exposures().record(&exposure).await.expect("a write");
    let key = keys::exposure(exposure.account_id, exposure.experiment_id, &exposure.day);
    table.delete(key).await;

    let changes = changes(&table, 4).await;

    let [
        Change::Engagement(None, Some(first)),
        Change::Engagement(Some(before), Some(second)),
        Change::Exposure(Some(shown)),
        Change::Exposure(None),
    ] = &changes[..]
    else {
        panic!("{changes:?}")
    };
    assert_eq!(
        [first, before].map(|engagement| (**engagement).clone()),
        [liked.clone(), liked]
    );
    assert_eq!((&**second, &**shown), (&unliked, &exposure));
}

#[tokio::test]
async fn items_of_other_kinds_are_other_changes() {
    let Some(table) = TestTable::create().await else { return };
    let accounts = table.accounts();
    accounts
        .ensure(&account(new_account(), "ada"))
        .await
        .expect("a new account");
    table.ended_sessions().add("session", now()).await.expect("a write");

    let changes = changes(&table, 2).await;

    assert!(
        changes.iter().all(|change| matches!(change, Change::Other)),
        "{changes:?}"
    );
}
