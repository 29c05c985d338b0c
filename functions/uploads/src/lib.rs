//! Uploads: clients send films straight to the bucket, in parts that these routes sign. One file for each route.

mod context;
mod finish;
mod part;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod view;

use runtime::http::Samples;

pub use context::Context;

runtime::functions! {
    routes(Context):
        create_upload,
        sign_upload_parts,
        complete_upload,
        get_upload,
        abort_upload;
    events:
        finish_upload;
}

/// Examples of the requests and answers of this area's routes.
#[must_use]
pub fn samples() -> Vec<Samples> {
    vec![
        Samples::new::<create_upload::CreateUploadRequest>(),
        Samples::new::<sign_upload_parts::SignPartsRequest>(),
        Samples::new::<sign_upload_parts::SignedParts>(),
        Samples::new::<complete_upload::CompleteUploadRequest>(),
        Samples::new::<view::UploadView>(),
    ]
}
