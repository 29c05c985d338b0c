//! Training jobs.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use serde_json::{Value, json};

use super::api::{Api, SageMakerError};

/// Training jobs of one container image. Cheap to clone.
#[derive(Clone, Debug)]
pub struct TrainingJobs {
    api: Api,
}

/// A training job to be created.
#[derive(Clone, Debug)]
pub struct NewTraining<'a> {
    /// Its name, which nobody may ever use again.
    pub name: &'a str,
    /// The container image.
    pub image: &'a str,
    /// In whose rights data are read and the model is written.
    pub role_arn: &'a str,
    /// Channels: their names, and the addresses of the manifests that list their objects.
    pub channels: &'a [(&'a str, String)],
    /// The address of the folder that the model goes to.
    pub output: &'a str,
    /// On which kind of machine.
    pub instance_type: &'a str,
    /// The longest that it may train.
    pub max_seconds: u32,
    /// What the trainer is told.
    pub hyperparameters: &'a BTreeMap<String, String>,
    /// The metrics that the trainer prints, as `metric <name>=<number>`.
    pub metrics: &'a [&'a str],
}

/// What came of creating a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// It is new.
    New,
    /// There is one of this name.
    Known,
}

/// A training job as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingJob {
    /// How it stands.
    pub status: JobStatus,
    /// The last value of each metric.
    pub metrics: BTreeMap<String, f64>,
    /// The address of its model, there or not.
    pub artefact: String,
}

/// How a training job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobStatus {
    /// It is at work, or stopping.
    AtWork,
    /// It left a model.
    Completed,
    /// It failed, for this reason.
    Failed(String),
    /// It was stopped: by somebody (`Stopped`), or by its limit (`MaxRuntimeExceeded`).
    Stopped(String),
}

impl JobStatus {
    /// Of SageMaker's words, in its answers and its events.
    #[must_use]
    pub fn of(status: &str, secondary: &str, reason: &str) -> Self {
        match status {
            "Completed" => Self::Completed,
            "Failed" => Self::Failed(reason.to_owned()),
            "Stopped" => Self::Stopped(secondary.to_owned()),
            _ => Self::AtWork,
        }
    }
}

/// Room for data and model beside the container, in GB.
const VOLUME: u32 = 30;

impl TrainingJobs {
    /// A client for them.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { api: Api::new(config) }
    }

    /// Creates a job.
    pub async fn create(&self, job: &NewTraining<'_>) -> Result<Created, SageMakerError> {
        match self.api.call("CreateTrainingJob", &request(job)).await {
            Ok(_) => Ok(Created::New),
            Err(SageMakerError::Rejected { code, .. }) if code == "ResourceInUse" => Ok(Created::Known),
            Err(error) => Err(error),
        }
    }

    /// The job of this name, if there is one.
    pub async fn find(&self, name: &str) -> Result<Option<TrainingJob>, SageMakerError> {
        let asked = json!({ "TrainingJobName": name });

        match self.api.call("DescribeTrainingJob", &asked).await {
            Ok(told) => Ok(Some(TrainingJob::of(&told))),
            Err(SageMakerError::Rejected { message, .. }) if message.starts_with("Requested resource not found") => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Stops a job; one that has ended, or never was, is no error.
    pub async fn stop(&self, name: &str) -> Result<(), SageMakerError> {
        let asked = json!({ "TrainingJobName": name });

        match self.api.call("StopTrainingJob", &asked).await {
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
        "ResourceConfig": { "InstanceType": job.instance_type, "InstanceCount": 1, "VolumeSizeInGB": VOLUME },
        "StoppingCondition": { "MaxRuntimeInSeconds": job.max_seconds },
        "HyperParameters": job.hyperparameters,
    })
}

impl TrainingJob {
    fn of(told: &Value) -> Self {
        let text = |name: &str| told[name].as_str().unwrap_or_default();
        let metrics = told["FinalMetricDataList"].as_array().into_iter().flatten();

        Self {
            status: JobStatus::of(
                text("TrainingJobStatus"),
                text("SecondaryStatus"),
                text("FailureReason"),
            ),
            metrics: metrics
                .filter_map(|metric| Some((metric["MetricName"].as_str()?.to_owned(), metric["Value"].as_f64()?)))
                .collect(),
            artefact: told["ModelArtifacts"]["S3ModelArtifacts"]
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
    fn a_job_is_read_as_it_stands() {
        let told = json!({
            "TrainingJobStatus": "Completed", "SecondaryStatus": "Completed",
            "FinalMetricDataList": [{ "MetricName": "ndcg_at_100", "Value": 0.326, "Timestamp": 1.0 }],
            "ModelArtifacts": { "S3ModelArtifacts": "s3://b/models/n/output/model.tar.gz" },
        });
        let job = TrainingJob::of(&told);

        assert_eq!(job.status, JobStatus::Completed);
        assert_eq!(job.metrics, BTreeMap::from([("ndcg_at_100".to_owned(), 0.326)]));
        assert!(job.artefact.ends_with("model.tar.gz"));
        assert_eq!(TrainingJob::of(&json!({})).status, JobStatus::AtWork);
    }

    #[test]
    fn every_status_that_ends_is_known() {
        for (status, secondary, meaning) in [
            ("InProgress", "Training", JobStatus::AtWork),
            ("Stopping", "Stopping", JobStatus::AtWork),
            (
                "Stopped",
                "MaxRuntimeExceeded",
                JobStatus::Stopped("MaxRuntimeExceeded".to_owned()),
            ),
            ("Failed", "Failed", JobStatus::Failed("why".to_owned())),
        ] {
            assert_eq!(JobStatus::of(status, secondary, "why"), meaning, "{status}");
        }
    }
}
