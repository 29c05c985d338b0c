//! The events "MediaConvert Job State Change".

use jiff::Timestamp;
use marquee_standin::{ACCOUNT, outbox::Event};
use serde_json::{Map, Value, json};

use super::job::Job;

const DETAIL_TYPE: &str = "MediaConvert Job State Change";

/// An event about a job: the common members, and `more` for this status.
pub(super) fn event(job: &Job, now: Timestamp, status: &str, more: Value) -> Event {
    let mut detail = Map::new();
    detail.insert("timestamp".to_owned(), json!(now.as_millisecond()));
    detail.insert("accountId".to_owned(), json!(ACCOUNT));
    detail.insert("queue".to_owned(), json!(job.queue));
    detail.insert("jobId".to_owned(), json!(job.id));
    detail.insert("status".to_owned(), json!(status));
    detail.insert("userMetadata".to_owned(), json!(job.user_metadata));
    if let Value::Object(more) = more {
        detail.extend(more);
    }
    Event {
        detail_type: DETAIL_TYPE.to_owned(),
        time: now,
        resource: job.arn.clone(),
        detail: Value::Object(detail),
    }
}
