//! Forgets sign-ups whose code was never entered, on a schedule: an address is not kept for those who cannot read its mail.

use std::time::Duration;

use adapters::{aws, cognito::UserPool};
use runtime::{clock, config};
use serde::Deserialize;

/// Longer than a code is good.
const UNCONFIRMED_FOR: Duration = Duration::from_hours(48);

/// What the function works with.
#[derive(Clone, Debug)]
pub struct Context {
    pool: UserPool,
}

impl Context {
    /// Reads the environment: `USER_POOL_ID`.
    pub async fn from_env() -> Result<Self, runtime::Error> {
        let aws = aws::config().await;

        Ok(Self {
            pool: UserPool::new(&aws, config::text("USER_POOL_ID")?),
        })
    }
}

/// Any event: what is in it does not matter.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct AnyEvent {}

/// Deletes what is two days old and was never confirmed.
pub async fn handle(cx: Context, _event: AnyEvent) -> Result<(), runtime::Error> {
    let deleted = cx.pool.delete_unconfirmed(clock::now() - UNCONFIRMED_FOR).await?;
    if deleted > 0 {
        tracing::info!(deleted, "{deleted} sign-ups expired");
    }

    Ok(())
}
