//! What the routes of this area work with.

use adapters::{
    aws,
    cognito::UserPool,
    dynamodb::{Assets, Quotas, Retention, Table, Titles, Uploads},
    functions::AsyncFunction,
    s3::UploadBucket,
};
use axum::extract::FromRef;
use domain::{account::AccountStatus, quota::UploadLimits, upload::Upload};
use kernel::{Timestamp, id::AccountId};
use runtime::{
    config,
    http::{self, Problem},
    log_failure,
};
use services::AccountStatuses;

/// What the routes of this area work with, built once per cold start.
#[derive(Clone, Debug, FromRef)]
pub struct Context {
    /// What callers may do.
    pub statuses: AccountStatuses,
    /// The titles in the table.
    pub titles: Titles,
    /// The assets in the table.
    pub assets: Assets,
    /// The uploads in the table.
    pub uploads: Uploads,
    /// The files that count against an account's storage, and the checks that delete them.
    pub retention: Retention,
    /// The bucket for sources.
    pub bucket: UploadBucket,
    /// The function that completes large uploads. Only `complete-upload` has it.
    pub finisher: Option<AsyncFunction>,
    /// The largest file that is accepted.
    pub max_bytes: u64,
    /// What accounts have used of their quotas.
    pub quotas: Quotas,
    /// The quotas of an account.
    pub limits: UploadLimits,
}

impl Context {
    /// Reads the environment: `TABLE_NAME`, `USER_POOL_ID`, `UPLOAD_BUCKET`, `MAX_SIZE_BYTES`, `OPEN_UPLOADS_PER_ACCOUNT`,
    /// `UPLOADS_PER_ACCOUNT_DAY`, `UPLOAD_BYTES_PER_ACCOUNT_DAY`, `STORED_BYTES_PER_ACCOUNT`, and
    /// `FINISH_UPLOAD_FUNCTION` where set.
    pub async fn from_env() -> Result<Self, runtime::Error> {
        let aws = aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);

        Ok(Self {
            statuses: AccountStatuses::new(UserPool::new(&aws, config::text("USER_POOL_ID")?)),
            titles: table.titles(),
            assets: table.assets(),
            uploads: table.uploads(),
            retention: table.retention(),
            bucket: UploadBucket::new(&aws, config::text("UPLOAD_BUCKET")?),
            finisher: config::optional("FINISH_UPLOAD_FUNCTION").map(|name| AsyncFunction::new(&aws, name)),
            max_bytes: config::value("MAX_SIZE_BYTES")?,
            quotas: table.quotas(),
            limits: UploadLimits {
                open: config::value("OPEN_UPLOADS_PER_ACCOUNT")?,
                begun_per_day: config::value("UPLOADS_PER_ACCOUNT_DAY")?,
                bytes_per_day: config::value("UPLOAD_BYTES_PER_ACCOUNT_DAY")?,
                stored_bytes: config::value("STORED_BYTES_PER_ACCOUNT")?,
            },
        })
    }

    /// Removes an upload from its account's open ones. If this fails, the entry ends when the upload expires.
    pub(crate) async fn close(&self, upload: &Upload, now: Timestamp) {
        let closed = self.quotas.close_upload(upload, now);
        if let Err(error) = closed.await {
            log_failure!(&error, upload.id = %upload.id, cause = %error, "upload {} still counts as open: {error}", upload.id);
        }
    }
}

impl http::Accounts for Context {
    async fn status(&self, id: AccountId) -> Result<AccountStatus, Problem> {
        Ok(self.statuses.get(id).await?)
    }
}
