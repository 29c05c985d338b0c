//! An installation always has an admin.

use kernel::{Timestamp, id::AccountId};
use serde::{Deserialize, Serialize};

/// How long the user pool may take to show what was done to an admin, in seconds. Longer than the function that does it lives.
const SETTLES_SECONDS: i64 = 60;

/// An admin whose power is being taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// Whose.
    pub account_id: AccountId,
    /// Since when.
    pub since: Timestamp,
}

/// The admins whose power is being taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecentRemovals {
    /// Those of the last minute.
    pub removals: Vec<Removal>,
    /// 0 as long as nothing was ever written.
    pub version: u64,
}

/// There would be no admin left.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("this is the last admin: make somebody else an admin first")]
pub struct LastAdmin;

/// Notes in `removals` that `account` is about to lose its power, if another one of `active` (the admins whose accounts are in use, as
/// the user pool lists them) keeps theirs. Whoever is removals already may still be in that list.
pub fn begin_removal(
    active: &[AccountId],
    removals: &mut Vec<Removal>,
    account: AccountId,
    now: Timestamp,
) -> Result<(), LastAdmin> {
    removals.retain(|entry| now.as_second() - entry.since.as_second() < SETTLES_SECONDS);
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
    fn the_last_admin_stays() {
        let active = admins(1);

        assert_eq!(begin_removal(&active, &mut vec![], active[0], NOW), Err(LastAdmin));
        assert_eq!(
            begin_removal(&admins(1), &mut vec![], active[0], NOW),
            Ok(()),
            "who is none"
        );
    }

    #[test]
    fn two_admins_cannot_remove_one_another_at_once() {
        let (active, mut removals) = (admins(2), vec![]);

        assert_eq!(begin_removal(&active, &mut removals, active[0], NOW), Ok(()));
        // The user pool still lists the first.
        assert_eq!(begin_removal(&active, &mut removals, active[1], NOW), Err(LastAdmin));
        // Again, after an error on the way.
        assert_eq!(begin_removal(&active, &mut removals, active[0], NOW), Ok(()));
    }

    #[test]
    fn who_is_an_admin_again_counts_again() {
        let (active, mut removals) = (admins(2), vec![]);
        begin_removal(&active, &mut removals, active[0], NOW).unwrap();

        let later = NOW + Duration::from_mins(2);
        assert_eq!(begin_removal(&active, &mut removals, active[1], later), Ok(()));
        assert_eq!(removals.len(), 1);
    }

    proptest! {
        #[test]
        fn however_many_leave_at_once_one_stays(count in 1_usize..6, order in vec(0_usize..6, 1..12)) {
            let (active, mut removals) = (admins(count), vec![]);
            for index in order {
                let _ = begin_removal(&active, &mut removals, active[index % count], NOW);
            }

            prop_assert!(active.iter().any(|admin| removals.iter().all(|entry| entry.account_id != *admin)));
        }
    }
}
