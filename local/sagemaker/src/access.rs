//! S3 with the rights of the roles that are passed to SageMaker.

use aws_sdk_s3::Client;

use super::SageMaker;
use marquee_standin::{aws::s3, role::RoleError};

/// As SageMaker names its sessions.
const SESSION_NAME: &str = "SageMaker";

impl SageMaker {
    /// S3 with a role's rights.
    pub(super) async fn as_role(&self, role: &str) -> Result<Client, RoleError> {
        Ok(s3(&self.roles.assume(role, SESSION_NAME).await?))
    }

    /// The same for jobs in the background; the error is SageMaker's failure reason.
    pub(super) async fn as_role_with_retries(&self, role: &str) -> Result<Client, String> {
        let assumed = self.roles.assume_with_retries(role, SESSION_NAME).await;
        assumed.map(|settings| s3(&settings)).map_err(|reason| match reason {
            RoleError::Unavailable => format!("InternalServerError: IAM does not answer about {role}"),
            RoleError::NoSuchRole | RoleError::Refused => format!("ClientError: {}", cannot_assume(role)),
        })
    }
}

/// SageMaker's error for a role that it cannot assume.
pub(super) fn cannot_assume(role: &str) -> String {
    format!(
        "Could not assume role {role}. Please ensure that the role exists and allows principal \
         'sagemaker.amazonaws.com' to assume the role."
    )
}
