//! Models, endpoint configurations, and the endpoint that serves one of them.

use aws_config::SdkConfig;
use domain::retraining::{EndpointState, EndpointStatus};
use serde_json::{Value, json};

use super::api::{Api, SageMakerError};

/// The only variant of a serverless endpoint.
const VARIANT: &str = "AllTraffic";

/// An endpoint, and what it may serve. Cheap to clone.
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
    /// In whose rights the artefact is read.
    pub role_arn: &'a str,
    /// How much memory the container has.
    pub memory_mb: u32,
    /// How many may ask at once.
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

    /// Creates a model and a configuration that serves it; those that are there already are let be.
    pub async fn register(&self, model: &NewModel<'_>) -> Result<(), SageMakerError> {
        let container = json!({ "Image": model.image, "ModelDataUrl": model.artefact });
        let created = json!({
            "ModelName": model.name, "PrimaryContainer": container, "ExecutionRoleArn": model.role_arn,
        });
        unless_known(self.api.call("CreateModel", &created).await)?;

        let serverless = json!({ "MemorySizeInMB": model.memory_mb, "MaxConcurrency": model.max_concurrency });
        let variant = json!({ "VariantName": VARIANT, "ModelName": model.name, "ServerlessConfig": serverless });
        let created = json!({ "EndpointConfigName": model.name, "ProductionVariants": [variant] });
        unless_known(self.api.call("CreateEndpointConfig", &created).await)
    }

    /// Deletes a model and its configuration; what is not there is no error.
    pub async fn forget(&self, name: &str) -> Result<(), SageMakerError> {
        let config = json!({ "EndpointConfigName": name });
        unless_missing(self.api.call("DeleteEndpointConfig", &config).await)?;

        unless_missing(self.api.call("DeleteModel", &json!({ "ModelName": name })).await)
    }

    /// The endpoint as it stands, if there is one.
    pub async fn find(&self) -> Result<Option<EndpointState>, SageMakerError> {
        let asked = json!({ "EndpointName": self.endpoint });

        match self.api.call("DescribeEndpoint", &asked).await {
            Ok(told) => Ok(Some(read(&told))),
            Err(SageMakerError::Rejected { message, .. }) if message.starts_with("Could not find") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Begins to serve another configuration.
    pub async fn update(&self, config: &str) -> Result<(), SageMakerError> {
        let asked = json!({ "EndpointName": self.endpoint, "EndpointConfigName": config });

        self.api.call("UpdateEndpoint", &asked).await.map(drop)
    }
}

fn unless_known(answer: Result<Value, SageMakerError>) -> Result<(), SageMakerError> {
    match answer {
        Err(SageMakerError::Rejected { message, .. }) if message.contains("already existing") => Ok(()),
        other => other.map(drop),
    }
}

fn unless_missing(answer: Result<Value, SageMakerError>) -> Result<(), SageMakerError> {
    match answer {
        Err(SageMakerError::Rejected { message, .. }) if message.starts_with("Could not find") => Ok(()),
        other => other.map(drop),
    }
}

fn read(told: &Value) -> EndpointState {
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);

    EndpointState {
        status: match told["EndpointStatus"].as_str() {
            Some("InService") => EndpointStatus::InService,
            Some("Failed" | "OutOfService" | "UpdateRollbackFailed") => EndpointStatus::Failed,
            _ => EndpointStatus::Changing,
        },
        config: text(&told["EndpointConfigName"]).unwrap_or_default(),
        pending: text(&told["PendingDeploymentSummary"]["EndpointConfigName"]),
        failure: text(&told["FailureReason"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_read_as_it_stands() {
        let told = json!({
            "EndpointStatus": "Updating", "EndpointConfigName": "one",
            "PendingDeploymentSummary": { "EndpointConfigName": "two" },
        });
        let expected = EndpointState {
            status: EndpointStatus::Changing,
            config: "one".to_owned(),
            pending: Some("two".to_owned()),
            failure: None,
        };

        assert_eq!(read(&told), expected);
        let failed = json!({ "EndpointStatus": "Failed", "FailureReason": "why" });
        assert_eq!(read(&failed).status, EndpointStatus::Failed);
    }

    #[test]
    fn what_is_there_or_gone_already_is_no_error() {
        let rejected = |message: &str| {
            Err(SageMakerError::Rejected {
                code: "ValidationException".to_owned(),
                message: message.to_owned(),
            })
        };

        assert!(unless_known(rejected("Cannot create already existing model \"a\".")).is_ok());
        assert!(unless_known(rejected("Could not find model data at s3://b/a.")).is_err());
        assert!(unless_missing(rejected("Could not find model \"a\".")).is_ok());
        assert!(unless_missing(rejected("denied")).is_err());
    }
}
