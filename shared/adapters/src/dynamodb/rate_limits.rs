//! Token buckets in the table, so that a limit applies to all instances of all functions together.
//!
//! A token is taken by one conditional write that adds to the stored number. Every one of many concurrent callers is counted, and none has
//! to read again because another one wrote.

use aws_sdk_dynamodb::{
    operation::update_item::builders::UpdateItemFluentBuilder, types::ReturnValuesOnConditionCheckFailure,
};
use domain::rate_limit::{Bucket, Exhausted, Limit};
use kernel::{Timestamp, error_kind::IgnoreConflict as _};
use serde::{Deserialize, Serialize};

use super::{
    StoreError, Table, condition,
    item::{Stored, number, text},
    keys,
};

/// How long a bucket is kept after it is full again, when it is not needed any more.
const RETENTION_MS: i64 = 60 * 60 * 1000;
/// How often both writes are attempted. Each fails only if the bucket has become full, or has stopped being full, since the other one.
const MAX_ATTEMPTS: u8 = 3;

/// The table's token buckets.
#[derive(Clone, Debug)]
pub struct RateLimits(pub(super) Table);

/// The key of a bucket. The subject is a keyed hash, so that the table reveals no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketKey {
    /// What is limited.
    pub what: &'static str,
    /// Whose attempts are limited.
    pub subject: String,
}

#[derive(Serialize, Deserialize)]
struct BucketItem {
    full_at_ms: i64,
    expires_at_epoch: i64,
}

impl Stored for BucketItem {
    const KIND: &'static str = "rate_limit";
}

impl RateLimits {
    /// Takes a token out of a bucket, if it has one.
    pub async fn take(
        &self,
        key: &BucketKey,
        limit: Limit,
        now: Timestamp,
    ) -> Result<Result<(), Exhausted>, StoreError> {
        for _ in 0..MAX_ATTEMPTS {
            let from_used = self
                .write(key, limit, now)
                .update_expression("SET full_at_ms = full_at_ms + :every, expires_at_epoch = :expires, kind = :kind")
                .condition_expression("full_at_ms > :now AND full_at_ms <= :latest")
                .expression_attribute_values(":every", number(limit.every_ms()))
                .expression_attribute_values(":latest", number(limit.latest_ms(now)));
            let Err(bucket) = condition::written(from_used.send().await)? else {
                return Ok(Ok(()));
            };
            let bucket = bucket.map(|BucketItem { full_at_ms, .. }| Bucket { full_at_ms });
            let taken = match limit.take(bucket, now) {
                Ok(taken) => taken,
                Err(exhausted) => return Ok(Err(exhausted)),
            };

            let from_full = self
                .write(key, limit, now)
                .update_expression("SET full_at_ms = :taken, expires_at_epoch = :expires, kind = :kind")
                .condition_expression("attribute_not_exists(full_at_ms) OR full_at_ms <= :now")
                .expression_attribute_values(":taken", number(taken.full_at_ms));
            if condition::written::<BucketItem, _, _>(from_full.send().await)?.is_ok() {
                return Ok(Ok(()));
            }
        }

        Err(StoreError::Contended)
    }

    /// Puts a token back. Does nothing if the bucket does not exist any more.
    pub async fn put_back(&self, key: &BucketKey, limit: Limit) -> Result<(), StoreError> {
        self.update(key)
            .update_expression("SET full_at_ms = full_at_ms - :every")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":every", number(limit.every_ms()))
            .send()
            .await
            .map(drop)
            .map_err(StoreError::from)
            .ignore_conflict()
    }

    fn update(&self, key: &BucketKey) -> UpdateItemFluentBuilder {
        let Table { client, name } = &self.0;

        client
            .update_item()
            .table_name(name)
            .set_key(Some(keys::rate_limit(key.what, &key.subject).attributes()))
    }

    /// The common part of both writes.
    fn write(&self, key: &BucketKey, limit: Limit, now: Timestamp) -> UpdateItemFluentBuilder {
        let full_at_most_ms = limit.latest_ms(now) + limit.every_ms();

        self.update(key)
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .expression_attribute_values(":expires", number((full_at_most_ms + RETENTION_MS) / 1000))
            .expression_attribute_values(":kind", text(BucketItem::KIND))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}
