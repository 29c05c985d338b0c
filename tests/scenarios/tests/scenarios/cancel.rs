//! Canceling: the job ends, the title fails with the error `Canceled`, and everything is possible that is after another failure.

use std::time::{Duration, SystemTime};

use aws_sdk_mediaconvert::types::{Job, JobStatus};
use jiff::Timestamp;
use marquee_scenario_tests::{Marquee, aws::has_ended, films, people::Actor, uploads::Uploaded, wait};
use serde_json::{Value, json};

const DEADLINE: Duration = Duration::from_mins(2);

/// Uploads a film whose transcode lasts long enough to be canceled.
async fn begin(creator: &Actor, name: &str) -> Uploaded {
    let uploaded = creator.upload(name, &films::film(1280, 720, 30)).await;
    creator.wait_for_transcoding(&uploaded.title_id).await;

    uploaded
}

async fn cancel(person: &Actor, uploaded: &Uploaded) -> marquee_scenario_tests::answer::Answer {
    let path = format!("/api/titles/{}/cancel", uploaded.title_id);

    person.post(&path, &json!({})).await
}

/// The status of the execution of the asset's first run.
async fn execution_status(marquee: &Marquee, uploaded: &Uploaded) -> String {
    let machine = marquee.outputs()["IngestStateMachineArn"]
        .as_str()
        .expect("an ARN")
        .to_owned();
    let executions = machine.replacen(":stateMachine:", ":execution:", 1);
    let described = aws_sdk_sfn::Client::new(&marquee.operator().await)
        .describe_execution()
        .execution_arn(format!("{executions}:{}-1", uploaded.asset_id))
        .send()
        .await
        .expect("DescribeExecution");

    described.status().as_str().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_cancels_a_title_and_uploads_another_file() {
    let marquee = Marquee::running();
    let (creator, other, viewer) = (marquee.creator().await, marquee.creator().await, marquee.viewer().await);
    let uploaded = begin(&creator, "The wrong film").await;

    cancel(&marquee.stranger(), &uploaded).await.refused(401);
    cancel(&viewer, &uploaded).await.refused(404);
    cancel(&other, &uploaded).await.refused(404);
    let title: Value = cancel(&creator, &uploaded).await.ok();

    assert_eq!(
        (&title["state"], &title["failure"]["error"], &title["failure"]["step"]),
        (&json!("failed"), &json!("Canceled"), &json!("transcode")),
        "{title}"
    );
    cancel(&creator, &uploaded).await.done(200);
    marquee.job_ended(&uploaded.asset_id).await;
    let jobs = marquee.jobs(&uploaded.asset_id).await;
    assert!(
        jobs.iter().all(|job| job.status() == Some(&JobStatus::Canceled)),
        "{jobs:?}"
    );
    wait::until("its execution is stopped", DEADLINE, async || {
        (execution_status(&marquee, &uploaded).await == "ABORTED").then_some(())
    })
    .await;
    let timeline = creator
        .get(&format!("/api/titles/{}/timeline", uploaded.title_id))
        .await
        .json();
    let steps = timeline["steps"].as_array().expect("steps");
    let failed = steps.iter().filter(|step| step["state"] == "failed");
    let failed: Vec<_> = failed.map(|step| (&step["step"], &step["reason"]["error"])).collect();
    assert_eq!(failed, [(&json!("transcode"), &json!("Canceled"))], "{timeline}");

    creator.upload_to(&uploaded.title_id, &films::film(320, 180, 4)).await;
    // Its storage is given back as soon as its run cannot write any more, not when the files of a failed title are deleted.
    let next_check = marquee.next_retention_check(&uploaded).await;
    let soon = Timestamp::try_from(SystemTime::now() + Duration::from_hours(27)).expect("a time");
    assert!(next_check < soon, "{next_check}");
    creator.title_in(&uploaded.title_id, &["published"], DEADLINE).await;
    cancel(&creator, &uploaded).await.refused(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_cancels_a_title_and_it_is_redriven_or_deleted() {
    let marquee = Marquee::running();
    let (creator, admin) = (marquee.creator().await, marquee.admin().await);
    let uploaded = begin(&creator, "Too long").await;
    let path = format!("/api/titles/{}", uploaded.title_id);

    creator.delete(&path).await.refused(409);
    cancel(&admin, &uploaded).await.done(200);

    let target = format!("title:{}", uploaded.title_id);
    let audit = admin.get(&format!("/api/admin/audit?target={target}")).await.json();
    assert_eq!(audit["items"][0]["action"], "title_canceled", "{audit}");
    admin.post(&format!("{path}/redrive"), &json!({})).await.done(202);
    creator.wait_for_transcoding(&uploaded.title_id).await;
    cancel(&creator, &uploaded).await.done(200);
    creator.delete(&path).await.done(204);
    creator.get(&path).await.refused(404);
    marquee.job_ended(&uploaded.asset_id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_job_continues_after_a_cancel_in_any_step() {
    let marquee = Marquee::running();
    let creator = marquee.creator().await;

    for wait_for_step in ["validate", "plan", "transcode"] {
        let uploaded = creator.upload("Canceled early", &films::film(1280, 720, 30)).await;
        let path = format!("/api/titles/{}/timeline", uploaded.title_id);
        wait::until("the step has begun", DEADLINE, async || {
            let timeline = creator.get(&path).await.json();
            let mut steps = timeline["steps"].as_array()?.iter();
            let begun = steps.any(|step| step["step"] == wait_for_step && step["state"] != "waiting");
            begun.then_some(())
        })
        .await;
        cancel(&creator, &uploaded).await.done(200);

        // A step that was running when the title was canceled ends within seconds.
        wait::until("no job is active", DEADLINE, async || {
            if execution_status(&marquee, &uploaded).await == "RUNNING" {
                return None;
            }
            let jobs = marquee.jobs(&uploaded.asset_id).await;
            jobs.iter().all(has_ended).then_some(())
        })
        .await;
        let title = creator.get(&format!("/api/titles/{}", uploaded.title_id)).await.json();
        assert_eq!(title["failure"]["error"], "Canceled", "{title}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_whose_owner_was_disabled_is_published_after_a_redrive() {
    let marquee = Marquee::running();
    let (creator, admin) = (marquee.creator().await, marquee.admin().await);
    let uploaded = begin(&creator, "Not to be seen yet").await;
    let account = format!("/api/admin/accounts/{}", creator.account_id());
    let path = format!("/api/titles/{}", uploaded.title_id);

    admin.post(&format!("{account}/disable"), &json!({})).await.done(204);

    let title = admin
        .title_in(&uploaded.title_id, &["failed", "published"], Duration::from_mins(4))
        .await;
    assert_eq!(title["state"], "failed", "{title}");
    assert_eq!(title["failure"]["error"], "OwnerDisabled", "{title}");
    assert_eq!(title["failure"]["step"], "publish", "{title}");

    admin.post(&format!("{account}/enable"), &json!({})).await.done(204);
    admin.post(&format!("{path}/redrive"), &json!({})).await.done(202);
    let deadline = Duration::from_mins(1);
    admin.title_in(&uploaded.title_id, &["published"], deadline).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_id_was_lost_is_found_and_canceled() {
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let uploaded = begin(&creator, "Lost and found").await;
    marquee.forget_job(&uploaded).await;

    cancel(&creator, &uploaded).await.done(200);

    marquee.job_ended(&uploaded.asset_id).await;
    let jobs = marquee.jobs(&uploaded.asset_id).await;
    let canceled = |job: &Job| job.status() == Some(&JobStatus::Canceled);
    assert!(!jobs.is_empty() && jobs.iter().all(canceled), "{jobs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_upload_leaves_a_draft() {
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let uploaded = creator.send_parts("Never finished", &films::film(320, 180, 4)).await;
    let account = creator.account_id();
    assert!(marquee.stored_bytes(&account).await > 0);
    marquee.expire_upload(&uploaded).await;

    marquee.invoke("SweepFunction", &json!({})).await;

    let title = creator.get(&format!("/api/titles/{}", uploaded.title_id)).await.json();
    assert_eq!(
        (&title["state"], &title["upload_id"]),
        (&json!("draft"), &Value::Null),
        "{title}"
    );
    assert_eq!(marquee.stored_bytes(&account).await, 0);
    creator.upload_to(&uploaded.title_id, &films::film(320, 180, 4)).await;
    creator.title_in(&uploaded.title_id, &["published"], DEADLINE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_upload_is_named_by_its_title_and_can_be_aborted() {
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let uploaded = creator.send_parts("Begun elsewhere", &films::film(320, 180, 4)).await;
    let path = format!("/api/titles/{}", uploaded.title_id);

    cancel(&creator, &uploaded).await.refused(409);
    let title = creator.get(&path).await.json();
    assert_eq!(title["upload_id"], uploaded.upload_id.as_str(), "{title}");
    creator
        .delete(&format!("/api/uploads/{}", uploaded.upload_id))
        .await
        .done(204);

    let title = creator.get(&path).await.json();
    assert_eq!(
        (&title["state"], &title["upload_id"]),
        (&json!("draft"), &Value::Null),
        "{title}"
    );
}
