//! The requests of training jobs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Epoch, Tag};

/// `CreateTrainingJob`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateTrainingJob {
    pub(crate) training_job_name: String,
    #[serde(default)]
    pub(crate) hyper_parameters: BTreeMap<String, String>,
    pub(crate) algorithm_specification: AlgorithmSpecification,
    pub(crate) role_arn: String,
    #[serde(default)]
    pub(crate) input_data_config: Vec<Channel>,
    pub(crate) output_data_config: OutputDataConfig,
    pub(crate) resource_config: ResourceConfig,
    #[serde(default)]
    pub(crate) stopping_condition: StoppingCondition,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) environment: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<Tag>,
}

/// `AlgorithmSpecification` of a custom container.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AlgorithmSpecification {
    pub(crate) training_image: Option<String>,
    pub(crate) training_input_mode: InputMode,
    #[serde(default)]
    pub(crate) metric_definitions: Vec<MetricDefinition>,
}

/// `TrainingInputMode`: files are copied.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) enum InputMode {
    File,
}

/// `MetricDefinition`: a number in the training's log.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct MetricDefinition {
    pub(crate) name: String,
    pub(crate) regex: String,
}

/// `Channel`: files in a folder of this name.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "these are SageMaker's names")]
pub(crate) struct Channel {
    pub(crate) channel_name: String,
    pub(crate) data_source: DataSource,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compression_type: Option<Plain>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_wrapper_type: Option<Plain>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_mode: Option<InputMode>,
}

/// `CompressionType` and `RecordWrapperType`: neither is supported.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
enum Plain {
    None,
}

/// `DataSource`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DataSource {
    pub(crate) s3_data_source: S3DataSource,
}

/// `S3DataSource`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "these are SageMaker's names")]
pub(crate) struct S3DataSource {
    pub(crate) s3_data_type: S3DataType,
    pub(crate) s3_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    s3_data_distribution_type: Option<Distribution>,
}

/// `S3DataType`, without the values that need a record format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) enum S3DataType {
    /// All objects with this prefix.
    S3Prefix,
    /// The objects that a manifest lists.
    ManifestFile,
}

/// `S3DataDistribution`; both mean the same on one machine.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
enum Distribution {
    FullyReplicated,
    ShardedByS3Key,
}

/// `OutputDataConfig`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutputDataConfig {
    #[serde(rename = "S3OutputPath")]
    pub(crate) s3_output_path: String,
    #[serde(rename = "CompressionType", skip_serializing_if = "Option::is_none")]
    pub(crate) compression_type: Option<OutputCompression>,
}

/// `OutputCompressionType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum OutputCompression {
    Gzip,
    None,
}

/// `ResourceConfig`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResourceConfig {
    #[serde(rename = "InstanceType")]
    instance_type: String,
    #[serde(rename = "InstanceCount")]
    pub(crate) instance_count: u32,
    #[serde(rename = "VolumeSizeInGB")]
    pub(crate) volume_size_in_gb: u32,
}

/// `StoppingCondition`.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct StoppingCondition {
    #[serde(default = "one_day")]
    pub(crate) max_runtime_in_seconds: u64,
}

fn one_day() -> u64 {
    86_400
}

impl Default for StoppingCondition {
    fn default() -> Self {
        Self {
            max_runtime_in_seconds: one_day(),
        }
    }
}

/// `ListTrainingJobs`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ListTrainingJobs {
    pub(crate) next_token: Option<String>,
    pub(crate) max_results: Option<usize>,
    pub(crate) creation_time_after: Option<Epoch>,
    pub(crate) creation_time_before: Option<Epoch>,
    pub(crate) last_modified_time_after: Option<Epoch>,
    pub(crate) last_modified_time_before: Option<Epoch>,
    pub(crate) name_contains: Option<String>,
    pub(crate) status_equals: Option<TrainingJobStatus>,
    #[serde(default)]
    pub(crate) sort_by: SortBy,
    #[serde(default)]
    pub(crate) sort_order: SortOrder,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) enum SortBy {
    Name,
    #[default]
    CreationTime,
    Status,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) enum SortOrder {
    #[default]
    Ascending,
    Descending,
}

/// `TrainingJobStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub(crate) enum TrainingJobStatus {
    InProgress,
    Completed,
    Failed,
    Stopping,
    Stopped,
    /// In requests only.
    Deleting,
}

/// `SecondaryStatus`: the values that occur here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) enum SecondaryStatus {
    Starting,
    Pending,
    Downloading,
    Training,
    Uploading,
    Completed,
    Failed,
    Stopping,
    Stopped,
    MaxRuntimeExceeded,
}

impl SecondaryStatus {
    /// The job's status in this stage.
    pub(crate) const fn status(self) -> TrainingJobStatus {
        match self {
            Self::Starting | Self::Pending | Self::Downloading | Self::Training | Self::Uploading => {
                TrainingJobStatus::InProgress
            }
            Self::Completed => TrainingJobStatus::Completed,
            Self::Failed => TrainingJobStatus::Failed,
            Self::Stopping => TrainingJobStatus::Stopping,
            Self::Stopped | Self::MaxRuntimeExceeded => TrainingJobStatus::Stopped,
        }
    }

    /// SageMaker's status message.
    pub(crate) const fn message(self) -> &'static str {
        match self {
            Self::Starting => "Starting the training job",
            Self::Pending => "Training job waiting for capacity",
            Self::Downloading => "Downloading input data",
            Self::Training => "Training image download completed. Training in progress.",
            Self::Uploading => "Uploading generated training model",
            Self::Completed => "Training job completed",
            Self::Failed => "Training job failed",
            Self::Stopping => "Stopping the training job",
            Self::Stopped => "Training job stopped",
            Self::MaxRuntimeExceeded => "Training job runtime exceeded MaxRuntimeInSeconds provided",
        }
    }
}
