//! Quotas: what one account may use in a day and at a time, and what the whole installation may spend in a day. Days are
//! those of UTC.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use kernel::{Timestamp, day, id::UploadId, money::MicroDollars};
use serde::{Deserialize, Serialize};

use crate::storage::Bytes;

/// What an account may upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadLimits {
    /// Uploads that are open at a time.
    pub open: u32,
    /// Uploads that are begun in a day, given up or not.
    pub begun_per_day: u32,
    /// Bytes of the uploads that are begun in a day.
    pub bytes_per_day: u64,
    /// Bytes of all sources that are kept, and of those on their way.
    pub stored_bytes: u64,
}

/// What an account has used today, and which uploads it has open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// The day that is counted.
    pub day: String,
    /// Titles that were created.
    pub titles: u32,
    /// Changes of titles, and titles that were restored.
    #[serde(default)]
    pub title_changes: u32,
    /// Uploads that were begun. None of them is taken back: each leaves a note about its files.
    #[serde(default)]
    pub uploads: u32,
    /// Bytes of the uploads that were begun and not given up.
    pub upload_bytes: u64,
    /// What the runs were quoted that came to transcoding, failed ones included.
    pub spent: MicroDollars,
    /// Those runs: each is paid once, however often its step is tried.
    pub runs: BTreeSet<String>,
    /// The uploads that are open.
    pub open: BTreeMap<UploadId, OpenUpload>,
}

/// An upload that is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenUpload {
    /// Its size.
    pub bytes: u64,
    /// When it was begun.
    pub began_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// What is used up.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum QuotaExceeded {
    /// Titles.
    #[error("this account has created {0} titles today, which is all that it may: go on tomorrow (UTC)")]
    Titles(u32),
    /// Changes of titles.
    #[error("this account has changed titles {0} times today, which is all that it may: go on tomorrow (UTC)")]
    TitleChanges(u32),
    /// Uploads that were begun.
    #[error("this account has begun {0} uploads today, which is all that it may: go on tomorrow (UTC)")]
    Uploads(u32),
    /// Open uploads.
    #[error("this account has {0} uploads open, which is all that it may: complete or abort one first")]
    OpenUploads(u32),
    /// Bytes.
    #[error("this account may upload {0} bytes a day, and this file is more than what is left: go on tomorrow (UTC)")]
    UploadBytes(u64),
    /// Bytes of everything that is kept.
    #[error(
        "this account stores {stored} of the {limit} that it may, and this file has {file}: abort an upload or delete titles \
         first (a deleted title's space is free once its files are deleted)"
    )]
    StoredBytes {
        /// What is stored.
        stored: Bytes,
        /// What may be.
        limit: Bytes,
        /// What should be added.
        file: Bytes,
    },
    /// The account's money.
    #[error(
        "Encoding may cost {0} a day for one account, and this film costs more than what is left. An administrator can run it again tomorrow (UTC)."
    )]
    AccountSpend(MicroDollars),
    /// The installation's money.
    #[error(
        "This service may spend {0} on encoding a day, and this film costs more than what is left. An administrator can run it again tomorrow (UTC)."
    )]
    InstallationSpend(MicroDollars),
}

impl QuotaExceeded {
    /// Whether it passes with the day.
    #[must_use]
    pub const fn is_daily(&self) -> bool {
        !matches!(self, Self::OpenUploads(_) | Self::StoredBytes { .. })
    }
}

/// How long it is until the next day begins.
#[must_use]
pub fn until_tomorrow(now: Timestamp) -> Duration {
    const DAY: i64 = 24 * 60 * 60;

    Duration::from_secs((DAY - now.as_second().rem_euclid(DAY)).unsigned_abs())
}

impl Usage {
    /// The same as it is at `now`: counts begin again with every day, uploads that expired are not open.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        let today = day::from_timestamp(now);
        let open = self
            .open
            .into_iter()
            .filter(|(_, upload)| now < upload.expires_at)
            .collect();

        if self.day == today {
            Self { open, ..self }
        } else {
            Self {
                day: today,
                open,
                ..Self::default()
            }
        }
    }

    /// One title more, of so many that may be created in a day.
    pub fn create_title(&mut self, limit: u32) -> Result<(), QuotaExceeded> {
        if self.titles >= limit {
            return Err(QuotaExceeded::Titles(limit));
        }
        self.titles += 1;

        Ok(())
    }

    /// One change of a title more, of so many that may be made in a day. Each is told to others, some of whom take one at a time.
    pub fn change_title(&mut self, limit: u32) -> Result<(), QuotaExceeded> {
        if self.title_changes >= limit {
            return Err(QuotaExceeded::TitleChanges(limit));
        }
        self.title_changes += 1;

        Ok(())
    }

    /// One open upload more, of so many that may be begun in a day. `replaced` is the upload of the same title that it
    /// takes the place of.
    pub fn begin_upload(
        &mut self,
        limits: &UploadLimits,
        id: UploadId,
        upload: OpenUpload,
        replaced: Option<UploadId>,
    ) -> Result<(), QuotaExceeded> {
        if self.uploads >= limits.begun_per_day {
            return Err(QuotaExceeded::Uploads(limits.begun_per_day));
        }
        let others = self.open.keys().filter(|open| Some(**open) != replaced).count();
        if u32::try_from(others).unwrap_or(u32::MAX) >= limits.open {
            return Err(QuotaExceeded::OpenUploads(limits.open));
        }
        let bytes = self.upload_bytes.saturating_add(upload.bytes);
        if bytes > limits.bytes_per_day {
            return Err(QuotaExceeded::UploadBytes(limits.bytes_per_day));
        }
        self.uploads += 1;
        self.upload_bytes = bytes;
        self.open.insert(id, upload);

        Ok(())
    }

    /// The upload's file is complete: it is not open any more, and its bytes stay counted. Says whether that is new.
    pub fn complete_upload(&mut self, id: UploadId) -> bool {
        self.open.remove(&id).is_some()
    }

    /// The upload was given up: what it took today is free again. Says whether that is new.
    pub fn release_upload(&mut self, id: UploadId) -> bool {
        let Some(upload) = self.open.remove(&id) else {
            return false;
        };
        if day::from_timestamp(upload.began_at) == self.day {
            self.upload_bytes = self.upload_bytes.saturating_sub(upload.bytes);
        }

        true
    }

    /// Pays for a run that is about to be transcoded; one that was paid costs nothing. Says whether that is new.
    pub fn pay(&mut self, run: &str, quoted: MicroDollars, limit: MicroDollars) -> Result<bool, QuotaExceeded> {
        if self.runs.contains(run) {
            return Ok(false);
        }
        let spent = self.spent + quoted;
        if spent > limit {
            return Err(QuotaExceeded::AccountSpend(limit));
        }
        self.spent = spent;
        self.runs.insert(run.to_owned());

        Ok(true)
    }

    /// Before how many jobs of other accounts a job of this one goes: the more an account had transcoded today, the fewer, so
    /// that accounts take turns in the queue. MediaConvert takes -50 to 50.
    #[must_use]
    pub fn priority(&self) -> i32 {
        let earlier = i32::try_from(self.runs.len()).unwrap_or(i32::MAX).saturating_sub(1);

        50_i32.saturating_sub(earlier.max(0)).max(-50)
    }
}

/// What the installation has spent today.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spending {
    /// The day that is counted.
    pub day: String,
    /// What the runs were quoted.
    pub spent: MicroDollars,
}

impl Spending {
    /// The same as it is at `now`.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        let today = day::from_timestamp(now);

        if self.day == today {
            self
        } else {
            Self {
                day: today,
                ..Self::default()
            }
        }
    }

    /// Pays for a run.
    pub fn pay(&mut self, quoted: MicroDollars, limit: MicroDollars) -> Result<(), QuotaExceeded> {
        let spent = self.spent + quoted;
        if spent > limit {
            return Err(QuotaExceeded::InstallationSpend(limit));
        }
        self.spent = spent;

        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TITLES: u32 = 3;
    const LIMITS: UploadLimits = UploadLimits {
        open: 2,
        begun_per_day: 20,
        bytes_per_day: 100,
        stored_bytes: 1_000,
    };

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn morning() -> Timestamp {
        at("2026-11-28T08:00:00Z")
    }

    fn upload(bytes: u64) -> OpenUpload {
        OpenUpload {
            bytes,
            began_at: morning(),
            expires_at: at("2026-12-04T08:00:00Z"),
        }
    }

    fn id(n: u128) -> UploadId {
        format!("0192f7a4-6f0e-7cc2-b3a1-{n:012x}").parse().unwrap()
    }

    #[test]
    fn the_title_after_the_last_one_waits_for_tomorrow() {
        let mut usage = Usage::default().at(morning());
        for _ in 0..3 {
            usage.create_title(TITLES).unwrap();
        }

        assert_eq!(usage.create_title(TITLES), Err(QuotaExceeded::Titles(3)));
        assert_eq!(until_tomorrow(at("2026-11-28T23:59:50Z")), Duration::from_secs(10));
        assert!(usage.at(at("2026-11-29T00:00:00Z")).create_title(TITLES).is_ok());
    }

    #[test]
    fn changes_of_titles_are_counted_by_the_day_and_apart_from_new_titles() {
        let mut usage = Usage::default().at(morning());
        usage.create_title(TITLES).unwrap();
        for _ in 0..2 {
            usage.change_title(2).unwrap();
        }

        assert_eq!(usage.change_title(2), Err(QuotaExceeded::TitleChanges(2)));
        assert!(QuotaExceeded::TitleChanges(2).is_daily());
        assert_eq!(usage.titles, 1);
        assert!(usage.at(at("2026-11-29T00:00:00Z")).change_title(2).is_ok());
    }

    #[test]
    fn what_was_used_before_changes_were_counted_is_read() {
        let mut stored = serde_json::to_value(Usage::default().at(morning())).unwrap();
        stored.as_object_mut().unwrap().remove("title_changes");
        let usage: Usage = serde_json::from_value(stored).unwrap();

        assert_eq!(usage.title_changes, 0);
    }

    #[test]
    fn an_upload_is_open_until_it_ends_in_any_way() {
        let mut usage = Usage::default().at(morning());
        usage.begin_upload(&LIMITS, id(1), upload(10), None).unwrap();
        usage.begin_upload(&LIMITS, id(2), upload(10), None).unwrap();
        let refused = usage.clone().begin_upload(&LIMITS, id(3), upload(10), None);
        assert_eq!(refused, Err(QuotaExceeded::OpenUploads(2)));

        // The same title takes another file.
        assert!(
            usage
                .clone()
                .begin_upload(&LIMITS, id(3), upload(10), Some(id(1)))
                .is_ok()
        );
        assert!(usage.complete_upload(id(1)) && !usage.complete_upload(id(1)));
        usage.begin_upload(&LIMITS, id(3), upload(10), None).unwrap();
        assert!(usage.release_upload(id(2)) && !usage.release_upload(id(2)));
        assert_eq!(usage.upload_bytes, 20, "what was given up is free again, once");

        let later = usage.at(at("2026-12-04T08:00:00Z"));
        assert_eq!(
            (later.open.len(), later.upload_bytes),
            (0, 0),
            "what expired is not open"
        );
    }

    #[test]
    fn uploads_that_replace_one_another_are_counted_although_their_bytes_are_given_back() {
        let mut usage = Usage::default().at(morning());
        for n in 1..=20 {
            let former = id(n - 1);
            usage.begin_upload(&LIMITS, id(n), upload(10), Some(former)).unwrap();
            usage.release_upload(former);
        }
        assert_eq!(usage.upload_bytes, 10);

        let refused = usage.begin_upload(&LIMITS, id(21), upload(1), None);
        assert_eq!(refused, Err(QuotaExceeded::Uploads(20)));
        assert!(QuotaExceeded::Uploads(20).is_daily());
        let mut tomorrow = usage.at(at("2026-11-29T00:00:00Z"));
        assert!(tomorrow.begin_upload(&LIMITS, id(21), upload(1), None).is_ok());
    }

    #[test]
    fn what_was_counted_before_uploads_were_is_read() {
        let mut stored = serde_json::to_value(Usage::default().at(morning())).unwrap();
        stored.as_object_mut().unwrap().remove("uploads");

        let read: Usage = serde_json::from_value(stored).unwrap();
        assert_eq!(read, Usage::default().at(morning()));
    }

    #[test]
    fn bytes_of_yesterday_are_not_given_back_today() {
        let mut usage = Usage::default().at(morning());
        usage.begin_upload(&LIMITS, id(1), upload(60), None).unwrap();
        let mut usage = usage.at(at("2026-11-29T08:00:00Z"));
        let today = OpenUpload {
            began_at: at("2026-11-29T08:00:00Z"),
            ..upload(50)
        };
        usage.begin_upload(&LIMITS, id(2), today, None).unwrap();

        usage.release_upload(id(1));
        assert_eq!(usage.upload_bytes, 50);
    }

    #[test]
    fn a_run_is_paid_once_and_never_beyond_the_limit() {
        let (limit, quote) = (MicroDollars(100), MicroDollars(60));
        let mut usage = Usage::default().at(morning());

        assert_eq!(usage.pay("a-1", quote, limit), Ok(true));
        assert_eq!(usage.pay("a-1", quote, limit), Ok(false), "the step was tried again");
        assert_eq!(usage.pay("a-2", quote, limit), Err(QuotaExceeded::AccountSpend(limit)));
        assert_eq!(usage.spent, quote);

        let mut spending = Spending::default().at(morning());
        spending.pay(quote, limit).unwrap();
        assert_eq!(spending.pay(quote, limit), Err(QuotaExceeded::InstallationSpend(limit)));
        assert!(spending.at(at("2026-11-29T00:00:00Z")).pay(quote, limit).is_ok());
    }

    #[test]
    fn two_accounts_take_turns_however_many_jobs_one_has() {
        let job = |usage: &mut Usage, run: &str| {
            usage.pay(run, MicroDollars(1), MicroDollars(1_000)).unwrap();
            (-usage.priority(), run.to_owned())
        };
        let (mut greedy, mut modest) = (Usage::default().at(morning()), Usage::default().at(morning()));
        let mut queue: Vec<_> = (1..=4).map(|n| job(&mut greedy, &format!("a{n}"))).collect();
        queue.extend((1..=3).map(|n| job(&mut modest, &format!("b{n}"))));
        // As the queue goes: by priority, then by age.
        queue.sort_by_key(|(behind, _)| *behind);

        let order: Vec<_> = queue.iter().map(|(_, run)| run.as_str()).collect();
        assert_eq!(order, ["a1", "b1", "a2", "b2", "a3", "b3", "a4"]);
    }

    proptest! {
        #[test]
        fn whatever_happens_no_limit_is_passed(steps in prop::collection::vec((0u8..4, 0u128..6, 0u64..60), 0..60)) {
            let mut usage = Usage::default().at(morning());
            for (step, n, bytes) in steps {
                match step {
                    0 => drop(usage.begin_upload(&LIMITS, id(n), upload(bytes), None)),
                    1 => drop(usage.complete_upload(id(n))),
                    2 => drop(usage.release_upload(id(n))),
                    _ => drop(usage.create_title(TITLES)),
                }
                let open: u64 = usage.open.values().map(|upload| upload.bytes).sum();

                prop_assert!(usage.open.len() <= 2 && usage.titles <= 3 && usage.uploads <= 20);
                prop_assert!(usage.upload_bytes <= LIMITS.bytes_per_day && open <= usage.upload_bytes);
            }
        }

        #[test]
        fn a_priority_is_one_that_mediaconvert_takes(runs in 0usize..300) {
            let usage = Usage { runs: (0..runs).map(|n| n.to_string()).collect(), ..Usage::default() };

            prop_assert!((-50..=50).contains(&usage.priority()));
        }
    }
}
