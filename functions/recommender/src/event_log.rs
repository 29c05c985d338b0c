//! The log of events: JSON lines in the bucket, in one folder for each channel and day.

use adapters::{
    aws::CallError,
    s3::{Bucket, ObjectInfo},
};
use futures::{StreamExt as _, stream};
use kernel::{Timestamp, day};
use serde::de::DeserializeOwned;

/// How many objects are read at the same time.
const CONCURRENCY: usize = 16;

/// Calls `each` with every line of a channel from the day of `since` to that of `until`, in no order. Returns the number of lines that
/// cannot be read.
pub(crate) async fn read<T: DeserializeOwned>(
    bucket: &Bucket,
    channel: &str,
    since: Timestamp,
    until: Timestamp,
    mut each: impl FnMut(&T),
) -> Result<u64, CallError> {
    let mut objects = Vec::new();
    for day in day::between(since, until) {
        objects.extend(bucket.list(&format!("{channel}/dt={day}/")).await?);
    }
    let mut contents = stream::iter(objects)
        .map(|ObjectInfo { key, size_bytes }| async move { (bucket.read(&key, 0, size_bytes).await, key) })
        .buffer_unordered(CONCURRENCY);
    let mut unreadable = 0;
    while let Some((content, key)) = contents.next().await {
        // An object that was listed and no longer exists has expired.
        let content = content?.unwrap_or_default();
        for line in content.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            match serde_json::from_slice(line) {
                Ok(line) => each(&line),
                Err(error) => {
                    tracing::warn!(object.key = key, "a line of {key} cannot be read: {error}");
                    unreadable += 1;
                }
            }
        }
    }

    Ok(unreadable)
}
