//! Rate limits: tokens are counted exactly, however many callers come at the same moment.

use std::time::Duration;

use adapters::dynamodb::BucketKey;
use domain::rate_limit::{Exhausted, Limit};
use futures::future::join_all;
use kernel::Timestamp;

use crate::{
    fixtures::{after, now},
    table::TestTable,
};

const BURST: usize = 5;
const LIMIT: Limit = Limit::new(5, Duration::from_mins(1));

fn bucket(subject: &str) -> BucketKey {
    BucketKey {
        what: "password",
        subject: subject.to_owned(),
    }
}

async fn take(table: &TestTable, subject: &str, at: Timestamp) -> Result<(), Exhausted> {
    table
        .rate_limits()
        .take(&bucket(subject), LIMIT, at)
        .await
        .expect("an answer")
}

async fn put_back(table: &TestTable, subject: &str) {
    let put_back = table.rate_limits().put_back(&bucket(subject), LIMIT).await;

    put_back.expect("an answer");
}

/// How many tokens many callers get at the same moment.
async fn take_all(table: &TestTable, callers: usize, at: Timestamp) -> usize {
    let taken = join_all((0..callers).map(|_| take(table, "subject", at))).await;

    taken.iter().filter(|taken| taken.is_ok()).count()
}

#[tokio::test]
async fn a_hundred_callers_at_the_same_moment_get_exactly_the_burst() {
    let Some(table) = TestTable::create().await else { return };

    assert_eq!(take_all(&table, 100, now()).await, BURST);
}

#[tokio::test]
async fn tokens_return_one_by_one_and_never_more_than_the_burst() {
    let Some(table) = TestTable::create().await else { return };
    take_all(&table, BURST, now()).await;

    assert_eq!(take_all(&table, 20, after(59)).await, 0);
    assert_eq!(take_all(&table, 20, after(60)).await, 1);
    assert_eq!(take_all(&table, 20, after(180)).await, 2);
    assert_eq!(take_all(&table, 20, after(24 * 60 * 60)).await, BURST);
}

#[tokio::test]
async fn a_caller_without_a_token_is_informed_of_the_wait() {
    let Some(table) = TestTable::create().await else { return };
    take_all(&table, BURST, now()).await;

    let refused = take(&table, "subject", after(20)).await;

    assert_eq!(
        refused,
        Err(Exhausted {
            wait: Duration::from_secs(40)
        })
    );
}

#[tokio::test]
async fn a_token_that_is_put_back_can_be_taken_again() {
    let Some(table) = TestTable::create().await else { return };
    take_all(&table, BURST, now()).await;

    put_back(&table, "subject").await;

    assert_eq!(take_all(&table, 20, now()).await, 1);
}

#[tokio::test]
async fn tokens_that_are_put_back_never_make_more_than_the_burst() {
    let Some(table) = TestTable::create().await else { return };
    take(&table, "subject", now()).await.expect("a token");

    for _ in 0..3 {
        put_back(&table, "subject").await;
    }

    assert_eq!(take_all(&table, 20, now()).await, BURST);
}

#[tokio::test]
async fn a_token_of_an_unknown_bucket_is_put_back_without_a_trace() {
    let Some(table) = TestTable::create().await else { return };

    put_back(&table, "subject").await;

    assert!(table.contents().await.is_empty());
}

#[tokio::test]
async fn subjects_have_buckets_of_their_own() {
    let Some(table) = TestTable::create().await else { return };
    take_all(&table, BURST, now()).await;

    assert!(take(&table, "subject", now()).await.is_err());
    assert!(take(&table, "another subject", now()).await.is_ok());
}
