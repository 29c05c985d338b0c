//! The audit log: which admin did what, to what, when and from where; also refused attempts to use a route for admins.

use std::{fmt, str::FromStr};

use kernel::{
    Timestamp,
    id::{AccountId, AuditId, ExperimentId, RetrainingId, TitleId},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// The action of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// An account got a role.
    RoleGranted,
    /// An account lost a role.
    RoleTaken,
    /// An account was disabled.
    AccountDisabled,
    /// An account was enabled.
    AccountEnabled,
    /// A request to become a creator was approved.
    CreatorApproved,
    /// A request to become a creator was declined.
    CreatorDeclined,
    /// An admin changed another account's title.
    TitleChanged,
    /// An admin archived another account's title.
    TitleArchived,
    /// An admin restored another account's archived title.
    TitleRestored,
    /// An admin deleted another account's draft or failed upload.
    TitleDeleted,
    /// A failed title was run again.
    TitleRedriven,
    /// An admin canceled the processing of another account's title.
    TitleCanceled,
    /// A retraining was begun.
    RetrainingStarted,
    /// An experiment was begun.
    ExperimentStarted,
    /// An experiment was stopped.
    ExperimentStopped,
    /// An account that is not an admin called a route for admins. Logged once an hour for each account and route.
    Refused,
}

/// The object of an action: `title:0192f7a4-…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Target {
    /// An account.
    Account(AccountId),
    /// A title.
    Title(TitleId),
    /// A run of the retrain machine.
    Retraining(RetrainingId),
    /// An experiment.
    Experiment(ExperimentId),
}

/// The text is not a target.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("must be account:, title:, retraining: or experiment: with an id behind it")]
pub struct InvalidTarget;

impl FromStr for Target {
    type Err = InvalidTarget;

    fn from_str(text: &str) -> Result<Self, InvalidTarget> {
        let (kind, id) = text.split_once(':').ok_or(InvalidTarget)?;
        let target = match kind {
            "account" => id.parse().map(Self::Account),
            "title" => id.parse().map(Self::Title),
            "retraining" => id.parse().map(Self::Retraining),
            "experiment" => id.parse().map(Self::Experiment),
            _ => return Err(InvalidTarget),
        };

        target.map_err(|_| InvalidTarget)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => write!(f, "account:{id}"),
            Self::Title(id) => write!(f, "title:{id}"),
            Self::Retraining(id) => write!(f, "retraining:{id}"),
            Self::Experiment(id) => write!(f, "experiment:{id}"),
        }
    }
}

impl TryFrom<String> for Target {
    type Error = InvalidTarget;

    fn try_from(text: String) -> Result<Self, InvalidTarget> {
        text.parse()
    }
}

impl From<Target> for String {
    fn from(target: Target) -> Self {
        target.to_string()
    }
}

/// Where a request came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The method and the route: `POST /api/titles/{title_id}/redrive`.
    pub route: String,
    /// The request's id, which is also in the function's logs.
    pub request_id: String,
    /// The client's network address. Personal: kept in the audit log only, never in other logs.
    pub address: Option<String>,
}

/// One entry of the log. It is written once and never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// When it happened.
    pub at: Timestamp,
    /// The account that acted.
    pub actor: AccountId,
    /// The action.
    pub action: Action,
    /// The object of the action.
    pub target: Option<Target>,
    /// More about the action, such as the role.
    pub detail: Option<String>,
    /// Where the request came from.
    pub origin: Origin,
}

impl AuditEntry {
    /// An action of `actor` on `target` now.
    #[must_use]
    pub fn new(actor: AccountId, action: Action, target: Target, origin: Origin, now: Timestamp) -> Self {
        Self {
            id: AuditId::mint(now),
            at: now,
            actor,
            action,
            target: Some(target),
            detail: None,
            origin,
        }
    }

    /// With more about the action.
    #[must_use]
    pub fn with_detail(self, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..self
        }
    }

    /// A refused attempt of `actor`. Its id is the same for an hour, so that repeated attempts add one entry.
    #[must_use]
    pub fn refused(actor: AccountId, origin: Origin, now: Timestamp) -> Self {
        let hour = now.as_second().div_euclid(60 * 60);
        let digest = Sha256::digest(format!("{actor}\n{}\n{hour}", origin.route));
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);

        Self {
            id: AuditId::from_digest(id),
            at: now,
            actor,
            action: Action::Refused,
            target: None,
            detail: None,
            origin,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn origin(route: &str) -> Origin {
        Origin {
            route: route.to_owned(),
            request_id: String::new(),
            address: None,
        }
    }

    #[test]
    fn targets_round_trip_through_text() {
        for target in [
            Target::Account(AccountId::mint(NOW)),
            Target::Title(TitleId::mint(NOW)),
            Target::Retraining(RetrainingId::mint(NOW)),
            Target::Experiment(ExperimentId::mint(NOW)),
        ] {
            assert_eq!(target.to_string().parse(), Ok(target));
        }
        for bad in [
            "",
            "title",
            "title:",
            "title:1",
            "film:0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11",
        ] {
            assert_eq!(bad.parse::<Target>(), Err(InvalidTarget), "{bad}");
        }
    }

    #[test]
    fn repeated_refusals_are_logged_once_an_hour_and_route() {
        let actor = AccountId::mint(NOW);
        let id =
            |route: &str, seconds| AuditEntry::refused(actor, origin(route), NOW + Duration::from_secs(seconds)).id;

        assert_eq!(id("GET /a", 0), id("GET /a", 3_599));
        assert_ne!(id("GET /a", 0), id("GET /a", 3_600));
        assert_ne!(id("GET /a", 0), id("GET /b", 0));
        assert_ne!(
            id("GET /a", 0),
            AuditEntry::refused(AccountId::mint(NOW), origin("GET /a"), NOW).id
        );
    }
}
