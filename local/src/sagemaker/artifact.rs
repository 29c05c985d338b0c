//! A model's artefact: `model.tar.gz` from S3, unpacked where the program expects it.

use std::{fs, path::Path};

use anyhow::Context as _;
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_sts::error::DisplayErrorContext;
use flate2::read::GzDecoder;

use super::api::CreateModel;
use crate::{aws, config::Config};

/// Makes `folder` hold the model's files: none when it has no artefact. S3 is read as the model's role, if it has one.
pub(super) async fn unpack(config: &Config, model: &CreateModel, folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    let Some(url) = &model.primary_container.model_data_url else {
        return Ok(());
    };
    let (bucket, key) = url
        .strip_prefix("s3://")
        .and_then(|path| path.split_once('/'))
        .with_context(|| format!("{url} names no object"))?;

    let mut settings = aws::operator(config).into_builder();
    if let Some(role) = &model.execution_role_arn {
        settings.set_credentials_provider(Some(assume(config, role).await?));
    }
    let settings = aws_sdk_s3::config::Builder::from(&settings.build())
        .force_path_style(true)
        .build();
    let object = aws_sdk_s3::Client::from_conf(settings)
        .get_object()
        .bucket(bucket)
        .key(key)
        .send()
        .await;
    let object = object.map_err(|error| anyhow::anyhow!("{url} cannot be read: {}", DisplayErrorContext(error)))?;
    let bytes = object.body.collect().await?.into_bytes();

    let folder = folder.to_owned();
    let unpacked =
        tokio::task::spawn_blocking(move || tar::Archive::new(GzDecoder::new(bytes.as_ref())).unpack(folder));
    unpacked.await?.with_context(|| format!("{url} is not a gzipped tar"))
}

async fn assume(config: &Config, role: &str) -> anyhow::Result<SharedCredentialsProvider> {
    let sts = aws_sdk_sts::Client::new(&aws::operator(config));
    let answer = sts
        .assume_role()
        .role_arn(role)
        .role_session_name("SageMaker")
        .send()
        .await;
    let answer = answer.map_err(|error| anyhow::anyhow!("{role} cannot be assumed: {}", DisplayErrorContext(error)))?;
    let session = answer.credentials().context("the answer has no credentials")?;
    let (key, secret, token) = (
        session.access_key_id(),
        session.secret_access_key(),
        session.session_token(),
    );
    Ok(SharedCredentialsProvider::new(Credentials::new(
        key,
        secret,
        Some(token.to_owned()),
        None,
        "SageMaker",
    )))
}
