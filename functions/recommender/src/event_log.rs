//! The log of events: JSON lines in the bucket, a folder for each channel and day.

use adapters::{
    aws::CallError,
    s3::{Bucket, ObjectInfo},
};
use futures::{StreamExt as _, stream};
use kernel::{Timestamp, day};
use serde::de::DeserializeOwned;

/// How many objects are read at the same time: each takes some milliseconds of waiting.
const AT_ONCE: usize = 16;

/// Hands over every line of a channel from the day of `since` to that of `until`, in no order. A line that cannot be read is
/// skipped; how many were is the answer.
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
        .buffer_unordered(AT_ONCE);
    let mut unreadable = 0;
    while let Some((content, key)) = contents.next().await {
        // One that was there and is gone now has been dropped by its age.
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
