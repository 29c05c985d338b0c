//! Models and endpoint configurations.

use serde_json::{Value, json};

use super::{
    super::{
        api::{CreateEndpointConfig, CreateModel, EndpointConfig, Model, Named},
        arn,
        fault::Fault,
        model::rules::{self, parse_s3},
        state::State,
    },
    Caller, check, not_found, now, to_json,
};
use marquee_standin::{REGION, role::RoleError};

impl Caller<'_> {
    pub(super) async fn create_model(&self, request: CreateModel) -> Result<Value, Fault> {
        let arn = self.authorize(&arn("model", &request.model_name)).await?;
        if let Some(role) = &request.execution_role_arn {
            self.authorize_passing(role).await?;
            if let Some(url) = &request.primary_container.model_data_url {
                self.require_model_data(role, url).await?;
            }
        }
        self.change(|state| {
            if state.models.contains_key(&request.model_name) {
                return Err(Fault::invalid(format!(
                    "Cannot create already existing model \"{arn}\"."
                )));
            }
            let model = Model {
                created: request.clone(),
                arn: arn.clone(),
                creation_time: now(),
            };
            state.models.insert(request.model_name.clone(), model);
            Ok(json!({ "ModelArn": arn }))
        })
    }

    pub(super) async fn describe_model(&self, request: Named) -> Result<Value, Fault> {
        let arn = self.authorize(&arn("model", &request.name)).await?;
        self.described(|state| state.models.get(&request.name).map(to_json), "model", &arn)
    }

    pub(super) async fn delete_model(&self, request: Named) -> Result<Value, Fault> {
        let arn = self.authorize(&arn("model", &request.name)).await?;
        self.change(|state| {
            state
                .models
                .remove(&request.name)
                .map(|_| Value::Null)
                .ok_or_else(|| not_found("model", &arn))
        })
    }

    pub(super) async fn create_endpoint_config(&self, request: CreateEndpointConfig) -> Result<Value, Fault> {
        check(rules::endpoint_config(&request))?;
        let arn = self
            .authorize(&arn("endpoint-config", &request.endpoint_config_name))
            .await?;
        self.change(|state| {
            let name = &request.endpoint_config_name;
            if state.configs.contains_key(name) {
                return Err(Fault::invalid(format!(
                    "Cannot create already existing endpoint configuration \"{arn}\"."
                )));
            }
            for variant in &request.production_variants {
                if !state.models.contains_key(&variant.model_name) {
                    return Err(not_found("model", &super::super::arn("model", &variant.model_name)));
                }
            }
            let config = EndpointConfig {
                created: request.clone(),
                arn: arn.clone(),
                creation_time: now(),
            };
            state.configs.insert(name.clone(), config);
            Ok(json!({ "EndpointConfigArn": arn }))
        })
    }

    pub(super) async fn describe_endpoint_config(&self, request: Named) -> Result<Value, Fault> {
        let arn = self.authorize(&arn("endpoint-config", &request.name)).await?;
        self.described(
            |state| state.configs.get(&request.name).map(to_json),
            "endpoint configuration",
            &arn,
        )
    }

    pub(super) async fn delete_endpoint_config(&self, request: Named) -> Result<Value, Fault> {
        let arn = self.authorize(&arn("endpoint-config", &request.name)).await?;
        let remove = |state: &mut State| state.configs.remove(&request.name).map(|_| Value::Null);
        self.change(|state| remove(state).ok_or_else(|| not_found("endpoint configuration", &arn)))
    }

    /// As SageMaker does: the role must be able to read the artefact before the model is created.
    async fn require_model_data(&self, role: &str, url: &str) -> Result<(), Fault> {
        let refused = || {
            Fault::invalid(format!(
                "Could not access model data at {url}. Please ensure that the role \"{role}\" exists and that its trust \
                 relationship policy allows the action \"sts:AssumeRole\" for the service principal \
                 \"sagemaker.amazonaws.com\". Also ensure that the role has \"s3:GetObject\" permissions and that the object \
                 is located in {REGION}."
            ))
        };
        let s3 = match self.sagemaker.as_role(role).await {
            Ok(s3) => s3,
            Err(RoleError::Unavailable) => return Err(Fault::internal(&anyhow::anyhow!("IAM does not answer"))),
            Err(RoleError::NoSuchRole | RoleError::Refused) => return Err(refused()),
        };
        let (bucket, key) = parse_s3(url).ok_or_else(refused)?;
        match s3.head_object().bucket(bucket).key(key).send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.raw_response().map(|response| response.status().as_u16()) {
                Some(404) => Err(Fault::invalid(format!("Could not find model data at {url}."))),
                Some(_) => Err(refused()),
                None => Err(Fault::internal(&error.into())),
            },
        }
    }
}
