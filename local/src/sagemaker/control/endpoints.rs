//! Endpoints: what is hosted.

use serde_json::{Value, json};

use super::{
    super::{
        api::{Endpoint, ListEndpoints, Named, PutEndpoint, Status},
        arn,
        fault::Fault,
        state::State,
        validate,
    },
    Caller, missing, now, to_json,
};

impl Caller<'_> {
    pub(super) async fn create_endpoint(&self, request: PutEndpoint) -> Result<Value, Fault> {
        validate::endpoint(&request).map_err(Fault::invalid)?;
        let arn = self.may(&arn("endpoint", &request.endpoint_name)).await?;
        let answer = self.change(|state| {
            if state.endpoints.contains_key(&request.endpoint_name) {
                return Err(Fault::invalid(format!(
                    "Cannot create already existing endpoint \"{arn}\"."
                )));
            }
            require_config(state, &request.endpoint_config_name)?;
            let endpoint = Endpoint {
                endpoint_name: request.endpoint_name.clone(),
                endpoint_arn: arn.clone(),
                endpoint_config_name: request.endpoint_config_name.clone(),
                endpoint_status: Status::Creating,
                failure_reason: None,
                creation_time: now(),
                last_modified_time: now(),
            };
            state.endpoints.insert(request.endpoint_name.clone(), endpoint);
            Ok(json!({ "EndpointArn": arn }))
        })?;
        self.sagemaker.clone().host(&request.endpoint_name);
        Ok(answer)
    }

    pub(super) async fn update_endpoint(&self, request: PutEndpoint) -> Result<Value, Fault> {
        validate::endpoint(&request).map_err(Fault::invalid)?;
        let arn = self.may(&arn("endpoint", &request.endpoint_name)).await?;
        let answer = self.change(|state| {
            require_config(state, &request.endpoint_config_name)?;
            let endpoint = state
                .endpoints
                .get_mut(&request.endpoint_name)
                .ok_or_else(|| missing("endpoint", &arn))?;
            if matches!(endpoint.endpoint_status, Status::Creating | Status::Updating) {
                let status = endpoint.endpoint_status;
                return Err(Fault::invalid(format!(
                    "Cannot update in-progress endpoint \"{arn}\" ({status:?})."
                )));
            }
            endpoint.endpoint_config_name.clone_from(&request.endpoint_config_name);
            endpoint.endpoint_status = Status::Updating;
            endpoint.failure_reason = None;
            endpoint.last_modified_time = now();
            Ok(json!({ "EndpointArn": arn }))
        })?;
        self.sagemaker.clone().host(&request.endpoint_name);
        Ok(answer)
    }

    pub(super) async fn describe_endpoint(&self, request: Named) -> Result<Value, Fault> {
        let arn = self.may(&arn("endpoint", &request.name)).await?;
        let describe = |state: &State| {
            let endpoint = state.endpoints.get(&request.name)?;
            let mut description = to_json(endpoint);
            let config = state.configs.get(&endpoint.endpoint_config_name);
            let variants = config
                .map(|config| config.created.production_variants.as_slice())
                .unwrap_or_default();
            description["ProductionVariants"] = variants
                .iter()
                .map(|variant| {
                    let weight = variant.initial_variant_weight.unwrap_or(1.0);
                    json!({
                        "VariantName": variant.variant_name,
                        "CurrentWeight": weight,
                        "DesiredWeight": weight,
                        "CurrentServerlessConfig": variant.serverless_config,
                    })
                })
                .collect();
            Some(description)
        };
        self.described(describe, "endpoint", &arn)
    }

    pub(super) async fn delete_endpoint(&self, request: Named) -> Result<Value, Fault> {
        let arn = self.may(&arn("endpoint", &request.name)).await?;
        let gone = |state: &mut State| state.endpoints.remove(&request.name).map(|_| Value::Null);
        let answer = self.change(|state| gone(state).ok_or_else(|| missing("endpoint", &arn)))?;
        self.sagemaker.release(&request.name);
        Ok(answer)
    }

    pub(super) async fn list_endpoints(&self, request: &ListEndpoints) -> Result<Value, Fault> {
        self.may("*").await?;
        let most = request.max_results.unwrap_or(10);
        if !(1..=100).contains(&most) {
            return Err(Fault::invalid(format!(
                "Value '{most}' at 'MaxResults' must be between 1 and 100"
            )));
        }
        let state = self.sagemaker.state();
        let after = request.next_token.as_deref().unwrap_or_default();
        let mut wanted = state.endpoints.values().filter(|endpoint| {
            endpoint.endpoint_name.as_str() > after
                && request
                    .name_contains
                    .as_ref()
                    .is_none_or(|part| endpoint.endpoint_name.contains(part.as_str()))
                && request
                    .status_equals
                    .is_none_or(|status| endpoint.endpoint_status == status)
        });
        let page: Vec<&Endpoint> = wanted.by_ref().take(most).collect();
        let mut answer = json!({ "Endpoints": page });
        if let (Some(last), Some(_)) = (page.last(), wanted.next()) {
            answer["NextToken"] = json!(last.endpoint_name);
        }
        Ok(answer)
    }
}

fn require_config(state: &State, name: &str) -> Result<(), Fault> {
    let known = state.configs.contains_key(name).then_some(());
    known.ok_or_else(|| missing("endpoint configuration", &arn("endpoint-config", name)))
}
