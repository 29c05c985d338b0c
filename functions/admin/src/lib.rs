//! Admin: who has an account, what they may do, who asks to become a creator, and who did what. Each file is a whole route.

mod context;
mod role;
#[cfg(test)]
mod tests;
mod view;

pub mod approve_creator;
pub mod decline_creator;
pub mod disable_account;
pub mod enable_account;
pub mod get_account;
pub mod grant_role;
pub mod list_accounts;
pub mod list_audit;
pub mod list_creator_requests;
pub mod take_role;

use runtime::http::Samples;
use utoipa_axum::router::OpenApiRouter;

pub use context::Context;

/// All routes of this area, for the OpenAPI document.
#[must_use]
pub fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .merge(list_accounts::route())
        .merge(get_account::route())
        .merge(grant_role::route())
        .merge(take_role::route())
        .merge(disable_account::route())
        .merge(enable_account::route())
        .merge(list_creator_requests::route())
        .merge(approve_creator::route())
        .merge(decline_creator::route())
        .merge(list_audit::route())
}

/// Examples of what this area's routes take and give.
#[must_use]
pub fn samples() -> Vec<Samples> {
    vec![
        Samples::of::<view::AccountView>(),
        Samples::of::<view::RequestView>(),
        Samples::of::<list_audit::AuditEntryView>(),
    ]
}
