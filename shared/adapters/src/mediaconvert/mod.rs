//! MediaConvert: the transcoder.

mod error;
mod job;
mod probe;
mod settings;

use std::collections::HashMap;

use aws_sdk_mediaconvert::types::{Order, ProbeInputFile};
use domain::ingest::Run;
use kernel::Timestamp;
use media::{job::JobSettings, probe::Probe};

use self::error::SERVICE;
use crate::aws::CallError;

pub use error::{ProbeError, TranscoderError};
pub use job::{Job, JobState};

/// The keys of a job's user metadata. It has ids only, because it is copied to events and logs.
const TITLE_ID: &str = "title_id";
const ASSET_ID: &str = "asset_id";
const ATTEMPT: &str = "attempt";

/// How many pages of twenty jobs a search for a run's job reads.
const MAX_SEARCHED_PAGES: usize = 25;

/// The transcoder, with the queue and the role that jobs run in.
#[derive(Clone, Debug)]
pub struct MediaConvert {
    client: aws_sdk_mediaconvert::Client,
    queue_arn: String,
    role_arn: String,
}

impl MediaConvert {
    /// A client for one queue. Jobs read and write with the rights of `role_arn`, not of the caller.
    #[must_use]
    pub fn new(config: &aws_config::SdkConfig, queue_arn: String, role_arn: String) -> Self {
        Self {
            client: aws_sdk_mediaconvert::Client::new(config),
            queue_arn,
            role_arn,
        }
    }

    /// Creates the job of `run`. Claim transcoding first: the request token prevents a second job for one minute only.
    pub async fn create_job(&self, run: &Run, settings: &JobSettings, priority: i32) -> Result<Job, TranscoderError> {
        let created = self
            .client
            .create_job()
            .client_request_token(run.execution_name())
            .queue(&self.queue_arn)
            .role(&self.role_arn)
            .settings(settings::to_sdk(settings))
            .priority(priority)
            .set_user_metadata(Some(metadata(run)))
            .send()
            .await?;

        created
            .job
            .map(Job::from)
            .ok_or_else(|| CallError::internal(SERVICE, "the response has no job").into())
    }

    /// A job by its id.
    pub async fn get_job(&self, id: &str) -> Result<Job, TranscoderError> {
        let found = self.client.get_job().id(id).send().await?;

        found.job.map(Job::from).ok_or(TranscoderError::NotFound)
    }

    /// The job of `run`, if one was created since `since` (when transcoding was claimed). For the case that the response of CreateJob
    /// was lost.
    pub async fn find_job(&self, run: &Run, since: Timestamp) -> Result<Option<Job>, TranscoderError> {
        let wanted = metadata(run);
        let mut pages = self
            .client
            .list_jobs()
            .queue(queue_name(&self.queue_arn))
            .order(Order::Descending)
            .into_paginator()
            .send();
        for _ in 0..MAX_SEARCHED_PAGES {
            let Some(page) = pages.next().await.transpose()? else {
                break;
            };
            for job in page.jobs() {
                if job.user_metadata() == Some(&wanted) {
                    return Ok(Some(Job::from(job.clone())));
                }
                // Newest first: this job and all that follow are from before the claim. Clocks may differ by a minute.
                if job.created_at().is_some_and(|at| at.secs() + 60 < since.as_second()) {
                    return Ok(None);
                }
            }
        }

        Ok(None)
    }

    /// Cancels a job. It is no error if it has ended.
    pub async fn cancel_job(&self, id: &str) -> Result<(), TranscoderError> {
        match self
            .client
            .cancel_job()
            .id(id)
            .send()
            .await
            .map_err(TranscoderError::from)
        {
            Ok(_) | Err(TranscoderError::HasEnded | TranscoderError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Probes files. It needs no queue and no role.
#[derive(Clone, Debug)]
pub struct Prober(aws_sdk_mediaconvert::Client);

impl Prober {
    /// A client.
    #[must_use]
    pub fn new(config: &aws_config::SdkConfig) -> Self {
        Self(aws_sdk_mediaconvert::Client::new(config))
    }

    /// Probes a file, with the caller's rights.
    pub async fn probe(&self, url: &str) -> Result<Probe, ProbeError> {
        let file = ProbeInputFile::builder().file_url(url).build();
        let probed = self.0.probe().input_files(file).send().await?;
        let result = probed.probe_results.unwrap_or_default().into_iter().next();

        result
            .map(|result| probe::from_sdk(&result))
            .ok_or(ProbeError::Unreadable("the response has no result".into()))
    }
}

/// ListJobs is documented to take the queue's name, CreateJob its ARN.
fn queue_name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

fn metadata(run: &Run) -> HashMap<String, String> {
    HashMap::from([
        (TITLE_ID.to_owned(), run.title_id.to_string()),
        (ASSET_ID.to_owned(), run.asset_id.to_string()),
        (ATTEMPT.to_owned(), run.attempt.to_string()),
    ])
}

#[cfg(test)]
mod tests {
    use kernel::id::{AssetId, Attempt, TitleId};
    use serde_json::json;

    use super::*;
    use crate::aws;

    const CLAIMED_AT: i64 = 1_795_000_000;

    /// Searches the job of a run behind one of another run that was created `seconds` after the claim.
    async fn found_behind_a_job(seconds: i64) -> Option<String> {
        let now = Timestamp::from_second(CLAIMED_AT).unwrap();
        let run = Run {
            title_id: TitleId::mint(now),
            asset_id: AssetId::mint(now),
            attempt: Attempt::FIRST,
        };
        let job = |id: &str, run: &Run, seconds: i64| {
            json!({
                "id": id, "role": "role", "settings": {}, "status": "PROGRESSING",
                "createdAt": CLAIMED_AT + seconds, "userMetadata": metadata(run),
            })
        };
        let other = Run {
            asset_id: AssetId::mint(now),
            ..run
        };
        let answer = json!({ "jobs": [job("other", &other, seconds), job("wanted", &run, 1)] });
        let aws = aws::answered(move |_| (200, answer.to_string()));
        let transcoder = MediaConvert::new(&aws, "queue".to_owned(), "role".to_owned());

        transcoder.find_job(&run, now).await.unwrap().map(|job| job.id)
    }

    #[tokio::test]
    async fn a_job_is_searched_among_all_that_were_created_since_its_claim() {
        for seconds in [100, 10, -50] {
            assert_eq!(
                found_behind_a_job(seconds).await.as_deref(),
                Some("wanted"),
                "{seconds} s"
            );
        }
        assert_eq!(found_behind_a_job(-100).await, None, "older jobs are not read");
    }
}
