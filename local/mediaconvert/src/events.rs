//! EventBridge events "MediaConvert Job State Change". Each is kept with its job until EventBridge has accepted it.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use marquee_standin::ACCOUNT;
use serde_json::{Map, Value, json};
use tracing::{debug, warn};

use super::{
    job::{Event, Job},
    service::Service,
};

const DETAIL_TYPE: &str = "MediaConvert Job State Change";
/// How long a refused delivery rests; a `Notify` wakes it earlier.
const REST: Duration = Duration::from_secs(2);

/// An event about this job: what all have, and what this status adds.
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
        time: now,
        resource: job.arn.clone(),
        detail: Value::Object(detail),
    }
}

/// Delivers what waits, oldest first for each job, for as long as the stand-in runs.
pub(super) async fn deliver(service: Arc<Service>) {
    loop {
        let waiting = service.store.jobs(|job| !job.outbox.is_empty());
        let mut all_accepted = true;
        for job in waiting {
            for event in &job.outbox {
                let put = service.bus.put(DETAIL_TYPE, &event.resource, event.time, &event.detail);
                if let Err(reason) = put.await {
                    warn!(job.id = %job.id, "EventBridge did not accept an event, it is tried again: {reason:#}");
                    all_accepted = false;
                    break;
                }
                debug!(job.id = %job.id, "{} delivered", event.detail["status"]);
                let delivered = service.store.update_job(&job.id, |job| {
                    if !job.outbox.is_empty() {
                        job.outbox.remove(0);
                    }
                });
                if let Err(error) = delivered {
                    warn!(job.id = %job.id, "an event may be sent twice: {error:#}");
                }
            }
        }
        if all_accepted && service.store.jobs(|job| !job.outbox.is_empty()).is_empty() {
            service.event_waits.notified().await;
        } else if !all_accepted {
            // Whatever comes first: rest, or another event.
            let _rested = tokio::time::timeout(REST, service.event_waits.notified()).await;
        }
    }
}
