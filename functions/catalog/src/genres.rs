//! The genres that a title may have: those of the list. An admin who gives a title another genre adds it to the list.

use adapters::dynamodb::AddGenreError;
use domain::{
    account::{Person, Role},
    genres::is_built_in,
    title::Genre,
};
use runtime::http::{FieldErrors, Problem};

use crate::Context;

/// Checks that `person` may give a title these genres, and adds an admin's new ones to the list. The title may keep the genres
/// that it has, `kept`, even if the list does not have them.
pub(crate) async fn check_genres(
    cx: &Context,
    person: &Person,
    given: &[Genre],
    kept: &[Genre],
) -> Result<(), Problem> {
    let others = given
        .iter()
        .filter(|genre| !is_built_in(genre) && !kept.contains(genre));
    let others: Vec<Genre> = others.cloned().collect();
    if others.is_empty() {
        return Ok(());
    }

    if person.is(Role::Admin) {
        return add_genres(cx, &others).await;
    }
    let custom = cx.genres.custom().await?;

    match others.iter().find(|genre| !custom.allows(genre)) {
        Some(unknown) => Err(refusal(unknown).into()),
        None => Ok(()),
    }
}

async fn add_genres(cx: &Context, genres: &[Genre]) -> Result<(), Problem> {
    cx.genres.add(genres).await.map_err(|error| match error {
        AddGenreError::TooMany(error) => FieldErrors::one("/genres", error).into(),
        AddGenreError::Store(error) => error.into(),
    })
}

fn refusal(unknown: &Genre) -> FieldErrors {
    let reason = format!(
        "`{}` is not a genre of this installation: GET /api/genres lists them, and an admin can add one",
        unknown.as_str()
    );

    FieldErrors::one("/genres", reason)
}
