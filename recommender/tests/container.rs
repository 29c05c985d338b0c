//! The container as SageMaker drives it: `train` over mounted folders, then `serve` over the artefact.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking, their helpers too")]

use std::fs;
use std::io::{self, Read as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tempfile::TempDir;

const START_TIMEOUT: Duration = Duration::from_secs(30);

/// The folders that SageMaker mounts.
struct Mounts(TempDir);

impl Mounts {
    fn new() -> Self {
        let mounts = Self(TempDir::new().unwrap());
        mounts.write(
            "titles/part-0.jsonl",
            &[
                json!({ "title_id": "bunny", "name": "Big Buck Bunny", "genres": ["comedy"], "description": "A bunny in the forest" }),
                json!({ "title_id": "spring", "name": "Spring", "genres": ["fantasy"], "description": "A girl in the forest" }),
                json!({ "title_id": "steel", "name": "Tears of Steel", "genres": ["drama"], "description": "Robots in Amsterdam" }),
            ],
        );
        mounts.write(
            "interactions/2026/part-0.jsonl",
            &[
                json!({ "account_id": "p", "title_id": "steel", "weight": 1, "at": "2026-01-01T00:00:00Z" }),
                json!({ "account_id": "q", "title_id": "steel", "weight": 1, "at": "2026-01-01T00:00:00Z" }),
                json!({ "account_id": "p", "title_id": "spring", "weight": 0.5, "at": "2026-01-01T00:00:00Z" }),
                json!({ "account_id": "p", "title_id": "gone", "weight": 1, "at": "2026-01-01T00:00:00Z" }),
            ],
        );
        mounts
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, lines: &[Value]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let lines: Vec<_> = lines.iter().map(Value::to_string).collect();
        fs::write(path, lines.join("\n")).unwrap();
    }

    fn train(&self, model: &str) -> Output {
        self.program("train", model)
            .arg("--archive")
            .arg(self.path(&format!("{model}.tar.gz")))
            .output()
            .unwrap()
    }

    fn program(&self, argument: &str, model: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_marquee-recommender"));
        command
            .arg(argument)
            .env("SM_CHANNEL_TITLES", self.path("titles"))
            .env("SM_CHANNEL_INTERACTIONS", self.path("interactions"))
            .env("SM_INPUT_CONFIG_DIR", self.path("config"))
            .env("SM_OUTPUT_DIR", self.path("output"))
            .env("SM_MODEL_DIR", self.path(model));
        command
    }

    async fn serve(&self, model: &str) -> Server {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = self
            .program("serve", model)
            .env("SAGEMAKER_BIND_TO_PORT", port.to_string())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Server { child, port };
        let deadline = Instant::now() + START_TIMEOUT;
        while server.get("/ping").await.is_err() {
            assert!(server.child.try_wait().unwrap().is_none(), "the server ended");
            assert!(Instant::now() < deadline, "the server does not answer");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        server
    }
}

struct Server {
    child: Child,
    port: u16,
}

impl Server {
    async fn get(&self, path: &str) -> Result<(u16, String), Box<dyn std::error::Error>> {
        self.send("GET", path, String::new()).await
    }

    async fn invoke(&self, request: &Value) -> (u16, Value) {
        let (status, body) = self.send("POST", "/invocations", request.to_string()).await.unwrap();
        (status, serde_json::from_str(&body).unwrap())
    }

    async fn send(&self, method: &str, path: &str, body: String) -> Result<(u16, String), Box<dyn std::error::Error>> {
        let request = axum::http::Request::builder()
            .method(method)
            .uri(format!("http://127.0.0.1:{}{path}", self.port))
            .body(Full::new(axum::body::Bytes::from(body)))?;
        let response = Client::builder(TokioExecutor::new())
            .build_http()
            .request(request)
            .await?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await?.to_bytes();
        Ok((status, String::from_utf8(body.to_vec())?))
    }

    /// Stops the server as SageMaker does.
    fn stop(mut self) -> Option<i32> {
        Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn ids(answer: &Value) -> Vec<&str> {
    answer["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["title_id"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_trained_model_is_served() {
    let mounts = Mounts::new();
    let trained = mounts.train("model");
    assert!(trained.status.success(), "{trained:?}");
    let manifest: Value = serde_json::from_slice(&fs::read(mounts.path("model/manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["counts"]["titles"], 3);
    assert_eq!(manifest["counts"]["titles_gone"], 1);

    let server = mounts.serve("model").await;
    let title = json!({ "title_id": "new", "name": "The Forest", "genres": ["Fantasy"] });
    let (status, answer) = server
        .invoke(&json!({ "version": 1, "kind": "similar", "title": title }))
        .await;
    assert_eq!((status, ids(&answer)), (200, vec!["spring", "bunny"]));
    assert_eq!(answer["items"][0]["reason"], "Also fantasy");
    assert_eq!(answer["items"][1]["reason"], "Shares: forest");
    assert_eq!(answer["model"]["version"], manifest["version"]);

    let (_, popular) = server
        .invoke(&json!({ "version": 1, "kind": "popular", "limit": 2 }))
        .await;
    assert_eq!(ids(&popular), ["steel", "spring"]);
    let (status, refused) = server.invoke(&json!({ "version": 1, "kind": "horoscope" })).await;
    assert_eq!((status, refused["pointer"].as_str()), (400, Some("/kind")));
    assert_eq!(server.stop(), Some(0));
}

#[tokio::test]
async fn titles_watched_in_a_country_are_popular_there() {
    let mounts = Mounts::new();
    let by = |people: &[&str], title: &str, territory: &str| -> Vec<Value> {
        let line = |person: &&str| {
            json!({ "account_id": person, "title_id": title, "watched_share": 0.9,
            "territory": territory, "at": "2026-01-01T00:00:00Z" })
        };
        people.iter().map(line).collect()
    };
    let german = by(&["d1", "d2", "d3"], "bunny", "DE");
    let french = by(&["f1", "f2", "f3", "f4"], "spring", "FR");
    let single = by(&["d1"], "spring", "DE");
    mounts.write("interactions/2026/part-1.jsonl", &[german, french, single].concat());
    assert!(mounts.train("model").status.success());

    let server = mounts.serve("model").await;
    let popular = async |territory: &str| {
        let (_, answer) = server
            .invoke(
                &json!({ "version": 1, "kind": "rows", "day": "2026-01-02", "rows": [{ "kind": "popular" }],
                "person": { "id": "someone", "territory": territory } }),
            )
            .await;
        let items = answer["rows"][0]["items"].as_array().unwrap().clone();
        let text = |item: &Value| {
            format!(
                "{}: {}",
                item["title_id"].as_str().unwrap(),
                item["reason"].as_str().unwrap()
            )
        };
        items.iter().map(text).collect::<Vec<_>>()
    };
    assert_eq!(
        popular("DE").await,
        [
            "bunny: Popular in your country",
            "spring: Popular now",
            "steel: Popular now"
        ]
    );
    assert_eq!(popular("FR").await[0], "spring: Popular in your country");
    assert_eq!(popular("US").await[0], "spring: Popular now");
}

#[tokio::test]
async fn it_serves_before_the_first_training() {
    let mounts = Mounts::new();
    let server = mounts.serve("nothing").await;
    assert_eq!(server.get("/ping").await.unwrap().0, 200);
    let request = json!({
        "version": 1, "kind": "similar", "title": { "title_id": "a", "name": "A", "genres": ["drama"] },
        "candidates": [{ "title_id": "b", "name": "B", "genres": ["drama"] }],
    });
    let (_, answer) = server.invoke(&request).await;
    assert_eq!(
        (ids(&answer), answer["model"]["version"].as_str()),
        (vec!["b"], Some("empty"))
    );

    let (status, _) = server
        .send("POST", "/invocations", "x".repeat(5 << 20))
        .await
        .unwrap_or((413, String::new()));
    assert_eq!(status, 413);
}

#[tokio::test]
async fn a_model_of_another_format_is_replaced_by_the_empty_one() {
    let mounts = Mounts::new();
    assert!(mounts.train("model").status.success());
    let path = mounts.path("model/manifest.json");
    let mut manifest: Value = serde_json::from_slice(&bytes(&path)).unwrap();
    manifest["format"] = json!(2);
    fs::write(&path, manifest.to_string()).unwrap();

    let server = mounts.serve("model").await;

    let (status, answer) = server.invoke(&json!({ "version": 1, "kind": "popular" })).await;
    assert_eq!((status, answer["model"]["version"].as_str()), (200, Some("empty")));
}

#[test]
fn a_training_is_reproducible() {
    let mounts = Mounts::new();
    assert!(mounts.train("one").status.success());
    assert!(mounts.train("two").status.success());
    for file in ["manifest.json", "titles.jsonl", "model.safetensors", "evaluation.json"] {
        assert_eq!(
            bytes(&mounts.path("one").join(file)),
            bytes(&mounts.path("two").join(file)),
            "{file}"
        );
    }
    assert_eq!(bytes(&mounts.path("one.tar.gz")), bytes(&mounts.path("two.tar.gz")));

    let unpacked = mounts.path("unpacked");
    unpack(&mounts.path("one.tar.gz"), &unpacked).unwrap();
    assert_eq!(
        bytes(&unpacked.join("manifest.json")),
        bytes(&mounts.path("one/manifest.json"))
    );
}

/// The files are samples of the application's export: a test of the exporter compares them too.
#[test]
fn exported_data_can_be_trained_on() {
    let titles = include_str!("../../events/training/titles.jsonl");
    let interactions = include_str!("../../events/training/interactions.jsonl");
    let (published, removed) = titles.trim_end().rsplit_once('\n').unwrap();
    let mounts = Mounts::new();
    let export = |name: &str, text: &str| {
        let path = mounts.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let trained_titles = |model: &str| {
        let trained = mounts.train(model);
        assert!(trained.status.success(), "{}", String::from_utf8_lossy(&trained.stderr));
        fs::read_to_string(mounts.path(model).join("titles.jsonl")).unwrap()
    };

    export("interactions/dt=2026-03-05/a.jsonl", interactions);
    export("titles/dt=2026-03-05/a.jsonl", published);
    let titles = trained_titles("published");
    assert!(titles.contains("Sintel") && titles.contains("adventure"), "{titles}");

    export("titles/dt=2026-03-07/a.jsonl", removed);
    let titles = trained_titles("removed");
    assert!(
        !titles.contains("Sintel") && titles.contains("Big Buck Bunny"),
        "{titles}"
    );
}

#[test]
fn a_failed_training_says_why_where_sagemaker_looks() {
    let mounts = Mounts::new();
    mounts.write(
        "interactions/2026/part-1.jsonl",
        &[json!({ "account_id": "p", "title_id": "steel", "weight": -1, "at": "2026-01-01T00:00:00Z" })],
    );
    let failed = mounts.train("model");
    assert_eq!(failed.status.code(), Some(1));
    let reason = fs::read_to_string(mounts.path("output/failure")).unwrap();
    assert!(
        reason.ends_with("part-1.jsonl:1: `weight` must be a number above 0 and at most 100"),
        "{reason}"
    );
    assert!(!mounts.path("model").exists());
}

fn bytes(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

fn unpack(archive: &Path, folder: &Path) -> io::Result<()> {
    let mut tar = Vec::new();
    flate2::read::GzDecoder::new(fs::File::open(archive)?).read_to_end(&mut tar)?;
    tar::Archive::new(tar.as_slice()).unpack(folder)
}
