//! S3 for the stand-in itself, and for a job's role.

use aws_config::SdkConfig;
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};

use crate::{aws::operator, config::Config};

/// The SDKs' settings for the emulator with a role's credentials.
pub(super) fn as_role(config: &Config, credentials: Credentials) -> SdkConfig {
    let provider = SharedCredentialsProvider::new(credentials);
    operator(config).into_builder().credentials_provider(provider).build()
}

/// S3 with these settings; bucket names are in paths, because they do not resolve as hosts here.
pub(super) fn s3(config: &SdkConfig) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(config).force_path_style(true).build();
    aws_sdk_s3::Client::from_conf(config)
}
