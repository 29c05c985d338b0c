//! `GET /titles/{title_id}/similar`: what to watch next.
//!
//! The recommender is asked when a title is published (`place_title`), and its answer is stored: this route only reads. Without an
//! answer, new titles of the same genre are shown, and their reason says so.

use std::collections::{HashMap, HashSet};

use adapters::dynamodb::{ListTitles, PageRequest};
use api::{Readable, TitleView};
use axum::{Json, extract::State};
use domain::{
    account::Person,
    similar::SimilarTitle,
    title::{Title, TitleState},
};
use kernel::id::TitleId;
use runtime::http::{Problem, Sample, Viewer};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(get_similar))
}

/// How many titles are shown at most.
const MAX_TITLES: usize = 12;

/// What to watch next, best first.
#[derive(Serialize, ToSchema)]
pub struct SimilarTitles {
    items: Vec<SimilarTitleView>,
}

/// A title, and the reason for it.
#[derive(Serialize, ToSchema)]
#[schema(as = SimilarTitle)]
struct SimilarTitleView {
    title: TitleView,
    /// A few words for people.
    #[schema(examples("Also animation"))]
    reason: String,
}

#[utoipa::path(
    get, path = "/titles/{title_id}/similar", operation_id = "get_similar", tag = "recommendations",
    summary = "Show similar titles",
    description = "At most 12 titles to watch next, best first, each with its reason.",
    params(("title_id" = TitleId, Path)),
    responses(
        (status = 200, description = "Similar titles", body = SimilarTitles),
        (status = 404, description = "There is no such title, or you have no access to it"),
    ),
    security(("account" = [])),
)]
async fn get_similar(
    State(cx): State<Context>,
    Readable(title, Viewer(person), ()): Readable<Title, Viewer>,
) -> Result<Json<SimilarTitles>, Problem> {
    let stored = cx.similar.find(title.id).await?.unwrap_or_default();
    let mut items = watchable(&cx, stored, &person).await?;
    if items.is_empty() {
        items = new_titles(&cx, &title).await?;
    }

    Ok(Json(SimilarTitles { items }))
}

/// The stored titles that this viewer may watch.
async fn watchable(
    cx: &Context,
    mut stored: Vec<SimilarTitle>,
    person: &Person,
) -> Result<Vec<SimilarTitleView>, Problem> {
    stored.truncate(MAX_TITLES);
    let ids: HashSet<TitleId> = stored.iter().map(|similar| similar.title_id).collect();
    let found = cx.titles.find_many_consistent(&Vec::from_iter(ids)).await?;
    let found: HashMap<TitleId, Title> = found.into_iter().map(|title| (title.id, title)).collect();
    let shown = stored.into_iter().filter_map(|similar| {
        let title = found
            .get(&similar.title_id)
            .filter(|title| title.is_listed() || (title.state == TitleState::Published && title.managed_by(person)))?;
        Some(SimilarTitleView {
            title: TitleView::for_viewer(title),
            reason: similar.reason,
        })
    });

    Ok(shown.collect())
}

/// New titles, of the same genre if there are any.
async fn new_titles(cx: &Context, title: &Title) -> Result<Vec<SimilarTitleView>, Problem> {
    let of_genre = title
        .details
        .genres
        .first()
        .map(|genre| (Some(genre.clone()), format!("New in {}", genre.words())));
    let request = PageRequest::first(u8::try_from(MAX_TITLES + 1).unwrap_or(u8::MAX));

    for (genre, reason) in of_genre.into_iter().chain([(None, "New here".to_owned())]) {
        let page = cx.titles.list(ListTitles::Published { genre }, &request).await?;
        let others = page.items.iter().filter(|other| other.id != title.id).take(MAX_TITLES);
        let items: Vec<_> = others
            .map(|other| SimilarTitleView {
                title: TitleView::for_viewer(other),
                reason: reason.clone(),
            })
            .collect();
        if !items.is_empty() {
            return Ok(items);
        }
    }

    Ok(vec![])
}

impl Sample for SimilarTitles {
    fn samples() -> Vec<Self> {
        let title = TitleView::samples().into_iter().next();
        let items = title.map(|title| SimilarTitleView {
            title,
            reason: "Also animation".to_owned(),
        });

        vec![Self {
            items: items.into_iter().collect(),
        }]
    }
}
