//! The control plane: models, endpoint configurations, endpoints, training jobs.

mod endpoints;
mod models;
mod training;

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::State as Extract,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, StatusCode, Uri};
use marquee_standin::{authorize::SignedRequest, clock};
use serde_json::Value;

use super::{
    PRINCIPAL, SageMaker,
    api::Epoch,
    fault::Fault,
    model::{read, rules::Checked},
    state::State,
};

/// `POST /` with `X-Amz-Target: SageMaker.<operation>`.
pub(super) async fn call(
    Extract(sagemaker): Extract<Arc<SageMaker>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Fault> {
    let target = headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok())
        .unwrap_or_default();
    let operation = target.strip_prefix("SageMaker.").unwrap_or_default();
    let request = SignedRequest {
        method: &method,
        uri: &uri,
        headers: &headers,
        body: &body,
    };
    let caller = Caller {
        sagemaker: &sagemaker,
        request,
        operation,
    };
    let response = caller.respond(&body).await?;
    Ok(match response {
        Value::Null => StatusCode::OK.into_response(),
        response => Json(response).into_response(),
    })
}

struct Caller<'a> {
    sagemaker: &'a Arc<SageMaker>,
    request: SignedRequest<'a>,
    operation: &'a str,
}

impl Caller<'_> {
    async fn respond(&self, body: &[u8]) -> Result<Value, Fault> {
        let operation = self.operation;
        match operation {
            "CreateModel" => self.create_model(read(operation, body)?).await,
            "DescribeModel" => self.describe_model(read(operation, body)?).await,
            "DeleteModel" => self.delete_model(read(operation, body)?).await,
            "CreateEndpointConfig" => self.create_endpoint_config(read(operation, body)?).await,
            "DescribeEndpointConfig" => self.describe_endpoint_config(read(operation, body)?).await,
            "DeleteEndpointConfig" => self.delete_endpoint_config(read(operation, body)?).await,
            "CreateEndpoint" => self.create_endpoint(read(operation, body)?).await,
            "UpdateEndpoint" => self.update_endpoint(read(operation, body)?).await,
            "DescribeEndpoint" => self.describe_endpoint(read(operation, body)?).await,
            "DeleteEndpoint" => self.delete_endpoint(read(operation, body)?).await,
            "ListEndpoints" => self.list_endpoints(&read(operation, body)?).await,
            "CreateTrainingJob" => self.create_training_job(read(operation, body)?).await,
            "DescribeTrainingJob" => self.describe_training_job(read(operation, body)?).await,
            "StopTrainingJob" => self.stop_training_job(read(operation, body)?).await,
            "ListTrainingJobs" => self.list_training_jobs(&read(operation, body)?).await,
            unknown => Err(Fault::unknown_operation(unknown)),
        }
    }

    /// Checks that the caller may do this operation on `resource`, and returns the resource.
    async fn authorize(&self, resource: &str) -> Result<String, Fault> {
        let action = format!("sagemaker:{}", self.operation);
        self.sagemaker
            .authorizer
            .authorize_signed(self.request, &action, resource)
            .await?;
        Ok(resource.to_owned())
    }

    /// Checks that the caller may pass a role to SageMaker.
    async fn authorize_passing(&self, role: &str) -> Result<(), Fault> {
        let authorizer = &self.sagemaker.authorizer;
        authorizer
            .authorize_passing(self.request.headers, role, PRINCIPAL)
            .await?;
        Ok(())
    }

    fn change(&self, change: impl FnOnce(&mut State) -> Result<Value, Fault>) -> Result<Value, Fault> {
        self.sagemaker.change(change)
    }

    fn described(&self, find: impl FnOnce(&State) -> Option<Value>, kind: &str, arn: &str) -> Result<Value, Fault> {
        find(&self.sagemaker.state()).ok_or_else(|| not_found(kind, arn))
    }
}

fn check(checked: Checked) -> Result<(), Fault> {
    checked.map_err(Fault::invalid)
}

fn not_found(kind: &str, arn: &str) -> Fault {
    Fault::invalid(format!("Could not find {kind} \"{arn}\"."))
}

fn to_json<T: serde::Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn now() -> Epoch {
    Epoch::from(clock::now())
}
