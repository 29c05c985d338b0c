//! The IAM roles that services act in: a stand-in reads and writes people's data with the rights of the role that it was
//! handed, so that a wrong role fails here too.

mod trust;

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_sdk_sts::{
    error::{ProvideErrorMetadata as _, SdkError},
    operation::assume_role::AssumeRoleError,
};
use tracing::warn;

use self::trust::Trust;
use crate::{
    aws::{as_role, operator},
    emulator::Emulator,
};

/// The roles that one service may be handed.
#[derive(Debug)]
pub struct Roles {
    emulator: Emulator,
    trust: Trust,
    sts: aws_sdk_sts::Client,
}

/// Why a role cannot be assumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unassumable {
    /// There is no such role.
    Unknown,
    /// It does not let the service.
    Refused,
    /// IAM does not answer.
    Away,
}

impl Roles {
    /// The roles of the service that trust policies call `service` (`mediaconvert.amazonaws.com`).
    #[must_use]
    pub fn new(emulator: &Emulator, service: &'static str) -> Self {
        Self {
            emulator: emulator.clone(),
            trust: Trust::new(emulator, service),
            sts: aws_sdk_sts::Client::new(&operator(emulator)),
        }
    }

    /// The SDKs' settings with this role's rights, for an hour.
    pub async fn assume(&self, arn: &str, session: &str) -> Result<SdkConfig, Unassumable> {
        match self.trust.is_given_by(arn).await {
            Ok(Some(true)) => {}
            Ok(Some(false)) => return Err(Unassumable::Refused),
            Ok(None) => return Err(Unassumable::Unknown),
            Err(error) => {
                warn!("IAM could not be asked about a role: {error:#}");
                return Err(Unassumable::Away);
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
            .ok_or(Unassumable::Refused)?;
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

fn reason(error: &SdkError<AssumeRoleError>) -> Unassumable {
    if matches!(error, SdkError::DispatchFailure(_) | SdkError::TimeoutError(_)) {
        return Unassumable::Away;
    }
    match error.code() {
        Some("NoSuchEntity" | "ValidationError" | "ValidationException") => Unassumable::Unknown,
        _ => Unassumable::Refused,
    }
}
