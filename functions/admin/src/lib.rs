//! Admin: accounts and their roles, requests to become a creator, and the audit log. One file for each route.

mod context;
mod role;
#[cfg(test)]
mod tests;
mod view;

use runtime::http::Samples;

pub use context::Context;

runtime::functions! {
    routes(Context):
        list_accounts,
        get_account,
        grant_role,
        take_role,
        disable_account,
        enable_account,
        list_creator_requests,
        approve_creator,
        decline_creator,
        list_audit;
}

/// Examples of the requests and answers of this area's routes.
#[must_use]
pub fn samples() -> Vec<Samples> {
    vec![
        Samples::new::<view::AccountView>(),
        Samples::new::<view::RequestView>(),
        Samples::new::<list_audit::AuditEntryView>(),
    ]
}
