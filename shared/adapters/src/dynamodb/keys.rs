//! Every key of the table, and of its three indexes. `docs/tables.md` lists the access patterns.

use std::{collections::HashMap, fmt::Display};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{audit::Target, ingest::Run, title::TitleState};
use kernel::{
    Timestamp,
    id::{AccountId, AssetId, AuditId, ExperimentId, PlaybackId, RetrainingId, TitleId, UploadId},
};

/// The index of lists that viewers page through.
pub const LISTS: Index = Index {
    name: "lists",
    partition: "lists_pk",
    sort: "lists_sk",
};
/// The index of titles by state, for admins and the sweeper, and of uploads that are being completed.
pub const WORK: Index = Index {
    name: "work",
    partition: "work_pk",
    sort: "work_sk",
};
/// The index of items by account.
pub const OWNED: Index = Index {
    name: "owned",
    partition: "owned_pk",
    sort: "owned_sk",
};

/// The number of partitions of a list to which all accounts write.
pub const BUCKETS: u8 = 4;

/// An index and its key attributes.
#[derive(Clone, Copy, Debug)]
pub struct Index {
    /// Its name.
    pub name: &'static str,
    /// The attribute of its partition key.
    pub partition: &'static str,
    /// The attribute of its sort key.
    pub sort: &'static str,
}

/// An item's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pk: String,
    sk: String,
}

impl Key {
    /// The key's two attributes.
    #[must_use]
    pub fn attributes(self) -> HashMap<String, AttributeValue> {
        HashMap::from([
            ("pk".to_owned(), AttributeValue::S(self.pk)),
            ("sk".to_owned(), AttributeValue::S(self.sk)),
        ])
    }
}

/// An account.
#[must_use]
pub fn account(id: AccountId) -> Key {
    Key {
        pk: format!("ACCOUNT#{id}"),
        sk: "ACCOUNT".to_owned(),
    }
}

/// An account's request to become a creator.
#[must_use]
pub fn creator_request(account: AccountId) -> Key {
    Key {
        pk: format!("ACCOUNT#{account}"),
        sk: "CREATOR_REQUEST".to_owned(),
    }
}

/// The list of requests that wait for an admin.
#[must_use]
pub fn creator_requests() -> String {
    "CREATOR_REQUESTS".to_owned()
}

/// The list of leaving admins.
#[must_use]
pub fn admins() -> Key {
    Key {
        pk: "ADMINS".to_owned(),
        sk: "ADMINS".to_owned(),
    }
}

/// A line of the audit log.
#[must_use]
pub fn audit_entry(id: AuditId) -> Key {
    Key {
        pk: format!("AUDIT#{id}"),
        sk: "ENTRY".to_owned(),
    }
}

/// The audit log of a day.
#[must_use]
pub fn audit_of_day(day: &str) -> String {
    format!("AUDIT_DAY#{day}")
}

/// The audit log of an account's actions.
#[must_use]
pub fn audit_by(actor: AccountId) -> String {
    format!("AUDIT_BY#{actor}")
}

/// The audit log of the actions on a target.
#[must_use]
pub fn audit_to(target: Target) -> String {
    format!("AUDIT_TO#{target}")
}

/// The engagement of an account with a title.
#[must_use]
pub fn engagement(account: AccountId, title: TitleId) -> Key {
    Key {
        pk: format!("ACCOUNT#{account}"),
        sk: format!("ENGAGEMENT#{title}"),
    }
}

/// A title.
#[must_use]
pub fn title(id: TitleId) -> Key {
    Key {
        pk: format!("TITLE#{id}"),
        sk: "TITLE".to_owned(),
    }
}

/// A title's asset.
#[must_use]
pub fn asset(title: TitleId, id: AssetId) -> Key {
    Key {
        pk: format!("TITLE#{title}"),
        sk: format!("ASSET#{id}"),
    }
}

/// The claim on transcoding in one run.
#[must_use]
pub fn transcode(run: &Run) -> Key {
    Key {
        pk: format!("TITLE#{}", run.title_id),
        sk: format!("TRANSCODE#{}#{:010}", run.asset_id, run.attempt.0),
    }
}

/// The receipt of one run's notice.
#[must_use]
pub fn notice(run: &Run, topic: &str) -> Key {
    Key {
        pk: format!("TITLE#{}", run.title_id),
        sk: format!("NOTICE#{}#{:010}#{topic}", run.asset_id, run.attempt.0),
    }
}

/// The retention of an asset's files.
#[must_use]
pub fn retention(title: TitleId, id: AssetId) -> Key {
    Key {
        pk: format!("TITLE#{title}"),
        sk: format!("RETENTION#{id}"),
    }
}

/// The similar titles of a title.
#[must_use]
pub fn similar(title: TitleId) -> Key {
    Key {
        pk: format!("TITLE#{title}"),
        sk: "SIMILAR".to_owned(),
    }
}

/// The popularity of a title. Not below the title's key: functions that may write this need not be able to write the title.
#[must_use]
pub fn popularity(title: TitleId) -> Key {
    Key {
        pk: format!("POPULARITY#{title}"),
        sk: "POPULARITY".to_owned(),
    }
}

/// The usage of an account. Not below the account's key, like an exposure.
#[must_use]
pub fn usage(account: AccountId) -> Key {
    Key {
        pk: format!("QUOTA#{account}"),
        sk: "USAGE".to_owned(),
    }
}

/// The storage of an account.
#[must_use]
pub fn storage(account: AccountId) -> Key {
    Key {
        pk: format!("QUOTA#{account}"),
        sk: "STORAGE".to_owned(),
    }
}

/// The spending of the installation in a day.
#[must_use]
pub fn spending() -> Key {
    Key {
        pk: "QUOTA".to_owned(),
        sk: "SPENDING".to_owned(),
    }
}

/// A playback session. Not below the account's key, like an exposure.
#[must_use]
pub fn playback_session(account: AccountId, id: PlaybackId) -> Key {
    Key {
        pk: format!("PLAYBACK#{account}"),
        sk: format!("PLAYBACK#{id}"),
    }
}

/// An upload.
#[must_use]
pub fn upload(id: UploadId) -> Key {
    Key {
        pk: format!("UPLOAD#{id}"),
        sk: "UPLOAD".to_owned(),
    }
}

/// The genres that admins added.
#[must_use]
pub fn genres() -> Key {
    Key {
        pk: "GENRES".to_owned(),
        sk: "GENRES".to_owned(),
    }
}

/// The sweeper's cursor in the list of published titles.
#[must_use]
pub fn sweep_cursor() -> Key {
    Key {
        pk: "AUDIT".to_owned(),
        sk: "PUBLISHED".to_owned(),
    }
}

/// The serving model, and the run that trains the next one.
#[must_use]
pub fn model() -> Key {
    Key {
        pk: "MODEL".to_owned(),
        sk: "MODEL".to_owned(),
    }
}

/// A run of the retrain machine.
#[must_use]
pub fn retraining(id: RetrainingId) -> Key {
    Key {
        pk: format!("RETRAINING#{id}"),
        sk: "RETRAINING".to_owned(),
    }
}

/// The list of all runs of the retrain machine: about one a day, so that one partition is enough.
#[must_use]
pub fn retrainings() -> String {
    "RETRAININGS".to_owned()
}

/// An experiment.
#[must_use]
pub fn experiment(id: ExperimentId) -> Key {
    Key {
        pk: format!("EXPERIMENT#{id}"),
        sk: "EXPERIMENT".to_owned(),
    }
}

/// The list of all experiments: few, so that one partition is enough.
#[must_use]
pub fn experiments() -> String {
    "EXPERIMENTS".to_owned()
}

/// What an account was shown of an experiment on a day. Not below the account's key: functions that may write this need not be able to
/// write the account.
#[must_use]
pub fn exposure(account: AccountId, experiment: ExperimentId, day: &str) -> Key {
    Key {
        pk: format!("EXPOSURE#{account}"),
        sk: format!("EXPOSURE#{experiment}#{day}"),
    }
}

/// A session that was ended before it expired.
#[must_use]
pub fn ended_session(session: &str) -> Key {
    Key {
        pk: format!("SESSION#{session}"),
        sk: "ENDED".to_owned(),
    }
}

/// The token bucket of a subject's attempts.
#[must_use]
pub fn rate_limit(what: &str, subject: &str) -> Key {
    Key {
        pk: format!("LIMIT#{what}#{subject}"),
        sk: "LIMIT".to_owned(),
    }
}

/// A bucket of the list of published titles.
#[must_use]
pub fn published(bucket: u8) -> String {
    format!("PUBLISHED#{bucket}")
}

/// A bucket of the list of popular titles.
#[must_use]
pub fn popular(bucket: u8) -> String {
    format!("POPULAR#{bucket}")
}

/// A bucket of the titles in one state.
#[must_use]
pub fn in_state(state: TitleState, bucket: u8) -> String {
    format!("STATE#{state}#{bucket}")
}

/// A bucket of the uploads that are being completed.
#[must_use]
pub fn completing(bucket: u8) -> String {
    format!("COMPLETING#{bucket}")
}

/// A bucket of the files that are to be checked.
#[must_use]
pub fn retained(bucket: u8) -> String {
    format!("RETENTION#{bucket}")
}

/// The list of an account's titles.
#[must_use]
pub fn owned(account: AccountId) -> String {
    format!("OWNER#{account}")
}

/// The list of an account's engagements.
#[must_use]
pub fn engaged(account: AccountId) -> String {
    format!("ENGAGED#{account}")
}

/// A place in a list that is sorted by time. Times have a fixed width, so that the order of texts is that of times; the id makes it unique.
#[must_use]
pub fn at(time: Timestamp, id: impl Display) -> String {
    format!("{time:.3}#{id}")
}
