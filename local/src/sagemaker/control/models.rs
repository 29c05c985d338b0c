//! Models and endpoint configurations: what is to be hosted, and how.

use serde_json::{Value, json};

use super::{
    super::{
        api::{CreateEndpointConfig, CreateModel, EndpointConfig, Model, Named},
        arn,
        fault::Fault,
        state::State,
        validate,
    },
    Caller, missing, now, to_json,
};

impl Caller<'_> {
    pub(super) async fn create_model(&self, request: CreateModel) -> Result<Value, Fault> {
        validate::model(&request).map_err(Fault::invalid)?;
        let arn = self.may(&arn("model", &request.model_name)).await?;
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
        let arn = self.may(&arn("model", &request.name)).await?;
        self.described(|state| state.models.get(&request.name).map(to_json), "model", &arn)
    }

    pub(super) async fn delete_model(&self, request: Named) -> Result<Value, Fault> {
        let arn = self.may(&arn("model", &request.name)).await?;
        self.change(|state| {
            state
                .models
                .remove(&request.name)
                .map(|_| Value::Null)
                .ok_or_else(|| missing("model", &arn))
        })
    }

    pub(super) async fn create_endpoint_config(&self, request: CreateEndpointConfig) -> Result<Value, Fault> {
        validate::endpoint_config(&request).map_err(Fault::invalid)?;
        let arn = self.may(&arn("endpoint-config", &request.endpoint_config_name)).await?;
        self.change(|state| {
            let name = &request.endpoint_config_name;
            if state.configs.contains_key(name) {
                return Err(Fault::invalid(format!(
                    "Cannot create already existing endpoint configuration \"{arn}\"."
                )));
            }
            for variant in &request.production_variants {
                if !state.models.contains_key(&variant.model_name) {
                    return Err(missing("model", &super::super::arn("model", &variant.model_name)));
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
        let arn = self.may(&arn("endpoint-config", &request.name)).await?;
        self.described(
            |state| state.configs.get(&request.name).map(to_json),
            "endpoint configuration",
            &arn,
        )
    }

    pub(super) async fn delete_endpoint_config(&self, request: Named) -> Result<Value, Fault> {
        let arn = self.may(&arn("endpoint-config", &request.name)).await?;
        let gone = |state: &mut State| state.configs.remove(&request.name).map(|_| Value::Null);
        self.change(|state| gone(state).ok_or_else(|| missing("endpoint configuration", &arn)))
    }
}
