//! Endpoints.

use serde_json::{Value, json};

use super::{
    super::{
        api::{Endpoint, ListEndpoints, Named, PendingDeployment, PutEndpoint, Status},
        arn,
        fault::Fault,
        state::State,
    },
    Caller, not_found, now, to_json,
};

impl Caller<'_> {
    pub(super) async fn create_endpoint(&self, request: PutEndpoint) -> Result<Value, Fault> {
        let arn = self.authorize_put(&request).await?;
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
                pending_deployment_summary: Some(pending(&request)),
                endpoint_status: Status::Creating,
                failure_reason: None,
                creation_time: now(),
                last_modified_time: now(),
                tags: request.tags.clone(),
            };
            state.endpoints.insert(request.endpoint_name.clone(), endpoint);
            state.notify_endpoint(&request.endpoint_name);
            Ok(json!({ "EndpointArn": arn }))
        })?;
        let (endpoint, config) = (&request.endpoint_name, &request.endpoint_config_name);
        self.sagemaker.begin_creation(endpoint, config);
        Ok(answer)
    }

    pub(super) async fn update_endpoint(&self, request: PutEndpoint) -> Result<Value, Fault> {
        let arn = self.authorize_put(&request).await?;
        let answer = self.change(|state| {
            require_config(state, &request.endpoint_config_name)?;
            let endpoint = state
                .endpoints
                .get_mut(&request.endpoint_name)
                .ok_or_else(|| not_found("endpoint", &arn))?;
            match endpoint.endpoint_status {
                Status::InService => {}
                Status::Creating | Status::Updating => {
                    return Err(Fault::invalid(format!("Cannot update in-progress endpoint \"{arn}\".")));
                }
                Status::Failed => {
                    return Err(Fault::invalid(format!(
                        "Cannot update endpoint \"{arn}\": its status is Failed, it can only be deleted."
                    )));
                }
            }
            endpoint.pending_deployment_summary = Some(pending(&request));
            endpoint.endpoint_status = Status::Updating;
            endpoint.failure_reason = None;
            endpoint.last_modified_time = now();
            state.notify_endpoint(&request.endpoint_name);
            Ok(json!({ "EndpointArn": arn }))
        })?;
        let (endpoint, config) = (&request.endpoint_name, &request.endpoint_config_name);
        self.sagemaker.begin_update(endpoint, config);
        Ok(answer)
    }

    /// The caller needs the right for the endpoint and for its configuration.
    async fn authorize_put(&self, request: &PutEndpoint) -> Result<String, Fault> {
        self.authorize(&arn("endpoint-config", &request.endpoint_config_name))
            .await?;
        self.authorize(&arn("endpoint", &request.endpoint_name)).await
    }

    pub(super) async fn describe_endpoint(&self, request: Named) -> Result<Value, Fault> {
        let arn = self.authorize(&arn("endpoint", &request.name)).await?;
        let describe = |state: &State| {
            let endpoint = state.endpoints.get(&request.name)?;
            let mut description = to_json(endpoint);
            if let Some(description) = description.as_object_mut() {
                description.remove("Tags");
            }
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
        let arn = self.authorize(&arn("endpoint", &request.name)).await?;
        let answer = self.change(|state| {
            let removed = state.endpoints.remove(&request.name);
            state.notify_deletion(&removed.ok_or_else(|| not_found("endpoint", &arn))?);
            Ok(Value::Null)
        })?;
        self.sagemaker.release(&request.name);
        Ok(answer)
    }

    pub(super) async fn list_endpoints(&self, request: &ListEndpoints) -> Result<Value, Fault> {
        self.authorize("*").await?;
        let max_results = request.max_results.unwrap_or(10);
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
        let page: Vec<&Endpoint> = wanted.by_ref().take(max_results).collect();
        let mut answer = json!({ "Endpoints": page });
        if let (Some(last), Some(_)) = (page.last(), wanted.next()) {
            answer["NextToken"] = json!(last.endpoint_name);
        }
        Ok(answer)
    }
}

fn pending(request: &PutEndpoint) -> PendingDeployment {
    PendingDeployment {
        endpoint_config_name: request.endpoint_config_name.clone(),
        start_time: now(),
    }
}

fn require_config(state: &State, name: &str) -> Result<(), Fault> {
    let known = state.configs.contains_key(name).then_some(());
    known.ok_or_else(|| not_found("endpoint configuration", &arn("endpoint-config", name)))
}
