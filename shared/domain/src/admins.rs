//! An installation always keeps at least one admin.

use kernel::{Timestamp, id::AccountId};
use serde::{Deserialize, Serialize};

/// How long the user pool may take to show that an admin was removed, in seconds. Longer than the timeout of the function that removes them.
const CONSISTENCY_SECONDS: i64 = 60;

/// The removal of an admin: the account is being disabled, or loses the role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// The admin's account.
    pub account_id: AccountId,
    /// When the removal began.
    pub since: Timestamp,
}

/// The removals that the user pool may not show yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecentRemovals {
    /// The removals of the last minute.
    pub removals: Vec<Removal>,
    /// Version of the item; 0 before the first write.
    pub version: u64,
}

/// No admin would be left.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("this is the last admin: make another account an admin first")]
pub struct LastAdmin;

/// Adds the removal of `account` to `removals`, unless it is the last admin. `active` lists the admins whose accounts are in use, as the
/// user pool shows them: admins in `removals` may still be among them.
pub fn begin_removal(
    active: &[AccountId],
    removals: &mut Vec<Removal>,
    account: AccountId,
    now: Timestamp,
) -> Result<(), LastAdmin> {
    removals.retain(|entry| now.as_second() - entry.since.as_second() < CONSISTENCY_SECONDS);
    let stays = |admin: &&AccountId| **admin != account && removals.iter().all(|entry| entry.account_id != **admin);
    if active.contains(&account) && !active.iter().any(|admin| stays(&admin)) {
        return Err(LastAdmin);
    }

    removals.retain(|entry| entry.account_id != account);
    removals.push(Removal {
        account_id: account,
        since: now,
    });

    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::{collection::vec, prelude::*};

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn admins(count: usize) -> Vec<AccountId> {
        (0..count).map(|_| AccountId::mint(NOW)).collect()
    }

    #[test]
    fn the_last_admin_cannot_be_removed() {
        let active = admins(1);

        assert_eq!(begin_removal(&active, &mut vec![], active[0], NOW), Err(LastAdmin));
        assert_eq!(
            begin_removal(&admins(1), &mut vec![], active[0], NOW),
            Ok(()),
            "not an admin"
        );
    }

    #[test]
    fn two_admins_cannot_remove_one_another_at_once() {
        let (active, mut removals) = (admins(2), vec![]);

        assert_eq!(begin_removal(&active, &mut removals, active[0], NOW), Ok(()));
        // The user pool still lists the first.
        assert_eq!(begin_removal(&active, &mut removals, active[1], NOW), Err(LastAdmin));
        // A retry after an error.
        assert_eq!(begin_removal(&active, &mut removals, active[0], NOW), Ok(()));
    }

    #[test]
    fn a_removal_counts_until_the_user_pool_shows_it() {
        let (active, mut removals) = (admins(2), vec![]);
        begin_removal(&active, &mut removals, active[0], NOW).unwrap();

        let soon = NOW + Duration::from_secs(30);
        assert_eq!(begin_removal(&active, &mut removals, active[1], soon), Err(LastAdmin));
    }

    #[test]
    fn an_old_removal_is_forgotten() {
        let (active, mut removals) = (admins(2), vec![]);
        begin_removal(&active, &mut removals, active[0], NOW).unwrap();

        let later = NOW + Duration::from_mins(2);
        assert_eq!(begin_removal(&active, &mut removals, active[1], later), Ok(()));
        assert_eq!(removals.len(), 1);
    }

    proptest! {
        #[test]
        fn concurrent_removals_leave_an_admin(count in 1_usize..6, order in vec(0_usize..6, 1..12)) {
            let (active, mut removals) = (admins(count), vec![]);
            for index in order {
                let _ = begin_removal(&active, &mut removals, active[index % count], NOW);
            }

            prop_assert!(active.iter().any(|admin| removals.iter().all(|entry| entry.account_id != *admin)));
        }
    }
}
