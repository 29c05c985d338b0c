//! Which genres a title may be given: those of the list. An admin who gives it another one adds that to the list.

use adapters::dynamodb::CoinError;
use domain::{
    account::{Person, Role},
    genres::is_built_in,
    title::Genre,
};
use runtime::http::{FieldErrors, Problem};

use crate::Context;

/// Sees to it that `person` may give a title these genres. Those that it has already, `kept`, are its own whatever the list says.
pub(crate) async fn admit(cx: &Context, person: &Person, given: &[Genre], kept: &[Genre]) -> Result<(), Problem> {
    let others = given
        .iter()
        .filter(|genre| !is_built_in(genre) && !kept.contains(genre));
    let others: Vec<Genre> = others.cloned().collect();
    if others.is_empty() {
        return Ok(());
    }

    if person.is(Role::Admin) {
        return coin(cx, &others).await;
    }
    let coined = cx.genres.coined().await?;

    match others.iter().find(|genre| !coined.allows(genre)) {
        Some(unknown) => Err(refusal(unknown).into()),
        None => Ok(()),
    }
}

async fn coin(cx: &Context, genres: &[Genre]) -> Result<(), Problem> {
    cx.genres.coin(genres).await.map_err(|error| match error {
        CoinError::TooMany(error) => FieldErrors::one("/genres", error).into(),
        CoinError::Store(error) => error.into(),
    })
}

fn refusal(unknown: &Genre) -> FieldErrors {
    let reason = format!(
        "`{}` is none of this service's genres: GET /api/genres lists them, and an administrator can add one",
        unknown.as_str()
    );

    FieldErrors::one("/genres", reason)
}
