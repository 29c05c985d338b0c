//! S3 with the rights of the roles that SageMaker is handed.

use std::time::Duration;

use aws_sdk_s3::Client;
use backon::{ExponentialBuilder, Retryable as _};

use super::SageMaker;
use marquee_standin::{aws::s3, role::Unassumable};

/// How long IAM and STS may be away for work in the background: they start beside the stand-in.
const PATIENCE: Duration = Duration::from_mins(1);

impl SageMaker {
    /// S3 with a role's rights.
    pub(super) async fn as_role(&self, role: &str) -> Result<Client, Unassumable> {
        Ok(s3(&self.roles.assume(role, "SageMaker").await?))
    }

    /// The same for work in the background, or why not, as SageMaker says it.
    pub(super) async fn patiently_as_role(&self, role: &str) -> Result<Client, String> {
        let patiently = ExponentialBuilder::default()
            .with_max_delay(Duration::from_secs(2))
            .with_total_delay(Some(PATIENCE))
            .without_max_times();
        let assumed = (|| self.as_role(role))
            .retry(patiently)
            .when(|reason| *reason == Unassumable::Away);
        assumed.await.map_err(|reason| match reason {
            Unassumable::Away => format!("InternalServerError: IAM does not answer about {role}"),
            Unassumable::Unknown | Unassumable::Refused => format!("ClientError: {}", cannot_assume(role)),
        })
    }
}

/// What SageMaker says of a role that it may not act in.
pub(super) fn cannot_assume(role: &str) -> String {
    format!(
        "Could not assume role {role}. Please ensure that the role exists and allows principal \
         'sagemaker.amazonaws.com' to assume the role."
    )
}
