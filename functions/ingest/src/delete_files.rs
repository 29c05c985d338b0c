//! Deletes the files that nobody needs: of titles whose grace period is over, of uploads that another one replaced, of
//! attempts that are not the published one. EventBridge Scheduler calls this.
//!
//! A title is told first, on the condition that nobody changed it: from then on it cannot be restored or run again. Then
//! the objects are deleted, a bounded number at a time, and the buckets are listed: only what they do not hold is gone.
//! Every part may be repeated; what is left comes up in the next run. What is gone does not count against its account's storage
//! any more.

use std::time::Duration;

use adapters::{
    aws::CallError,
    dynamodb::{Assets, Files, Retention, StoreError, Table, Titles},
    revocations::Revocations,
    s3::Bucket,
};
use domain::{
    retention::{Needed, judge},
    title::Title,
};
use kernel::Timestamp;
use runtime::{
    clock,
    config::{self, ConfigError},
};
use serde::{Deserialize, Serialize};

/// Assets that one run looks at, of each bucket of the list.
const DUE: u8 = 25;
/// Objects that one run deletes below one prefix: five requests.
const OBJECTS_AT_ONCE: usize = 5_000;

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    titles: Titles,
    assets: Assets,
    retention: Retention,
    uploads: Bucket,
    media: Bucket,
    revocations: Revocations,
    grace: Duration,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);

        Ok(Self {
            titles: table.titles(),
            assets: table.assets(),
            retention: table.retention(),
            uploads: Bucket::new(&aws, config::text("UPLOAD_BUCKET")?),
            media: Bucket::new(&aws, config::text("MEDIA_BUCKET")?),
            revocations: Revocations::new(&aws, config::text("KEY_VALUE_STORE_ARN")?),
            grace: Duration::from_secs(config::value("RESTORABLE_SECONDS")?),
        })
    }
}

/// The schedule says nothing.
#[derive(Debug, Deserialize)]
pub struct DeleteFiles {}

/// What a run did.
#[derive(Debug, Default, Serialize)]
pub struct Deleted {
    /// How many assets were looked at.
    looked_at: usize,
    /// How many of them have no files any more.
    gone: usize,
    /// How many objects were deleted.
    objects: u64,
}

/// Why an asset's files could not be looked at.
#[derive(Debug, thiserror::Error)]
enum NotDeleted {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Call(#[from] CallError),
}

/// Looks at what is due. What cannot be deleted now does not keep the rest from being looked at.
pub async fn handle(cx: Context, _: DeleteFiles) -> Result<Deleted, runtime::Error> {
    let now = clock::now();
    let mut deleted = Deleted::default();

    for files in cx.retention.due(DUE, now).await? {
        deleted.looked_at += 1;
        if let Err(error) = cx.look(files, &mut deleted, now).await {
            tracing::warn!(title.id = %files.title_id, "files of {} stay for now: {error}", files.title_id);
        }
    }
    cx.revocations.forget_outlived(now).await?;
    tracing::info!(
        looked_at = deleted.looked_at,
        gone = deleted.gone,
        objects = deleted.objects,
        "looked at {} assets and deleted {} objects",
        deleted.looked_at,
        deleted.objects
    );

    Ok(deleted)
}

impl Context {
    async fn look(&self, files: Files, deleted: &mut Deleted, now: Timestamp) -> Result<(), NotDeleted> {
        let title = self.titles.find(files.title_id).await?;
        let judgement = judge(title.as_ref(), files.asset_id, self.grace, now);

        match judgement.needed {
            Needed::Everything => {}
            Needed::Published(attempt) => {
                let output = format!("media/{}/", files.asset_id);
                let kept = format!("{output}{attempt}/");
                let mut emptied = vec![empty(&self.media, &output, |key| key.starts_with(&kept)).await?];
                if let Some(title) = &title {
                    emptied.push(self.drop_posters(title).await?);
                }
                deleted.objects += emptied.iter().map(|emptied| emptied.deleted).sum::<u64>();
                if emptied.iter().any(|emptied| emptied.left) {
                    // It stays due.
                    return Ok(());
                }
            }
            Needed::Nothing => return self.delete(files, title, deleted, now).await,
        }
        if let Some(title) = &title {
            self.count(files, title).await?;
        }
        if let Some(at) = judgement.look_again {
            self.retention.look_at(files, at).await?;
        }

        Ok(())
    }

    /// Counts a source that was uploaded before storage was counted. Everything that is kept is looked at once in a grace period,
    /// so that an account's storage is complete after one.
    async fn count(&self, files: Files, title: &Title) -> Result<(), NotDeleted> {
        if let Some(asset) = self.assets.find(files.title_id, files.asset_id).await? {
            let owner = title.owner.account_id;
            self.retention.count(files, owner, asset.size_bytes).await?;
        }

        Ok(())
    }

    /// Deletes everything of an asset.
    async fn delete(
        &self,
        files: Files,
        title: Option<Title>,
        deleted: &mut Deleted,
        now: Timestamp,
    ) -> Result<(), NotDeleted> {
        let nothing = |_: &str| false;
        let mut emptied = Vec::new();
        match title {
            Some(mut title) if title.uses(files.asset_id) => {
                if title.files_deleted_at.is_none() {
                    title.forget_files(now);
                    self.titles.save(&mut title).await?;
                }
                emptied.push(self.drop_posters(&title).await?);
            }
            // Another upload's posters are not ours to delete.
            Some(_) => {}
            None => emptied.push(empty(&self.media, &format!("images/{}/", files.title_id), nothing).await?),
        }
        emptied.push(empty(&self.uploads, &format!("uploads/{}/", files.upload_id), nothing).await?);
        emptied.push(empty(&self.media, &format!("media/{}/", files.asset_id), nothing).await?);

        let objects = emptied.iter().map(|emptied| emptied.deleted).sum::<u64>();
        deleted.objects += objects;
        if emptied.iter().any(|emptied| emptied.left) {
            // It stays due.
            return Ok(());
        }
        self.retention.gone(files, objects, now).await?;
        deleted.gone += 1;
        tracing::info!(
            title.id = %files.title_id,
            asset.id = %files.asset_id,
            objects,
            "the files of asset {} are deleted, the buckets hold none",
            files.asset_id
        );

        Ok(())
    }

    /// Deletes the posters of a title that are not its poster any more.
    async fn drop_posters(&self, title: &Title) -> Result<Emptied, CallError> {
        let poster = title.publication.as_ref().and_then(|made| made.poster.as_deref());

        empty(&self.media, &format!("images/{}/", title.id), |key| Some(key) == poster).await
    }
}

/// What became of a prefix.
struct Emptied {
    deleted: u64,
    /// Whether a list still shows something that is not needed.
    left: bool,
}

/// Deletes what is below `prefix` and not needed, and looks whether it is gone.
async fn empty(bucket: &Bucket, prefix: &str, needed: impl Fn(&str) -> bool) -> Result<Emptied, CallError> {
    let unneeded = async || {
        let listed = bucket.list(prefix).await?;
        let keys = listed.into_iter().map(|object| object.key);

        Ok::<Vec<String>, CallError>(keys.filter(|key| !needed(key)).collect())
    };
    let mut keys = unneeded().await?;
    if keys.is_empty() {
        return Ok(Emptied {
            deleted: 0,
            left: false,
        });
    }
    keys.truncate(OBJECTS_AT_ONCE);
    bucket.delete(&keys).await?;

    Ok(Emptied {
        deleted: keys.len() as u64,
        left: !unneeded().await?.is_empty(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_an_event_of_this_function() {
        let sample = include_str!("../../../events/schedule/delete-files.json");

        runtime::event::parse::<DeleteFiles>(serde_json::from_str(sample).unwrap()).unwrap();
    }
}
