//! The events "SageMaker Training Job State Change" and "SageMaker Endpoint State Change", in the shapes of SageMaker's
//! documentation.

use std::collections::{BTreeMap, BTreeSet};

use marquee_standin::{
    clock,
    outbox::{Event, Outbox},
};
use serde_json::{Value, json};

use super::{
    SageMaker,
    api::{Endpoint, Tag},
    state::State,
    training::TrainingJob,
};

impl State {
    /// Adds an event: a job has changed.
    pub(super) fn notify_job(&mut self, name: &str) {
        let Some(job) = self.jobs.get(name) else { return };
        let (resource, detail) = (job.arn.clone(), job_detail(job));
        self.notify("SageMaker Training Job State Change", resource, detail);
    }

    /// Adds an event: an endpoint has changed.
    pub(super) fn notify_endpoint(&mut self, name: &str) {
        let Some(endpoint) = self.endpoints.get(name) else {
            return;
        };
        let detail = self.endpoint_detail(endpoint, endpoint.endpoint_status.in_events());
        let resource = endpoint.endpoint_arn.clone();
        self.notify("SageMaker Endpoint State Change", resource, detail);
    }

    /// Adds an event: an endpoint is being deleted.
    pub(super) fn notify_deletion(&mut self, endpoint: &Endpoint) {
        let detail = self.endpoint_detail(endpoint, "DELETING");
        self.notify("SageMaker Endpoint State Change", endpoint.endpoint_arn.clone(), detail);
    }

    fn notify(&mut self, detail_type: &str, resource: String, detail: Value) {
        self.events.push(Event {
            detail_type: detail_type.to_owned(),
            resource,
            time: clock::now(),
            detail,
        });
    }

    fn endpoint_detail(&self, endpoint: &Endpoint, status: &str) -> Value {
        let config = self.configs.get(&endpoint.endpoint_config_name);
        let variants: Vec<Value> = config
            .iter()
            .flat_map(|config| &config.created.production_variants)
            .map(|variant| {
                json!({
                    "VariantName": variant.variant_name,
                    "DesiredWeight": variant.initial_variant_weight.unwrap_or(1.0),
                })
            })
            .collect();
        let mut detail = json!({
            "EndpointName": endpoint.endpoint_name,
            "EndpointArn": endpoint.endpoint_arn,
            "EndpointConfigName": endpoint.endpoint_config_name,
            "ProductionVariants": variants,
            "EndpointStatus": status,
            "CreationTime": endpoint.creation_time.milliseconds(),
            "LastModifiedTime": endpoint.last_modified_time.milliseconds(),
            "Tags": tags_by_key(&endpoint.tags),
        });
        if let Some(reason) = &endpoint.failure_reason {
            detail["FailureReason"] = json!(reason);
        }
        detail
    }
}

impl Outbox for SageMaker {
    fn oldest(&self) -> Vec<Event> {
        let mut resources = BTreeSet::new();
        let state = self.state();
        let oldest = state.events.iter().filter(|event| resources.insert(&event.resource));
        oldest.cloned().collect()
    }

    fn remove_oldest(&self, resource: &str) -> anyhow::Result<()> {
        let removed = self.change(|state| {
            if let Some(index) = state.events.iter().position(|event| event.resource == resource) {
                state.events.remove(index);
            }
            Ok(Value::Null)
        });
        removed
            .map(drop)
            .map_err(|fault| anyhow::anyhow!("{}", fault.message()))
    }
}

fn job_detail(job: &TrainingJob) -> Value {
    let created = &job.created;
    let mut detail = json!({
        "TrainingJobName": created.training_job_name,
        "TrainingJobArn": job.arn,
        "TrainingJobStatus": job.secondary_status.status(),
        "SecondaryStatus": job.secondary_status,
        "HyperParameters": created.hyper_parameters,
        "AlgorithmSpecification": created.algorithm_specification,
        "RoleArn": created.role_arn,
        "InputDataConfig": created.input_data_config,
        "OutputDataConfig": created.output_data_config,
        "ResourceConfig": created.resource_config,
        "StoppingCondition": created.stopping_condition,
        "CreationTime": job.creation_time.milliseconds(),
        "LastModifiedTime": job.last_modified_time.milliseconds(),
        "SecondaryStatusTransitions": job.transitions.iter().map(|transition| {
            let mut entry = json!({
                "Status": transition.status,
                "StartTime": transition.start_time.milliseconds(),
                "StatusMessage": transition.status_message,
            });
            if let Some(end) = transition.end_time {
                entry["EndTime"] = json!(end.milliseconds());
            }
            entry
        }).collect::<Vec<Value>>(),
        "Tags": tags_by_key(&created.tags),
    });
    for (name, time) in [
        ("TrainingStartTime", job.training_start_time),
        ("TrainingEndTime", job.training_end_time),
    ] {
        if let Some(time) = time {
            detail[name] = json!(time.milliseconds());
        }
    }
    if let Some(reason) = &job.failure_reason {
        detail["FailureReason"] = json!(reason);
    }
    if let Some(artefacts) = &job.model_artifacts {
        detail["ModelArtifacts"] = json!(artefacts);
    }
    detail
}

fn tags_by_key(tags: &[Tag]) -> BTreeMap<&str, &str> {
    tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect()
}
