//! Handles MediaConvert's job events: EventBridge calls this with "MediaConvert Job State Change".

use adapters::{
    dynamodb::{Assets, Table},
    sfn::TaskTokens,
};
use domain::ingest::Run;
use domain::transcode::JobOutcome;
use kernel::id::{AssetId, Attempt, TitleId};
use media::job::{GroupReport, OutputReport, picture_duration_ms};
use runtime::{
    clock,
    config::{self, ConfigError},
};
use serde::Deserialize;

use crate::transcode_outcome::OutcomeReporter;

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    assets: Assets,
    outcomes: OutcomeReporter,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);

        Ok(Self {
            assets: table.assets(),
            outcomes: OutcomeReporter::new(&table, TaskTokens::new(&aws)),
        })
    }
}

/// The part of the event that this function reads.
#[derive(Debug, Deserialize)]
pub struct JobStateChange {
    detail: Detail,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    job_id: String,
    status: String,
    #[serde(default)]
    user_metadata: Option<Metadata>,
    #[serde(default)]
    job_progress: Option<Progress>,
    #[serde(default)]
    output_group_details: Vec<OutputGroup>,
    #[serde(default)]
    error_code: Option<i32>,
    #[serde(default)]
    error_message: Option<String>,
}

/// The metadata that `transcode` gave the job. Jobs of other programs have different metadata, or none.
#[derive(Debug, Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    title_id: String,
    #[serde(default)]
    asset_id: String,
    #[serde(default)]
    attempt: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Progress {
    #[serde(default)]
    job_percent_complete: Option<u8>,
    #[serde(default)]
    current_phase: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutputGroup {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    output_details: Vec<Output>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Output {
    #[serde(default)]
    duration_in_ms: u64,
    #[serde(default)]
    video_details: Option<Picture>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Picture {
    width_in_px: u32,
    height_in_px: u32,
}

impl From<&Output> for OutputReport {
    fn from(output: &Output) -> Self {
        Self {
            duration_ms: output.duration_in_ms,
            size: output
                .video_details
                .as_ref()
                .map(|picture| (picture.width_in_px, picture.height_in_px)),
        }
    }
}

/// What an event says about its job.
#[derive(Debug, PartialEq, Eq)]
enum JobUpdate {
    /// The job's progress.
    Progress { percent: u8, phase: Option<String> },
    /// The job has ended.
    Ended(JobOutcome),
    /// Nothing that this function needs: MediaConvert has further statuses, and adds new ones.
    Other,
}

impl Detail {
    fn run(&self) -> Option<Run> {
        let metadata = self.user_metadata.as_ref()?;

        Some(Run {
            title_id: metadata.title_id.parse::<TitleId>().ok()?,
            asset_id: metadata.asset_id.parse::<AssetId>().ok()?,
            attempt: Attempt(metadata.attempt.parse().ok()?),
        })
    }

    fn picture_ms(&self) -> Option<u64> {
        let groups: Vec<GroupReport> = self
            .output_group_details
            .iter()
            .map(|group| GroupReport {
                kind: group.kind.clone(),
                outputs: group.output_details.iter().map(OutputReport::from).collect(),
            })
            .collect();

        picture_duration_ms(&groups)
    }

    fn update(&self) -> JobUpdate {
        match self.status.as_str() {
            "PROGRESSING" | "STATUS_UPDATE" => {
                let progress = self.job_progress.as_ref();

                JobUpdate::Progress {
                    percent: progress
                        .and_then(|progress| progress.job_percent_complete)
                        .unwrap_or(0)
                        .min(100),
                    phase: progress.and_then(|progress| progress.current_phase.clone()),
                }
            }
            "COMPLETE" => JobUpdate::Ended(JobOutcome::Complete {
                picture_ms: self.picture_ms(),
            }),
            "CANCELED" => JobUpdate::Ended(JobOutcome::Canceled),
            "ERROR" => JobUpdate::Ended(JobOutcome::Error {
                code: self.error_code.unwrap_or_default(),
                message: self.error_message.clone().unwrap_or_default(),
            }),
            _ => JobUpdate::Other,
        }
    }
}

/// Writes a job's progress, or its outcome, which resumes the run. An event may come twice, late, or in another order.
pub async fn handle(cx: Context, event: JobStateChange) -> Result<(), runtime::Error> {
    let detail = event.detail;
    let Some(run) = detail.run() else {
        tracing::info!(job.id = detail.job_id, "job {} is not one of ours", detail.job_id);
        return Ok(());
    };

    match detail.update() {
        JobUpdate::Other => Ok(()),
        JobUpdate::Progress { percent, phase } => {
            let phase = phase.as_deref();
            Ok(cx.assets.progress(&run, percent, phase, clock::now()).await?)
        }
        JobUpdate::Ended(outcome) => {
            if let JobOutcome::Error { code, message } = &outcome {
                tracing::warn!(job.id = detail.job_id, code, message, "job {} failed", detail.job_id);
            }
            Ok(cx.outcomes.record(&run, &detail.job_id, outcome, clock::now()).await?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail(sample: &str) -> Detail {
        let event: JobStateChange = runtime::event::parse(serde_json::from_str(sample).unwrap()).unwrap();

        event.detail
    }

    macro_rules! sample {
        ($name:literal) => {
            detail(include_str!(concat!(
                "../../../events/mediaconvert/",
                $name,
                ".json"
            )))
        };
    }

    #[test]
    fn every_sample_names_its_run() {
        let samples = [
            sample!("progressing"),
            sample!("input-information"),
            sample!("status-update"),
            sample!("job-events"),
            sample!("error"),
            sample!("canceled"),
            sample!("queue-hop"),
        ];

        for sample in samples {
            assert_eq!(
                sample.run().map(|run| run.attempt),
                Some(Attempt::FIRST),
                "{}",
                sample.status
            );
        }
    }

    #[test]
    fn each_status_becomes_one_update() {
        let progress = JobUpdate::Progress {
            percent: 42,
            phase: Some("TRANSCODING".to_owned()),
        };
        let failed = JobOutcome::Error {
            code: 1040,
            message: "Example error message".to_owned(),
        };

        assert_eq!(
            sample!("progressing").update(),
            JobUpdate::Progress {
                percent: 0,
                phase: None
            }
        );
        assert_eq!(sample!("status-update").update(), progress);
        let complete = JobOutcome::Complete {
            picture_ms: Some(20_000),
        };
        assert_eq!(sample!("job-events").update(), JobUpdate::Ended(complete));
        assert_eq!(sample!("canceled").update(), JobUpdate::Ended(JobOutcome::Canceled));
        assert_eq!(sample!("error").update(), JobUpdate::Ended(failed));
        // Others exist, and more will come.
        assert_eq!(sample!("input-information").update(), JobUpdate::Other);
        assert_eq!(sample!("queue-hop").update(), JobUpdate::Other);
    }

    #[test]
    fn the_pictures_length_is_that_of_the_renditions_in_any_order_of_the_groups() {
        let mut detail = sample!("job-events");
        detail.output_group_details.reverse();

        assert_eq!(detail.picture_ms(), Some(20_000));
    }

    #[test]
    fn a_job_without_our_ids_is_not_ours() {
        let mut detail = sample!("job-events");
        detail.user_metadata = None;
        assert!(detail.run().is_none());

        detail.user_metadata = Some(Metadata::default());
        assert!(detail.run().is_none());
    }
}
