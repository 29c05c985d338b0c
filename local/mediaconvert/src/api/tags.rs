//! Tags, by ARN.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::{Map, Value, json};

use super::{
    super::{service::Service, store::Kind},
    caller::Caller,
    error::ApiError,
    request::text,
};

/// `POST /tags`
pub(super) async fn add(State(service): State<Arc<Service>>, caller: Caller) -> Result<Json<Value>, ApiError> {
    let body = caller.body()?;
    let arn = text(&body, "arn").ok_or_else(|| ApiError::BadRequest("arn is a required property".to_owned()))?;
    caller.require(&service, "mediaconvert:TagResource", &arn).await?;
    let mut tags = tags_of(&service, &arn);
    if let Some(new) = body["tags"].as_object() {
        tags.extend(new.clone());
    }
    service.store.put_named(Kind::Tags, &arn, Value::Object(tags))?;
    Ok(Json(json!({})))
}

/// `GET /tags/{arn}`
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Path(arn): Path<String>,
    caller: Caller,
) -> Result<Json<Value>, ApiError> {
    caller
        .require(&service, "mediaconvert:ListTagsForResource", &arn)
        .await?;
    let tags = tags_of(&service, &arn);
    Ok(Json(json!({ "resourceTags": { "arn": arn, "tags": tags } })))
}

/// `PUT /tags/{arn}`, which removes tags
pub(super) async fn remove(
    State(service): State<Arc<Service>>,
    Path(arn): Path<String>,
    caller: Caller,
) -> Result<Json<Value>, ApiError> {
    caller.require(&service, "mediaconvert:UntagResource", &arn).await?;
    let mut tags = tags_of(&service, &arn);
    let body = caller.body()?;
    let keys = body["tagKeys"].as_array().map(Vec::as_slice).unwrap_or_default();
    tags.retain(|name, _| !keys.iter().any(|key| key.as_str() == Some(name)));
    service.store.put_named(Kind::Tags, &arn, Value::Object(tags))?;
    Ok(Json(json!({})))
}

fn tags_of(service: &Service, arn: &str) -> Map<String, Value> {
    let mut all = service.store.named(Kind::Tags);
    match all.remove(arn) {
        Some(Value::Object(tags)) => tags,
        _ => Map::new(),
    }
}
