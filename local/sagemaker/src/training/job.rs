//! A training job as it is stored and described.

use serde::{Deserialize, Serialize};

use super::super::api::{
    Epoch,
    training::{CreateTrainingJob, SecondaryStatus, TrainingJobStatus},
};

/// SageMaker cuts failure reasons to this length.
const MAX_REASON_LENGTH: usize = 1024;

/// A training job: the request in `created`, and its progress.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "these are SageMaker's names")]
pub(crate) struct TrainingJob {
    #[serde(flatten)]
    pub(crate) created: CreateTrainingJob,
    #[serde(rename = "TrainingJobArn")]
    pub(crate) arn: String,
    pub(crate) training_job_status: TrainingJobStatus,
    pub(crate) secondary_status: SecondaryStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure_reason: Option<String>,
    pub(crate) creation_time: Epoch,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) training_start_time: Option<Epoch>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) training_end_time: Option<Epoch>,
    pub(crate) last_modified_time: Epoch,
    #[serde(rename = "SecondaryStatusTransitions")]
    pub(crate) transitions: Vec<Transition>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) final_metric_data_list: Vec<MetricData>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) model_artifacts: Option<ModelArtifacts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    training_time_in_seconds: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    billable_time_in_seconds: Option<u64>,
}

/// `SecondaryStatusTransition`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Transition {
    pub(crate) status: SecondaryStatus,
    pub(crate) start_time: Epoch,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) end_time: Option<Epoch>,
    pub(crate) status_message: String,
}

/// `MetricData`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MetricData {
    pub(crate) metric_name: String,
    pub(crate) value: f32,
    pub(crate) timestamp: Epoch,
}

/// `ModelArtifacts`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct ModelArtifacts {
    #[serde(rename = "S3ModelArtifacts")]
    pub(crate) s3_model_artifacts: String,
}

impl TrainingJob {
    pub(crate) fn new(created: CreateTrainingJob, arn: String, now: Epoch) -> Self {
        let mut job = Self {
            created,
            arn,
            training_job_status: TrainingJobStatus::InProgress,
            secondary_status: SecondaryStatus::Starting,
            failure_reason: None,
            creation_time: now,
            training_start_time: None,
            training_end_time: None,
            last_modified_time: now,
            transitions: Vec::new(),
            final_metric_data_list: Vec::new(),
            model_artifacts: None,
            training_time_in_seconds: None,
            billable_time_in_seconds: None,
        };
        job.enter(SecondaryStatus::Starting, now);
        job
    }

    /// Whether its status is final.
    pub(crate) fn has_ended(&self) -> bool {
        !matches!(
            self.training_job_status,
            TrainingJobStatus::InProgress | TrainingJobStatus::Stopping
        )
    }

    /// Begins a stage of the job.
    pub(crate) fn enter(&mut self, status: SecondaryStatus, now: Epoch) {
        if let Some(last) = self.transitions.last_mut() {
            last.end_time = Some(now);
        }
        self.secondary_status = status;
        self.training_job_status = status.status();
        self.last_modified_time = now;
        if status == SecondaryStatus::Downloading && self.training_start_time.is_none() {
            self.training_start_time = Some(now);
        }
        let mut transition = Transition {
            status,
            start_time: now,
            end_time: None,
            status_message: status.message().to_owned(),
        };
        if self.has_ended() {
            transition.end_time = Some(now);
            self.training_end_time = Some(now);
            let seconds = self.training_start_time.map(|start| now.seconds_since(start));
            self.training_time_in_seconds = seconds;
            self.billable_time_in_seconds = seconds;
        }
        self.transitions.push(transition);
    }

    /// Ends the job as failed, for this reason.
    pub(crate) fn fail(&mut self, reason: &str, now: Epoch) {
        self.failure_reason = Some(reason.chars().take(MAX_REASON_LENGTH).collect());
        self.enter(SecondaryStatus::Failed, now);
    }

    /// The address of its model in S3.
    pub(crate) fn artifact_url(&self) -> String {
        let folder = self.created.output_data_config.s3_output_path.trim_end_matches('/');
        format!("{folder}/{}/output/model.tar.gz", self.created.training_job_name)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(second: i64) -> Epoch {
        Epoch::from(jiff::Timestamp::from_second(1_700_000_000 + second).unwrap())
    }

    fn job() -> TrainingJob {
        let created = json!({
            "TrainingJobName": "night-1",
            "AlgorithmSpecification": { "TrainingImage": "i", "TrainingInputMode": "File" },
            "RoleArn": "r",
            "OutputDataConfig": { "S3OutputPath": "s3://b/models/" },
            "ResourceConfig": { "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5 },
        });
        TrainingJob::new(serde_json::from_value(created).unwrap(), "arn".to_owned(), at(0))
    }

    #[test]
    fn stages_follow_one_another_without_a_gap() {
        let mut job = job();
        for (status, second) in [
            (SecondaryStatus::Downloading, 2),
            (SecondaryStatus::Training, 3),
            (SecondaryStatus::Uploading, 8),
            (SecondaryStatus::Completed, 9),
        ] {
            assert!(!job.has_ended());
            job.enter(status, at(second));
        }
        assert!(job.has_ended());
        let described = serde_json::to_value(&job).unwrap();
        assert_eq!(described["TrainingJobStatus"], "Completed");
        assert_eq!(described["TrainingTimeInSeconds"], 7);
        let transitions = described["SecondaryStatusTransitions"].as_array().unwrap();
        assert_eq!(transitions.len(), 5);
        for pair in transitions.windows(2) {
            assert_eq!(pair[0]["EndTime"], pair[1]["StartTime"]);
        }
        assert_eq!(transitions[4]["EndTime"], described["TrainingEndTime"]);
    }

    #[test]
    fn a_reason_is_cut_and_the_artefact_has_sagemakers_address() {
        let mut job = job();
        job.fail(&"x".repeat(2000), at(1));
        assert_eq!(job.failure_reason.as_ref().map(String::len), Some(MAX_REASON_LENGTH));
        assert_eq!(job.artifact_url(), "s3://b/models/night-1/output/model.tar.gz");
        assert_eq!(job.training_start_time, None);
    }
}
