//! Functions that receive batches of records from a queue or a stream.
//!
//! Each record is parsed by itself. The response names the records that Lambda has to deliver again; the others are done.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    Error,
    event::{self, UnexpectedEvent},
};

/// Handles batches for as long as Lambda keeps this process. The handler gets a copy of the context and the records, each parsed as
/// the type that it expects, and returns the records that failed.
pub async fn serve<C, E, T, F>(
    context: impl Future<Output = Result<C, E>>,
    handler: impl Fn(C, Batch<T>) -> F,
) -> Result<(), Error>
where
    C: Clone,
    E: Into<Error>,
    T: DeserializeOwned,
    F: Future<Output = BatchItemFailures>,
{
    event::serve(context, |context, event: Value| {
        let failures = Batch::read(event).map(|batch| handler(context, batch));
        async move { Ok::<_, Error>(failures?.await) }
    })
    .await
}

/// A batch as Lambda sends it.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "Records")]
    records: Vec<Value>,
}

/// Records, in the order of their source.
#[derive(Debug)]
pub struct Batch<T>(pub Vec<Record<T>>);

/// A record of a batch.
#[derive(Debug)]
pub struct Record<T> {
    /// The id that its source gave it, and by which a response names a failed record.
    pub id: String,
    /// How often it was delivered, this time included; only queues count.
    pub receive_count: u32,
    /// The record as Lambda sent it.
    pub raw: Value,
    /// The parsed content.
    pub content: Result<T, Unreadable>,
}

/// Why a record cannot be parsed.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The message is not JSON.
    #[error("the message is not JSON: {0}")]
    Text(#[from] serde_json::Error),
    /// The JSON is not the type that this function expects.
    #[error(transparent)]
    Shape(#[from] UnexpectedEvent),
}

/// The records that Lambda has to deliver again. A queue delivers just these; a stream everything from the first of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchItemFailures(Vec<String>);

impl BatchItemFailures {
    /// No record: the batch is done.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a record.
    pub fn add(&mut self, id: impl Into<String>) {
        self.0.push(id.into());
    }

    /// The records' ids.
    #[must_use]
    pub fn ids(&self) -> &[String] {
        &self.0
    }
}

impl Extend<String> for BatchItemFailures {
    fn extend<I: IntoIterator<Item = String>>(&mut self, ids: I) {
        self.0.extend(ids);
    }
}

impl Serialize for BatchItemFailures {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Response<'a> {
            batch_item_failures: Vec<Failure<'a>>,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Failure<'a> {
            item_identifier: &'a str,
        }
        let failures = self.0.iter().map(|id| Failure { item_identifier: id });

        Response {
            batch_item_failures: failures.collect(),
        }
        .serialize(serializer)
    }
}

impl<T: DeserializeOwned> Batch<T> {
    /// Parses the event that Lambda sends.
    pub fn read(event: Value) -> Result<Self, UnexpectedEvent> {
        let event: Event = event::parse(event)?;

        Ok(Self(event.records.into_iter().map(Record::read).collect()))
    }
}

impl<T> Batch<T> {
    /// The content that could be parsed, each with the id of its record. All other records are failures, which a queue delivers again
    /// until it moves them to its dead letters. Not for streams, where all later records would wait.
    #[must_use]
    pub fn readable(self) -> (Vec<(String, T)>, BatchItemFailures) {
        let (mut contents, mut failures) = (Vec::new(), BatchItemFailures::none());
        for record in self.0 {
            match record.content {
                Ok(content) => contents.push((record.id, content)),
                Err(error) => {
                    tracing::error!(record.id, record.receive_count, "a message cannot be read: {error}");
                    failures.add(record.id);
                }
            }
        }

        (contents, failures)
    }
}

impl<T: DeserializeOwned> Record<T> {
    fn read(raw: Value) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let message = raw.get("body").and_then(Value::as_str);
        let content = match message {
            Some(body) => serde_json::from_str(body)
                .map_err(Unreadable::from)
                .and_then(|body| Ok(event::parse(body)?)),
            None => event::parse(raw.clone()).map_err(Unreadable::from),
        };

        Self {
            id: text(&raw["messageId"])
                .or_else(|| text(&raw["dynamodb"]["SequenceNumber"]))
                .unwrap_or_default(),
            receive_count: text(&raw["attributes"]["ApproximateReceiveCount"])
                .and_then(|count| count.parse().ok())
                .unwrap_or(1),
            content,
            raw,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Greeting {
        name: String,
    }

    fn batch<T: DeserializeOwned>(event: Value) -> Batch<T> {
        Batch::read(event).unwrap()
    }

    #[test]
    fn messages_of_a_queue_are_parsed_one_by_one() {
        let message = |id: &str, body: &str| {
            json!({
                "messageId": id, "body": body, "attributes": { "ApproximateReceiveCount": "3" }, "eventSource": "aws:sqs",
            })
        };
        let batch: Batch<Greeting> = batch(json!({ "Records": [
            message("1", r#"{"name":"Ada"}"#), message("2", "hello"), message("3", r#"{"name":7}"#),
        ] }));
        let wrong: Vec<_> = batch
            .0
            .iter()
            .filter_map(|record| record.content.as_ref().err())
            .collect();

        assert_eq!(batch.0[0].receive_count, 3);
        assert!(wrong[0].to_string().contains("not JSON"), "{}", wrong[0]);
        assert!(wrong[1].to_string().contains("name: invalid type"), "{}", wrong[1]);
        let (greetings, failures) = batch.readable();
        assert_eq!(greetings, [("1".to_owned(), Greeting { name: "Ada".to_owned() })]);
        assert_eq!(failures.ids(), ["2", "3"]);
    }

    #[test]
    fn the_id_of_a_record_of_a_stream_is_its_sequence_number() {
        let record =
            json!({ "name": "Ada", "eventSource": "aws:dynamodb", "dynamodb": { "SequenceNumber": "000017" } });
        let batch: Batch<Greeting> = batch(json!({ "Records": [record] }));

        assert_eq!(batch.0[0].id, "000017");
        assert_eq!(batch.0[0].raw, record);
        assert_eq!(batch.0[0].content.as_ref().unwrap().name, "Ada");
    }

    #[test]
    fn a_response_is_what_lambda_expects() {
        let mut failures = BatchItemFailures::none();
        assert_eq!(
            serde_json::to_value(&failures).unwrap(),
            json!({ "batchItemFailures": [] })
        );

        failures.add("2");
        assert_eq!(
            serde_json::to_value(&failures).unwrap(),
            json!({ "batchItemFailures": [{ "itemIdentifier": "2" }] })
        );
    }
}
