//! The job's IAM role: input is read and output written with its rights, so that a wrong role fails here as on AWS.

use tokio::{sync::Mutex, time::Instant};

use super::{job::JobError, service::Service};
use marquee_standin::{aws::s3, role::RoleError};

/// Sessions, which are valid for an hour, are renewed after this time.
const SESSION_LIFETIME: std::time::Duration = std::time::Duration::from_mins(50);

/// A role that was assumed for one job.
#[derive(Debug)]
pub(super) struct Role<'a> {
    service: &'a Service,
    arn: String,
    job: String,
    session: Mutex<(Instant, aws_sdk_s3::Client)>,
}

impl<'a> Role<'a> {
    /// Assumes the role, or returns the error of a job that reads this input.
    pub(super) async fn assume(service: &'a Service, arn: &str, job: &str, input: &str) -> Result<Self, JobError> {
        let assumed = service.roles.assume_with_retries(arn, &session_name(job)).await;
        let s3 = assumed.map(|settings| s3(&settings)).map_err(|reason| {
            let (code, reason) = match reason {
                RoleError::NoSuchRole => (1433, "Invalid role provided in RESOURCE_ROLE_ARN"),
                RoleError::Refused => (1434, "AssumeRole failed"),
                RoleError::Unavailable => (1434, "AssumeRole failed: no answer"),
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
        if current.0.elapsed() > SESSION_LIFETIME
            && let Ok(settings) = self.service.roles.assume(&self.arn, &session_name(&self.job)).await
        {
            *current = (Instant::now(), s3(&settings));
        }
        current.1.clone()
    }
}

/// MediaConvert's name of a session.
fn session_name(job: &str) -> String {
    format!("EmeSession_{job}")
}
