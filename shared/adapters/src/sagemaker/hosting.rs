//! Models, endpoint configurations, and the endpoint that serves one of them.

use aws_config::SdkConfig;
use domain::retraining::{EndpointState, EndpointStatus};
use serde_json::{Value, json};

use super::api::{Api, SageMakerError};

/// The only variant of a serverless endpoint.
const VARIANT: &str = "AllTraffic";

/// An endpoint, and the models that it may serve. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Hosting {
    api: Api,
    endpoint: String,
}

/// A model to be created, with an endpoint configuration of the same name.
#[derive(Clone, Copy, Debug)]
pub struct NewModel<'a> {
    /// Its name.
    pub name: &'a str,
    /// The container image.
    pub image: &'a str,
    /// The address of `model.tar.gz`.
    pub artefact: &'a str,
    /// The IAM role that reads the artefact.
    pub role_arn: &'a str,
    /// The memory of the container.
    pub memory_mb: u32,
    /// How many requests are answered at once.
    pub max_concurrency: u32,
}

impl Hosting {
    /// The endpoint called `endpoint`.
    #[must_use]
    pub fn new(config: &SdkConfig, endpoint: impl Into<String>) -> Self {
        Self {
            api: Api::new(config),
            endpoint: endpoint.into(),
        }
    }

    /// The endpoint's name.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Creates a model and a configuration that serves it. Existing ones are left as they are.
    pub async fn register(&self, model: &NewModel<'_>) -> Result<(), SageMakerError> {
        let container = json!({ "Image": model.image, "ModelDataUrl": model.artefact });
        let created = json!({
            "ModelName": model.name, "PrimaryContainer": container, "ExecutionRoleArn": model.role_arn,
        });
        ignore_existing(self.api.call("CreateModel", &created).await)?;

        let serverless = json!({ "MemorySizeInMB": model.memory_mb, "MaxConcurrency": model.max_concurrency });
        let variant = json!({ "VariantName": VARIANT, "ModelName": model.name, "ServerlessConfig": serverless });
        let created = json!({ "EndpointConfigName": model.name, "ProductionVariants": [variant] });
        ignore_existing(self.api.call("CreateEndpointConfig", &created).await)
    }

    /// Deletes a model and its configuration. Missing ones are no error.
    pub async fn delete(&self, name: &str) -> Result<(), SageMakerError> {
        let config = json!({ "EndpointConfigName": name });
        ignore_missing(self.api.call("DeleteEndpointConfig", &config).await)?;

        ignore_missing(self.api.call("DeleteModel", &json!({ "ModelName": name })).await)
    }

    /// The state of the endpoint, if there is one.
    pub async fn find(&self) -> Result<Option<EndpointState>, SageMakerError> {
        let request = json!({ "EndpointName": self.endpoint });

        match self.api.call("DescribeEndpoint", &request).await {
            Ok(answer) => Ok(Some(read(&answer))),
            Err(SageMakerError::Rejected { message, .. }) if message.starts_with("Could not find") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Starts an update to another configuration.
    pub async fn update(&self, config: &str) -> Result<(), SageMakerError> {
        let request = json!({ "EndpointName": self.endpoint, "EndpointConfigName": config });

        self.api.call("UpdateEndpoint", &request).await.map(drop)
    }
}

fn ignore_existing(answer: Result<Value, SageMakerError>) -> Result<(), SageMakerError> {
    match answer {
        Err(SageMakerError::Rejected { message, .. }) if message.contains("already existing") => Ok(()),
        other => other.map(drop),
    }
}

fn ignore_missing(answer: Result<Value, SageMakerError>) -> Result<(), SageMakerError> {
    match answer {
        Err(SageMakerError::Rejected { message, .. }) if message.starts_with("Could not find") => Ok(()),
        other => other.map(drop),
    }
}

fn read(answer: &Value) -> EndpointState {
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);

    EndpointState {
        status: match answer["EndpointStatus"].as_str() {
            Some("InService") => EndpointStatus::InService,
            Some("Failed" | "OutOfService" | "UpdateRollbackFailed") => EndpointStatus::Failed,
            _ => EndpointStatus::Changing,
        },
        config: text(&answer["EndpointConfigName"]).unwrap_or_default(),
        pending: text(&answer["PendingDeploymentSummary"]["EndpointConfigName"]),
        failure: text(&answer["FailureReason"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_read() {
        let answer = json!({
            "EndpointStatus": "Updating", "EndpointConfigName": "one",
            "PendingDeploymentSummary": { "EndpointConfigName": "two" },
        });
        let expected = EndpointState {
            status: EndpointStatus::Changing,
            config: "one".to_owned(),
            pending: Some("two".to_owned()),
            failure: None,
        };

        assert_eq!(read(&answer), expected);
        let failed = json!({ "EndpointStatus": "Failed", "FailureReason": "why" });
        assert_eq!(read(&failed).status, EndpointStatus::Failed);
    }

    #[test]
    fn existing_and_missing_models_are_no_error() {
        let rejected = |message: &str| {
            Err(SageMakerError::Rejected {
                code: "ValidationException".to_owned(),
                message: message.to_owned(),
            })
        };

        assert!(ignore_existing(rejected("Cannot create already existing model \"a\".")).is_ok());
        assert!(ignore_existing(rejected("Could not find model data at s3://b/a.")).is_err());
        assert!(ignore_missing(rejected("Could not find model \"a\".")).is_ok());
        assert!(ignore_missing(rejected("denied")).is_err());
    }
}
