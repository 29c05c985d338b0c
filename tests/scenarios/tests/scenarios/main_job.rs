//! The main job: an uploaded film becomes a protected HLS stream, and only viewers with a valid token can play it.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use marquee_scenario_tests::{Marquee, films, people::Actor};
use serde_json::{Value, json};

const DEADLINE: Duration = Duration::from_mins(2);

async fn manifest_of(person: &Actor, title_id: &str) -> String {
    let session = person
        .post(&format!("/api/titles/{title_id}/playback"), &json!({"renewable": true}))
        .await
        .json();

    session["manifest_url"].as_str().expect("a manifest").to_owned()
}

/// The addresses of the files that a playlist names. `path` is the playlist's own.
fn addresses(playlist: &str, path: &str) -> Vec<String> {
    let folder = &path[..=path.rfind('/').expect("a path")];
    let named = playlist
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(ToOwned::to_owned);
    let tagged = playlist
        .lines()
        .filter_map(|line| Some(line.split_once("URI=\"")?.1.split('"').next()?.to_owned()));

    named
        .chain(tagged)
        .map(|address| format!("{folder}{address}"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_uploaded_film_becomes_a_stream() {
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let viewer = marquee.viewer().await;
    let stranger = marquee.stranger();

    let uploaded = creator.upload("The main job", &films::film(640, 360, 8)).await;
    let title = creator
        .title_in(&uploaded.title_id, &["published", "failed"], DEADLINE)
        .await;
    assert_eq!(title["state"], "published", "{title}");

    let renditions = title["renditions"].as_array().expect("renditions");
    assert!(
        !renditions.is_empty() && renditions.iter().all(|r| r["height"].as_u64() <= Some(360)),
        "{title}"
    );
    assert!(
        title["duration_ms"].as_u64().expect("a length").abs_diff(8_000) <= 100,
        "{title}"
    );

    // Every file that the playlists name is served by the edge.
    let master = manifest_of(&viewer, &uploaded.title_id).await;
    let playlist = stranger.get(&master).await;
    assert_eq!(playlist.status, 200, "{}", playlist.text());
    let playlists = addresses(&playlist.text(), &master);
    assert!(playlists.len() >= 2, "video and audio: {}", playlist.text());
    for path in playlists {
        let rendition = stranger.get(&path).await;
        assert_eq!(rendition.status, 200, "{path}");
        assert!(rendition.text().contains("#EXT-X-ENDLIST"), "{path}");
        for segment in addresses(&rendition.text(), &path) {
            let bytes = stranger.get(&segment).await;
            assert_eq!(bytes.status, 200, "{segment}");
            assert!(!bytes.body.is_empty(), "{segment}");
        }
    }

    // The poster needs no token.
    let poster = stranger.get(title["poster_url"].as_str().expect("a poster")).await;
    assert_eq!(poster.headers["content-type"], "image/jpeg");

    // The timeline has every step.
    let timeline = creator
        .get(&format!("/api/titles/{}/timeline", uploaded.title_id))
        .await
        .json();
    let states: Vec<(&str, &str)> = timeline["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .map(|step| {
            (
                step["step"].as_str().expect("a name"),
                step["state"].as_str().expect("a state"),
            )
        })
        .collect();
    for step in ["upload", "validate", "plan", "transcode", "verify", "publish"] {
        assert!(states.contains(&(step, "done")), "{step}: {states:?}");
    }
    assert!(timeline["quote"]["amount_micros"].as_i64() > Some(0), "{timeline}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_followed_through_functions_queues_and_machines() {
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let uploaded = creator.upload("Followed", &films::film(320, 180, 4)).await;
    creator.title_in(&uploaded.title_id, &["published"], DEADLINE).await;

    let ordered = [
        "create-title ",
        "POST /api/titles/{title_id}/uploads answered 201",
        "the execution started",
        "enters Validate",
        "enters Transcode",
        "job-events ",
        "enters Publish",
        "the execution succeeded",
    ];
    let shown = logs_of(
        &marquee,
        &uploaded.title_id,
        &[&ordered[..], &["start-ingest ", "validate ", "publish "]].concat(),
    )
    .await;

    let mut rest = shown.as_str();
    for part in ordered {
        let found = rest
            .find(part)
            .unwrap_or_else(|| panic!("no `{part}` at its place in:\n{shown}"));
        rest = &rest[found..];
    }
    assert!(shown.contains("S3.GetObject "), "calls of services: {shown}");
    assert!(
        !shown.contains('@') && !shown.contains("Followed"),
        "personal data: {shown}"
    );
}

/// What `make logs REQUEST=…` shows, once it has these parts: the last lines of a function follow with its next invocation.
async fn logs_of(marquee: &Marquee, id: &str, parts: &[&str]) -> String {
    let begun = Instant::now();
    loop {
        let output = Command::new("target/debug/marquee-local")
            .args(["logs", id])
            .env("MARQUEE_HOME", &marquee.home)
            .env(
                "MARQUEE_EMULATOR_PORT",
                marquee.emulator.rsplit(':').next().expect("a port"),
            )
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
            .output()
            .expect("marquee-local is built");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let shown = String::from_utf8(output.stdout).expect("text");
        if parts.iter().all(|part| shown.contains(part)) || begun.elapsed() > DEADLINE {
            return shown;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_is_served_without_a_valid_token() {
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let stranger = marquee.stranger();
    let film = films::film(320, 180, 4);
    let (one, two) = (
        creator.upload("Token one", &film).await,
        creator.upload("Token two", &film).await,
    );
    for title in [&one, &two] {
        creator.title_in(&title.title_id, &["published"], DEADLINE).await;
    }

    let mine = manifest_of(&creator, &one.title_id).await;
    let other = manifest_of(&creator, &two.title_id).await;
    let part = |path: &str, index: usize| path.split('/').nth(index).expect("a part").to_owned();
    let token = part(&mine, 2);
    let fields: Vec<&str> = token.split('.').collect();
    let expired = [fields[0], "1000000000", fields[2], fields[3], fields[4]].join(".");

    assert_eq!(stranger.get(&mine).await.status, 200);
    let refused = [
        mine.replace(&format!("/{token}"), ""),
        mine.replace(&token, &expired),
        mine.replace(&token, &part(&other, 2)),
        mine.replace(&token, &token.replace("k0", "k1").replace(fields[1], "9999999999")),
        mine.replace(&token, "nonsense"),
    ];
    for path in refused {
        let answer = stranger.get(&path).await;
        assert_eq!(answer.status, 403, "{path}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_a_film_is_refused_with_a_reason() {
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let cases = [("NotAVideo", films::text()), ("NoVideoStream", films::sound(5))];

    for (error, file) in cases {
        let uploaded = creator.upload("Not a film", &file).await;
        let title = creator
            .title_in(&uploaded.title_id, &["published", "failed"], DEADLINE)
            .await;
        let failure: &Value = &title["failure"];

        assert_eq!(failure["error"], error, "{title}");
        assert_eq!(failure["step"], "validate", "{title}");
        assert!(failure["sentence"].as_str().expect("a sentence").len() > 20, "{title}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_api_path_is_404_and_an_unknown_page_is_the_app() {
    let marquee = Marquee::running();
    let stranger = marquee.stranger();

    let api = stranger.get("/api/no/such/route").await;
    assert_eq!(api.headers["content-type"], "application/problem+json");
    api.refused(404);

    let app = stranger.get("/watch/anything").await;
    assert_eq!(app.status, 200);
    assert!(
        app.headers["content-type"]
            .to_str()
            .expect("a type")
            .starts_with("text/html")
    );
    assert!(app.headers.contains_key("content-security-policy"));
}
