//! Uploads: a film goes straight from the client to the bucket, in parts that these routes sign. Each file is a whole route.

mod context;
mod finish;
mod part;
#[cfg(test)]
mod tests;
mod view;

pub mod abort_upload;
pub mod complete_upload;
pub mod create_upload;
pub mod finish_upload;
pub mod get_upload;
pub mod sign_upload_parts;

use runtime::http::Samples;
use utoipa_axum::router::OpenApiRouter;

pub use context::Context;

/// All routes of this area, for the OpenAPI document.
#[must_use]
pub fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .merge(create_upload::route())
        .merge(sign_upload_parts::route())
        .merge(complete_upload::route())
        .merge(get_upload::route())
        .merge(abort_upload::route())
}

/// Examples of what this area's routes take and give.
#[must_use]
pub fn samples() -> Vec<Samples> {
    vec![
        Samples::of::<create_upload::CreateUploadRequest>(),
        Samples::of::<sign_upload_parts::SignPartsRequest>(),
        Samples::of::<sign_upload_parts::SignedParts>(),
        Samples::of::<complete_upload::CompleteUploadRequest>(),
        Samples::of::<view::UploadView>(),
    ]
}
