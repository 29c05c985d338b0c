//! Events on their way to EventBridge: saved with a stand-in's state until EventBridge accepts them, so that none is lost.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Notify;
use tracing::{debug, warn};

use crate::event_bus::EventBus;

/// The pause after a failed delivery; a new event ends it.
const RETRY_DELAY: Duration = Duration::from_secs(2);

/// An event about a resource.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Event {
    /// The `detail-type`.
    pub detail_type: String,
    /// The ARN of the resource.
    pub resource: String,
    /// The time of the change.
    pub time: Timestamp,
    /// The `detail`.
    pub detail: Value,
}

/// The undelivered events in a stand-in's state.
pub trait Outbox {
    /// The oldest undelivered event of each resource.
    fn oldest(&self) -> Vec<Event>;

    /// Removes the oldest undelivered event of a resource, because EventBridge has accepted it.
    fn remove_oldest(&self, resource: &str) -> anyhow::Result<()>;
}

/// Delivers events for as long as the stand-in runs, those of one resource in order. `added` announces new events.
pub async fn deliver(outbox: &impl Outbox, bus: &EventBus, added: &Notify) {
    loop {
        let events = outbox.oldest();
        if events.is_empty() {
            added.notified().await;
            continue;
        }
        let mut failed = false;
        for event in events {
            if let Err(error) = bus.put(&event).await {
                warn!(
                    event.resource,
                    "EventBridge did not accept an event; retrying: {error:#}"
                );
                failed = true;
                continue;
            }
            debug!(event.resource, "delivered: {}", event.detail_type);
            if let Err(error) = outbox.remove_oldest(&event.resource) {
                warn!(
                    event.resource,
                    "an event may be delivered twice, the state cannot be saved: {error:#}"
                );
                failed = true;
            }
        }
        if failed {
            // Either the pause is over or there is a new event.
            let _: Result<(), _> = tokio::time::timeout(RETRY_DELAY, added.notified()).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
    use serde_json::json;

    use super::*;
    use crate::emulator::Emulator;

    /// An outbox whose state is a list of events.
    struct Events(Mutex<Vec<Event>>);

    impl Outbox for Events {
        fn oldest(&self) -> Vec<Event> {
            let events = self.0.lock().unwrap();
            let is_first = |(index, event): &(usize, &Event)| {
                events.iter().position(|other| other.resource == event.resource) == Some(*index)
            };
            let oldest = events.iter().enumerate().filter(is_first);
            oldest.map(|(_, event)| event.clone()).collect()
        }

        fn remove_oldest(&self, resource: &str) -> anyhow::Result<()> {
            let mut events = self.0.lock().unwrap();
            let index = events.iter().position(|event| event.resource == resource);
            events.remove(index.unwrap());
            Ok(())
        }
    }

    fn event(resource: &str, number: u32) -> Event {
        Event {
            detail_type: "Job State Change".to_owned(),
            resource: resource.to_owned(),
            time: Timestamp::UNIX_EPOCH,
            detail: json!({ "number": number }),
        }
    }

    /// EventBridge; it fails the first call. What it accepts is in the list.
    #[derive(Clone, Default)]
    struct Bridge {
        calls: Arc<Mutex<u32>>,
        accepted: Arc<Mutex<Vec<(String, String)>>>,
    }

    async fn put_events(State(bridge): State<Bridge>, body: String) -> (StatusCode, Json<Value>) {
        let mut calls = bridge.calls.lock().unwrap();
        *calls += 1;
        if *calls == 1 {
            let error = json!({ "__type": "ValidationException", "message": "no" });
            return (StatusCode::BAD_REQUEST, Json(error));
        }
        let request: Value = serde_json::from_str(&body).unwrap();
        let entry = &request["Entries"][0];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        bridge
            .accepted
            .lock()
            .unwrap()
            .push((text(&entry["Resources"][0]), text(&entry["Detail"])));
        (
            StatusCode::OK,
            Json(json!({ "FailedEntryCount": 0, "Entries": [{ "EventId": "1" }] })),
        )
    }

    #[tokio::test]
    async fn a_refused_event_is_delivered_later_and_before_those_that_follow_it() {
        let bridge = Bridge::default();
        let router = Router::new().route("/", post(put_events)).with_state(bridge.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let bus = EventBus::new(&Emulator::new(port, "test".to_owned()), "marquee.test");
        let events = Events(Mutex::new(vec![event("a", 1), event("a", 2), event("b", 3)]));
        let added = Notify::new();

        let all_delivered = async {
            while !events.0.lock().unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            () = deliver(&events, &bus, &added) => {}
            () = all_delivered => {}
            () = tokio::time::sleep(Duration::from_secs(30)) => panic!("the events are not delivered"),
        }

        let numbers = |resource: &str| -> Vec<String> {
            let accepted = bridge.accepted.lock().unwrap();
            let of_resource = accepted.iter().filter(|(accepted, _)| accepted == resource);
            of_resource.map(|(_, detail)| detail.clone()).collect()
        };
        assert_eq!(numbers("a"), [r#"{"number":1}"#, r#"{"number":2}"#]);
        assert_eq!(numbers("b"), [r#"{"number":3}"#]);
    }
}
