//! The quotas of an account, and the answers beyond them.

use std::time::{Duration, SystemTime};

use futures::future::join_all;
use marquee_scenario_tests::{Marquee, answer::Answer, films, people::Actor, wait};
use serde_json::{Value, json};

/// The size of the largest accepted file.
const MAX_BYTES: u64 = 53_687_091_200;
/// The budget of an account in a day on the local cloud.
const BUDGET_MICROS: u64 = 100_000_000_000;
/// The number of changes of titles that an account may make in a day.
const TITLE_CHANGES: u64 = 500;
/// The number of uploads that an account may begin in a day on the local cloud.
const UPLOADS_A_DAY: u64 = 10_000;
const DEADLINE: Duration = Duration::from_mins(2);
/// The rest of the day that a test needs, since the counts of a day start from zero on the next one.
const MIN_REST_OF_DAY: Duration = Duration::from_mins(2);

/// Waits for the next day (UTC) if this one is about to end.
async fn avoid_midnight() {
    const DAY: Duration = Duration::from_hours(24);

    wait::until("the rest of the day is long enough", DEADLINE * 2, async || {
        let now = SystemTime::UNIX_EPOCH.elapsed().expect("a clock");
        let left = DAY.as_secs() - now.as_secs() % DAY.as_secs();

        (left >= MIN_REST_OF_DAY.as_secs()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_large_uploads_of_one_account_stop_at_its_quota() {
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let film = json!({"file_name": "film.mp4", "size_bytes": MAX_BYTES, "content_type": "video/mp4"});
    let mut uploads: Vec<String> = Vec::new();
    let mut refused: Vec<(u16, Value)> = Vec::new();

    for n in 0..60 {
        let title = creator.create_title(&format!("Large {n}")).await;
        let answer = creator.post(&format!("/api/titles/{title}/uploads"), &film).await;
        match answer.status.as_u16() {
            201 => uploads.push(answer.json()["upload_id"].as_str().expect("an id").to_owned()),
            status => refused.push((status, answer.problem(status))),
        }
    }
    assert!(
        (5..=20).contains(&uploads.len()),
        "{} uploads were begun",
        uploads.len()
    );
    assert_eq!(uploads.len() + refused.len(), 60);
    for (status, problem) in &refused {
        assert!([409, 429].contains(status), "{problem}");
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(
            detail.contains("this account stores 966.3 GB of the 1 TB that it may"),
            "{detail}"
        );
    }

    // The bytes of an aborted upload are given back, once however often it is aborted.
    for _ in 0..2 {
        creator.delete(&format!("/api/uploads/{}", uploads[0])).await.done(204);
    }
    let begin = async || {
        let title = creator.create_title("One more").await;
        creator.post(&format!("/api/titles/{title}/uploads"), &film).await
    };
    let again = begin().await.json();
    assert!([409, 429].contains(&begin().await.status.as_u16()));

    // Another account has its own quota.
    let other = marquee.creator().await;
    let title = other.create_title("Mine").await;
    let mine = other.post(&format!("/api/titles/{title}/uploads"), &film).await.json();
    other
        .delete(&format!("/api/uploads/{}", mine["upload_id"].as_str().expect("an id")))
        .await
        .done(204);

    uploads[0] = again["upload_id"].as_str().expect("an id").to_owned();
    for upload in uploads {
        creator.delete(&format!("/api/uploads/{upload}")).await.done(204);
    }
}

/// Announces a file for a new title.
async fn announce(creator: &Actor, size_bytes: u64) -> Answer {
    let title = creator.create_title("Announced").await;

    announce_for(creator, &title, size_bytes).await
}

async fn announce_for(creator: &Actor, title: &str, size_bytes: u64) -> Answer {
    let film = json!({"file_name": "film.mp4", "size_bytes": size_bytes, "content_type": "video/mp4"});

    creator.post(&format!("/api/titles/{title}/uploads"), &film).await
}

fn upload_of(answer: &Answer) -> String {
    let upload: Value = serde_json::from_slice(&answer.body).expect("an upload");

    upload["upload_id"]
        .as_str()
        .unwrap_or_else(|| panic!("{upload}"))
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_at_most_twenty_open_uploads() {
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    for _ in 0..20 {
        announce(&creator, 1).await.done(201);
    }

    let refused = announce(&creator, 1).await.problem(409);
    assert!(refused["detail"].to_string().contains("20 uploads open"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn replaced_uploads_count_in_the_quota_of_the_day() {
    avoid_midnight().await;
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let account = creator.account_id();
    let title = creator.create_title("Begun again and again").await;
    announce_for(&creator, &title, 1).await.done(201);
    marquee.set_used_quota(&account, "uploads", UPLOADS_A_DAY - 1).await;

    announce_for(&creator, &title, 1).await.done(201);
    let refused = announce_for(&creator, &title, 1).await.problem(429);

    assert!(refused["detail"].to_string().contains("uploads today"), "{refused}");
    marquee.set_used_quota(&account, "uploads", 0).await;
    announce_for(&creator, &title, 1).await.done(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn simultaneous_uploads_cannot_exceed_the_storage_quota() {
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let account = creator.account_id();
    let stored = async || marquee.stored_bytes(&account).await;
    let mut open = Vec::new();
    for _ in 0..17 {
        open.push(upload_of(&announce(&creator, MAX_BYTES).await));
    }
    assert_eq!(stored().await, 17 * MAX_BYTES);

    // There is room for one more; three begin at the same moment.
    let titles = [
        creator.create_title("A").await,
        creator.create_title("B").await,
        creator.create_title("C").await,
    ];
    let answers = join_all(titles.iter().map(|title| announce_for(&creator, title, MAX_BYTES))).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(
        statuses.iter().filter(|status| **status == 201).count(),
        1,
        "{statuses:?}"
    );
    assert!(
        statuses.iter().all(|status| [201, 409].contains(status)),
        "{statuses:?}"
    );
    assert_eq!(stored().await, 18 * MAX_BYTES);

    // Another file for the same title replaces the first, in the storage count too.
    let (taken, title) = answers
        .iter()
        .zip(&titles)
        .find(|(answer, _)| answer.status.as_u16() == 201)
        .expect("one");
    let replacing = announce_for(&creator, title, MAX_BYTES - 1).await;
    assert_eq!(stored().await, 18 * MAX_BYTES - 1);
    creator
        .delete(&format!("/api/uploads/{}", upload_of(taken)))
        .await
        .done(204);
    assert_eq!(
        stored().await,
        18 * MAX_BYTES - 1,
        "it was given back when it was replaced"
    );

    for _ in 0..2 {
        creator
            .delete(&format!("/api/uploads/{}", upload_of(&replacing)))
            .await
            .done(204);
        assert_eq!(stored().await, 17 * MAX_BYTES);
    }
}

/// The priority of a new film's job.
async fn priority(marquee: &Marquee, creator: &Actor, name: &str) -> i32 {
    let uploaded = creator.upload(name, &films::film(320, 180, 4)).await;
    let job = wait::until("its job is created", DEADLINE, async || {
        marquee.jobs(&uploaded.asset_id).await.pop()
    })
    .await;

    job.priority().expect("a priority")
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_take_turns_in_the_queue() {
    avoid_midnight().await;
    let marquee = Marquee::running();
    let (busy, other) = (marquee.creator().await, marquee.creator().await);

    let first = priority(&marquee, &busy, "The first of many").await;
    let second = priority(&marquee, &busy, "The second of many").await;
    let of_another = priority(&marquee, &other, "The only one").await;

    assert!(second < first && first == of_another, "{first}, {second}, {of_another}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_changes_of_titles_in_a_day_are_limited() {
    avoid_midnight().await;
    let marquee = Marquee::running();
    let (creator, admin) = (marquee.creator().await, marquee.admin().await);
    let title = creator.create_title("Ever changing").await;
    let path = format!("/api/titles/{title}");
    // The item that counts exists since the title was created.
    marquee
        .set_used_quota(&creator.account_id(), "title_changes", TITLE_CHANGES - 1)
        .await;
    let change = |version: u32| json!({"description": format!("Version {version}."), "version": version});

    creator.patch(&path, &change(1)).await.done(200);
    let answer = creator.patch(&path, &change(2)).await;

    let refused = answer.problem(429);
    assert!(refused["detail"].to_string().contains("500 times today"), "{refused}");
    assert!(answer.headers.contains_key("retry-after"));
    admin.patch(&path, &change(2)).await.done(200);
    creator.delete(&path).await.done(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spent_budget_stops_a_run_before_its_job() {
    avoid_midnight().await;
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let account = creator.account_id();
    let title = creator.create_title("One too many").await;
    // The item that counts exists since the title was created.
    marquee.set_used_quota(&account, "spent", BUDGET_MICROS).await;

    let uploaded = creator.upload_to(&title, &films::film(320, 180, 4)).await;

    let failed = creator.title_in(&title, &["failed"], DEADLINE).await;
    assert_eq!(failed["failure"]["error"], "DailyBudgetSpent", "{failed}");
    assert!(marquee.jobs(&uploaded.asset_id).await.is_empty());
}
