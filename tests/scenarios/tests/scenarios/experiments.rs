//! An experiment from its challenger to its end: the arm of each account, the log, and the result.

use std::{
    collections::HashSet,
    time::{Duration, SystemTime},
};

use futures::future::join_all;
use jiff::Timestamp;
use marquee_scenario_tests::{
    Marquee,
    log::Log,
    retraining::Operator,
    wait,
    watching::{FILM_MS, new_genre},
};
use serde_json::{Value, json};

use super::MODEL;

const EXPERIMENTS: &str = "/api/admin/recommender/experiments";
/// From an exposure to its line in the log, on a busy machine.
const LOG_TIMEOUT: Duration = Duration::from_mins(1);
const NOTICE_TIMEOUT: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);
const OBJECT: &str = "experiments-tests.jsonl";

/// Hyperparameters that pass the quality gate with any other data in the log, since they only change popularity.
const CHALLENGER: [(&str, &str); 1] = [("half_life_days", "31")];

fn declared(design: &str) -> Value {
    json!({ "name": "A longer half-life", "design": design, "metric": "watched", "share_percent": 100,
        "stop": { "people": 200, "days": 28, "window_days": 7 } })
}

/// A moment as the API writes it.
fn moment(after: Duration) -> String {
    let at = Timestamp::try_from(SystemTime::now() + after);

    at.expect("a time").to_string()
}

async fn begin(operator: &Operator, design: &str) -> String {
    let answer = operator.admin.post(EXPERIMENTS, &declared(design)).await;
    answer.done(201);

    answer.json()["experiment_id"].as_str().expect("an id").to_owned()
}

async fn recommender(operator: &Operator) -> Value {
    operator.admin.get("/api/admin/recommender/status").await.json()
}

/// The line of the log with an account's exposure, once it exists.
async fn exposure(log: &Log, experiment: &str, account: &str) -> Value {
    wait::until("it is in the log", LOG_TIMEOUT, async || {
        let mut lines = log.lines("exposures").await.into_iter();
        lines.find(|line| line["experiment_id"] == experiment && line["account_id"] == account)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hyperparameters_of_a_winning_challenger_are_used_by_the_next_training() {
    let _model = MODEL.write().await;
    let marquee = Marquee::running();
    let operator = Operator::new(&marquee).await;
    let log = Log::new(&marquee).await;
    let problem = operator
        .admin
        .post(EXPERIMENTS, &declared("interleaving"))
        .await
        .problem(409);
    assert!(
        problem["detail"].as_str().expect("a detail").contains("no challenger"),
        "{problem}"
    );

    let current = operator.promote().await["model_version"].clone();
    let challenger = operator.challenge(&CHALLENGER).await["model_version"].clone();
    assert_ne!(current, challenger);
    assert_eq!(
        operator.model_version().await,
        current,
        "the current model still serves"
    );
    let both = recommender(&operator).await;
    assert_eq!(
        (&both["current"]["model_version"], &both["challenger"]["model_version"]),
        (&current, &challenger)
    );

    // A viewer for whom both models have recommendations.
    let (creator, viewer) = (marquee.creator().await, marquee.viewer().await);
    let taste = new_genre("compared");
    let films = join_all((1..=5).map(|number| {
        let (creator, taste) = (&creator, &taste);
        async move { creator.publish(&format!("{taste}, part {number}"), taste).await }
    }))
    .await;
    viewer.watch_until(&films[0], FILM_MS).await;

    let experiment = begin(&operator, "interleaving").await;
    let problem = operator.admin.post(EXPERIMENTS, &declared("split")).await.problem(409);
    assert!(
        problem["detail"].as_str().expect("a detail").contains(&experiment),
        "{problem}"
    );
    let problem = operator.request(&[]).await.problem(409);
    assert!(
        problem["detail"].as_str().expect("a detail").contains(&experiment),
        "{problem}"
    );

    let home = viewer.home().await;
    home.assert_well_formed();
    let account = viewer.account_id();
    let line = exposure(&log, &experiment, &account).await;
    let picks = line["titles"].as_array().expect("picks");
    let shown: HashSet<_> = home
        .items("personal")
        .iter()
        .map(|item| item["title"]["title_id"].to_string())
        .collect();
    let picked: HashSet<_> = picks.iter().map(|pick| pick["title_id"].to_string()).collect();
    assert_eq!(picked, shown, "{line}");
    let arms: HashSet<_> = picks.iter().filter_map(|pick| pick["arm"].as_str()).collect();
    assert_eq!(arms, HashSet::from(["current", "challenger"]), "{line}");

    // Two hundred people watch a title of the challenger, and every fourth one a title of the current model too.
    let day = write_log(&log, &experiment).await;
    let measure = async |after| {
        marquee
            .invoke("MeasureExperimentFunction", &json!({ "until": moment(after) }))
            .await
    };
    measure(DAY * 2).await;
    let running = recommender(&operator).await["experiments"][0].clone();
    assert_eq!(running["verdict"], "running", "{running}");
    assert_eq!(
        running["results"]["people_measured"], 0,
        "their windows are open: {running}"
    );
    assert!(
        running["results"]["people_shown"].as_u64().expect("people") >= 201,
        "{running}"
    );

    measure(DAY * 8).await;
    delete_log(&log, &day).await;
    let notice = operator.notice_with("experiment_id", &experiment, NOTICE_TIMEOUT).await;
    assert_eq!(notice["kind"], "experiment.ended", "{notice}");
    assert_eq!(notice["verdict"], "challenger_wins", "{notice}");
    let ended = recommender(&operator).await;
    assert_eq!(ended["experiments"][0]["verdict"], "challenger_wins", "{ended}");
    assert!(
        ended["experiments"][0]["results"]["difference"]["low"]
            .as_f64()
            .expect("low")
            > 0.0,
        "{ended}"
    );
    assert_eq!(ended["hyperparameters"], json!({ "half_life_days": "31" }), "{ended}");

    operator.promote().await;
    operator.delete_training_data().await;
    let after = recommender(&operator).await;
    assert_eq!(
        after["retrainings"][0]["hyperparameters"],
        json!({ "half_life_days": "31" }),
        "{after}"
    );
    assert!(after["challenger"].is_null(), "{after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_account_gets_its_arm_until_the_experiment_is_stopped() {
    let _model = MODEL.write().await;
    let marquee = Marquee::running();
    let operator = Operator::new(&marquee).await;
    let log = Log::new(&marquee).await;
    let current = operator.promote().await["model_version"].clone();
    let challenger = operator.challenge(&CHALLENGER).await["model_version"].clone();
    operator.delete_training_data().await;
    let creator = marquee.creator().await;
    creator.publish("Something to show", &new_genre("halves")).await;
    let experiment = begin(&operator, "split").await;

    let sources = [&current, &challenger].map(|version| format!("model:{}", version.as_str().expect("a version")));
    let people = join_all((0..6).map(|_| marquee.viewer())).await;
    for person in &people {
        let source = person.home().await.source().to_owned();
        assert_eq!(person.home().await.source(), source, "the same each time");
        let line = exposure(&log, &experiment, &person.account_id()).await;
        let arm = ["current", "challenger"][usize::from(source == sources[1])];
        assert!(sources.contains(&source), "{source}");
        assert_eq!(line["arm"], arm, "{source}: {line}");
    }

    let stop = format!("{EXPERIMENTS}/{experiment}/stop");
    let stopped = operator.admin.post(&stop, &json!(null)).await;
    stopped.done(200);
    assert_eq!(stopped.json()["verdict"], "stopped");
    operator.admin.post(&stop, &json!(null)).await.done(200);
    let notice = operator.notice_with("experiment_id", &experiment, NOTICE_TIMEOUT).await;
    assert_eq!(notice["verdict"], "stopped", "{notice}");
    for person in &people {
        assert_eq!(person.home().await.source(), sources[0]);
    }
}

/// Writes exposures and interactions of two hundred people, and returns their day.
async fn write_log(log: &Log, experiment: &str) -> String {
    let (now, later) = (moment(Duration::from_secs(1)), moment(Duration::from_hours(1)));
    let day = now.split('T').next().expect("a day").to_owned();
    let person = |number: u32| format!("ac000000-0000-7000-8000-{number:012x}");
    let title = |number: u32| format!("71713500-0000-7000-8000-{number:012x}");
    let exposures = (0..200).map(|number| {
        let pick = |number, arm| json!({ "title_id": title(number), "arm": arm });
        json!({ "experiment_id": experiment, "account_id": person(number), "day": day, "shown_at": now,
            "titles": [pick(1, "current"), pick(2, "challenger"), pick(3, "current"), pick(4, "challenger")] })
    });
    let watched = |number: u32, watched: u32| {
        json!({ "account_id": person(number), "title_id": title(watched), "version": 1, "at": later,
            "watched_share": 0.9, "liked": false, "not_interested": false })
    };
    let all = (0..200).map(|number| watched(number, 2));
    let some = (0..50).map(|number| watched(number * 4, 1));
    // Interactions are training data too: the test deletes these before the next training.
    log.put_lines(&format!("exposures/dt={day}/{OBJECT}"), exposures).await;
    log.put_lines(&format!("interactions/dt={day}/{OBJECT}"), all.chain(some))
        .await;

    day
}

async fn delete_log(log: &Log, day: &str) {
    for channel in ["exposures", "interactions"] {
        log.delete(&format!("{channel}/dt={day}/{OBJECT}")).await;
    }
}
