//! Who may call: IAM decides, as on AWS.

use axum::http::HeaderMap;

use super::{super::service::Service, error::ApiError};

/// Lets the caller do this on that, or refuses.
pub(super) async fn allow(
    service: &Service,
    headers: &HeaderMap,
    action: &str,
    resource: &str,
) -> Result<(), ApiError> {
    service.authorizer.authorize(headers, action, resource).await?;
    Ok(())
}

/// The caller hands `role` to MediaConvert: it must be allowed to.
pub(super) async fn pass_role(service: &Service, headers: &HeaderMap, role: &str) -> Result<(), ApiError> {
    let authorizer = &service.authorizer;
    authorizer
        .authorize_passing(headers, role, "mediaconvert.amazonaws.com")
        .await?;
    Ok(())
}
