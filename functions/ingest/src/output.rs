//! The context of the steps that read a transcoder's output.

use adapters::{
    dynamodb::{Accounts, Assets, Table, Titles, Transcodes},
    s3::Bucket,
};
use runtime::config::{self, ConfigError};

/// The context of `verify` and `publish`.
#[derive(Clone, Debug)]
pub struct Context {
    pub(crate) assets: Assets,
    pub(crate) titles: Titles,
    pub(crate) accounts: Accounts,
    pub(crate) transcodes: Transcodes,
    pub(crate) media: Bucket,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);

        Ok(Self {
            assets: table.assets(),
            titles: table.titles(),
            accounts: table.accounts(),
            transcodes: table.transcodes(),
            media: Bucket::new(&aws, config::text("MEDIA_BUCKET")?),
        })
    }
}
