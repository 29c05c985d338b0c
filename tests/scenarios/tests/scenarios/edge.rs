//! The requests that the edge accepts, and from whom: sent to the site's address, as any client would.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use marquee_scenario_tests::{
    Marquee, answer::Answer, films, people::Actor, uploads::Uploaded, wait, watching::PUBLISH_TIMEOUT,
};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

/// How long the edge may serve a film after its take-down.
const TAKE_DOWN_DEADLINE: Duration = Duration::from_secs(10);
/// A timeout for changes of the edge that no test measures, such as showing a film again: no requirement sets a deadline.
const EDGE_TIMEOUT: Duration = Duration::from_mins(1);

/// A published film, and its owner's links.
struct Film {
    title_id: String,
    /// The master playlist, with a token.
    manifest: String,
    poster: String,
}

impl Film {
    async fn publish(owner: &Actor, name: &str) -> Self {
        let uploaded = owner.upload(name, &films::film(320, 180, 4)).await;
        let title = owner
            .title_in(&uploaded.title_id, &["published"], PUBLISH_TIMEOUT)
            .await;

        Self {
            manifest: play(owner, &uploaded.title_id).await,
            poster: title["poster_url"].as_str().expect("a poster").to_owned(),
            title_id: uploaded.title_id,
        }
    }

    async fn change(&self, owner: &Actor, change: Value) -> Value {
        let path = format!("/api/titles/{}", self.title_id);
        let title = owner.get(&path).await.json();
        let mut body = json!({"version": title["version"]});
        body.as_object_mut()
            .expect("an object")
            .extend(change.as_object().expect("an object").clone());

        owner.patch(&path, &body).await.json()
    }

    /// Takes the film down and shows it again, so that the measured take-down includes no cold start.
    async fn warm_up_take_down(&self, owner: &Actor) {
        for (visibility, status) in [("private", 404), ("unlisted", 200)] {
            self.change(owner, json!({"visibility": visibility})).await;
            wait::until("the edge has the change", EDGE_TIMEOUT, async || {
                (owner.get(&self.poster).await.status.as_u16() == status).then_some(())
            })
            .await;
        }
    }

    /// The owner's manifest address after the film became private.
    async fn play_in_private(&self, owner: &Actor) -> String {
        wait::until("the edge refuses the earlier links", EDGE_TIMEOUT, async || {
            let status = owner.get(&self.manifest).await.status;
            (status.as_u16() == 403).then_some(())
        })
        .await;

        // The owner's new links play at once, since they are issued after the refused ones.
        let manifest = play(owner, &self.title_id).await;
        owner.get(&manifest).await.done(200);
        manifest
    }
}

async fn play(viewer: &Actor, title_id: &str) -> String {
    let path = format!("/api/titles/{title_id}/playback");
    let playback = viewer.post(&path, &json!({"renewable": false})).await.json();

    playback["manifest_url"].as_str().expect("an address").to_owned()
}

/// The addresses of the files that a playlist names.
async fn files_in(viewer: &Actor, playlist: &str) -> Vec<String> {
    let folder = playlist.rsplit_once('/').expect("a folder").0;
    let text = viewer.get(playlist).await.text();
    let quoted = text.split('"').skip(1).step_by(2).filter(|word| word.contains('.'));
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));

    lines
        .chain(quoted.filter(|word| matches!(word.rsplit_once('.'), Some((_, "mp4" | "m3u8")))))
        .map(|file| format!("{folder}/{file}"))
        .collect()
}

/// A media playlist of the film and its files, with the token of `manifest`.
async fn playlist_and_files(viewer: &Actor, manifest: &str) -> (String, Vec<String>) {
    let playlist = files_in(viewer, manifest).await.into_iter().next().expect("a playlist");
    let segments = files_in(viewer, &playlist).await;
    assert!(!segments.is_empty(), "{playlist} has segments");

    (playlist, segments)
}

/// The same address with another token.
fn with_token(address: &str, token: &str) -> String {
    let mut parts: Vec<&str> = address.split('/').collect();
    parts[2] = token;

    parts.join("/")
}

fn without_token(address: &str) -> String {
    let mut parts: Vec<&str> = address.split('/').collect();
    parts.remove(2);

    parts.join("/")
}

fn token(address: &str) -> &str {
    address.split('/').nth(2).expect("a token")
}

/// The keys that sign links.
struct Keys(Value);

impl Keys {
    async fn read(marquee: &Marquee) -> Self {
        let rotation = marquee.function("RotatePlaybackKeysFunction").await;
        let mut variables = rotation
            .environment
            .and_then(|environment| environment.variables)
            .expect("variables");
        let parameter = variables.remove("PLAYBACK_KEYS_PARAMETER").expect("a name");
        let input = json!({ "Name": parameter, "WithDecryption": true });
        let answer = marquee.call("ssm", "AmazonSSM.GetParameter", &input).await;
        let ring = answer["Parameter"]["Value"].as_str().expect("a ring");

        Self(serde_json::from_str(ring).expect("JSON"))
    }

    /// The token of a link, signed again with another expiry (epoch seconds), or with its own.
    fn sign_again(&self, address: &str, new_expiry: Option<&str>) -> String {
        let parts: Vec<&str> = address.split('/').collect();
        let fields: Vec<&str> = token(address).split('.').collect();
        let ([_, _, _, asset, attempt, ..], [key_id, expiry, viewer, lease, _]) = (&parts[..], &fields[..]) else {
            panic!("{address} is not a link");
        };
        let expiry = new_expiry.unwrap_or(expiry);

        let message = format!("v1\n{key_id}\n/media/{asset}/{attempt}/\n{expiry}\n{viewer}\n{lease}");
        let key = self.0[*key_id].as_str().expect("a key");
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key of any length");
        mac.update(message.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());

        format!("{key_id}.{expiry}.{viewer}.{lease}.{signature}")
    }
}

/// Whether an answer contains the beginning of a file.
fn contains_beginning(answer: &Answer, content: &[u8]) -> bool {
    let beginning = &content[..content.len().min(32)];

    answer.body.windows(beginning.len()).any(|part| part == beginning)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_get_and_head_return_bytes_of_a_film() {
    let marquee = Marquee::running();
    let owner = marquee.creator().await;
    let film = Film::publish(&owner, "Behind the door").await;
    film.change(&owner, json!({"visibility": "private"})).await;
    // Its owner may still watch the private title.
    let manifest = film.play_in_private(&owner).await;
    let (playlist, segments) = playlist_and_files(&owner, &manifest).await;
    let foreign = Film::publish(&owner, "Another door").await;
    let stranger = marquee.stranger();
    let keys = Keys::read(&marquee).await;

    for address in [&manifest, &playlist, &segments[0]] {
        let content = owner.get(address).await;
        content.done(200);
        stranger.send(Method::HEAD, address, None).await.done(200);
        assert_eq!(
            keys.sign_again(address, None),
            token(address),
            "the test signs links as Marquee does"
        );
        let expired = with_token(address, &keys.sign_again(address, Some("1700000000")));
        assert!(stranger.get(&expired).await.text().contains("This link has expired"));
        let variants = [
            address.clone(),
            without_token(address),
            with_token(address, "nonsense"),
            with_token(address, token(&foreign.manifest)),
            expired,
        ];
        for method in ["OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"] {
            for variant in &variants {
                let method: Method = method.parse().expect("a method");
                let answer = stranger.send(method.clone(), variant, None).await;
                assert!(
                    !answer.status.is_success() && !contains_beginning(&answer, &content.body),
                    "{method} {variant}: {}",
                    answer.status
                );
            }
        }
        for variant in &variants[1..] {
            stranger.get(variant).await.done(403);
        }
        stranger.get(address).await.done(200);
    }
}

/// The state of an installation has passwords and signing keys: a person who can read it can act as every user.
#[test]
fn only_its_owner_can_read_the_files_of_an_installation() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Marquee::running().home;
    let others = |path: &std::path::Path| path.metadata().expect("a file").permissions().mode() & 0o077;

    assert_eq!(others(&home), 0, "{}", home.display());
    for file in std::fs::read_dir(home.join("state"))
        .expect("the emulator's state")
        .flatten()
    {
        assert_eq!(others(&file.path()), 0, "{}", file.path().display());
    }
    for file in ["admin.json", "edge.json", "origin-secret"] {
        assert_eq!(others(&home.join(file)), 0, "{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_refuses_requests_that_bypass_the_distribution() {
    let marquee = Marquee::running();
    let outputs = marquee.outputs();
    let api = outputs["ApiId"].as_str().expect("the API");
    let direct = format!("{}/_aws/execute-api/{api}/$default/api/auth/sign-in", marquee.emulator);
    let body = json!({"email": "unknown@example.org", "password": "Wrong-password-1"});

    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let answer = client.post(direct).json(&body).send().await.expect("an answer");

    assert_eq!(answer.status(), 403);
    marquee.stranger().post("/api/auth/sign-in", &body).await.refused(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_security_headers() {
    let marquee = Marquee::running();
    let stranger = marquee.stranger();
    let owner = marquee.creator().await;
    let film = Film::publish(&owner, "With all headers").await;

    stranger.get(&film.manifest).await.done(200);
    stranger.get(&film.poster).await.done(200);

    for path in ["/", "/api/titles", film.manifest.as_str(), film.poster.as_str()] {
        let answer = stranger.get(path).await;
        let from = answer.headers["x-cache"].to_str().expect("text");
        assert!(
            !from.starts_with("Function"),
            "{path} comes from the edge itself: {from}"
        );
        for header in [
            "strict-transport-security",
            "content-security-policy",
            "referrer-policy",
            "x-frame-options",
        ] {
            assert!(answer.headers.contains_key(header), "{path} lacks {header}");
        }
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
    }
    // Answers of the edge's functions have the headers that the functions write.
    for path in ["/media/nothing", "/images/nothing.jpg"] {
        let answer = stranger.get(path).await;
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
    }
}

/// A viewer with a link that is valid for hours, who has seen the beginning of a film.
struct Watching {
    viewer: Actor,
    manifest: String,
    unseen: String,
}

impl Watching {
    async fn begin(marquee: &Marquee, film: &Film) -> Self {
        let viewer = marquee.viewer().await;
        let manifest = play(&viewer, &film.title_id).await;
        let (_, segments) = playlist_and_files(&viewer, &manifest).await;
        viewer.get(&film.poster).await.done(200);

        Self {
            viewer,
            manifest,
            unseen: segments.last().expect("a segment").clone(),
        }
    }

    /// Waits until the link is refused for every file, cached or not.
    async fn ends(&self, poster: &str) {
        wait::holds_within(
            "the edge refuses the film and its poster",
            TAKE_DOWN_DEADLINE,
            async || {
                for address in [&self.manifest, &self.unseen, &poster.to_owned()] {
                    let status = self.viewer.get(address).await.status.as_u16();
                    if ![403, 404].contains(&status) {
                        return false;
                    }
                }
                true
            },
        )
        .await;
    }

    /// Waits until the link is accepted again.
    async fn resumes(&self, poster: &str) {
        wait::until("the edge shows the film and its poster", EDGE_TIMEOUT, async || {
            let playlist = self.viewer.get(&self.manifest).await.status.is_success();
            let poster = self.viewer.get(poster).await.status.is_success();

            (playlist && poster).then_some(())
        })
        .await;
        self.viewer.get(&self.unseen).await.done(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_film_is_refused_within_seconds_and_plays_again_when_it_is_public() {
    let marquee = Marquee::running();
    let owner = marquee.creator().await;
    let film = Film::publish(&owner, "Second thoughts").await;
    film.warm_up_take_down(&owner).await;
    let watching = Watching::begin(&marquee, &film).await;

    film.change(&owner, json!({"visibility": "private"})).await;
    watching.ends(&film.poster).await;
    // Its owner may continue with a new link.
    let link = film.play_in_private(&owner).await;
    owner.get(&link).await.done(200);

    film.change(&owner, json!({"visibility": "unlisted"})).await;
    watching.resumes(&film.poster).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archived_film_is_refused_within_seconds() {
    let marquee = Marquee::running();
    let owner = marquee.creator().await;
    let film = Film::publish(&owner, "Not any more").await;
    film.warm_up_take_down(&owner).await;
    let watching = Watching::begin(&marquee, &film).await;

    owner.delete(&format!("/api/titles/{}", film.title_id)).await.done(204);

    watching.ends(&film.poster).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_of_a_disabled_account_are_refused_within_seconds() {
    let marquee = Marquee::running();
    let owner = marquee.creator().await;
    let film = Film::publish(&owner, "For members").await;
    let (watching, other) = (
        Watching::begin(&marquee, &film).await,
        Watching::begin(&marquee, &film).await,
    );
    let account = watching.viewer.account_id();

    let path = format!("/api/admin/accounts/{account}/disable");
    marquee.admin().await.post(&path, &json!({})).await.done(204);

    wait::holds_within("the edge refuses their link", TAKE_DOWN_DEADLINE, async || {
        marquee.stranger().get(&watching.unseen).await.status == 403
    })
    .await;
    marquee.stranger().get(&other.unseen).await.done(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn links_of_an_admin_end_with_the_role() {
    let marquee = Marquee::running();
    let owner = marquee.creator().await;
    let film = Film::publish(&owner, "For its owner").await;
    film.change(&owner, json!({"visibility": "private"})).await;
    film.play_in_private(&owner).await;
    let (chief, admin) = (marquee.admin().await, marquee.newcomer_in_group("admin").await);
    let playback = format!("/api/titles/{}/playback", film.title_id);
    let mut links = vec![play(&admin, &film.title_id).await];
    marquee.stranger().get(&links[0]).await.done(200);

    let account = admin.account_id();
    let path = format!("/api/admin/accounts/{account}/roles/admin");
    chief.delete(&path).await.done(204);
    // A function that looked the role up a moment ago may still accept it.
    let late = admin.post(&playback, &json!({"renewable": false})).await;
    if late.status.is_success() {
        links.push(late.json()["manifest_url"].as_str().expect("an address").to_owned());
    } else {
        late.refused(404);
    }

    for link in &links {
        wait::holds_within("the edge refuses their link", TAKE_DOWN_DEADLINE, async || {
            marquee.stranger().get(link).await.status == 403
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_posters_address_does_not_reveal_the_films() {
    let marquee = Marquee::running();
    let owner = marquee.creator().await;
    let uploaded = owner.upload("Nothing to see", &films::film(320, 180, 4)).await;
    let title = owner
        .title_in(&uploaded.title_id, &["published"], PUBLISH_TIMEOUT)
        .await;
    let poster = title["poster_url"].as_str().expect("a poster");

    assert!(!poster.contains(&uploaded.asset_id), "{poster}");
    let name = poster.rsplit('/').next().expect("a name");
    assert!(name.len() > 32, "{name} can be guessed");
    let answer = owner.get(poster).await;
    assert_eq!(answer.headers["content-type"], "image/jpeg");
    assert_eq!(answer.headers["cache-control"], "public, max-age=31536000, immutable");
    answer.done(200);
}

/// The buckets of sources and media, and the items that decide when files are deleted.
struct Storage {
    s3: aws_sdk_s3::Client,
    table: aws_sdk_dynamodb::Client,
    outputs: Value,
}

impl Storage {
    async fn new(marquee: &Marquee) -> Self {
        let operator = marquee.operator().await;
        let s3 = aws_sdk_s3::config::Builder::from(&operator)
            .force_path_style(true)
            .build();

        Self {
            s3: aws_sdk_s3::Client::from_conf(s3),
            table: aws_sdk_dynamodb::Client::new(&operator),
            outputs: marquee.outputs(),
        }
    }

    fn output(&self, name: &str) -> &str {
        self.outputs[name].as_str().expect("a name")
    }

    async fn count(&self, bucket: &str, prefix: String) -> i32 {
        let list = self.s3.list_objects_v2().bucket(self.output(bucket)).prefix(prefix);

        list.send()
            .await
            .expect("ListObjectsV2")
            .key_count()
            .unwrap_or_default()
    }

    /// The numbers of objects of an upload: its source, its output, its title's posters.
    async fn objects(&self, film: &Uploaded) -> [i32; 3] {
        [
            self.count("UploadBucketName", format!("uploads/{}/", film.upload_id))
                .await,
            self.count("MediaBucketName", format!("media/{}/", film.asset_id)).await,
            self.count("MediaBucketName", format!("images/{}/", film.title_id))
                .await,
        ]
    }

    async fn set(&self, film: &Uploaded, sk: String, expression: &str, value: &str) {
        self.table
            .update_item()
            .table_name(self.output("TableName"))
            .key("pk", AttributeValue::S(format!("TITLE#{}", film.title_id)))
            .key("sk", AttributeValue::S(sk))
            .update_expression(expression)
            .expression_attribute_values(":value", AttributeValue::S(value.to_owned()))
            .condition_expression("attribute_exists(pk)")
            .send()
            .await
            .expect("UpdateItem");
    }

    /// Ends the grace period of an archived title.
    async fn end_grace_period(&self, film: &Uploaded) {
        let past = "2026-01-01T00:00:00Z";
        self.set(film, "TITLE".to_owned(), "SET restorable_until = :value", past)
            .await;
        self.make_check_due(film).await;
    }

    /// Writes the film's items as they were before storage was counted.
    async fn remove_storage_count(&self, film: &Uploaded, account: &str) {
        let key = |pk: String, sk: String| {
            [("pk", pk), ("sk", sk)].map(|(name, value)| (name.to_owned(), AttributeValue::S(value)))
        };
        self.table
            .update_item()
            .table_name(self.output("TableName"))
            .set_key(Some(
                key(
                    format!("TITLE#{}", film.title_id),
                    format!("RETENTION#{}", film.asset_id),
                )
                .into(),
            ))
            .update_expression("REMOVE counting")
            .send()
            .await
            .expect("UpdateItem");
        self.table
            .delete_item()
            .table_name(self.output("TableName"))
            .set_key(Some(key(format!("QUOTA#{account}"), "STORAGE".to_owned()).into()))
            .send()
            .await
            .expect("DeleteItem");
    }

    async fn make_check_due(&self, film: &Uploaded) {
        let due = format!("2026-01-01T00:00:00.000Z#{}", film.asset_id);
        let retention = format!("RETENTION#{}", film.asset_id);
        self.set(film, retention, "SET work_sk = :value", &due).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archived_title_is_restored_or_its_files_are_deleted() {
    let marquee = Marquee::running();
    let (storage, owner) = (Storage::new(&marquee).await, marquee.creator().await);
    let source = films::film(320, 180, 4);
    let size = std::fs::metadata(&source).expect("a film").len();
    let film = owner.upload("Here today", &source).await;
    let account = owner.account_id();
    let path = format!("/api/titles/{}", film.title_id);
    let restore = format!("{path}/restore");
    owner.title_in(&film.title_id, &["published"], PUBLISH_TIMEOUT).await;
    let viewer = marquee.viewer().await;
    owner.post(&restore, &json!({})).await.refused(409);

    owner.delete(&path).await.done(204);
    let archived = owner.get(&path).await.json();
    assert_eq!(archived["state"], "archived");
    assert!(archived["restorable_until"].is_string(), "{archived}");
    viewer.post(&restore, &json!({})).await.refused(404);
    // A check before the end of the grace period deletes nothing.
    storage.make_check_due(&film).await;
    marquee.invoke("DeleteFilesFunction", &json!({})).await;
    assert!(storage.objects(&film).await.iter().all(|count| *count > 0));
    assert_eq!(marquee.stored_bytes(&account).await, size);

    let restored = owner.post(&restore, &json!({})).await.json();
    assert_eq!(restored["state"], "published");
    assert!(restored["restorable_until"].is_null(), "{restored}");
    wait::until("it plays again", EDGE_TIMEOUT, async || {
        let manifest = play(&viewer, &film.title_id).await;
        viewer.get(&manifest).await.status.is_success().then_some(())
    })
    .await;

    // A source from before storage was counted is counted by its next check, once.
    storage.remove_storage_count(&film, &account).await;
    for _ in 0..2 {
        storage.make_check_due(&film).await;
        marquee.invoke("DeleteFilesFunction", &json!({})).await;
        assert_eq!(marquee.stored_bytes(&account).await, size);
    }

    owner.delete(&path).await.done(204);
    assert_eq!(
        marquee.stored_bytes(&account).await,
        size,
        "an archived film still counts as stored"
    );
    storage.end_grace_period(&film).await;
    marquee.invoke("DeleteFilesFunction", &json!({})).await;
    assert_eq!(storage.objects(&film).await, [0, 0, 0]);
    let title = owner.get(&path).await.json();
    assert!(title["files_deleted_at"].is_string(), "{title}");
    assert!(
        title["poster_url"].is_null() && title["restorable_until"].is_null(),
        "{title}"
    );
    owner.post(&restore, &json!({})).await.refused(409);
    assert_eq!(marquee.stored_bytes(&account).await, 0);
    // Another check gives nothing back twice.
    let another = owner.upload("Here to stay", &source).await;
    storage.make_check_due(&film).await;
    marquee.invoke("DeleteFilesFunction", &json!({})).await;
    assert_eq!(marquee.stored_bytes(&account).await, size);
    owner.title_in(&another.title_id, &["published"], PUBLISH_TIMEOUT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unpublished_title_is_deleted_for_good() {
    let marquee = Marquee::running();
    let (storage, owner) = (Storage::new(&marquee).await, marquee.creator().await);
    let draft = owner.create_title("Never begun").await;
    let path = format!("/api/titles/{draft}");
    marquee.viewer().await.delete(&path).await.refused(404);
    owner.delete(&path).await.done(204);
    owner.get(&path).await.refused(404);

    let failed = owner.upload("No film", &films::text()).await;
    owner.title_in(&failed.title_id, &["failed"], PUBLISH_TIMEOUT).await;
    assert_eq!(storage.objects(&failed).await[0], 1);
    let path = format!("/api/titles/{}", failed.title_id);
    owner.delete(&path).await.done(204);
    owner.get(&path).await.refused(404);
    marquee.invoke("DeleteFilesFunction", &json!({})).await;
    assert_eq!(storage.objects(&failed).await, [0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_a_replaced_upload_are_deleted_and_those_of_the_new_one_stay() {
    let marquee = Marquee::running();
    let (storage, owner) = (Storage::new(&marquee).await, marquee.creator().await);
    let failed = owner.upload("Second try", &films::text()).await;
    owner.title_in(&failed.title_id, &["failed"], PUBLISH_TIMEOUT).await;
    let replacement = owner.upload_to(&failed.title_id, &films::film(320, 180, 4)).await;
    owner.title_in(&failed.title_id, &["published"], PUBLISH_TIMEOUT).await;

    for film in [&failed, &replacement] {
        storage.make_check_due(film).await;
    }
    marquee.invoke("DeleteFilesFunction", &json!({})).await;

    assert_eq!(storage.objects(&failed).await[..2], [0, 0]);
    assert!(storage.objects(&replacement).await.iter().all(|count| *count > 0));
    let manifest = play(&owner, &failed.title_id).await;
    let (_, segments) = playlist_and_files(&owner, &manifest).await;
    owner.get(segments.last().expect("a segment")).await.done(200);
}
