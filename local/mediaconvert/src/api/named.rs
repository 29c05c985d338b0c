//! Job templates and presets: named settings.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    routing::{get, post},
};
use serde_json::{Value, json};

use super::{
    super::{names, service::Service, store::Kind},
    caller::Caller,
    error::ApiError,
    job_settings,
    listing::Listing,
    request::{checked, text},
};

/// The names of a kind of resource in the API.
#[derive(Clone, Copy)]
struct Resource {
    kind: Kind,
    /// In paths, ARNs and lists.
    plural: &'static str,
    /// In responses.
    singular: &'static str,
    /// In operations.
    operation: &'static str,
}

/// The routes of one kind.
pub(super) fn routes(kind: Kind) -> Router<Arc<Service>> {
    let resource = match kind {
        Kind::JobTemplates | Kind::Tags => Resource {
            kind: Kind::JobTemplates,
            plural: "jobTemplates",
            singular: "jobTemplate",
            operation: "JobTemplate",
        },
        Kind::Presets => Resource {
            kind: Kind::Presets,
            plural: "presets",
            singular: "preset",
            operation: "Preset",
        },
    };
    let all = post(move |state, caller| create(resource, state, caller))
        .get(move |state, query, caller| list(resource, state, query, caller));
    let one = get(move |state, name, caller| get_one(resource, state, name, caller))
        .delete(move |state, name, caller| delete(resource, state, name, caller));
    Router::new()
        .route(&format!("/{}", resource.plural), all)
        .route(&format!("/{}/{{name}}", resource.plural), one)
}

impl Resource {
    fn action(self, verb: &str, ending: &str) -> String {
        format!("mediaconvert:{verb}{}{ending}", self.operation)
    }
}

async fn create(
    resource: Resource,
    State(service): State<Arc<Service>>,
    caller: Caller,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    caller.require(&service, &resource.action("Create", ""), "*").await?;
    let mut request = checked(caller.body()?, &format!("Create{}", resource.operation))?;
    if resource.kind == Kind::JobTemplates {
        // Jobs inherit these members: unsupported ones are refused here.
        job_settings::echoed(&request)?;
    }
    let name = text(&request, "name").unwrap_or_default();
    if service.store.named(resource.kind).contains_key(&name) {
        let message = format!("The {} {name} already exists", resource.singular);
        return Err(ApiError::Conflict(message));
    }
    let now = service.clock.now().as_second();
    let arn = names::arn(resource.plural, &name);
    if let Some(members) = request.as_object_mut() {
        if let Some(tags) = members.remove("tags") {
            service.store.put_named(Kind::Tags, &arn, tags)?;
        }
        members.insert("arn".to_owned(), json!(arn));
        members.insert("type".to_owned(), json!("CUSTOM"));
        members.insert("createdAt".to_owned(), json!(now));
        members.insert("lastUpdated".to_owned(), json!(now));
    }
    service.store.put_named(resource.kind, &name, request.clone())?;
    Ok((StatusCode::CREATED, Json(json!({ resource.singular: request }))))
}

async fn list(
    resource: Resource,
    State(service): State<Arc<Service>>,
    Query(listing): Query<Listing>,
    caller: Caller,
) -> Result<Json<Value>, ApiError> {
    caller.require(&service, &resource.action("List", "s"), "*").await?;
    listing.check(&format!("List{}s", resource.operation))?;
    // There are no system resources here.
    let own = listing.list_by.as_deref() != Some("SYSTEM");
    let named = service.store.named(resource.kind).into_values();
    let is_wanted = |value: &Value| {
        own && listing
            .category
            .as_ref()
            .is_none_or(|category| value["category"].as_str() == Some(category))
    };
    let mut values: Vec<Value> = named.filter(is_wanted).collect();
    if listing.list_by.as_deref() == Some("CREATION_DATE") {
        values.sort_by_key(|value| value["createdAt"].as_i64());
    }
    if listing.is_descending("ASCENDING") {
        values.reverse();
    }
    Ok(Json(listing.page(values)?.response(resource.plural)))
}

async fn get_one(
    resource: Resource,
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
    caller: Caller,
) -> Result<Json<Value>, ApiError> {
    let value = find(resource, &service, &caller, "Get", &name).await?;
    Ok(Json(json!({ resource.singular: value })))
}

async fn delete(
    resource: Resource,
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
    caller: Caller,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    find(resource, &service, &caller, "Delete", &name).await?;
    service
        .store
        .delete_named(resource.kind, names::name_of(resource.plural, &name))?;
    Ok((StatusCode::ACCEPTED, Json(json!({}))))
}

async fn find(
    resource: Resource,
    service: &Service,
    caller: &Caller,
    verb: &str,
    name: &str,
) -> Result<Value, ApiError> {
    let name = names::name_of(resource.plural, name);
    let arn = names::arn(resource.plural, name);
    caller.require(service, &resource.action(verb, ""), &arn).await?;
    let value = service.store.named(resource.kind).remove(name);
    value.ok_or_else(|| ApiError::NotFound(format!("The {} {name} does not exist", resource.singular)))
}
