//! Retention: which files of an asset are still needed, and when that may change.

use std::time::Duration;

use kernel::{
    Timestamp,
    id::{AssetId, Attempt},
};

use crate::title::{Title, TitleState};

/// The files of an asset that have to stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// All: a run is in progress, or the title can still be restored or run again.
    Everything,
    /// The source and the output of this attempt. The outputs of other attempts are never played.
    Published(Attempt),
    /// Nothing.
    Nothing,
}

/// Which files are needed, and when that may change without an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The files that have to stay.
    pub needed: Needed,
    /// When to decide again; `None` if no files are left.
    pub next_check: Option<Timestamp>,
}

/// Decides about an asset of `title`, which may be deleted. `grace` is how long an archived title can be restored and a failed one run
/// again.
#[must_use]
pub fn decide(title: Option<&Title>, asset: AssetId, grace: Duration, now: Timestamp) -> Decision {
    let nothing = Decision {
        needed: Needed::Nothing,
        next_check: None,
    };
    let until = |end: Timestamp| Decision {
        needed: Needed::Everything,
        next_check: Some(end),
    };
    // The title is deleted, or another upload replaced this one.
    let Some(title) = title.filter(|title| title.uses(asset)) else {
        return nothing;
    };

    let end = match title.state {
        TitleState::Archived => title.restorable_until.unwrap_or(title.updated_at + grace),
        TitleState::Failed => title.updated_at + grace,
        TitleState::Published => {
            let publication = title
                .publication
                .as_ref()
                .filter(|publication| publication.asset_id == asset);

            return Decision {
                needed: publication.map_or(Needed::Everything, |publication| Needed::Published(publication.attempt)),
                next_check: Some(now + grace),
            };
        }
        TitleState::Draft | TitleState::Uploading | TitleState::Processing | TitleState::Ready => now + grace,
    };

    if end <= now { nothing } else { until(end) }
}

#[cfg(test)]
mod tests {
    use kernel::id::UploadId;

    use super::*;
    use crate::{
        account::Role,
        title::tests::{draft, person, published},
    };

    const GRACE: Duration = Duration::from_hours(24);

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hour * 3_600).unwrap()
    }

    fn needed(title: Option<&Title>, asset: AssetId, now: Timestamp) -> Needed {
        decide(title, asset, GRACE, now).needed
    }

    #[test]
    fn an_asset_that_no_title_uses_is_not_needed() {
        let (title, asset) = published(at(0));

        assert_eq!(needed(None, asset, at(0)), Needed::Nothing);
        assert_eq!(needed(Some(&title), AssetId::mint(at(5)), at(0)), Needed::Nothing);
    }

    #[test]
    fn a_published_title_needs_its_source_and_one_output() {
        let (title, asset) = published(at(0));
        let decision = decide(Some(&title), asset, GRACE, at(1_000));

        assert_eq!(decision.needed, Needed::Published(Attempt(1)));
        assert_eq!(decision.next_check, Some(at(1_024)));
    }

    #[test]
    fn an_archived_title_keeps_its_files_while_it_can_be_restored() {
        let (mut title, asset) = published(at(0));
        title.archive(&person(&[Role::Admin]), at(10)).unwrap();
        title.keep_until(at(20));

        assert_eq!(decide(Some(&title), asset, GRACE, at(19)).next_check, Some(at(20)));
        assert_eq!(needed(Some(&title), asset, at(19)), Needed::Everything);
        assert_eq!(needed(Some(&title), asset, at(20)), Needed::Nothing);

        // A title that an earlier release archived has no date.
        title.restorable_until = None;
        assert_eq!(needed(Some(&title), asset, at(33)), Needed::Everything);
        assert_eq!(needed(Some(&title), asset, at(34)), Needed::Nothing);
    }

    #[test]
    fn a_failed_title_can_be_run_again_for_a_while() {
        let (mut title, asset) = published(at(0));
        title.state = TitleState::Failed;
        title.updated_at = at(10);

        assert_eq!(needed(Some(&title), asset, at(33)), Needed::Everything);
        assert_eq!(needed(Some(&title), asset, at(34)), Needed::Nothing);
    }

    #[test]
    fn an_asset_in_progress_is_needed_however_long_it_takes() {
        let mut title = draft(&person(&[Role::Creator]));
        let asset = AssetId::mint(at(0));
        title.start_upload(asset, UploadId::mint(at(0)), at(0)).unwrap();
        assert_eq!(needed(Some(&title), asset, at(9_000)), Needed::Everything);

        title.start_processing(at(0)).unwrap();
        assert_eq!(needed(Some(&title), asset, at(9_000)), Needed::Everything);
    }
}
