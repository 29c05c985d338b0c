//! `PATCH /titles/{title_id}`: other words on a title's page, or another circle of viewers.

use axum::{Json, extract::State};
use domain::{
    audit::Action,
    title::{ChangeRefused, Description, Details, Genre, Language, TitleName, Visibility},
};
use kernel::id::TitleId;
use runtime::{
    http::{Body, FieldErrors, Member, Now, Path, Problem, Request, RequestOrigin, Sample},
    view::TitleView,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, context::not_changed, create_title::genres, genres::admit};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(update_title))
}

/// What is to change; what is left out stays.
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
    /// Of those that `GET /api/genres` lists, and those that the title has; an admin may give any, which is listed from then on.
    #[schema(max_items = 5)]
    genres: Option<Vec<String>>,
    /// `null` takes it away.
    #[serde(default, skip_serializing_if = "Patch::keeps")]
    #[schema(value_type = Option<String>)]
    language: Patch<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    visibility: Option<Visibility>,
    /// The version that the change was made from.
    version: u64,
}

/// A field that may be left out, taken away by `null`, or set.
#[derive(Debug, Default)]
enum Patch<T> {
    #[default]
    Keep,
    Take,
    Set(T),
}

impl<T> Patch<T> {
    const fn keeps(&self) -> bool {
        matches!(self, Self::Keep)
    }

    fn and_then<U>(self, change: impl FnOnce(T) -> Option<U>) -> Patch<U> {
        match self {
            Self::Set(value) => change(value).map_or(Patch::Keep, Patch::Set),
            Self::Take => Patch::Take,
            Self::Keep => Patch::Keep,
        }
    }

    fn apply(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Take => None,
            Self::Keep => old,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Take, Self::Set))
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Set(value) => serializer.serialize_some(value),
            Self::Take | Self::Keep => serializer.serialize_none(),
        }
    }
}

/// A valid change.
#[derive(Debug)]
pub struct Change {
    name: Option<TitleName>,
    description: Option<Description>,
    genres: Option<Vec<Genre>>,
    language: Patch<Language>,
    visibility: Option<Visibility>,
    version: u64,
}

impl Request for UpdateTitleRequest {
    type Valid = Change;

    fn parse(self) -> Result<Change, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = self.name.and_then(|name| errors.check("/name", name.try_into()));
        let description = self
            .description
            .and_then(|text| errors.check("/description", text.try_into()));
        let genres = self.genres.and_then(|words| genres(words, &mut errors));
        let language = self.language.and_then(|tag| errors.check("/language", tag.try_into()));

        if errors.is_empty() {
            Ok(Change {
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

impl Change {
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
            UpdateTitleError::Refused(error) => not_changed(error),
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
        (status = 403, description = "Only the owner may do this, and only creators show a title to more people"),
        (status = 404, description = "There is no such title, or you may not see it"),
        (status = 409, description = "It changed in the meantime, or its state does not allow this"),
        (status = 422, description = "Some fields are not valid, or a genre is not one of this service's"),
        (status = 429, description = "This account has changed titles as often as it may in a day"),
    ),
    security(("account" = [])),
)]
async fn update_title(
    Member(person): Member,
    Now(now): Now,
    RequestOrigin(origin): RequestOrigin,
    State(cx): State<Context>,
    Path(id): Path<TitleId>,
    Body(change): Body<UpdateTitleRequest>,
) -> Result<Json<TitleView>, Problem> {
    let mut title = cx.managed_title(id, &person).await?;
    if title.version != change.version {
        return Err(UpdateTitleError::Outdated { version: title.version }.into());
    }

    let before = title.details.visibility;
    let details = change.apply(&title.details);
    // Who may see it is more than a word that was corrected.
    let audience = (details.visibility != before).then(|| format!("{} to {}", before.as_str(), details.visibility.as_str()));
    admit(&cx, &person, &details.genres, &title.details.genres).await?;
    title
        .update_details(details, &person, now)
        .map_err(UpdateTitleError::Refused)?;
    cx.count_change(&person, now).await?;
    cx.save_with(&mut title, &person, Action::TitleChanged, audience, origin)
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
