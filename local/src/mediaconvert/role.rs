//! The job's IAM role: input is read and output written with its rights, so that a wrong role fails here too.

use aws_credential_types::Credentials;
use aws_sdk_sts::error::{ProvideErrorMetadata as _, SdkError};
use backon::{ExponentialBuilder, Retryable as _};
use tokio::{sync::Mutex, time::Instant};
use tracing::warn;

use super::{aws, job::JobError, service::Service};

/// How long IAM and STS may be away: they start beside the stand-in, and may be started again.
const PATIENCE: std::time::Duration = std::time::Duration::from_mins(1);
/// Sessions are renewed this long before AWS's shortest default ends.
const SESSION: std::time::Duration = std::time::Duration::from_mins(50);

/// A role that was assumed for one job.
#[derive(Debug)]
pub(super) struct Role<'a> {
    service: &'a Service,
    arn: String,
    job: String,
    session: Mutex<(Instant, aws_sdk_s3::Client)>,
}

impl<'a> Role<'a> {
    /// Assumes it, or says why a job that reads this input cannot.
    pub(super) async fn assume(service: &'a Service, arn: &str, job: &str, input: &str) -> Result<Self, JobError> {
        let patiently = ExponentialBuilder::default()
            .with_max_delay(std::time::Duration::from_secs(2))
            .with_total_delay(Some(PATIENCE))
            .without_max_times();
        let assumed = (|| session(service, arn, job))
            .retry(patiently)
            .when(|reason| matches!(reason, Unassumable::Away));
        let s3 = assumed.await.map_err(|reason| {
            let (code, reason) = match reason {
                Unassumable::Unknown => (1432, "Invalid role provided in RESOURCE_ROLE_ARN"),
                Unassumable::Refused => (1434, "AssumeRole failed"),
                Unassumable::Away => (1434, "AssumeRole failed: no answer"),
            };
            JobError::new(
                code,
                format!("Unable to open input file [{input}]: [Failed probe/open: [Failed to read data: {reason}]]"),
            )
        })?;
        let session = Mutex::new((Instant::now(), s3));
        Ok(Self {
            service,
            arn: arn.to_owned(),
            job: job.to_owned(),
            session,
        })
    }

    /// S3 with the role's rights.
    pub(super) async fn s3(&self) -> aws_sdk_s3::Client {
        let mut current = self.session.lock().await;
        if current.0.elapsed() > SESSION
            && let Ok(s3) = session(self.service, &self.arn, &self.job).await
        {
            *current = (Instant::now(), s3);
        }
        current.1.clone()
    }
}

enum Unassumable {
    Unknown,
    Refused,
    Away,
}

async fn session(service: &Service, arn: &str, job: &str) -> Result<aws_sdk_s3::Client, Unassumable> {
    match service.trust.is_given_by(arn).await {
        Ok(true) => {}
        Ok(false) if arn.starts_with("arn:") => return Err(Unassumable::Refused),
        Ok(false) => return Err(Unassumable::Unknown),
        Err(error) => {
            warn!("IAM could not be asked about a role: {error:#}");
            return Err(Unassumable::Away);
        }
    }
    let assumed = service
        .sts
        .assume_role()
        .role_arn(arn)
        .role_session_name(format!("EmeSession_{job}"))
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
        "the job's role",
    );
    Ok(aws::s3(&aws::as_role(&service.config, credentials)))
}

fn reason(error: &SdkError<aws_sdk_sts::operation::assume_role::AssumeRoleError>) -> Unassumable {
    if matches!(error, SdkError::DispatchFailure(_) | SdkError::TimeoutError(_)) {
        return Unassumable::Away;
    }
    match error.code() {
        Some("NoSuchEntity" | "ValidationError" | "ValidationException") => Unassumable::Unknown,
        _ => Unassumable::Refused,
    }
}
