//! Job templates and presets: settings under a name.

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

/// A kind of named settings in the API's words.
#[derive(Clone, Copy)]
struct Words {
    kind: Kind,
    /// In paths, ARNs and lists.
    plural: &'static str,
    /// In answers.
    singular: &'static str,
    /// In operations.
    operation: &'static str,
}

/// The routes of one kind.
pub(super) fn routes(kind: Kind) -> Router<Arc<Service>> {
    let words = match kind {
        Kind::JobTemplates | Kind::Tags => Words {
            kind: Kind::JobTemplates,
            plural: "jobTemplates",
            singular: "jobTemplate",
            operation: "JobTemplate",
        },
        Kind::Presets => Words {
            kind: Kind::Presets,
            plural: "presets",
            singular: "preset",
            operation: "Preset",
        },
    };
    let all = post(move |state, caller| create(words, state, caller))
        .get(move |state, query, caller| list(words, state, query, caller));
    let one = get(move |state, name, caller| get_one(words, state, name, caller))
        .delete(move |state, name, caller| delete(words, state, name, caller));
    Router::new()
        .route(&format!("/{}", words.plural), all)
        .route(&format!("/{}/{{name}}", words.plural), one)
}

impl Words {
    fn action(self, verb: &str, ending: &str) -> String {
        format!("mediaconvert:{verb}{}{ending}", self.operation)
    }
}

async fn create(
    words: Words,
    State(service): State<Arc<Service>>,
    caller: Caller,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    caller.require(&service, &words.action("Create", ""), "*").await?;
    let mut request = checked(caller.body()?, &format!("Create{}", words.operation))?;
    if words.kind == Kind::JobTemplates {
        // Jobs take these over: what they would be refused for is refused here.
        job_settings::echoed(&request)?;
    }
    let name = text(&request, "name").unwrap_or_default();
    if service.store.named(words.kind).contains_key(&name) {
        let sentence = format!("The {} {name} already exists", words.singular);
        return Err(ApiError::Conflict(sentence));
    }
    let now = service.clock.now().as_second();
    let arn = names::arn(words.plural, &name);
    if let Some(members) = request.as_object_mut() {
        if let Some(tags) = members.remove("tags") {
            service.store.put_named(Kind::Tags, &arn, tags)?;
        }
        members.insert("arn".to_owned(), json!(arn));
        members.insert("type".to_owned(), json!("CUSTOM"));
        members.insert("createdAt".to_owned(), json!(now));
        members.insert("lastUpdated".to_owned(), json!(now));
    }
    service.store.put_named(words.kind, &name, request.clone())?;
    Ok((StatusCode::CREATED, Json(json!({ words.singular: request }))))
}

async fn list(
    words: Words,
    State(service): State<Arc<Service>>,
    Query(listing): Query<Listing>,
    caller: Caller,
) -> Result<Json<Value>, ApiError> {
    caller.require(&service, &words.action("List", "s"), "*").await?;
    listing.check(&format!("List{}s", words.operation))?;
    // AWS's own ones are not here, so a list of those is empty.
    let own = listing.list_by.as_deref() != Some("SYSTEM");
    let named = service.store.named(words.kind).into_values();
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
    Ok(Json(listing.page(values)?.answer(words.plural)))
}

async fn get_one(
    words: Words,
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
    caller: Caller,
) -> Result<Json<Value>, ApiError> {
    let value = find(words, &service, &caller, "Get", &name).await?;
    Ok(Json(json!({ words.singular: value })))
}

async fn delete(
    words: Words,
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
    caller: Caller,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    find(words, &service, &caller, "Delete", &name).await?;
    service
        .store
        .delete_named(words.kind, names::name_of(words.plural, &name))?;
    Ok((StatusCode::ACCEPTED, Json(json!({}))))
}

async fn find(words: Words, service: &Service, caller: &Caller, verb: &str, name: &str) -> Result<Value, ApiError> {
    let name = names::name_of(words.plural, name);
    let arn = names::arn(words.plural, name);
    caller.require(service, &words.action(verb, ""), &arn).await?;
    let value = service.store.named(words.kind).remove(name);
    value.ok_or_else(|| ApiError::NotFound(format!("The {} {name} does not exist", words.singular)))
}
