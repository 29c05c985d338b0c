//! A model's artefact: `model.tar.gz` from S3, unpacked where the program reads it.

use std::{fs, path::Path};

use anyhow::Context as _;
use aws_sdk_s3::error::DisplayErrorContext;
use flate2::read::GzDecoder;

use super::{SageMaker, api::CreateModel, model::rules::parse_s3};
use marquee_standin::aws;

/// Unpacks the model's artefact into `folder`, which stays empty without one. S3 is read with the model's role, if it has one.
pub(super) async fn unpack(sagemaker: &SageMaker, model: &CreateModel, folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    let Some(url) = &model.primary_container.model_data_url else {
        return Ok(());
    };
    let (bucket, key) = parse_s3(url).with_context(|| format!("{url} names no object"))?;
    let s3 = match &model.execution_role_arn {
        Some(role) => sagemaker.as_role_with_retries(role).await.map_err(anyhow::Error::msg)?,
        None => aws::s3(&aws::root(&sagemaker.settings.emulator)),
    };
    let object = s3.get_object().bucket(bucket).key(key).send().await;
    let object = object.map_err(|error| anyhow::anyhow!("{url} cannot be read: {}", DisplayErrorContext(error)))?;
    let bytes = object.body.collect().await?.into_bytes();

    let folder = folder.to_owned();
    let unpacked =
        tokio::task::spawn_blocking(move || tar::Archive::new(GzDecoder::new(bytes.as_ref())).unpack(folder));
    unpacked.await?.with_context(|| format!("{url} is not a gzipped tar"))
}
