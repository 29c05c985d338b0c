//! Deletes the files that nobody needs: of titles whose grace period is over, of uploads that another one replaced, of
//! attempts that are not the published one. EventBridge Scheduler calls this.
//!
//! A title is told first, on the condition that nobody changed it: from then on it cannot be restored or run again. Then
//! the objects are deleted, a bounded number at a time, and the buckets are listed: only what they do not hold is gone.
//! Every part may be repeated; what is left comes up in the next run. What is gone does not count against its account's storage
//! any more.
//!
//! A run goes on while it has time: whoever makes much that is due delays nobody else's for long.

use std::time::{Duration, Instant};

use adapters::{
    ServiceError,
    aws::CallError,
    dynamodb::{Assets, DueCursor, Files, Retention, StoreError, Table, Titles},
    revocations::Revocations,
    s3::Bucket,
};
use domain::{
    retention::{Needed, decide},
    title::Title,
};
use kernel::Timestamp;
use runtime::{
    clock,
    config::{self, ConfigError},
    log_failure,
};
use serde::{Deserialize, Serialize};

/// Assets that are read at a time, of each bucket of the list.
const DUE: u8 = 25;
/// For so long one run looks at assets: four fifths of the time that it has (`Timeout` in the template), so that it ends
/// what it has begun.
const LOOKS_FOR: Duration = Duration::from_mins(4);
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

/// Looks at what is due. What cannot be deleted now does not keep the rest from being looked at.
pub async fn handle(cx: Context, _: DeleteFiles) -> Result<Deleted, runtime::Error> {
    let end = Instant::now() + LOOKS_FOR;
    let now = clock::now();
    let deleted = cx.look_until(end, now).await?;
    cx.revocations.delete_expired(now).await?;
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
    /// Looks at what is due, the longest due first, until nothing is left or the time is up.
    async fn look_until(&self, end: Instant, now: Timestamp) -> Result<Deleted, StoreError> {
        let mut deleted = Deleted::default();
        let mut place = DueCursor::start();
        while !place.is_end() {
            for files in self.retention.due(&mut place, DUE, now).await? {
                if Instant::now() >= end {
                    tracing::warn!("more is due than one run can look at: the rest waits for the next one");
                    return Ok(deleted);
                }
                deleted.looked_at += 1;
                if let Err(error) = self.look(files, &mut deleted, now).await {
                    log_failure!(&error, title.id = %files.title_id, "files of {} stay for now: {error}", files.title_id);
                }
            }
        }

        Ok(deleted)
    }

    async fn look(&self, files: Files, deleted: &mut Deleted, now: Timestamp) -> Result<(), ServiceError> {
        let title = self.titles.find(files.title_id).await?;
        let decision = decide(title.as_ref(), files.asset_id, self.grace, now);

        match decision.needed {
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
        if let Some(at) = decision.next_check {
            self.retention.look_at(files, at).await?;
        }

        Ok(())
    }

    /// Counts a source that was uploaded before storage was counted. Everything that is kept is looked at once in a grace period,
    /// so that an account's storage is complete after one.
    async fn count(&self, files: Files, title: &Title) -> Result<(), ServiceError> {
        if let Some(asset) = self.assets.find(files.title_id, files.asset_id).await? {
            let owner = title.owner.account_id;
            self.retention.count_source(files, owner, asset.size_bytes).await?;
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
    ) -> Result<(), ServiceError> {
        let nothing = |_: &str| false;
        let mut emptied = Vec::new();
        match title {
            Some(mut title) if title.uses(files.asset_id) => {
                if title.files_deleted_at.is_none() {
                    title.mark_files_deleted(now);
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
        self.retention.mark_deleted(files, objects, now).await?;
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
    use adapters::aws;
    use runtime::http::testing::Services;
    use serde_json::json;

    use super::*;
    use crate::testing::ID;

    /// A list with 25 assets on its first page and one on its second, of which none can be looked at.
    async fn long_list() -> (Context, Services) {
        let asset = json!({
            "title_id": { "S": ID }, "asset_id": { "S": ID }, "upload_id": { "S": ID }, "version": { "N": "1" },
        });
        let services = Services::answering(move |call| {
            let bucket = &call.body["ExpressionAttributeValues"][":bucket"]["S"];
            let first_page = call.body["ExclusiveStartKey"].is_null();
            match call.name.as_str() {
                "Query" if bucket != "RETENTION#1" => (200, json!({ "Items": [] }).to_string()),
                "Query" if first_page => {
                    let items = [&asset; 25];
                    let page = json!({ "Items": items, "LastEvaluatedKey": { "pk": { "S": "25" } } });
                    (200, page.to_string())
                }
                "Query" => (200, json!({ "Items": [asset] }).to_string()),
                _ => (400, json!({ "__type": "ValidationException" }).to_string()),
            }
        })
        .await;
        let aws = aws::at(&services.url);
        let table = Table::new(&aws, "marquee");
        let cx = Context {
            titles: table.titles(),
            assets: table.assets(),
            retention: table.retention(),
            uploads: Bucket::new(&aws, "uploads"),
            media: Bucket::new(&aws, "media"),
            revocations: Revocations::new(&aws, "arn:aws:cloudfront::000000000000:key-value-store/marquee"),
            grace: Duration::from_hours(24),
        };

        (cx, services)
    }

    #[tokio::test]
    async fn a_run_goes_on_behind_the_first_assets_that_are_due() {
        let (cx, services) = long_list().await;

        let deleted = cx.look_until(Instant::now() + LOOKS_FOR, clock::now()).await.unwrap();

        assert_eq!(deleted.looked_at, 26);
        let queries = services.calls().iter().filter(|call| call.name == "Query").count();
        assert_eq!(queries, 5, "one for each bucket, and one for the second page");
    }

    #[tokio::test]
    async fn a_run_ends_in_time_however_much_is_due() {
        let (cx, _services) = long_list().await;

        let deleted = cx.look_until(Instant::now(), clock::now()).await.unwrap();

        assert_eq!(deleted.looked_at, 0);
    }

    #[test]
    fn a_run_looks_for_four_fifths_of_the_time_that_it_has() {
        let template = include_str!("../../../template.yaml");
        let (_, function) = template.split_once("  DeleteFilesFunction:\n").unwrap();
        let mut lines = function.lines();
        let timeout = lines.find_map(|line| line.trim().strip_prefix("Timeout: "));

        let seconds: u64 = timeout.unwrap().parse().unwrap();
        assert_eq!(LOOKS_FOR.as_secs() * 5, seconds * 4);
    }

    #[test]
    fn the_sample_is_an_event_of_this_function() {
        let sample = include_str!("../../../events/schedule/delete-files.json");

        runtime::event::parse::<DeleteFiles>(serde_json::from_str(sample).unwrap()).unwrap();
    }
}
