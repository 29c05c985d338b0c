//! The answer to addresses without a route.

pub mod not_found;

use runtime::functions::UnknownHandler;

/// The functions of this area, by the names of their modules.
pub const FUNCTIONS: &[&str] = &["not_found"];

/// Runs the function that `handler` names, for as long as Lambda keeps this process.
pub async fn serve(handler: &str) -> Result<(), runtime::Error> {
    match handler {
        "not-found" => runtime::http::serve(async { Ok::<_, runtime::Error>(()) }, not_found::route()?).await,
        _ => Err(UnknownHandler::new(handler, FUNCTIONS).into()),
    }
}
