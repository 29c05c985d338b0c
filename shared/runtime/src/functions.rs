//! The functions of an area: one program holds them all, and Lambda names the one that a process runs.

use std::fmt;

use crate::{Error, config};

/// Lists the functions of an area, in its `lib.rs`. Each is a module; its name in the template is the module's name with hyphens:
///
/// - `routes`: routes of the HTTP API. The module has `pub fn route() -> OpenApiRouter<Context>`; the parentheses hold the context's type.
/// - `events`, `batches`, `steps`: the module has `Context` with `from_env`, and `handle`; see [`event`](crate::event),
///   [`batch`](crate::batch) and [`task`](crate::task).
///
/// Declares the modules as public, and defines
///
/// - `FUNCTIONS`: their names, in this order,
/// - `routes()`: all routes, for the OpenAPI document,
/// - `serve()`: runs the function with a name. A process builds the context of this function only.
#[macro_export]
macro_rules! functions {
    (
        $( routes($context:ty): $( $route:ident ),+ ; )?
        $( events: $( $event:ident ),+ ; )?
        $( batches: $( $batch:ident ),+ ; )?
        $( steps: $( $step:ident ),+ ; )?
    ) => {
        $( $( pub mod $route; )+ )?
        $( $( pub mod $event; )+ )?
        $( $( pub mod $batch; )+ )?
        $( $( pub mod $step; )+ )?

        /// The functions of this area, by the names of their modules.
        pub const FUNCTIONS: &[&str] = &[
            $( $( stringify!($route), )+ )?
            $( $( stringify!($event), )+ )?
            $( $( stringify!($batch), )+ )?
            $( $( stringify!($step), )+ )?
        ];

        $(
            /// All routes of this area, for the OpenAPI document and for tests.
            #[must_use]
            pub fn routes() -> ::utoipa_axum::router::OpenApiRouter<$context> {
                ::utoipa_axum::router::OpenApiRouter::new() $( .merge($route::route()) )+
            }
        )?

        /// Runs the function that `handler` names, for as long as Lambda keeps this process.
        pub async fn serve(handler: &str) -> Result<(), $crate::Error> {
            match handler.replace('-', "_").as_str() {
                $( $( stringify!($route) => $crate::http::serve(<$context>::from_env(), $route::route()).await, )+ )?
                $( $( stringify!($event) => $crate::event::serve($event::Context::from_env(), $event::handle).await, )+ )?
                $( $( stringify!($batch) => $crate::batch::serve($batch::Context::from_env(), $batch::handle).await, )+ )?
                $( $( stringify!($step) => $crate::task::serve($step::Context::from_env(), $step::handle).await, )+ )?
                _ => Err($crate::functions::UnknownHandler::new(handler, FUNCTIONS).into()),
            }
        }
    };
}

/// The name of the function that this process runs: `Handler` in the template, which Lambda passes as `_HANDLER`.
pub fn handler() -> Result<String, Error> {
    Ok(config::text("_HANDLER")?)
}

/// The template names a function that this program does not have.
#[derive(thiserror::Error)]
#[error("there is no function `{handler}` in this package, it has {}: correct `Handler` in the template", names.join(", "))]
pub struct UnknownHandler {
    handler: String,
    names: Vec<String>,
}

impl UnknownHandler {
    /// `functions` are the names of modules.
    #[must_use]
    pub fn new(handler: &str, functions: &[&str]) -> Self {
        Self {
            handler: handler.to_owned(),
            names: functions.iter().map(|name| name.replace('_', "-")).collect(),
        }
    }
}

/// Rust prints the error of `main` in its `Debug` form, which is therefore the sentence.
impl fmt::Debug for UnknownHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_handler_is_answered_with_the_names_of_all_functions() {
        let error = UnknownHandler::new("get-titel", &["get_title", "list_titles"]);

        assert_eq!(
            error.to_string(),
            "there is no function `get-titel` in this package, it has get-title, list-titles: correct `Handler` in the template"
        );
    }

    #[test]
    fn main_prints_the_sentence() {
        let error = UnknownHandler::new("get-titel", &["get_title"]);
        let sentence = error.to_string();

        assert_eq!(format!("{:?}", Error::from(error)), sentence);
    }
}
