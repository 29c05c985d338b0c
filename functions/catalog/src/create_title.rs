//! `POST /titles`: creates a title without an upload.

use api::{TitleView, quota_problem};
use axum::extract::State;
use domain::title::{Description, Details, Genre, Owner, Title, Visibility};
use kernel::id::TitleId;
use runtime::http::{Body, Created, Creator, FieldErrors, Now, Problem, Request, Sample};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, genres::check_genres};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(create_title))
}

/// The description of a new title.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTitleRequest {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    #[serde(default)]
    #[schema(max_length = 5_000)]
    description: String,
    /// Genres of `GET /api/genres`. An admin may give any other, which is then added to that list.
    #[serde(default)]
    #[schema(max_items = 5)]
    genres: Vec<String>,
    /// The spoken language, as a BCP 47 tag.
    #[serde(default)]
    language: Option<String>,
    #[serde(default)]
    visibility: Visibility,
}

impl Request for CreateTitleRequest {
    type Valid = Details;

    fn parse(self) -> Result<Details, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.check("/name", self.name.try_into());
        let description: Option<Description> = errors.check("/description", self.description.try_into());
        let genres = genres(self.genres, &mut errors);
        let language = self.language.and_then(|tag| errors.check("/language", tag.try_into()));

        match (name, description, genres) {
            (Some(name), Some(description), Some(genres)) if errors.is_empty() => Ok(Details {
                name,
                description,
                genres,
                language,
                visibility: self.visibility,
            }),
            _ => Err(errors),
        }
    }
}

/// The genres without duplicates, if all are valid and they are not too many.
pub(crate) fn genres(names: Vec<String>, errors: &mut FieldErrors) -> Option<Vec<Genre>> {
    if names.len() > Genre::MAX_PER_TITLE {
        errors.refuse("/genres", format!("must be at most {}", Genre::MAX_PER_TITLE));
        return None;
    }

    let mut genres: Vec<Genre> = Vec::with_capacity(names.len());
    for (index, name) in names.into_iter().enumerate() {
        let genre = errors.check(format!("/genres/{index}"), Genre::try_from(name))?;
        if !genres.contains(&genre) {
            genres.push(genre);
        }
    }

    Some(genres)
}

#[utoipa::path(
    post, path = "/titles", operation_id = "create_title", tag = "catalog",
    summary = "Create a title",
    description = "Creates a title with a description. Its film is uploaded next.",
    request_body = CreateTitleRequest,
    responses(
        (status = 201, description = "The title, a draft", body = TitleView),
        (status = 403, description = "Only creators may do this"),
        (status = 422, description = "Some fields are not valid, or a genre is not listed"),
        (status = 429, description = "This account has created as many titles as it may in a day"),
    ),
    security(("account" = [])),
)]
async fn create_title(
    Creator(person): Creator,
    Now(now): Now,
    State(cx): State<Context>,
    Body(details): Body<CreateTitleRequest>,
) -> Result<Created<TitleView>, Problem> {
    check_genres(&cx, &person, &details.genres, &[]).await?;
    let account = cx.registry.account(person.id, now).await?;
    let account = account.ok_or_else(Problem::account_deleted)?;
    let owner = Owner {
        account_id: account.id,
        display_name: account.display_name,
    };
    let title = Title::draft(TitleId::mint(now), owner, details, now);

    let counted = cx
        .quotas
        .change(person.id, now, |usage| usage.create_title(cx.titles_per_day));
    counted.await.map_err(|error| quota_problem(error, now))?;
    cx.titles.create(&title).await?;
    tracing::info!(title.id = %title.id, "created {}", title.id);

    Ok(Created {
        at: format!("/titles/{}", title.id),
        body: TitleView::for_manager(&title),
    })
}

impl Sample for CreateTitleRequest {
    fn samples() -> Vec<Self> {
        vec![Self {
            name: "Big Buck Bunny".to_owned(),
            description: "A giant rabbit takes revenge on three bullies.".to_owned(),
            genres: vec!["animation".to_owned(), "comedy".to_owned()],
            language: Some("en".to_owned()),
            visibility: Visibility::Public,
        }]
    }
}
