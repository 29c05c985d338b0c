//! How the local cloud's own programs use AWS SDKs: against the emulator, as its root, whose key needs no secret. Only what
//! AWS itself would do is done this way; functions and stand-ins act in people's data as their roles.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_http_client::Builder;

use crate::{REGION, emulator::Emulator};

/// The SDKs' settings for the emulator.
#[must_use]
pub fn operator(emulator: &Emulator) -> SdkConfig {
    let root = Credentials::new(emulator.root_key(), emulator.root_key(), None, None, "local cloud");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static(REGION))
        .endpoint_url(emulator.url())
        .credentials_provider(SharedCredentialsProvider::new(root))
        .http_client(Builder::new().build_http())
        .build()
}

/// The SDKs' settings for the emulator with a role's credentials.
#[must_use]
pub fn as_role(emulator: &Emulator, credentials: Credentials) -> SdkConfig {
    let provider = SharedCredentialsProvider::new(credentials);
    operator(emulator).into_builder().credentials_provider(provider).build()
}

/// S3 with these settings; bucket names are in paths, because they do not resolve as hosts here.
#[must_use]
pub fn s3(config: &SdkConfig) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(config).force_path_style(true).build();
    aws_sdk_s3::Client::from_conf(config)
}
