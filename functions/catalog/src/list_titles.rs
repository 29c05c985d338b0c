//! `GET /titles`: lists published titles, the caller's own titles, or (for admins) all titles in a state.

use adapters::dynamodb::{ListTitles, PageRequest};
use api::TitleView;
use axum::{Json, extract::State};
use domain::{
    account::Person,
    title::{Genre, TitleState},
};
use runtime::http::{Admin, Limit, Problem, Query, Viewer};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(list_titles))
}

/// Which titles, and how many.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListTitlesQuery {
    /// `me` for the caller's own titles, in any state.
    #[param(inline)]
    owner: Option<OwnerFilter>,
    /// Only titles in this state: the caller's own, or all accounts' for admins.
    #[param(inline)]
    state: Option<TitleState>,
    /// Only published titles of this genre.
    genre: Option<String>,
    #[serde(default)]
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 20)]
    limit: Limit,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OwnerFilter {
    Me,
}

/// A page of titles.
#[derive(Serialize, ToSchema)]
struct TitlePage {
    items: Vec<TitleView>,
    /// The `cursor` of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl ListTitlesQuery {
    fn filter(&self, person: Person) -> Result<ListTitles, Problem> {
        let genre = self.genre.clone().map(Genre::try_from).transpose();
        let genre =
            genre.map_err(|error| Problem::invalid_request(format!("the query is not valid: `genre` {error}")))?;

        match (self.owner, self.state, genre) {
            (None, None, genre) => Ok(ListTitles::Published { genre }),
            (_, _, Some(_)) => Err(Problem::invalid_request(
                "the query is not valid: `genre` cannot be combined with `owner` or `state`",
            )),
            (Some(OwnerFilter::Me), state, None) => Ok(ListTitles::OwnedBy {
                account: person.id,
                state,
            }),
            (None, Some(state), None) => {
                Admin::try_from(person)?;
                Ok(ListTitles::InState(state))
            }
        }
    }
}

#[utoipa::path(
    get, path = "/titles", operation_id = "list_titles", tag = "catalog",
    summary = "List titles",
    description = "Without a filter: published public titles, newest first. With `owner=me`: the caller's own titles. With `state` \
                   alone: all titles in that state, last changed first, for admins. A title that changes between the requests for \
                   two pages may be on both; none is missed.",
    params(ListTitlesQuery),
    responses(
        (status = 200, description = "A page of titles", body = TitlePage),
        (status = 400, description = "The query is not valid"),
        (status = 403, description = "Only admins may list other people's titles by state"),
    ),
    security(("account" = [])),
)]
async fn list_titles(
    Viewer(person): Viewer,
    State(cx): State<Context>,
    Query(query): Query<ListTitlesQuery>,
) -> Result<Json<TitlePage>, Problem> {
    let request = PageRequest::new(query.limit.get(), query.cursor.as_deref());
    let request = request.map_err(|error| Problem::invalid_request(error.to_string()))?;
    let filter = query.filter(person.clone())?;
    let page = cx.titles.list(filter, &request).await?;

    Ok(Json(TitlePage {
        items: page
            .items
            .iter()
            .map(|title| TitleView::for_person(title, &person))
            .collect(),
        next_cursor: page.next_cursor,
    }))
}
