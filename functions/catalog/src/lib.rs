//! The catalog: titles and their pipeline progress. One file for each route.

mod context;
mod genres;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod timeline;

use api::TitleView;
use runtime::http::Samples;

pub use context::Context;

runtime::functions! {
    routes(Context):
        create_title,
        list_titles,
        list_genres,
        get_title,
        update_title,
        delete_title,
        get_timeline,
        redrive_title,
        restore_title,
        cancel_title;
}

/// Examples of the requests and answers of this area's routes.
#[must_use]
pub fn samples() -> Vec<Samples> {
    vec![
        Samples::new::<TitleView>(),
        Samples::new::<list_genres::GenresView>(),
        Samples::new::<create_title::CreateTitleRequest>(),
        Samples::new::<update_title::UpdateTitleRequest>(),
        Samples::new::<redrive_title::RedriveRequest>(),
        Samples::new::<timeline::TimelineView>(),
    ]
}
