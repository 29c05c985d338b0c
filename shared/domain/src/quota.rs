//! Quotas and budgets: how much an account may do and store, and what it and the whole installation may spend in a day. Days are in UTC.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use kernel::{Timestamp, day, id::UploadId, money::MicroDollars};
use serde::{Deserialize, Serialize};

use crate::storage::Bytes;

/// The upload quotas of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadLimits {
    /// Open uploads at a time.
    pub open: u32,
    /// Uploads that are begun in a day, aborted and expired ones included.
    pub begun_per_day: u32,
    /// Bytes of the uploads that are begun in a day.
    pub bytes_per_day: u64,
    /// Bytes of all sources, stored ones and open uploads.
    pub stored_bytes: u64,
}

/// What an account has used today, and its open uploads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// The day of the counts.
    pub day: String,
    /// Titles that were created.
    pub titles: u32,
    /// Changes of titles, including restorations.
    #[serde(default)]
    pub title_changes: u32,
    /// Uploads that were begun. Aborted ones stay counted: each leaves a retention item.
    #[serde(default)]
    pub uploads: u32,
    /// Bytes of the uploads that were begun and neither aborted nor expired.
    pub upload_bytes: u64,
    /// Quotes of the runs that reached transcoding, failed ones included.
    pub spent: MicroDollars,
    /// These runs: each is paid once, however often its step is retried.
    pub runs: BTreeSet<String>,
    /// The open uploads.
    pub open: BTreeMap<UploadId, OpenUpload>,
}

/// An open upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenUpload {
    /// Its size.
    pub bytes: u64,
    /// When it began.
    pub began_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// The quota or budget that is used up.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum QuotaExceeded {
    /// Titles.
    #[error("this account has created {0} titles today, which is its limit: continue tomorrow (UTC)")]
    Titles(u32),
    /// Changes of titles.
    #[error("this account has changed titles {0} times today, which is its limit: continue tomorrow (UTC)")]
    TitleChanges(u32),
    /// Uploads that were begun.
    #[error("this account has begun {0} uploads today, which is its limit: continue tomorrow (UTC)")]
    Uploads(u32),
    /// Open uploads.
    #[error("this account has {0} uploads open, which is its limit: complete or abort one first")]
    OpenUploads(u32),
    /// Bytes uploaded.
    #[error("this account may upload {0} bytes a day, and this file is larger than the rest: continue tomorrow (UTC)")]
    UploadBytes(u64),
    /// Bytes stored.
    #[error(
        "this account stores {stored} of the {limit} that it may, and this file has {file}: abort an upload or delete titles \
         first (a deleted title's space is free once its files are deleted)"
    )]
    StoredBytes {
        /// What the account stores.
        stored: Bytes,
        /// What it may store.
        limit: Bytes,
        /// The size of the new file.
        file: Bytes,
    },
    /// The account's budget for transcoding.
    #[error(
        "Transcoding may cost {0} a day for one account, and this film costs more than what is left. An admin can run this title again tomorrow (UTC)."
    )]
    AccountSpend(MicroDollars),
    /// The installation's budget for transcoding.
    #[error(
        "This service may spend {0} on transcoding a day, and this film costs more than what is left. An admin can run this title again tomorrow (UTC)."
    )]
    InstallationSpend(MicroDollars),
}

impl QuotaExceeded {
    /// Whether the quota is a daily one.
    #[must_use]
    pub const fn is_daily(&self) -> bool {
        !matches!(self, Self::OpenUploads(_) | Self::StoredBytes { .. })
    }
}

/// The time until the next day begins.
#[must_use]
pub fn until_tomorrow(now: Timestamp) -> Duration {
    const DAY: i64 = 24 * 60 * 60;

    Duration::from_secs((DAY - now.as_second().rem_euclid(DAY)).unsigned_abs())
}

impl Usage {
    /// The usage at `now`: counts restart with every day, and expired uploads are not open.
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

    /// Counts a title, of at most `limit` that may be created in a day.
    pub fn create_title(&mut self, limit: u32) -> Result<(), QuotaExceeded> {
        if self.titles >= limit {
            return Err(QuotaExceeded::Titles(limit));
        }
        self.titles += 1;

        Ok(())
    }

    /// Counts a change of a title, of at most `limit` a day. Each change makes a domain event, and some consumers handle one at a time.
    pub fn change_title(&mut self, limit: u32) -> Result<(), QuotaExceeded> {
        if self.title_changes >= limit {
            return Err(QuotaExceeded::TitleChanges(limit));
        }
        self.title_changes += 1;

        Ok(())
    }

    /// Counts and opens an upload. `replaced` is the open upload of the same title that it replaces.
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

    /// Closes a completed upload; its bytes stay counted. Returns whether it was open.
    pub fn complete_upload(&mut self, id: UploadId) -> bool {
        self.open.remove(&id).is_some()
    }

    /// Closes an aborted or expired upload and releases its bytes of today. Returns whether it was open.
    pub fn release_upload(&mut self, id: UploadId) -> bool {
        let Some(upload) = self.open.remove(&id) else {
            return false;
        };
        if day::from_timestamp(upload.began_at) == self.day {
            self.upload_bytes = self.upload_bytes.saturating_sub(upload.bytes);
        }

        true
    }

    /// Pays for a run that is about to be transcoded. A run that is paid costs nothing again. Returns whether it was unpaid.
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

    /// The priority of the account's next job. It decreases with each run of the day, so that accounts take turns in the queue.
    /// MediaConvert accepts -50 to 50.
    #[must_use]
    pub fn priority(&self) -> i32 {
        let earlier = i32::try_from(self.runs.len()).unwrap_or(i32::MAX).saturating_sub(1);

        50_i32.saturating_sub(earlier.max(0)).max(-50)
    }
}

/// What the installation has spent on transcoding today.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spending {
    /// The day of the sum.
    pub day: String,
    /// Quotes of the runs.
    pub spent: MicroDollars,
}

impl Spending {
    /// The spending at `now`: it restarts with every day.
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
    fn titles_are_limited_by_the_day() {
        let mut usage = Usage::default().at(morning());
        for _ in 0..3 {
            usage.create_title(TITLES).unwrap();
        }

        assert_eq!(usage.create_title(TITLES), Err(QuotaExceeded::Titles(3)));
        assert_eq!(until_tomorrow(at("2026-11-28T23:59:50Z")), Duration::from_secs(10));
        assert!(usage.at(at("2026-11-29T00:00:00Z")).create_title(TITLES).is_ok());
    }

    #[test]
    fn changes_of_titles_are_limited_by_the_day_and_apart_from_new_titles() {
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
    fn items_without_a_count_of_changes_are_read() {
        let mut stored = serde_json::to_value(Usage::default().at(morning())).unwrap();
        stored.as_object_mut().unwrap().remove("title_changes");
        let usage: Usage = serde_json::from_value(stored).unwrap();

        assert_eq!(usage.title_changes, 0);
    }

    #[test]
    fn an_upload_is_open_until_it_is_completed_released_or_expired() {
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
        assert_eq!(usage.upload_bytes, 20, "bytes are released once");

        let later = usage.at(at("2026-12-04T08:00:00Z"));
        assert_eq!(
            (later.open.len(), later.upload_bytes),
            (0, 0),
            "expired uploads are not open"
        );
    }

    #[test]
    fn an_upload_is_still_open_on_the_next_day() {
        let mut usage = Usage::default().at(morning());
        usage.begin_upload(&LIMITS, id(1), upload(10), None).unwrap();
        usage.begin_upload(&LIMITS, id(2), upload(10), None).unwrap();

        let mut tomorrow = usage.at(at("2026-11-29T00:00:00Z"));

        let refused = tomorrow.begin_upload(&LIMITS, id(3), upload(10), None);
        assert_eq!(refused, Err(QuotaExceeded::OpenUploads(2)));
        assert!(tomorrow.complete_upload(id(1)));
    }

    #[test]
    fn uploads_that_replace_one_another_are_counted_although_their_bytes_are_released() {
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
    fn items_without_a_count_of_uploads_are_read() {
        let mut stored = serde_json::to_value(Usage::default().at(morning())).unwrap();
        stored.as_object_mut().unwrap().remove("uploads");

        let read: Usage = serde_json::from_value(stored).unwrap();
        assert_eq!(read, Usage::default().at(morning()));
    }

    #[test]
    fn bytes_of_yesterday_are_not_released_today() {
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
    fn a_run_is_paid_once_and_within_the_limit() {
        let (limit, quote) = (MicroDollars(100), MicroDollars(60));
        let mut usage = Usage::default().at(morning());

        assert_eq!(usage.pay("a-1", quote, limit), Ok(true));
        assert_eq!(usage.pay("a-1", quote, limit), Ok(false), "the step was retried");
        assert_eq!(usage.pay("a-2", quote, limit), Err(QuotaExceeded::AccountSpend(limit)));
        assert_eq!(usage.spent, quote);

        let mut spending = Spending::default().at(morning());
        spending.pay(quote, limit).unwrap();
        assert_eq!(spending.pay(quote, limit), Err(QuotaExceeded::InstallationSpend(limit)));
        assert!(spending.at(at("2026-11-29T00:00:00Z")).pay(quote, limit).is_ok());
    }

    #[test]
    fn accounts_take_turns_in_the_queue() {
        let job = |usage: &mut Usage, run: &str| {
            usage.pay(run, MicroDollars(1), MicroDollars(1_000)).unwrap();
            (-usage.priority(), run.to_owned())
        };
        let (mut greedy, mut modest) = (Usage::default().at(morning()), Usage::default().at(morning()));
        let mut queue: Vec<_> = (1..=4).map(|n| job(&mut greedy, &format!("a{n}"))).collect();
        queue.extend((1..=3).map(|n| job(&mut modest, &format!("b{n}"))));
        // The queue's order: by priority, then by age.
        queue.sort_by_key(|(behind, _)| *behind);

        let order: Vec<_> = queue.iter().map(|(_, run)| run.as_str()).collect();
        assert_eq!(order, ["a1", "b1", "a2", "b2", "a3", "b3", "a4"]);
    }

    proptest! {
        #[test]
        fn no_limit_is_ever_exceeded(steps in prop::collection::vec((0u8..4, 0u128..6, 0u64..60), 0..60)) {
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
        fn a_priority_is_valid_for_mediaconvert(runs in 0usize..300) {
            let usage = Usage { runs: (0..runs).map(|n| n.to_string()).collect(), ..Usage::default() };

            prop_assert!((-50..=50).contains(&usage.priority()));
        }
    }
}
