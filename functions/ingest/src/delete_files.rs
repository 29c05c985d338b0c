//! Deletes files that are not needed: of titles whose grace period is over, of replaced uploads, and of attempts that are not
//! the published one. EventBridge Scheduler calls this.
//!
//! First the title is marked, on the condition that it did not change: it cannot be restored or run again then. Then the
//! objects are deleted, a bounded number at a time, and the buckets are listed again to confirm it. Every part may be repeated;
//! the next run deletes the rest. Deleted files do not count against the account's storage any more.
//!
//! A run continues as long as it has time, so that an account with many due files does not delay the others for long.

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

/// How many due assets are read at once, from each bucket of the list.
const PAGE_SIZE: u8 = 25;
/// How long one run checks assets: four fifths of its time (`Timeout` in the template), so that it finishes the last one.
const RUN_TIME: Duration = Duration::from_mins(4);
/// How many objects one run deletes below one prefix: five requests.
const MAX_OBJECTS: usize = 5_000;

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
        let uploads = Bucket::new(&aws, config::text("UPLOAD_BUCKET")?);

        Ok(Self {
            titles: table.titles(),
            assets: table.assets(),
            retention: table.retention(),
            media: uploads.another(config::text("MEDIA_BUCKET")?),
            uploads,
            revocations: Revocations::new(&aws, config::text("KEY_VALUE_STORE_ARN")?),
            grace: Duration::from_secs(config::value("RESTORABLE_SECONDS")?),
        })
    }
}

/// The event of the schedule, which is empty.
#[derive(Debug, Deserialize)]
pub struct DeleteFiles {}

/// The result of a run.
#[derive(Debug, Default, Serialize)]
pub struct Deleted {
    /// How many assets were checked.
    checked: usize,
    /// How many of them have no files left.
    gone: usize,
    /// How many objects were deleted.
    objects: u64,
}

/// Checks the due assets. A failure to delete the files of one asset does not stop the others.
pub async fn handle(cx: Context, _: DeleteFiles) -> Result<Deleted, runtime::Error> {
    let end = Instant::now() + RUN_TIME;
    let now = clock::now();
    let deleted = cx.check_until(end, now).await?;
    cx.revocations.delete_expired(now).await?;
    tracing::info!(
        checked = deleted.checked,
        gone = deleted.gone,
        objects = deleted.objects,
        "checked {} assets and deleted {} objects",
        deleted.checked,
        deleted.objects
    );

    Ok(deleted)
}

impl Context {
    /// Checks due assets, the longest due first, until none is left or the time is up.
    async fn check_until(&self, end: Instant, now: Timestamp) -> Result<Deleted, StoreError> {
        let mut deleted = Deleted::default();
        let mut cursor = DueCursor::start();
        while !cursor.is_end() {
            for files in self.retention.due(&mut cursor, PAGE_SIZE, now).await? {
                if Instant::now() >= end {
                    tracing::warn!("more assets are due than one run can check: the next run checks the rest");
                    return Ok(deleted);
                }
                deleted.checked += 1;
                if let Err(error) = self.check(files, &mut deleted, now).await {
                    log_failure!(&error, title.id = %files.title_id, "files of {} stay for now: {error}", files.title_id);
                }
            }
        }

        Ok(deleted)
    }

    async fn check(&self, files: Files, deleted: &mut Deleted, now: Timestamp) -> Result<(), ServiceError> {
        let title = self.titles.find(files.title_id).await?;
        let decision = decide(title.as_ref(), files.asset_id, self.grace, now);

        match decision.needed {
            Needed::Everything => {}
            Needed::Published(attempt) => {
                let output = format!("media/{}/", files.asset_id);
                let kept = format!("{output}{attempt}/");
                let mut cleaned = vec![clean(&self.media, &output, |key| key.starts_with(&kept)).await?];
                if let Some(title) = &title {
                    cleaned.push(self.delete_old_posters(title).await?);
                }
                deleted.objects += cleaned.iter().map(|cleaned| cleaned.deleted).sum::<u64>();
                if cleaned.iter().any(|cleaned| cleaned.has_more) {
                    // The asset stays due.
                    return Ok(());
                }
            }
            Needed::Nothing => return self.delete(files, title, deleted, now).await,
        }
        if let Some(title) = &title {
            self.count(files, title).await?;
        }
        if let Some(at) = decision.next_check {
            self.retention.schedule_check(files, at).await?;
        }

        Ok(())
    }

    /// Counts a source that was uploaded before storage was counted. All kept files are checked once in a grace period, so an
    /// account's storage is complete after one.
    async fn count(&self, files: Files, title: &Title) -> Result<(), ServiceError> {
        if let Some(asset) = self.assets.find(files.title_id, files.asset_id).await? {
            let owner = title.owner.account_id;
            self.retention.count_source(files, owner, asset.size_bytes).await?;
        }

        Ok(())
    }

    /// Deletes all files of an asset.
    async fn delete(
        &self,
        files: Files,
        title: Option<Title>,
        deleted: &mut Deleted,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let none = |_: &str| false;
        let mut cleaned = Vec::new();
        match title {
            Some(mut title) if title.uses(files.asset_id) => {
                if title.files_deleted_at.is_none() {
                    title.mark_files_deleted(now);
                    self.titles.save(&mut title).await?;
                }
                cleaned.push(self.delete_old_posters(&title).await?);
            }
            // The title's posters belong to a newer upload.
            Some(_) => {}
            None => cleaned.push(clean(&self.media, &format!("images/{}/", files.title_id), none).await?),
        }
        cleaned.push(clean(&self.uploads, &format!("uploads/{}/", files.upload_id), none).await?);
        cleaned.push(clean(&self.media, &format!("media/{}/", files.asset_id), none).await?);

        let objects = cleaned.iter().map(|cleaned| cleaned.deleted).sum::<u64>();
        deleted.objects += objects;
        if cleaned.iter().any(|cleaned| cleaned.has_more) {
            // The asset stays due.
            return Ok(());
        }
        self.retention.mark_deleted(files, objects, now).await?;
        deleted.gone += 1;
        tracing::info!(
            title.id = %files.title_id,
            asset.id = %files.asset_id,
            objects,
            "all files of asset {} are deleted",
            files.asset_id
        );

        Ok(())
    }

    /// Deletes the posters of a title that are not its current poster.
    async fn delete_old_posters(&self, title: &Title) -> Result<Cleaned, CallError> {
        let poster = title
            .publication
            .as_ref()
            .and_then(|publication| publication.poster.as_deref());

        clean(&self.media, &format!("images/{}/", title.id), |key| Some(key) == poster).await
    }
}

/// The result of cleaning a prefix.
struct Cleaned {
    deleted: u64,
    /// Whether the bucket still lists objects that are not needed.
    has_more: bool,
}

/// Deletes objects below `prefix` that are not needed, and lists it again to confirm.
async fn clean(bucket: &Bucket, prefix: &str, needed: impl Fn(&str) -> bool) -> Result<Cleaned, CallError> {
    let unneeded = async || {
        let listed = bucket.list(prefix).await?;
        let keys = listed.into_iter().map(|object| object.key);

        Ok::<Vec<String>, CallError>(keys.filter(|key| !needed(key)).collect())
    };
    let mut keys = unneeded().await?;
    if keys.is_empty() {
        return Ok(Cleaned {
            deleted: 0,
            has_more: false,
        });
    }
    keys.truncate(MAX_OBJECTS);
    bucket.delete(&keys).await?;

    Ok(Cleaned {
        deleted: keys.len() as u64,
        has_more: !unneeded().await?.is_empty(),
    })
}

#[cfg(test)]
mod tests {
    use adapters::aws;
    use runtime::http::testing::Services;
    use serde_json::json;

    use super::*;
    use crate::testing::ID;

    /// A list with 25 assets on its first page and one on its second, none of which can be checked.
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
    async fn a_run_continues_after_the_first_page_of_due_assets() {
        let (cx, services) = long_list().await;

        let deleted = cx.check_until(Instant::now() + RUN_TIME, clock::now()).await.unwrap();

        assert_eq!(deleted.checked, 26);
        let queries = services.calls().iter().filter(|call| call.name == "Query").count();
        assert_eq!(queries, 5, "one for each bucket, and one for the second page");
    }

    #[tokio::test]
    async fn a_run_ends_in_time() {
        let (cx, _services) = long_list().await;

        let deleted = cx.check_until(Instant::now(), clock::now()).await.unwrap();

        assert_eq!(deleted.checked, 0);
    }

    #[test]
    fn a_run_checks_assets_for_four_fifths_of_its_time() {
        let template = include_str!("../../../template.yaml");
        let (_, function) = template.split_once("  DeleteFilesFunction:\n").unwrap();
        let mut lines = function.lines();
        let timeout = lines.find_map(|line| line.trim().strip_prefix("Timeout: "));

        let seconds: u64 = timeout.unwrap().parse().unwrap();
        assert_eq!(RUN_TIME.as_secs() * 5, seconds * 4);
    }

    #[test]
    fn the_sample_is_an_event_of_this_function() {
        let sample = include_str!("../../../events/schedule/delete-files.json");

        runtime::event::parse::<DeleteFiles>(serde_json::from_str(sample).unwrap()).unwrap();
    }
}
