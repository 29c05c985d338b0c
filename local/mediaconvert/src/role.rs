//! The job's IAM role: input is read and output written with its rights, so that a wrong role fails here too.

use backon::{ExponentialBuilder, Retryable as _};
use tokio::{sync::Mutex, time::Instant};

use super::{job::JobError, service::Service};
use marquee_standin::{aws::s3, role::Unassumable};

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
                Unassumable::Unknown => (1433, "Invalid role provided in RESOURCE_ROLE_ARN"),
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

async fn session(service: &Service, arn: &str, job: &str) -> Result<aws_sdk_s3::Client, Unassumable> {
    let settings = service.roles.assume(arn, &format!("EmeSession_{job}")).await?;
    Ok(s3(&settings))
}
