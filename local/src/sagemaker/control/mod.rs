//! The control plane: models, endpoint configurations, endpoints.

mod endpoints;
mod models;

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::State as Extract,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, StatusCode, Uri};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{SageMaker, api::Epoch, clock, fault::Fault, state::State};
use crate::authorize::SignedRequest;

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
    let answer = match operation {
        "CreateModel" => caller.create_model(read(&body)?).await?,
        "DescribeModel" => caller.describe_model(read(&body)?).await?,
        "DeleteModel" => caller.delete_model(read(&body)?).await?,
        "CreateEndpointConfig" => caller.create_endpoint_config(read(&body)?).await?,
        "DescribeEndpointConfig" => caller.describe_endpoint_config(read(&body)?).await?,
        "DeleteEndpointConfig" => caller.delete_endpoint_config(read(&body)?).await?,
        "CreateEndpoint" => caller.create_endpoint(read(&body)?).await?,
        "UpdateEndpoint" => caller.update_endpoint(read(&body)?).await?,
        "DescribeEndpoint" => caller.describe_endpoint(read(&body)?).await?,
        "DeleteEndpoint" => caller.delete_endpoint(read(&body)?).await?,
        "ListEndpoints" => caller.list_endpoints(&read(&body)?).await?,
        unknown => return Err(Fault::unknown_operation(unknown)),
    };
    Ok(match answer {
        Value::Null => StatusCode::OK.into_response(),
        answer => Json(answer).into_response(),
    })
}

struct Caller<'a> {
    sagemaker: &'a Arc<SageMaker>,
    request: SignedRequest<'a>,
    operation: &'a str,
}

impl Caller<'_> {
    /// Lets the caller do this operation on `resource`, which is returned.
    async fn may(&self, resource: &str) -> Result<String, Fault> {
        let action = format!("sagemaker:{}", self.operation);
        self.sagemaker
            .authorizer
            .authorize_signed(self.request, &action, resource)
            .await?;
        Ok(resource.to_owned())
    }

    fn change(&self, change: impl FnOnce(&mut State) -> Result<Value, Fault>) -> Result<Value, Fault> {
        self.sagemaker.change(change)
    }

    fn described(&self, find: impl FnOnce(&State) -> Option<Value>, kind: &str, arn: &str) -> Result<Value, Fault> {
        find(&self.sagemaker.state()).ok_or_else(|| missing(kind, arn))
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| Fault::invalid(format!("the local SageMaker refuses this: {error}")))
}

fn missing(kind: &str, arn: &str) -> Fault {
    Fault::invalid(format!("Could not find {kind} \"{arn}\"."))
}

fn to_json<T: serde::Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn now() -> Epoch {
    Epoch::of(clock::now())
}
