//! Settings of the AWS SDKs for the emulator. The root's settings are for what AWS itself does; stand-ins use the roles that they
//! are passed to read and write the data of callers.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_http_client::Builder;

use crate::emulator::Emulator;

/// The SDKs' settings for the emulator, with the credentials of its root.
#[must_use]
pub fn root(emulator: &Emulator) -> SdkConfig {
    let credentials = Credentials::new(emulator.root_key(), emulator.root_key(), None, None, "local cloud");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(emulator.region().to_owned()))
        .endpoint_url(emulator.url())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(Builder::new().build_http())
        .build()
}

/// The SDKs' settings for the emulator, with a role's credentials.
#[must_use]
pub fn as_role(emulator: &Emulator, credentials: Credentials) -> SdkConfig {
    let provider = SharedCredentialsProvider::new(credentials);
    root(emulator).into_builder().credentials_provider(provider).build()
}

/// A client of S3 with these settings. Bucket names are in paths, because they do not resolve as hosts here.
#[must_use]
pub fn s3(config: &SdkConfig) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(config).force_path_style(true).build();
    aws_sdk_s3::Client::from_conf(config)
}
