//! Training jobs.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use serde_json::{Value, json};

use super::api::{Api, SageMakerError};

/// The training jobs of an account. Cheap to clone.
#[derive(Clone, Debug)]
pub struct TrainingJobs {
    api: Api,
}

/// A training job to be created.
#[derive(Clone, Debug)]
pub struct NewTraining<'a> {
    /// Its name, which no later job may have.
    pub name: &'a str,
    /// The container image.
    pub image: &'a str,
    /// The IAM role that reads the data and writes the model.
    pub role_arn: &'a str,
    /// The channels: each has a name, and the address of the manifest that lists its objects.
    pub channels: &'a [(&'a str, String)],
    /// The address of the folder for the model.
    pub output: &'a str,
    /// The type of the machine.
    pub instance_type: &'a str,
    /// The time limit of the training.
    pub max_seconds: u32,
    /// The hyperparameters of the trainer.
    pub hyperparameters: &'a BTreeMap<String, String>,
    /// The metrics that the trainer prints, as `metric <name>=<number>`.
    pub metrics: &'a [&'a str],
}

/// The result of creating a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// The job is new.
    New,
    /// There is a job with this name.
    Existing,
}

/// A training job.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingJob {
    /// Its status.
    pub status: JobStatus,
    /// The last value of each metric.
    pub metrics: BTreeMap<String, f64>,
    /// The address of its model, whether it exists yet or not.
    pub artefact: String,
}

/// The status of a training job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobStatus {
    /// It is running, or stopping.
    InProgress,
    /// It wrote a model.
    Completed,
    /// It failed, for this reason.
    Failed(String),
    /// It was stopped: by a call (`Stopped`), or by its time limit (`MaxRuntimeExceeded`).
    Stopped(String),
}

impl JobStatus {
    /// Parses the words of SageMaker's answers and events.
    #[must_use]
    pub fn new(status: &str, secondary: &str, reason: &str) -> Self {
        match status {
            "Completed" => Self::Completed,
            "Failed" => Self::Failed(reason.to_owned()),
            "Stopped" => Self::Stopped(secondary.to_owned()),
            _ => Self::InProgress,
        }
    }
}

/// The disk space for data and model, in GB.
const VOLUME_GB: u32 = 30;

impl TrainingJobs {
    /// The training jobs of the account that `config` belongs to.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { api: Api::new(config) }
    }

    /// Creates a job.
    pub async fn create(&self, job: &NewTraining<'_>) -> Result<Created, SageMakerError> {
        match self.api.call("CreateTrainingJob", &request(job)).await {
            Ok(_) => Ok(Created::New),
            Err(SageMakerError::Rejected { code, .. }) if code == "ResourceInUse" => Ok(Created::Existing),
            Err(error) => Err(error),
        }
    }

    /// The job with this name, if there is one.
    pub async fn find(&self, name: &str) -> Result<Option<TrainingJob>, SageMakerError> {
        let request = json!({ "TrainingJobName": name });

        match self.api.call("DescribeTrainingJob", &request).await {
            Ok(answer) => Ok(Some(TrainingJob::new(&answer))),
            Err(SageMakerError::Rejected { message, .. }) if message.starts_with("Requested resource not found") => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Stops a job. A job that has ended or does not exist is no error.
    pub async fn stop(&self, name: &str) -> Result<(), SageMakerError> {
        let request = json!({ "TrainingJobName": name });

        match self.api.call("StopTrainingJob", &request).await {
            Ok(_) => Ok(()),
            Err(SageMakerError::Rejected { code, .. }) if code == "ValidationException" => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn request(job: &NewTraining<'_>) -> Value {
    let channels: Vec<Value> = job
        .channels
        .iter()
        .map(|(name, manifest)| {
            let source = json!({
                "S3DataType": "ManifestFile", "S3Uri": manifest, "S3DataDistributionType": "FullyReplicated",
            });
            json!({ "ChannelName": name, "DataSource": { "S3DataSource": source } })
        })
        .collect();
    let metrics: Vec<Value> = job
        .metrics
        .iter()
        .map(|name| json!({ "Name": name, "Regex": format!("metric {name}=([-+0-9.eE]+)") }))
        .collect();

    json!({
        "TrainingJobName": job.name,
        "AlgorithmSpecification": {
            "TrainingImage": job.image, "TrainingInputMode": "File", "MetricDefinitions": metrics,
        },
        "RoleArn": job.role_arn,
        "InputDataConfig": channels,
        "OutputDataConfig": { "S3OutputPath": job.output },
        "ResourceConfig": { "InstanceType": job.instance_type, "InstanceCount": 1, "VolumeSizeInGB": VOLUME_GB },
        "StoppingCondition": { "MaxRuntimeInSeconds": job.max_seconds },
        "HyperParameters": job.hyperparameters,
    })
}

impl TrainingJob {
    fn new(answer: &Value) -> Self {
        let text = |name: &str| answer[name].as_str().unwrap_or_default();
        let metrics = answer["FinalMetricDataList"].as_array().into_iter().flatten();

        Self {
            status: JobStatus::new(
                text("TrainingJobStatus"),
                text("SecondaryStatus"),
                text("FailureReason"),
            ),
            metrics: metrics
                .filter_map(|metric| Some((metric["MetricName"].as_str()?.to_owned(), metric["Value"].as_f64()?)))
                .collect(),
            artefact: answer["ModelArtifacts"]["S3ModelArtifacts"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_read() {
        let answer = json!({
            "TrainingJobStatus": "Completed", "SecondaryStatus": "Completed",
            "FinalMetricDataList": [{ "MetricName": "ndcg_at_100", "Value": 0.326, "Timestamp": 1.0 }],
            "ModelArtifacts": { "S3ModelArtifacts": "s3://b/models/n/output/model.tar.gz" },
        });
        let job = TrainingJob::new(&answer);

        assert_eq!(job.status, JobStatus::Completed);
        assert_eq!(job.metrics, BTreeMap::from([("ndcg_at_100".to_owned(), 0.326)]));
        assert!(job.artefact.ends_with("model.tar.gz"));
        assert_eq!(TrainingJob::new(&json!({})).status, JobStatus::InProgress);
    }

    #[test]
    fn every_status_is_parsed() {
        for (status, secondary, meaning) in [
            ("InProgress", "Training", JobStatus::InProgress),
            ("Stopping", "Stopping", JobStatus::InProgress),
            (
                "Stopped",
                "MaxRuntimeExceeded",
                JobStatus::Stopped("MaxRuntimeExceeded".to_owned()),
            ),
            ("Failed", "Failed", JobStatus::Failed("why".to_owned())),
        ] {
            assert_eq!(JobStatus::new(status, secondary, "why"), meaning, "{status}");
        }
    }
}
