//! `GET /admin/creator-requests`: lists pending requests to become a creator.

use adapters::dynamodb::PageRequest;
use axum::{Json, extract::State};
use kernel::id::AccountId;
use runtime::http::{Admin, Limit, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, view::RequestView};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(list_creator_requests))
}

/// How many requests, and where the page begins.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListCreatorRequestsQuery {
    #[serde(default)]
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 20)]
    limit: Limit,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

/// A page of pending requests, newest first.
#[derive(Serialize, ToSchema)]
struct CreatorRequestPage {
    items: Vec<RequestView>,
    /// The `cursor` of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[utoipa::path(
    get, path = "/admin/creator-requests", operation_id = "list_creator_requests", tag = "admin",
    summary = "List requests to become a creator",
    description = "Pending requests, newest first. For admins.",
    params(ListCreatorRequestsQuery),
    responses(
        (status = 200, description = "A page of requests", body = CreatorRequestPage),
        (status = 400, description = "The query is not valid"),
        (status = 403, description = "Only admins may do this"),
    ),
    security(("account" = [])),
)]
async fn list_creator_requests(
    _admin: Admin,
    State(cx): State<Context>,
    Query(query): Query<ListCreatorRequestsQuery>,
) -> Result<Json<CreatorRequestPage>, Problem> {
    let page = PageRequest::new(query.limit.get(), query.cursor.as_deref());
    let page = page.map_err(|error| Problem::invalid_request(error.to_string()))?;
    let page = cx.requests.pending(&page).await?;
    let accounts: Vec<AccountId> = page.items.iter().map(|request| request.account_id).collect();
    let profiles = cx.pool.details_of(&accounts).await?;
    let shown = page.items.iter().zip(profiles);

    Ok(Json(CreatorRequestPage {
        items: shown
            .map(|(request, profile)| RequestView::new(request, profile))
            .collect(),
        next_cursor: page.next_cursor,
    }))
}
