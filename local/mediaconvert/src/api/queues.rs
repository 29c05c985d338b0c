//! On-demand queues.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde_json::{Value, json};

use super::{
    super::{model::Issue, names, queue::Queue, service::Service, store::Kind},
    caller::Caller,
    error::ApiError,
    listing::Listing,
    request::{checked, text},
};

/// `POST /queues`
pub(super) async fn create(
    State(service): State<Arc<Service>>,
    caller: Caller,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    caller.require(&service, "mediaconvert:CreateQueue", "*").await?;
    let request = checked(caller.body()?, "CreateQueue")?;
    refuse_unsupported(&request)?;
    let name = text(&request, "name").unwrap_or_default();
    if service.store.queues().contains_key(&name) {
        return Err(ApiError::Conflict(format!("The queue {name} already exists")));
    }
    let now = service.clock.now();
    let mut queue = Queue {
        name,
        system: false,
        ..Queue::default_queue(now)
    };
    change(&mut queue, &request);
    service.store.put_queue(&queue)?;
    if request["tags"].is_object() {
        service
            .store
            .put_named(Kind::Tags, &queue.arn(), request["tags"].clone())?;
    }
    Ok((StatusCode::CREATED, Json(view(&service, &queue))))
}

/// `GET /queues`
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Query(listing): Query<Listing>,
    caller: Caller,
) -> Result<Json<Value>, ApiError> {
    caller.require(&service, "mediaconvert:ListQueues", "*").await?;
    listing.check("ListQueues")?;
    let jobs = service.store.jobs(|_| true);
    let mut queues: Vec<Queue> = service.store.queues().into_values().collect();
    if listing.list_by.as_deref() == Some("CREATION_DATE") {
        queues.sort_by_key(|queue| queue.created_at);
    }
    if listing.is_descending("ASCENDING") {
        queues.reverse();
    }
    let views = queues.iter().map(|queue| queue.view(&jobs)).collect();
    let mut answer = listing.page(views)?.response("queues");
    answer["totalConcurrentJobs"] = json!(service.settings.transcoding.concurrent_jobs);
    Ok(Json(answer))
}

/// `GET /queues/{name}`
pub(super) async fn get(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
    caller: Caller,
) -> Result<Json<Value>, ApiError> {
    let queue = find(&service, &caller, "mediaconvert:GetQueue", &name).await?;
    Ok(Json(view(&service, &queue)))
}

/// `PUT /queues/{name}`: pause, activate, describe.
pub(super) async fn update(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
    caller: Caller,
) -> Result<Json<Value>, ApiError> {
    let mut queue = find(&service, &caller, "mediaconvert:UpdateQueue", &name).await?;
    let mut request = caller.body()?;
    request["name"] = json!(name);
    let request = checked(request, "UpdateQueue")?;
    refuse_unsupported(&request)?;
    change(&mut queue, &request);
    queue.updated_at = service.clock.now();
    service.store.put_queue(&queue)?;
    service.job_added.notify_one();
    Ok(Json(view(&service, &queue)))
}

/// `DELETE /queues/{name}`
pub(super) async fn delete(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
    caller: Caller,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let queue = find(&service, &caller, "mediaconvert:DeleteQueue", &name).await?;
    if queue.system {
        let message = format!("The queue {name} is a system queue and cannot be deleted");
        return Err(ApiError::BadRequest(message));
    }
    let arn = queue.arn();
    let busy = service.store.jobs(|job| job.queue == arn && !job.status.is_final());
    if !busy.is_empty() {
        return Err(ApiError::Conflict(format!("The queue {name} still has jobs")));
    }
    service.store.delete_queue(&queue.name)?;
    Ok((StatusCode::ACCEPTED, Json(json!({}))))
}

async fn find(service: &Service, caller: &Caller, action: &str, name: &str) -> Result<Queue, ApiError> {
    let name = names::name_of("queues", name);
    caller.require(service, action, &names::arn("queues", name)).await?;
    let queue = service.store.queues().remove(name);
    queue.ok_or_else(|| ApiError::NotFound(format!("The queue {name} does not exist")))
}

fn view(service: &Service, queue: &Queue) -> Value {
    let arn = queue.arn();
    json!({ "queue": queue.view(&service.store.jobs(|job| job.queue == arn)) })
}

fn change(queue: &mut Queue, request: &Value) {
    if let Some(description) = text(request, "description") {
        queue.description = Some(description);
    }
    if let Some(status) = request["status"].as_str() {
        queue.paused = status == "PAUSED";
    }
    if let Some(concurrent_jobs) = request["concurrentJobs"].as_u64() {
        queue.concurrent_jobs = Some(concurrent_jobs);
    }
}

fn refuse_unsupported(request: &Value) -> Result<(), ApiError> {
    let mut issues = Vec::new();
    if request["pricingPlan"].as_str().is_some_and(|plan| plan != "ON_DEMAND") {
        let message = "Only ON_DEMAND is supported by the local MediaConvert";
        issues.push(Issue::new("/pricingPlan", message));
    }
    for name in ["reservationPlanSettings", "maximumConcurrentFeeds"] {
        if !request[name].is_null() {
            let message = "Is not supported by the local MediaConvert";
            issues.push(Issue::new(format!("/{name}"), message));
        }
    }
    if issues.is_empty() {
        Ok(())
    } else {
        Err(ApiError::invalid(&issues))
    }
}
