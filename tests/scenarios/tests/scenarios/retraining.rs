//! A retraining ends with a better serving model, or with a reason why the previous model continues to serve.

use std::{collections::HashSet, io::Read as _, time::Duration};

use aws_sdk_sfn::types::ExecutionStatus;
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use marquee_scenario_tests::{
    Marquee,
    log::Log,
    retraining::{Habits, LONG_TRAINING, Operator},
    wait,
    watching::{FILM_MS, new_genre},
};
use serde_json::{Value, json};

use super::MODEL;

/// From a promotion to updated similar titles, on a busy machine.
const REFRESH_TIMEOUT: Duration = Duration::from_mins(1);

fn sentence(notice: &Value) -> &str {
    notice["sentence"].as_str().expect("a sentence")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_requested_retraining_promotes_a_new_model() {
    let _model = MODEL.write().await;
    let operator = Operator::new(&Marquee::running()).await;
    operator.write_training_data(Habits::Steady).await;

    let run = operator.begin(&[]).await;
    let second = operator.request(&[]).await.problem(409);
    assert!(second["detail"].as_str().expect("a detail").contains(&run), "{second}");
    let notice = operator.notice_of_run(&run, Duration::from_mins(2)).await;
    operator.delete_training_data().await;

    assert_eq!(notice["kind"], "retraining.promoted", "{notice}");
    assert_eq!(operator.model_version().await, notice["model_version"], "{notice}");
    let metric = |name: &str| notice["metrics"][name].as_f64().expect("a metric");
    assert!(
        metric("ndcg_at_100") > 1.2 * metric("popularity_ndcg_at_100"),
        "people with a taste are served better by the model than by popularity: {notice}"
    );
    assert!(metric("held_out_people") >= 30.0, "{notice}");
    assert_eq!(operator.execution(&run).await, (ExecutionStatus::Succeeded, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_model_updates_the_similar_titles_of_watched_titles() {
    let _model = MODEL.write().await;
    let marquee = Marquee::running();
    let operator = Operator::new(&marquee).await;
    let (creator, viewer) = (marquee.creator().await, marquee.viewer().await);
    let film = creator.publish("Watched by many", &new_genre("watched")).await;
    viewer.watch_until(&film, FILM_MS).await;
    let computed_at = async || operator.similar_computed_at(&film).await;
    let before = wait::until("it has similar titles", REFRESH_TIMEOUT, computed_at).await;

    operator.promote().await;
    operator.delete_training_data().await;

    wait::until("they are computed again", REFRESH_TIMEOUT, async || {
        computed_at().await.filter(|after| *after > before)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_is_popular_in_the_country_that_watches_it() {
    let _model = MODEL.write().await;
    let marquee = Marquee::running();
    let (operator, log) = (Operator::new(&marquee).await, Log::new(&marquee).await);
    let film = marquee
        .creator()
        .await
        .publish("An Icelandic film", &new_genre("iceland"))
        .await;
    for _ in 0..3 {
        let viewer = marquee.viewer().await.in_country("IS");
        viewer.watch_until(&film, FILM_MS).await;
    }
    wait::until("their interactions are in the log", REFRESH_TIMEOUT, async || {
        let of_film = |line: &&Value| line["title_id"] == film.as_str();
        let (interactions, titles) = (log.lines("interactions").await, log.lines("titles").await);
        // The first of two heartbeats does not count yet.
        let counts = |line: &&Value| line["territory"] == "IS" && line["watched_share"].as_f64() > Some(0.5);
        let icelandic = interactions.iter().filter(of_film).filter(counts);
        let people: HashSet<&str> = icelandic.filter_map(|line| line["account_id"].as_str()).collect();

        (people.len() == 3 && titles.iter().any(|line| of_film(&line))).then_some(())
    })
    .await;

    operator.promote().await;
    operator.delete_training_data().await;

    let reason = async |country| {
        let viewer = marquee.viewer().await.in_country(country);
        let row = viewer.get("/api/me/recommendations").await.json();
        assert!(
            row["source"]
                .as_str()
                .is_some_and(|source| source.starts_with("model:")),
            "{row}"
        );
        let mut items = row["items"].as_array().expect("items").iter();
        let item = items.find(|item| item["title"]["title_id"] == film.as_str());

        item.map(|item| item["reason"].clone())
    };
    assert_eq!(reason("IS").await, Some(json!("Popular in your country")));
    assert_ne!(reason("US").await, Some(json!("Popular in your country")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_of_contradictory_data_is_refused() {
    let _model = MODEL.write().await;
    let operator = Operator::new(&Marquee::running()).await;
    let before = operator.promote().await["model_version"].clone();

    operator.write_training_data(Habits::Contrary).await;
    let notice = operator.retrain(&[]).await;
    operator.delete_training_data().await;

    assert_eq!(notice["kind"], "retraining.refused", "{notice}");
    assert_eq!(notice["error"], "WorseThanPopular", "{notice}");
    assert!(
        sentence(&notice).contains("training data"),
        "it names the likely cause: {notice}"
    );
    assert_ne!(notice["model_version"], before, "{notice}");
    assert_eq!(operator.model_version().await, before);
    let run = notice["run_id"].as_str().expect("an id");
    assert_eq!(
        operator.execution(run).await,
        (ExecutionStatus::Failed, Some("WorseThanPopular".to_owned()))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_worse_than_the_serving_one_is_refused() {
    let _model = MODEL.write().await;
    let operator = Operator::new(&Marquee::running()).await;
    let before = operator.promote().await["model_version"].clone();

    // A model of one dimension is not worse for certain: with content alone it can rank these titles well.
    operator.write_training_data(Habits::Contrary).await;
    let notice = operator.retrain(&[]).await;
    operator.delete_training_data().await;

    assert_eq!(notice["kind"], "retraining.refused", "{notice}");
    let error = notice["error"].as_str().expect("an error");
    assert!(matches!(error, "WorseThanCurrent" | "WorseThanPopular"), "{notice}");
    assert_eq!(operator.model_version().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_training_has_a_reason() {
    let _model = MODEL.write().await;
    let operator = Operator::new(&Marquee::running()).await;
    let before = operator.promote().await["model_version"].clone();

    let notice = operator.retrain(&[("half_live", "3")]).await;
    operator.delete_training_data().await;

    assert_eq!(notice["kind"], "retraining.failed", "{notice}");
    assert_eq!(notice["error"], "TrainingFailed", "{notice}");
    assert!(
        sentence(&notice).contains("half_live"),
        "it quotes the trainer: {notice}"
    );
    assert_eq!(operator.model_version().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_with_another_version_than_its_manifest_is_rolled_back() {
    let _model = MODEL.write().await;
    let operator = Operator::new(&Marquee::running()).await;
    let before = operator.promote().await["model_version"].clone();

    // While the machine is stopped, the archive gets a false manifest before its own: the steps read the first one and expect its
    // version, but the container serves another.
    let run = operator.begin(&LONG_TRAINING).await;
    operator.wait_for_training(&run).await;
    operator.stop_execution(&run).await;
    let archive = operator.archive(&run).await;
    operator.replace_archive(&run, with_false_manifest(&archive)).await;
    operator.restart_execution(&run).await;
    let notice = operator.notice_of_run(&run, Duration::from_mins(2)).await;
    operator.delete_training_data().await;

    assert_eq!(notice["kind"], "retraining.rolled_back", "{notice}");
    assert_eq!(notice["error"], "SmokeTestFailed", "{notice}");
    assert_eq!(notice["model_version"], "false", "{notice}");
    assert_eq!(operator.model_version().await, before, "{notice}");
    assert_eq!(
        operator.execution(&format!("{run}-again")).await,
        (ExecutionStatus::Failed, Some("SmokeTestFailed".to_owned()))
    );
}

/// The same archive with a manifest of a false version as its first file.
fn with_false_manifest(archive: &[u8]) -> Vec<u8> {
    let mut files = Vec::new();
    for entry in tar::Archive::new(GzDecoder::new(archive))
        .entries()
        .expect("an archive")
    {
        let mut entry = entry.expect("a file");
        let path = entry.path().expect("a path").into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("its bytes");
        files.push((path, bytes));
    }
    let manifest = files.iter().find(|(path, _)| path.ends_with("manifest.json"));
    let (path, bytes) = manifest.expect("a manifest").clone();
    let mut manifest: Value = serde_json::from_slice(&bytes).expect("JSON");
    manifest["version"] = json!("false");
    files.insert(0, (path, manifest.to_string().into_bytes()));

    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, path, bytes.as_slice()).expect("a file");
    }

    tar.into_inner().and_then(GzEncoder::finish).expect("an archive")
}
