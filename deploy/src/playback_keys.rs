//! The playback keys: the function that rotates them also creates them. Every deployment invokes it, because its schedule runs once a
//! day only; a rotation that is not due changes nothing.

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::{Target, aws_cli};

/// Their name in Parameter Store.
pub(crate) fn parameter_name(target: &Target) -> String {
    format!("/{}/playback-keys", target.stack())
}

/// Creates the keys unless they exist.
pub(crate) async fn ensure(target: &Target, function: &str) -> anyhow::Result<()> {
    let answer = aws_cli::invoke(target, function, &json!({}))
        .await
        .with_context(|| format!("{function} cannot be called"))?;
    anyhow::ensure!(
        answer["errorType"] == Value::Null,
        "the playback keys could not be created: {}",
        answer["errorMessage"]
    );
    Ok(())
}
