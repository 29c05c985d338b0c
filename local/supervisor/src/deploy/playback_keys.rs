//! The playback keys: the function that rotates them makes them first. Called after every deployment, since its schedule
//! comes round once a day only; what is too early changes nothing.

use anyhow::Context as _;
use serde_json::{Value, json};

use super::{Target, aws_cli};

/// Where the function keeps them.
pub(super) fn parameter_name(target: &Target<'_>) -> String {
    format!("/{}/playback-keys", target.stack())
}

/// Has the keys made, unless they are there.
pub(super) async fn ensure(target: &Target<'_>, function: &str) -> anyhow::Result<()> {
    let answer = aws_cli::invoke(target, function, &json!({}))
        .await
        .with_context(|| format!("{function} cannot be called"))?;
    anyhow::ensure!(
        answer["errorType"] == Value::Null,
        "the playback keys could not be made: {}",
        answer["errorMessage"]
    );
    Ok(())
}
