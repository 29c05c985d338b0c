//! Events come twice and out of order, as EventBridge and S3 promise no better: one job, one publish, one notice.

#![expect(clippy::expect_used, reason = "tests fail by panicking")]

use std::{collections::HashSet, time::Duration};

use aws_config::SdkConfig;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, Target};
use aws_sdk_sqs::types::QueueAttributeName;
use marquee_scenario_tests::{Marquee, films, uploads::Uploaded, wait};
use serde_json::{Value, json};

const DEADLINE: Duration = Duration::from_mins(2);

/// A queue of this test's own.
struct Listener {
    sqs: aws_sdk_sqs::Client,
    url: String,
    arn: String,
}

impl Listener {
    /// A queue that one service may send to.
    async fn new(config: &SdkConfig, name: &str, sender: &str) -> Self {
        let sqs = aws_sdk_sqs::Client::new(config);
        let name = format!("{name}-{}", std::process::id());
        let created = sqs.create_queue().queue_name(name).send().await.expect("CreateQueue");
        let url = created.queue_url.expect("a URL");
        let attributes = sqs
            .get_queue_attributes()
            .queue_url(&url)
            .attribute_names(QueueAttributeName::QueueArn)
            .send()
            .await
            .expect("GetQueueAttributes");
        let arn = attributes
            .attributes
            .and_then(|mut all| all.remove(&QueueAttributeName::QueueArn))
            .expect("an ARN");
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": sender}, "Action": "sqs:SendMessage", "Resource": arn,
        }]});
        sqs.set_queue_attributes()
            .queue_url(&url)
            .attributes(QueueAttributeName::Policy, policy.to_string())
            .send()
            .await
            .expect("SetQueueAttributes");

        Self { sqs, url, arn }
    }

    /// All that is there now.
    async fn heard(&self) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let request = self
                .sqs
                .receive_message()
                .queue_url(&self.url)
                .max_number_of_messages(10);
            let messages = request
                .send()
                .await
                .expect("ReceiveMessage")
                .messages
                .unwrap_or_default();
            if messages.is_empty() {
                return all;
            }
            for message in messages {
                all.push(serde_json::from_str(message.body().expect("a body")).expect("JSON"));
                let taken = message.receipt_handle().expect("a handle");
                let delete = self.sqs.delete_message().queue_url(&self.url).receipt_handle(taken);
                delete.send().await.expect("DeleteMessage");
            }
        }
    }
}

fn is_of(event: &Value, uploaded: &Uploaded) -> bool {
    event["detail"]["userMetadata"]["asset_id"] == uploaded.asset_id.as_str()
}

/// The event by which the bucket tells of this upload, after the sample in `events/`.
fn object_created(bucket: &Value, uploaded: &Uploaded) -> Value {
    let mut event: Value = serde_json::from_str(include_str!("../../../events/s3/start-ingest.json")).expect("JSON");
    event["detail"]["bucket"]["name"] = bucket.clone();
    event["detail"]["object"]["key"] = json!(format!("uploads/{}/source", uploaded.upload_id));

    event
}

/// Hears MediaConvert's events as the function does.
async fn job_events(config: &SdkConfig, bus: &aws_sdk_eventbridge::Client, rule: &str) -> Listener {
    let jobs = Listener::new(config, "job-events", "events.amazonaws.com").await;
    let pattern = json!({"detail-type": ["MediaConvert Job State Change"]}).to_string();
    bus.put_rule()
        .name(rule)
        .event_pattern(pattern)
        .send()
        .await
        .expect("PutRule");
    let target = Target::builder()
        .id("listener")
        .arn(&jobs.arn)
        .build()
        .expect("a target");
    bus.put_targets()
        .rule(rule)
        .targets(target)
        .send()
        .await
        .expect("PutTargets");

    jobs
}

/// Hears the notices as a subscriber does.
async fn notices(config: &SdkConfig, outputs: &Value) -> Listener {
    let notices = Listener::new(config, "notices", "sns.amazonaws.com").await;
    aws_sdk_sns::Client::new(config)
        .subscribe()
        .topic_arn(outputs["NoticesTopicArn"].as_str().expect("an ARN"))
        .protocol("sqs")
        .endpoint(&notices.arn)
        .attributes("RawMessageDelivery", "true")
        .send()
        .await
        .expect("Subscribe");

    notices
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_come_twice_and_out_of_order_change_nothing() {
    let marquee = Marquee::running();
    let config = marquee.operator().await;
    let outputs = marquee.outputs();
    let bus = aws_sdk_eventbridge::Client::new(&config);

    let rule = format!("listen-{}", std::process::id());
    let jobs = job_events(&config, &bus, &rule).await;
    let notices = notices(&config, &outputs).await;

    let creator = marquee.creator().await;
    let uploaded = creator.upload("Twice", &films::film(640, 360, 8)).await;
    let arrival = object_created(&outputs["UploadBucketName"], &uploaded);
    marquee.hand("StartIngestFunction", &arrival).await;

    // Everything that is heard on the way is said again at once.
    let mut heard: Vec<Value> = Vec::new();
    let mut known = HashSet::new();
    let title = wait::until("the title is published", DEADLINE, async || {
        for event in jobs.heard().await {
            if !is_of(&event, &uploaded) || !known.insert(event["detail"].to_string()) {
                continue;
            }
            let again = PutEventsRequestEntry::builder()
                .source(event["source"].as_str()?)
                .detail_type(event["detail-type"].as_str()?)
                .detail(event["detail"].to_string())
                .build();
            bus.put_events().entries(again).send().await.expect("PutEvents");
            heard.push(event);
        }
        let title = creator.get(&format!("/api/titles/{}", uploaded.title_id)).await.json();

        matches!(title["state"].as_str()?, "published" | "failed").then_some(title)
    })
    .await;
    assert_eq!(title["state"], "published", "{title}");
    let done = wait::until("all steps are done", DEADLINE, async || {
        let timeline = creator
            .get(&format!("/api/titles/{}/timeline", uploaded.title_id))
            .await
            .json();
        let steps = timeline["steps"].as_array()?;

        steps.iter().all(|step| step["state"] == "done").then_some(timeline)
    })
    .await;
    heard.extend(jobs.heard().await.into_iter().filter(|event| is_of(event, &uploaded)));
    let statuses: HashSet<&str> = heard
        .iter()
        .filter_map(|event| event["detail"]["status"].as_str())
        .collect();
    assert!(
        statuses.contains("COMPLETE") && statuses.contains("PROGRESSING"),
        "{statuses:?}"
    );

    // And all of it again, twice, the last first.
    for event in heard.iter().rev().chain(heard.iter().rev()) {
        marquee.hand("JobEventsFunction", event).await;
    }
    marquee.hand("StartIngestFunction", &arrival).await;
    marquee.hand("StartIngestFunction", &arrival).await;

    assert_eq!(marquee.jobs(&uploaded.asset_id).await.len(), 1, "one job");
    let runs = executions_of(
        &config,
        outputs["IngestStateMachineArn"].as_str().expect("an ARN"),
        &uploaded,
    )
    .await;
    assert_eq!(runs, 1, "one execution");
    let after = creator
        .get(&format!("/api/titles/{}/timeline", uploaded.title_id))
        .await
        .json();
    assert_eq!(after, done, "nothing was done again");
    assert_eq!(
        creator.get(&format!("/api/titles/{}", uploaded.title_id)).await.json(),
        title
    );
    let told = notices.heard().await;
    let told = told
        .iter()
        .filter(|notice| notice["title_id"] == uploaded.title_id.as_str());
    assert_eq!(told.count(), 1, "one notice");

    bus.remove_targets()
        .rule(&rule)
        .ids("listener")
        .send()
        .await
        .expect("RemoveTargets");
    bus.delete_rule().name(&rule).send().await.expect("DeleteRule");
}

/// How many executions the machine has for an upload.
async fn executions_of(config: &SdkConfig, machine: &str, uploaded: &Uploaded) -> usize {
    let mut pages = aws_sdk_sfn::Client::new(config)
        .list_executions()
        .state_machine_arn(machine)
        .into_paginator()
        .items()
        .send();
    let mut count = 0;
    while let Some(execution) = pages.next().await {
        let execution = execution.expect("ListExecutions");
        count += usize::from(execution.name().starts_with(&uploaded.asset_id));
    }

    count
}
