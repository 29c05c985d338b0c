//! How a viewer becomes a creator: the installation's policy, and the states of a request.

use std::str::FromStr;

use kernel::{Timestamp, id::AccountId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How long an account waits after a declined request before the next one, in seconds: a week.
const RETRY_AFTER_SECONDS: i64 = 7 * 24 * 60 * 60;

/// Who may become a creator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreatorPolicy {
    /// Every account that asks.
    Open,
    /// Accounts whose request an admin approves.
    Approval,
    /// Accounts that an admin makes creators. Requests are refused.
    Invitation,
}

/// The text is not a policy.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("must be open, approval or invitation")]
pub struct InvalidPolicy;

impl FromStr for CreatorPolicy {
    type Err = InvalidPolicy;

    fn from_str(text: &str) -> Result<Self, InvalidPolicy> {
        match text {
            "open" => Ok(Self::Open),
            "approval" => Ok(Self::Approval),
            "invitation" => Ok(Self::Invitation),
            _ => Err(InvalidPolicy),
        }
    }
}

/// The state of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// It waits for an admin's decision.
    Pending,
    /// The account is a creator.
    Approved,
    /// An admin declined it.
    Declined,
}

/// An account's request to become a creator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatorRequest {
    /// The account.
    pub account_id: AccountId,
    /// Its state.
    pub state: RequestState,
    /// When it was made.
    pub asked_at: Timestamp,
    /// When it was decided, by an admin or the policy.
    pub decided_at: Option<Timestamp>,
    /// Counts the changes: a write names the version that it read.
    pub version: u64,
}

/// Why an account cannot make a request.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum CannotAsk {
    /// The installation takes no requests.
    #[error("this installation invites its creators: ask the people who run it")]
    ByInvitation,
    /// An admin declined the last request, or took the role away, less than a week ago.
    #[error("an admin declined your request or took the role away: you can ask again on {0:.0}")]
    TooSoon(Timestamp),
}

/// Why a request cannot be decided.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum CannotDecide {
    /// It was approved already, and the account may have published since.
    #[error("this request was approved already: take the role `creator` away instead")]
    Approved,
    /// It was declined already.
    #[error("this request was declined already: grant the role `creator` instead")]
    Declined,
}

impl CreatorRequest {
    /// The account's request after it asks under `policy`. `earlier` is its former request; one that is pending stays as it is. After an
    /// admin has said no, an admin decides under every policy.
    pub fn ask(
        policy: CreatorPolicy,
        earlier: Option<Self>,
        account_id: AccountId,
        now: Timestamp,
    ) -> Result<Self, CannotAsk> {
        let by_policy = match policy {
            CreatorPolicy::Open => RequestState::Approved,
            CreatorPolicy::Approval => RequestState::Pending,
            CreatorPolicy::Invitation => return Err(CannotAsk::ByInvitation),
        };
        let state = match &earlier {
            Some(earlier) if earlier.state == RequestState::Pending => return Ok(earlier.clone()),
            Some(earlier) if earlier.state == RequestState::Declined => {
                earlier.may_ask_again(now)?;
                RequestState::Pending
            }
            _ => by_policy,
        };

        Ok(Self {
            account_id,
            state,
            asked_at: now,
            decided_at: (state == RequestState::Approved).then_some(now),
            version: earlier.map_or(0, |earlier| earlier.version),
        })
    }

    fn may_ask_again(&self, now: Timestamp) -> Result<(), CannotAsk> {
        let decided_at = self.decided_at.unwrap_or(self.asked_at);
        let from = Timestamp::from_second(decided_at.as_second() + RETRY_AFTER_SECONDS).unwrap_or(decided_at);

        if now < from {
            Err(CannotAsk::TooSoon(from))
        } else {
            Ok(())
        }
    }

    /// An admin approves. Approving again succeeds, so that the caller can repeat what follows.
    pub fn approve(&mut self, now: Timestamp) -> Result<(), CannotDecide> {
        match self.state {
            RequestState::Pending => self.decide(RequestState::Approved, now),
            RequestState::Approved => {}
            RequestState::Declined => return Err(CannotDecide::Declined),
        }

        Ok(())
    }

    /// An admin declines. Declining again succeeds.
    pub fn decline(&mut self, now: Timestamp) -> Result<(), CannotDecide> {
        match self.state {
            RequestState::Pending => self.decide(RequestState::Declined, now),
            RequestState::Declined => {}
            RequestState::Approved => return Err(CannotDecide::Approved),
        }

        Ok(())
    }

    /// The account's request after an admin has granted the role, or taken it away. So the policy cannot undo what an admin did.
    #[must_use]
    pub fn overruled(earlier: Option<Self>, account_id: AccountId, is_creator: bool, now: Timestamp) -> Self {
        let state = if is_creator {
            RequestState::Approved
        } else {
            RequestState::Declined
        };
        let mut request = earlier.unwrap_or(Self {
            account_id,
            state,
            asked_at: now,
            decided_at: None,
            version: 0,
        });
        request.decide(state, now);

        request
    }

    fn decide(&mut self, state: RequestState, now: Timestamp) {
        self.state = state;
        self.decided_at = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn ask(
        policy: CreatorPolicy,
        earlier: Option<CreatorRequest>,
        now: Timestamp,
    ) -> Result<CreatorRequest, CannotAsk> {
        CreatorRequest::ask(policy, earlier, AccountId::mint(NOW), now)
    }

    #[test]
    fn the_policy_decides_the_state_of_a_request() {
        let state = |policy| ask(policy, None, NOW).map(|request| (request.state, request.decided_at));

        assert_eq!(state(CreatorPolicy::Open), Ok((RequestState::Approved, Some(NOW))));
        assert_eq!(state(CreatorPolicy::Approval), Ok((RequestState::Pending, None)));
        assert_eq!(state(CreatorPolicy::Invitation), Err(CannotAsk::ByInvitation));
    }

    #[test]
    fn asking_again_keeps_the_place_in_the_queue() {
        let first = ask(CreatorPolicy::Approval, None, NOW).unwrap();
        let again = ask(
            CreatorPolicy::Approval,
            Some(first.clone()),
            NOW + Duration::from_mins(5),
        );

        assert_eq!(again, Ok(first));
    }

    #[test]
    fn an_account_waits_a_week_after_a_declined_request() {
        let week = Duration::from_hours(7 * 24);
        let mut declined = ask(CreatorPolicy::Approval, None, NOW).unwrap();
        declined.decline(NOW).unwrap();

        let soon = ask(
            CreatorPolicy::Approval,
            Some(declined.clone()),
            NOW + week - Duration::from_secs(1),
        );
        assert_eq!(soon, Err(CannotAsk::TooSoon(NOW + week)));
        declined.version = 2;
        let later = ask(CreatorPolicy::Approval, Some(declined.clone()), NOW + week).unwrap();
        assert_eq!(later.state, RequestState::Pending);
        assert_eq!(later.version, 2, "it replaces the declined request");
    }

    #[test]
    fn a_decision_is_final() {
        let mut approved = ask(CreatorPolicy::Approval, None, NOW).unwrap();
        approved.approve(NOW).unwrap();

        assert_eq!(approved.approve(NOW), Ok(()));
        assert_eq!(approved.decline(NOW), Err(CannotDecide::Approved));
        assert_eq!(approved.state, RequestState::Approved);
    }

    #[test]
    fn a_role_that_was_taken_away_does_not_come_back_by_the_policy() {
        let account = AccountId::mint(NOW);
        let week = Duration::from_hours(7 * 24);
        let creator = ask(CreatorPolicy::Open, None, NOW).unwrap();

        for earlier in [Some(creator), None] {
            let removed = CreatorRequest::overruled(earlier, account, false, NOW);

            let soon = ask(CreatorPolicy::Open, Some(removed.clone()), NOW);
            assert_eq!(soon, Err(CannotAsk::TooSoon(NOW + week)));
            let pending = ask(CreatorPolicy::Open, Some(removed.clone()), NOW + week).unwrap();
            assert_eq!((pending.state, pending.decided_at), (RequestState::Pending, None));
            let again = ask(CreatorPolicy::Open, Some(pending.clone()), NOW + week);
            assert_eq!(again, Ok(pending), "an admin decides, however often the account asks");

            let granted = CreatorRequest::overruled(Some(removed), account, true, NOW + week);
            assert_eq!(granted.state, RequestState::Approved);
        }
    }

    #[test]
    fn a_policy_is_one_of_three_names() {
        assert_eq!("open".parse(), Ok(CreatorPolicy::Open));
        assert_eq!("Open".parse::<CreatorPolicy>(), Err(InvalidPolicy));
        assert_eq!("".parse::<CreatorPolicy>(), Err(InvalidPolicy));
    }

    proptest! {
        #[test]
        fn only_an_admin_approves_under_approval_and_invitation(asks in 1_u64..20, step in 0_u64..1_000_000) {
            for policy in [CreatorPolicy::Approval, CreatorPolicy::Invitation] {
                let mut request = None;
                for number in 0..asks {
                    let now = NOW + Duration::from_secs(number * step);
                    request = ask(policy, request.clone(), now).ok().or(request);
                }

                prop_assert!(request.is_none_or(|request| request.state == RequestState::Pending));
            }
        }
    }
}
