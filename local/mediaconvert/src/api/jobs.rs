//! Jobs: create, get, list, search, cancel.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde_json::{Value, json};

use super::{
    super::{
        events,
        job::{Job, Status},
        names,
        queue::Queue,
        service::Service,
        store::Kind,
    },
    caller::Caller,
    error::ApiError,
    job_settings,
    listing::Listing,
    request::{checked, text},
};

/// `POST /jobs`
pub(super) async fn create(
    State(service): State<Arc<Service>>,
    caller: Caller,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let body = caller.body()?;
    let template = job_settings::template(&service, &body)?;
    let queue_name = text(&body, "queue").or_else(|| template.as_ref().and_then(|template| text(template, "queue")));
    let queue_name = queue_name.unwrap_or_else(|| Queue::DEFAULT.to_owned());
    let queue = names::arn("queues", names::name_of("queues", &queue_name));
    caller.require(&service, "mediaconvert:CreateJob", &queue).await?;
    let request = checked(body, "CreateJob")?;
    if !service
        .store
        .queues()
        .contains_key(names::name_of("queues", &queue_name))
    {
        return Err(ApiError::NotFound(format!("The queue {queue_name} does not exist")));
    }
    let role = text(&request, "role").unwrap_or_default();
    caller.require_passing(&service, &role).await?;

    let settings = job_settings::settings(&service, &request, template.as_ref())?;
    let now = service.clock.now();
    let id = names::job_id(now, service.next_salt());
    let from_template = |name: &str| template.as_ref().map_or(Value::Null, |template| template[name].clone());
    let or_template = |name: &str| {
        Some(request[name].clone())
            .filter(|value| !value.is_null())
            .unwrap_or_else(|| from_template(name))
    };
    let interval = or_template("statusUpdateInterval");
    let seconds = interval
        .as_str()
        .and_then(|interval| interval.strip_prefix("SECONDS_")?.parse().ok());
    let job = Job {
        arn: names::arn("jobs", &id),
        id,
        status: Status::Submitted,
        role,
        queue,
        priority: or_template("priority").as_i64().unwrap_or_default(),
        settings,
        echoed: job_settings::echoed(&request)?,
        user_metadata: serde_json::from_value(request["userMetadata"].clone()).unwrap_or_default(),
        client_request_token: text(&request, "clientRequestToken"),
        status_update_seconds: seconds.unwrap_or(60),
        submitted_at: now,
        started_at: None,
        finished_at: None,
        phase: None,
        percent: None,
        error: None,
        warnings: Vec::new(),
        output_group_details: Vec::new(),
        outbox: Vec::new(),
    };
    let tags = request["tags"].clone();
    let arn = job.arn.clone();
    let job = service.store.create_job(job)?;
    if job.arn == arn && tags.is_object() {
        service.store.put_named(Kind::Tags, &arn, tags)?;
    }
    service.job_added.notify_one();
    Ok((StatusCode::CREATED, Json(json!({ "job": job.view() }))))
}

/// `GET /jobs/{id}`
pub(super) async fn get(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Value>, ApiError> {
    caller
        .require(&service, "mediaconvert:GetJob", &names::arn("jobs", &id))
        .await?;
    let job = service.store.job(&id).ok_or_else(|| unknown(&id))?;
    Ok(Json(json!({ "job": job.view() })))
}

/// `GET /jobs`
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Query(listing): Query<Listing>,
    caller: Caller,
) -> Result<Json<Value>, ApiError> {
    caller.require(&service, "mediaconvert:ListJobs", "*").await?;
    listing.check("ListJobs")?;
    // ListJobs takes a queue's name; SearchJobs takes a name or an ARN.
    if listing.queue.as_ref().is_some_and(|queue| queue.contains(':')) {
        let message = "/queue: Provide the queue's name, not its ARN".to_owned();
        return Err(ApiError::BadRequest(message));
    }
    found(&service, &listing)
}

/// `GET /search`: a list with a filter by input.
pub(super) async fn search(
    State(service): State<Arc<Service>>,
    Query(listing): Query<Listing>,
    caller: Caller,
) -> Result<Json<Value>, ApiError> {
    caller.require(&service, "mediaconvert:SearchJobs", "*").await?;
    listing.check("ListJobs")?;
    found(&service, &listing)
}

fn found(service: &Service, listing: &Listing) -> Result<Json<Value>, ApiError> {
    let queue = listing
        .queue
        .as_ref()
        .map(|queue| names::arn("queues", names::name_of("queues", queue)));
    let mut jobs = service.store.jobs(|job| {
        let inputs = || job.settings["inputs"].as_array().map(Vec::as_slice).unwrap_or_default();
        let has_input = |part: &String| {
            let mut urls = inputs().iter().filter_map(|input| input["fileInput"].as_str());
            urls.any(|url| url.contains(part.as_str()))
        };
        queue.as_ref().is_none_or(|queue| job.queue == *queue)
            && listing
                .status
                .as_ref()
                .is_none_or(|status| job.status.as_str() == status)
            && listing.input_file.as_ref().is_none_or(has_input)
    });
    if listing.is_descending("DESCENDING") {
        jobs.reverse();
    }
    let views = jobs.iter().map(Job::view).collect();
    Ok(Json(listing.page(views)?.response("jobs")))
}

/// `DELETE /jobs/{id}`
pub(super) async fn cancel(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    caller
        .require(&service, "mediaconvert:CancelJob", &names::arn("jobs", &id))
        .await?;
    let now = service.clock.now();
    let canceled = service.store.update_job(&id, |job| {
        if job.status.is_final() {
            return Err(job.status);
        }
        job.status = Status::Canceled;
        job.finished_at = Some(now);
        job.phase = None;
        job.percent = None;
        job.outbox.push(events::event(job, now, "CANCELED", json!({})));
        Ok(())
    })?;
    match canceled {
        None => return Err(unknown(&id)),
        Some(Err(status)) => {
            let message = format!("The job {id} cannot be canceled: its status is {}", status.as_str());
            return Err(ApiError::Conflict(message));
        }
        Some(Ok(())) => {}
    }
    service.cancel(&id);
    service.event_added.notify_one();
    service.job_added.notify_one();
    Ok((StatusCode::ACCEPTED, Json(json!({}))))
}

fn unknown(id: &str) -> ApiError {
    ApiError::NotFound(format!("The job {id} does not exist"))
}
