//! The account and the role in a route's path.

use domain::account::Role;
use kernel::id::AccountId;
use runtime::http::Problem;
use serde::Deserialize;

/// The parameters of a path that ends with a role.
#[derive(Deserialize)]
pub(crate) struct AccountAndRole {
    pub(crate) account_id: AccountId,
    pub(crate) role: NamedRole,
}

/// A role by its name.
#[derive(Clone, Copy, Deserialize)]
#[serde(transparent)]
pub(crate) struct NamedRole(Role);

impl NamedRole {
    /// The role and its group; refuses the role of viewers, which admins cannot grant or take.
    pub(crate) fn grantable(self) -> Result<(Role, &'static str), Problem> {
        let group = self.0.group();

        group
            .map(|group| (self.0, group))
            .ok_or_else(|| Problem::invalid_request("everybody is a viewer: the role is creator or admin"))
    }
}
