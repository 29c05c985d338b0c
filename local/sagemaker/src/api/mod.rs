//! The requests and resources of SageMaker's API, with the members that the stand-in honours. Any other member is refused by name.

pub(super) mod training;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

/// `CreateModel`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CreateModel {
    pub(super) model_name: String,
    pub(super) primary_container: Container,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) execution_role_arn: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) tags: Vec<Tag>,
}

/// `ContainerDefinition`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Container {
    pub(super) image: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model_data_url: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) environment: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mode: Option<ContainerMode>,
}

/// `ContainerMode`: one program serves one model.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(super) enum ContainerMode {
    SingleModel,
}

/// `Tag`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Tag {
    pub(super) key: String,
    pub(super) value: String,
}

/// `CreateEndpointConfig`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CreateEndpointConfig {
    pub(super) endpoint_config_name: String,
    pub(super) production_variants: Vec<Variant>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) tags: Vec<Tag>,
}

/// `ProductionVariant` of a serverless endpoint.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "these are SageMaker's names")]
pub(super) struct Variant {
    pub(super) variant_name: String,
    pub(super) model_name: String,
    pub(super) serverless_config: ServerlessConfig,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) initial_variant_weight: Option<f64>,
}

/// `ProductionVariantServerlessConfig`.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(super) struct ServerlessConfig {
    #[serde(rename = "MemorySizeInMB")]
    pub(super) memory_size_in_mb: u32,
    #[serde(rename = "MaxConcurrency")]
    pub(super) max_concurrency: u32,
}

/// `CreateEndpoint` and `UpdateEndpoint`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct PutEndpoint {
    pub(super) endpoint_name: String,
    pub(super) endpoint_config_name: String,
    #[serde(default)]
    pub(super) tags: Vec<Tag>,
}

/// Requests that hold only a name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    #[serde(
        alias = "ModelName",
        alias = "EndpointConfigName",
        alias = "EndpointName",
        alias = "TrainingJobName"
    )]
    pub(super) name: String,
}

/// `ListEndpoints`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListEndpoints {
    pub(super) name_contains: Option<String>,
    pub(super) status_equals: Option<Status>,
    pub(super) max_results: Option<usize>,
    pub(super) next_token: Option<String>,
}

/// `EndpointStatus`: the values that occur here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) enum Status {
    Creating,
    Updating,
    InService,
    Failed,
}

impl Status {
    /// The value in events.
    pub(super) const fn in_events(self) -> &'static str {
        match self {
            Self::Creating => "CREATING",
            Self::Updating => "UPDATING",
            Self::InService => "IN_SERVICE",
            Self::Failed => "FAILED",
        }
    }
}

/// A model as it is stored and described.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Model {
    #[serde(flatten)]
    pub(super) created: CreateModel,
    #[serde(rename = "ModelArn")]
    pub(super) arn: String,
    #[serde(rename = "CreationTime")]
    pub(super) creation_time: Epoch,
}

/// An endpoint configuration as it is stored and described.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct EndpointConfig {
    #[serde(flatten)]
    pub(super) created: CreateEndpointConfig,
    #[serde(rename = "EndpointConfigArn")]
    pub(super) arn: String,
    #[serde(rename = "CreationTime")]
    pub(super) creation_time: Epoch,
}

/// An endpoint as it is stored and described.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "these are SageMaker's names")]
pub(super) struct Endpoint {
    pub(super) endpoint_name: String,
    pub(super) endpoint_arn: String,
    /// The configuration that it serves, or will serve first.
    pub(super) endpoint_config_name: String,
    /// The configuration that it is being updated to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pending_deployment_summary: Option<PendingDeployment>,
    pub(super) endpoint_status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) failure_reason: Option<String>,
    pub(super) creation_time: Epoch,
    pub(super) last_modified_time: Epoch,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) tags: Vec<Tag>,
}

/// `PendingDeploymentSummary`: present while an endpoint is being created or updated.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PendingDeployment {
    pub(super) endpoint_config_name: String,
    pub(super) start_time: Epoch,
}

/// A time as AWS's JSON protocol writes it: seconds since 1970, with a fraction.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Deserialize)]
pub(super) struct Epoch(f64);

impl From<Timestamp> for Epoch {
    fn from(time: Timestamp) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit a double")]
        let milliseconds = time.as_millisecond() as f64;
        Self(milliseconds / 1000.0)
    }
}

impl Epoch {
    /// Milliseconds since 1970, the form of times in events.
    pub(super) fn milliseconds(self) -> f64 {
        (self.0 * 1000.0).round()
    }

    /// The billed seconds since `earlier`, at least one.
    pub(super) fn seconds_since(self, earlier: Self) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative, and no job lasts for centuries"
        )]
        let seconds = (self.0 - earlier.0).max(1.0).round() as u64;
        seconds
    }
}

impl Serialize for Epoch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0)
    }
}

/// The name of an image's repository: `marquee-recommender` of `….amazonaws.com/marquee-recommender:1`.
pub(super) fn repository(image: &str) -> Option<&str> {
    image.rsplit('/').next().and_then(|name| name.split([':', '@']).next())
}

impl CreateModel {
    /// A model of an image, without an artefact.
    pub(super) fn for_image(name: &str, image: &str) -> Self {
        let container = Container {
            image: image.to_owned(),
            model_data_url: None,
            environment: BTreeMap::new(),
            mode: None,
        };
        Self {
            model_name: name.to_owned(),
            primary_container: container,
            execution_role_arn: None,
            tags: Vec::new(),
        }
    }
}

impl CreateEndpointConfig {
    /// One serverless variant of a model, of the smallest size.
    pub(super) fn for_model(name: &str, model: &str) -> Self {
        let variant = Variant {
            variant_name: "AllTraffic".to_owned(),
            model_name: model.to_owned(),
            serverless_config: ServerlessConfig {
                memory_size_in_mb: 1024,
                max_concurrency: 5,
            },
            initial_variant_weight: Some(1.0),
        };
        Self {
            endpoint_config_name: name.to_owned(),
            production_variants: vec![variant],
            tags: Vec::new(),
        }
    }
}
