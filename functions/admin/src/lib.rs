//! Admin: who has an account, what they may do, who asks to become a creator, and who did what. Each file is a whole route.

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

/// Examples of what this area's routes take and give.
#[must_use]
pub fn samples() -> Vec<Samples> {
    vec![
        Samples::new::<view::AccountView>(),
        Samples::new::<view::RequestView>(),
        Samples::new::<list_audit::AuditEntryView>(),
    ]
}
