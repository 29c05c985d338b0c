//! The IAM roles that are passed to services. A stand-in reads and writes data with the rights of such a role, so that a wrong role
//! fails here as on AWS.

mod trust;

use std::time::Duration;

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_sdk_sts::{
    error::{ProvideErrorMetadata as _, SdkError},
    operation::assume_role::AssumeRoleError,
};
use backon::{ExponentialBuilder, Retryable as _};
use tracing::warn;

use self::trust::Trust;
use crate::{
    aws::{as_role, root},
    emulator::Emulator,
};

/// How long a job waits for IAM and STS: the emulator starts at the same time as the stand-ins, and may be restarted.
const TIMEOUT: Duration = Duration::from_mins(1);
const MAX_RETRY_DELAY: Duration = Duration::from_secs(2);

/// The roles that are passed to one service.
#[derive(Debug)]
pub struct Roles {
    emulator: Emulator,
    trust: Trust,
    sts: aws_sdk_sts::Client,
}

/// Why a role cannot be assumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleError {
    /// There is no such role.
    NoSuchRole,
    /// The role does not trust the service, or STS refuses it.
    Refused,
    /// IAM or STS does not answer.
    Unavailable,
}

impl Roles {
    /// The roles of a service, by its name in trust policies (`mediaconvert.amazonaws.com`).
    #[must_use]
    pub fn new(emulator: &Emulator, service: &'static str) -> Self {
        Self {
            emulator: emulator.clone(),
            trust: Trust::new(emulator, service),
            sts: aws_sdk_sts::Client::new(&root(emulator)),
        }
    }

    /// Like `assume`, for jobs in the background: retries while IAM or STS is unavailable, for a minute at most.
    pub async fn assume_with_retries(&self, arn: &str, session: &str) -> Result<SdkConfig, RoleError> {
        let retries = ExponentialBuilder::default()
            .with_max_delay(MAX_RETRY_DELAY)
            .with_total_delay(Some(TIMEOUT))
            .without_max_times();
        (|| self.assume(arn, session))
            .retry(retries)
            .when(|error| *error == RoleError::Unavailable)
            .await
    }

    /// The SDKs' settings with this role's credentials, which are valid for an hour.
    pub async fn assume(&self, arn: &str, session: &str) -> Result<SdkConfig, RoleError> {
        match self.trust.is_trusted_by(arn).await {
            Ok(Some(true)) => {}
            Ok(Some(false)) => return Err(RoleError::Refused),
            Ok(None) => return Err(RoleError::NoSuchRole),
            Err(error) => {
                warn!("IAM did not answer about a role: {error:#}");
                return Err(RoleError::Unavailable);
            }
        }
        let assumed = self
            .sts
            .assume_role()
            .role_arn(arn)
            .role_session_name(session)
            .send()
            .await;
        let credentials = assumed
            .map_err(|error| reason(&error))?
            .credentials
            .ok_or(RoleError::Refused)?;
        let credentials = Credentials::new(
            credentials.access_key_id,
            credentials.secret_access_key,
            Some(credentials.session_token),
            None,
            "a service's role",
        );
        Ok(as_role(&self.emulator, credentials))
    }
}

fn reason(error: &SdkError<AssumeRoleError>) -> RoleError {
    if matches!(error, SdkError::DispatchFailure(_) | SdkError::TimeoutError(_)) {
        return RoleError::Unavailable;
    }
    match error.code() {
        Some("NoSuchEntity" | "ValidationError" | "ValidationException") => RoleError::NoSuchRole,
        _ => RoleError::Refused,
    }
}
