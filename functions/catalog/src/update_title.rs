//! `PATCH /titles/{title_id}`: changes a title's description or visibility.

use api::{Managed, TitleView};
use axum::{Json, extract::State};
use domain::{
    audit::Action,
    title::{ChangeRefused, Description, Details, Genre, Language, Title, TitleName, Visibility},
};
use kernel::id::TitleId;
use runtime::http::{Body, FieldErrors, Member, Now, Problem, Request, RequestOrigin, Sample};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, context::change_problem, create_title::genres, genres::check_genres};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(update_title))
}

/// The fields to change; absent fields stay.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateTitleRequest {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 5_000)]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    /// Genres of `GET /api/genres`, or those that the title has. An admin may give any other, which is then added to that list.
    #[schema(max_items = 5)]
    genres: Option<Vec<String>>,
    /// `null` removes it.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<String>)]
    language: Patch<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    visibility: Option<Visibility>,
    /// The version that the change is based on.
    version: u64,
}

/// A field that may be absent, removed by `null`, or set.
#[derive(Debug, Default)]
enum Patch<T> {
    #[default]
    Keep,
    Remove,
    Set(T),
}

impl<T> Patch<T> {
    const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    fn and_then<U>(self, change: impl FnOnce(T) -> Option<U>) -> Patch<U> {
        match self {
            Self::Set(value) => change(value).map_or(Patch::Keep, Patch::Set),
            Self::Remove => Patch::Remove,
            Self::Keep => Patch::Keep,
        }
    }

    fn apply(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Remove => None,
            Self::Keep => old,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Remove, Self::Set))
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Set(value) => serializer.serialize_some(value),
            Self::Remove | Self::Keep => serializer.serialize_none(),
        }
    }
}

/// A valid change.
#[derive(Debug)]
pub struct TitleChange {
    name: Option<TitleName>,
    description: Option<Description>,
    genres: Option<Vec<Genre>>,
    language: Patch<Language>,
    visibility: Option<Visibility>,
    version: u64,
}

impl Request for UpdateTitleRequest {
    type Valid = TitleChange;

    fn parse(self) -> Result<TitleChange, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = self.name.and_then(|name| errors.check("/name", name.try_into()));
        let description = self
            .description
            .and_then(|text| errors.check("/description", text.try_into()));
        let genres = self.genres.and_then(|names| genres(names, &mut errors));
        let language = self.language.and_then(|tag| errors.check("/language", tag.try_into()));

        if errors.is_empty() {
            Ok(TitleChange {
                name,
                description,
                genres,
                language,
                visibility: self.visibility,
                version: self.version,
            })
        } else {
            Err(errors)
        }
    }
}

impl TitleChange {
    fn apply(self, old: &Details) -> Details {
        Details {
            name: self.name.unwrap_or_else(|| old.name.clone()),
            description: self.description.unwrap_or_else(|| old.description.clone()),
            genres: self.genres.unwrap_or_else(|| old.genres.clone()),
            language: self.language.apply(old.language.clone()),
            visibility: self.visibility.unwrap_or(old.visibility),
        }
    }
}

/// Why a title was not changed.
enum UpdateTitleError {
    Outdated { version: u64 },
    Refused(ChangeRefused),
}

impl From<UpdateTitleError> for Problem {
    fn from(error: UpdateTitleError) -> Self {
        match error {
            UpdateTitleError::Outdated { version } => {
                Self::conflict(format!("this title is at version {version} by now: read it again"))
            }
            UpdateTitleError::Refused(error) => change_problem(error),
        }
    }
}

#[utoipa::path(
    patch, path = "/titles/{title_id}", operation_id = "update_title", tag = "catalog",
    summary = "Change a title",
    params(("title_id" = TitleId, Path)),
    request_body = UpdateTitleRequest,
    responses(
        (status = 200, description = "The changed title", body = TitleView),
        (status = 403, description = "Only the owner may do this, and only creators may show a title to more viewers"),
        (status = 404, description = "There is no such title, or you have no access to it"),
        (status = 409, description = "It changed in the meantime, or its state does not allow this"),
        (status = 422, description = "Some fields are not valid, or a genre is not listed"),
        (status = 429, description = "This account has changed titles as often as it may in a day"),
    ),
    security(("account" = [])),
)]
async fn update_title(
    Now(now): Now,
    RequestOrigin(origin): RequestOrigin,
    State(cx): State<Context>,
    Managed(mut title, Member(person), Body(change)): Managed<Title, Member, Body<UpdateTitleRequest>>,
) -> Result<Json<TitleView>, Problem> {
    if title.version != change.version {
        return Err(UpdateTitleError::Outdated { version: title.version }.into());
    }

    let before = title.details.visibility;
    let details = change.apply(&title.details);
    // For the audit log, which has no detail of other changes.
    let change_of_visibility =
        (details.visibility != before).then(|| format!("{} to {}", before.as_str(), details.visibility.as_str()));
    check_genres(&cx, &person, &details.genres, &title.details.genres).await?;
    title
        .update_details(details, &person, now)
        .map_err(UpdateTitleError::Refused)?;
    cx.count_change(&person, now).await?;
    cx.save_with(&mut title, &person, Action::TitleChanged, change_of_visibility, origin)
        .await?;

    Ok(Json(TitleView::for_manager(&title)))
}

impl Sample for UpdateTitleRequest {
    fn samples() -> Vec<Self> {
        vec![Self {
            name: None,
            description: Some("A giant rabbit takes revenge.".to_owned()),
            genres: None,
            language: Patch::Keep,
            visibility: Some(Visibility::Unlisted),
            version: 4,
        }]
    }
}
