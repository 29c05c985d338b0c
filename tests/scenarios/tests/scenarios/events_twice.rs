//! EventBridge and S3 may deliver events twice and out of order: there is still one job, one publication, one notice.

use std::{collections::HashSet, time::Duration};

use aws_config::SdkConfig;
use marquee_scenario_tests::{Marquee, films, uploads::Uploaded, wait};
use serde_json::{Value, json};

const DEADLINE: Duration = Duration::from_mins(2);

fn is_about(event: &Value, uploaded: &Uploaded) -> bool {
    event["detail"]["userMetadata"]["asset_id"] == uploaded.asset_id.as_str()
}

/// The bucket's event of this upload, made from the sample in `events/`.
fn object_created(bucket: &Value, uploaded: &Uploaded) -> Value {
    let mut event: Value = serde_json::from_str(include_str!("../../../../events/s3/start-ingest.json")).expect("JSON");
    event["detail"]["bucket"]["name"] = bucket.clone();
    event["detail"]["object"]["key"] = json!(format!("uploads/{}/source", uploaded.upload_id));

    event
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicate_and_late_events_change_nothing() {
    let marquee = Marquee::running();
    let config = marquee.operator().await;
    let outputs = marquee.outputs();

    let jobs = marquee.listen_to("MediaConvert Job State Change").await;
    let notices = marquee.subscribe("NoticesTopicArn").await;

    let creator = marquee.creator().await;
    let uploaded = creator.upload("Twice", &films::film(640, 360, 8)).await;
    let arrival = object_created(&outputs["UploadBucketName"], &uploaded);
    marquee.invoke("StartIngestFunction", &arrival).await;

    // Each event is sent again as soon as it is received.
    let mut received: Vec<Value> = Vec::new();
    let mut known = HashSet::new();
    let title = wait::until("the title is published", DEADLINE, async || {
        for event in jobs.receive().await {
            if !is_about(&event, &uploaded) || !known.insert(event["detail"].to_string()) {
                continue;
            }
            let again = json!({ "Entries": [{
                "Source": event["source"],
                "DetailType": event["detail-type"],
                "Detail": event["detail"].to_string(),
            }] });
            marquee.call("events", "AWSEvents.PutEvents", &again).await;
            received.push(event);
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
    received.extend(
        jobs.receive()
            .await
            .into_iter()
            .filter(|event| is_about(event, &uploaded)),
    );
    let statuses: HashSet<&str> = received
        .iter()
        .filter_map(|event| event["detail"]["status"].as_str())
        .collect();
    assert!(
        statuses.contains("COMPLETE") && statuses.contains("PROGRESSING"),
        "{statuses:?}"
    );

    // All events are delivered twice more, the last first.
    for event in received.iter().rev().chain(received.iter().rev()) {
        marquee.invoke("JobEventsFunction", event).await;
    }
    marquee.invoke("StartIngestFunction", &arrival).await;
    marquee.invoke("StartIngestFunction", &arrival).await;

    assert_eq!(marquee.jobs(&uploaded.asset_id).await.len(), 1, "one job");
    let runs = count_executions(
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
    assert_eq!(after, done, "no step was repeated");
    assert_eq!(
        creator.get(&format!("/api/titles/{}", uploaded.title_id)).await.json(),
        title
    );
    let published = notices.receive().await;
    let about_title = published
        .iter()
        .filter(|notice| notice["title_id"] == uploaded.title_id.as_str());
    assert_eq!(about_title.count(), 1, "one notice");

    jobs.stop().await;
}

/// The number of executions of an upload.
async fn count_executions(config: &SdkConfig, machine: &str, uploaded: &Uploaded) -> usize {
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
