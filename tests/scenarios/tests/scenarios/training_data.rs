//! Changes of titles and engagements become training data: `fan-out` publishes the table's stream, and the export writes it to S3,
//! where a training reads the highest version of each item. Duplicate and late deliveries change nothing, and a record that cannot be
//! read does not block the stream.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use marquee_scenario_tests::{Marquee, films, log::Log, wait, watching::FILM_MS};
use reqwest::Method;
use serde_json::{Value, json};

const DEADLINE: Duration = Duration::from_mins(2);
/// From a change to its line: a few seconds, and more on a busy machine.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(30);

/// The training data of a title.
struct TrainingData(Log);

impl TrainingData {
    async fn new(marquee: &Marquee) -> Self {
        Self(Log::new(marquee).await)
    }

    /// All lines of a title in a channel.
    async fn lines(&self, channel: &str, title_id: &str) -> Vec<Value> {
        let mut lines = self.0.lines(channel).await;
        lines.retain(|line| line["title_id"] == title_id);

        lines
    }

    /// The line of a title that a training reads.
    async fn title(&self, title_id: &str) -> Option<Value> {
        newest(self.lines("titles", title_id).await)
    }

    /// The interaction that a training reads, for a title that one account watched.
    async fn interaction(&self, title_id: &str) -> Option<Value> {
        newest(self.lines("interactions", title_id).await)
    }
}

/// The line with the highest version, which counts.
fn newest(lines: Vec<Value>) -> Option<Value> {
    lines.into_iter().max_by_key(|line| line["version"].as_u64())
}

fn output(marquee: &Marquee, name: &str) -> String {
    marquee.outputs()[name].as_str().expect(name).to_owned()
}

/// An unused id: the sample's with other digits.
fn new_id() -> String {
    let moment = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("a clock").as_nanos();

    format!("0192f7a4-6f0e-7cc2-b3a1-{:012x}", moment & 0xffff_ffff_ffff)
}

/// The sample's record of a published title, with another id and version.
fn stream_event(title_id: &str, version: u64) -> Value {
    let sample = include_str!("../../../../events/dynamodb/fan-out.json");
    let mut event: Value = serde_json::from_str(sample).expect("JSON");
    let record = &mut event["Records"][0]["dynamodb"];
    for image in ["OldImage", "NewImage"] {
        record[image]["title_id"] = json!({ "S": title_id });
    }
    record["NewImage"]["version"] = json!({ "N": version.to_string() });
    record["NewImage"]["name"] = json!({ "S": format!("State {version}") });
    event["Records"].as_array_mut().expect("records").truncate(1);

    event
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_changing_and_archiving_a_title_writes_lines_of_titles() {
    let marquee = Marquee::running();
    let data = TrainingData::new(&marquee).await;
    let creator = marquee.creator().await;
    let uploaded = creator.upload("Training data", &films::film(320, 180, 4)).await;
    let id = &uploaded.title_id;
    assert_eq!(
        data.lines("titles", id).await,
        Vec::<Value>::new(),
        "no line before it is published"
    );

    creator.title_in(id, &["published"], DEADLINE).await;
    let line = wait::until("the title has a line", EXPORT_TIMEOUT, async || data.title(id).await).await;
    assert_eq!(line["name"], "Training data");
    assert_eq!(line["genres"], json!(["animation"]));
    assert!(!line.to_string().contains("Ada Tester"), "ids only: {line}");

    let path = format!("/api/titles/{id}");
    let version = creator.get(&path).await.json()["version"].clone();
    let change = json!({ "name": "Training data, renamed", "version": version });
    creator.patch(&path, &change).await.done(200);
    wait::until("the new name has a line", EXPORT_TIMEOUT, async || {
        let line = data.title(id).await?;
        (line["name"] == "Training data, renamed").then_some(())
    })
    .await;

    creator.delete(&path).await.done(204);
    wait::until("the title is marked as removed", EXPORT_TIMEOUT, async || {
        let line = data.title(id).await?;
        (line["removed"] == true && line.get("name").is_none()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn watching_liking_and_dismissing_a_title_writes_lines_of_interactions() {
    let marquee = Marquee::running();
    let data = TrainingData::new(&marquee).await;
    let (creator, viewer) = (marquee.creator().await, marquee.viewer().await.in_country("NO"));
    let uploaded = creator.upload("Interactions", &films::film(320, 180, 4)).await;
    let id = &uploaded.title_id;
    creator.title_in(id, &["published"], DEADLINE).await;
    let me = viewer.get("/api/me").await.json();

    viewer.watch_until(id, FILM_MS).await;
    // An earlier heartbeat has a line too.
    let line = wait::until("the watched share has a line", EXPORT_TIMEOUT, async || {
        let line = data.interaction(id).await;
        line.filter(|line| line["watched_share"].as_f64() > Some(0.9))
    })
    .await;
    assert_eq!(line["account_id"], me["account_id"]);
    assert_eq!(line["territory"], "NO");
    assert_eq!(
        (&line["liked"], &line["not_interested"]),
        (&json!(false), &json!(false))
    );

    let path = format!("/api/titles/{id}/like");
    viewer.send(Method::PUT, &path, None).await.done(204);
    let liked = wait::until("the like has a line", EXPORT_TIMEOUT, async || {
        data.interaction(id).await.filter(|line| line["liked"] == true)
    })
    .await;
    assert!(liked["version"].as_u64() > line["version"].as_u64(), "{liked}");
    assert!(liked["watched_share"].as_f64() > Some(0.9), "{liked}");

    viewer.give_feedback(id, json!("not_interested")).await;
    wait::until("the dismissal has a line", EXPORT_TIMEOUT, async || {
        let line = data.interaction(id).await?;
        (line["not_interested"] == true && line["liked"] == false).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicate_and_late_deliveries_do_not_change_the_highest_version() {
    let marquee = Marquee::running();
    let data = TrainingData::new(&marquee).await;
    let (title, marker) = (new_id(), new_id());

    marquee.invoke("FanOutFunction", &stream_event(&title, 7)).await;
    let first = wait::until("the title has a line", EXPORT_TIMEOUT, async || {
        data.title(&title).await
    })
    .await;
    assert_eq!(first["version"], 7);

    for version in [7, 4, 7, 4] {
        let answer = marquee.invoke("FanOutFunction", &stream_event(&title, version)).await;
        assert_eq!(answer, json!({ "batchItemFailures": [] }));
    }
    marquee.invoke("FanOutFunction", &stream_event(&marker, 1)).await;
    wait::until("all lines are written", EXPORT_TIMEOUT, async || {
        let lines = data.lines("titles", &title).await;
        let late = lines.iter().any(|line| line["version"] == 4);

        (late && data.title(&marker).await.is_some()).then_some(())
    })
    .await;

    assert_eq!(data.title(&title).await, Some(first));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_record_goes_to_the_failed_events_and_does_not_block_the_stream() {
    let marquee = Marquee::running();
    let config = marquee.operator().await;
    let data = TrainingData::new(&marquee).await;
    let (poison, table) = (format!("TITLE#{}", new_id()), output(&marquee, "TableName"));
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let dynamodb = aws_sdk_dynamodb::Client::new(&config);
    dynamodb
        .put_item()
        .table_name(&table)
        .item("pk", text(&poison))
        .item("sk", text("TITLE"))
        .item("kind", text("title"))
        .item("version", text("none"))
        .send()
        .await
        .expect("PutItem");

    let event = wait::until(
        "the record is in the queue of failed events",
        EXPORT_TIMEOUT,
        async || take_failed_event(&marquee, &poison).await,
    )
    .await;
    let record = &event["Records"][0];
    assert_eq!(
        record["dynamodb"]["NewImage"]["version"],
        json!({ "S": "none" }),
        "the record is unchanged: {record}"
    );

    let creator = marquee.creator().await;
    let uploaded = creator.upload("Behind the poison", &films::film(320, 180, 4)).await;
    creator.title_in(&uploaded.title_id, &["published"], DEADLINE).await;
    wait::until("a later change has a line", EXPORT_TIMEOUT, async || {
        data.title(&uploaded.title_id).await
    })
    .await;

    dynamodb
        .delete_item()
        .table_name(&table)
        .key("pk", text(&poison))
        .key("sk", text("TITLE"))
        .send()
        .await
        .expect("DeleteItem");
    wait::until("its deletion is in the queue too", EXPORT_TIMEOUT, async || {
        take_failed_event(&marquee, &poison).await
    })
    .await;
}

/// Takes the record of an item from the queue of failed events, if it is there.
async fn take_failed_event(marquee: &Marquee, key: &str) -> Option<Value> {
    let sqs = aws_sdk_sqs::Client::new(&marquee.operator().await);
    let url = output(marquee, "FailedEventsQueueUrl");
    let answer = sqs
        .receive_message()
        .queue_url(&url)
        .max_number_of_messages(10)
        .visibility_timeout(1)
        .send()
        .await
        .expect("ReceiveMessage");
    let messages = answer.messages.unwrap_or_default();
    let found = messages
        .iter()
        .find(|message| message.body().is_some_and(|body| body.contains(key)))?;
    let handle = found.receipt_handle().expect("a handle");
    let delete = sqs.delete_message().queue_url(&url).receipt_handle(handle);
    delete.send().await.expect("DeleteMessage");

    serde_json::from_str(found.body()?).ok()
}
