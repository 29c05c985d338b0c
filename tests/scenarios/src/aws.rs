//! The emulator as an operator sees it: for what no user of the API could find out.

use std::time::Duration;

use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_mediaconvert::types::{Job, JobStatus};
use aws_smithy_http_client::Builder;

use crate::{Marquee, wait};

impl Marquee {
    /// Settings of a client that acts as the account's root. To look and to break things, never in place of a user or a role.
    pub async fn operator(&self) -> SdkConfig {
        self.acting_as(Credentials::from_keys("test", "test", None)).await
    }

    /// Settings of a client that acts with these credentials.
    pub async fn acting_as(&self, credentials: Credentials) -> SdkConfig {
        aws_config::from_env()
            .region(Region::from_static("us-east-1"))
            .endpoint_url(&self.emulator)
            .credentials_provider(credentials)
            .http_client(Builder::new().build_http())
            .load()
            .await
    }

    /// The MediaConvert jobs of an asset.
    pub async fn jobs(&self, asset_id: &str) -> Vec<Job> {
        let config = self
            .operator()
            .await
            .into_builder()
            .endpoint_url(&self.mediaconvert)
            .build();
        let client = aws_sdk_mediaconvert::Client::new(&config);
        let mut pages = client.list_jobs().into_paginator().items().send();
        let mut jobs = Vec::new();
        while let Some(job) = pages.next().await {
            let job = job.expect("ListJobs");
            let asset = job.user_metadata().and_then(|metadata| metadata.get("asset_id"));
            if asset.is_some_and(|asset| asset == asset_id) {
                jobs.push(job);
            }
        }

        jobs
    }

    /// Waits until an asset's MediaConvert job is at its end.
    pub async fn job_ended(&self, asset_id: &str) {
        let at_work = [JobStatus::Submitted, JobStatus::Progressing];

        wait::until("the job ends", Duration::from_mins(3), async || {
            let jobs = self.jobs(asset_id).await;
            let ended = |job: &Job| job.status().is_some_and(|status| !at_work.contains(status));

            (!jobs.is_empty() && jobs.iter().all(ended)).then_some(())
        })
        .await;
    }
}
