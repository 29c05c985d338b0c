//! Functions that take batches of records, from a queue or from a stream.
//!
//! Each record is read by itself, and the answer names those that have to come again: the others are done.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    Error,
    event::{self, UnexpectedEvent},
};

/// Answers batches for as long as Lambda keeps this process. The handler gets a copy of the context and the records, each as
/// the type that it expects, and says which have to come again.
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
        let answer = Batch::read(event).map(|batch| handler(context, batch));
        async move { Ok::<_, Error>(answer?.await) }
    })
    .await
}

/// A batch as Lambda hands it over.
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
    /// What its source calls it, and what an answer calls it that wants it again.
    pub id: String,
    /// How often it was handed over, this time included; only queues count.
    pub tries: u32,
    /// The record as it came.
    pub raw: Value,
    /// What is in it, if that can be read.
    pub content: Result<T, Unreadable>,
}

/// Why a record cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// A message that is not JSON.
    #[error("the message is not JSON: {0}")]
    Text(#[from] serde_json::Error),
    /// It is something else than this function is made for.
    #[error(transparent)]
    Shape(#[from] UnexpectedEvent),
}

/// Which records have to come again. A queue hands over just those; a stream everything from the first of them on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchItemFailures(Vec<String>);

impl BatchItemFailures {
    /// None: the batch is done.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// This one, too.
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
        struct Answer<'a> {
            batch_item_failures: Vec<Failure<'a>>,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Failure<'a> {
            item_identifier: &'a str,
        }
        let failures = self.0.iter().map(|id| Failure { item_identifier: id });

        Answer {
            batch_item_failures: failures.collect(),
        }
        .serialize(serializer)
    }
}

impl<T: DeserializeOwned> Batch<T> {
    /// Reads what Lambda hands over.
    pub fn read(event: Value) -> Result<Self, UnexpectedEvent> {
        let event: Event = event::parse(event)?;

        Ok(Self(event.records.into_iter().map(Record::read).collect()))
    }
}

impl<T> Batch<T> {
    /// What can be read, with its id. The rest has to come again until the queue puts it aside: for queues, whose other
    /// messages do not wait behind it.
    #[must_use]
    pub fn readable(self) -> (Vec<(String, T)>, BatchItemFailures) {
        let (mut contents, mut again) = (Vec::new(), BatchItemFailures::none());
        for record in self.0 {
            match record.content {
                Ok(content) => contents.push((record.id, content)),
                Err(error) => {
                    tracing::error!(record.id, tries = record.tries, "a message cannot be read: {error}");
                    again.add(record.id);
                }
            }
        }

        (contents, again)
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
            tries: text(&raw["attributes"]["ApproximateReceiveCount"])
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
    fn messages_of_a_queue_are_read_one_by_one() {
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

        assert_eq!(batch.0[0].tries, 3);
        assert!(wrong[0].to_string().contains("not JSON"), "{}", wrong[0]);
        assert!(wrong[1].to_string().contains("name: invalid type"), "{}", wrong[1]);
        let (greetings, again) = batch.readable();
        assert_eq!(greetings, [("1".to_owned(), Greeting { name: "Ada".to_owned() })]);
        assert_eq!(again.ids(), ["2", "3"]);
    }

    #[test]
    fn records_of_a_stream_are_called_by_their_sequence_number() {
        let record =
            json!({ "name": "Ada", "eventSource": "aws:dynamodb", "dynamodb": { "SequenceNumber": "000017" } });
        let batch: Batch<Greeting> = batch(json!({ "Records": [record] }));

        assert_eq!(batch.0[0].id, "000017");
        assert_eq!(batch.0[0].raw, record);
        assert_eq!(batch.0[0].content.as_ref().unwrap().name, "Ada");
    }

    #[test]
    fn an_answer_is_what_lambda_expects() {
        let mut again = BatchItemFailures::none();
        assert_eq!(
            serde_json::to_value(&again).unwrap(),
            json!({ "batchItemFailures": [] })
        );

        again.add("2");
        assert_eq!(
            serde_json::to_value(&again).unwrap(),
            json!({ "batchItemFailures": [{ "itemIdentifier": "2" }] })
        );
    }
}
