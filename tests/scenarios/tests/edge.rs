//! What the edge lets through, and to whom: tried at the address for people, as anybody would.

#![expect(clippy::expect_used, reason = "tests fail by panicking")]

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use marquee_scenario_tests::{Marquee, answer::Answer, films, people::Actor, uploads::Uploaded, wait};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

const PUBLISH_TIMEOUT: Duration = Duration::from_mins(3);
/// How long the edge may show what was taken down.
const TAKE_DOWN: Duration = Duration::from_secs(10);
/// By when the edge shows something again, or knows of a change that no test measures: no requirement names a time.
const SHOWN: Duration = Duration::from_mins(1);

/// A published film, and what its owner got to play it.
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

    /// Takes the film down and shows it again, so that a take-down that is measured includes no cold start.
    async fn flip(&self, owner: &Actor) {
        for (visibility, status) in [("private", 404), ("unlisted", 200)] {
            self.change(owner, json!({"visibility": visibility})).await;
            wait::until("the edge knows of the change", SHOWN, async || {
                (owner.get(&self.poster).await.status.as_u16() == status).then_some(())
            })
            .await;
        }
    }

    /// What its owner plays it by once it is private.
    async fn play_in_private(&self, owner: &Actor) -> String {
        wait::until("the edge refuses the links of before", SHOWN, async || {
            let status = owner.get(&self.manifest).await.status;
            (status.as_u16() == 403).then_some(())
        })
        .await;

        // At once: its owner gets links of after the refused ones.
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

/// Addresses of all that a playlist names, below the playlist's own.
async fn named(viewer: &Actor, playlist: &str) -> Vec<String> {
    let folder = playlist.rsplit_once('/').expect("a folder").0;
    let text = viewer.get(playlist).await.text();
    let quoted = text.split('"').skip(1).step_by(2).filter(|word| word.contains('.'));
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));

    lines
        .chain(quoted.filter(|word| matches!(word.rsplit_once('.'), Some((_, "mp4" | "m3u8")))))
        .map(|file| format!("{folder}/{file}"))
        .collect()
}

/// A playlist of the film, and a segment: with the token of `manifest`.
async fn files(viewer: &Actor, manifest: &str) -> (String, Vec<String>) {
    let playlist = named(viewer, manifest).await.into_iter().next().expect("a playlist");
    let segments = named(viewer, &playlist).await;
    assert!(!segments.is_empty(), "{playlist} has segments");

    (playlist, segments)
}

/// The same address with another word where the token is.
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

/// The keys that sign links, as an operator reads them.
struct Keys(Value);

impl Keys {
    async fn of(marquee: &Marquee) -> Self {
        let rotation = marquee.function("RotatePlaybackKeysFunction").await;
        let mut variables = rotation
            .environment
            .and_then(|environment| environment.variables)
            .expect("variables");
        let parameter = variables.remove("PLAYBACK_KEYS_PARAMETER").expect("a name");
        let answer = aws_sdk_ssm::Client::new(&marquee.operator().await)
            .get_parameter()
            .name(parameter)
            .with_decryption(true)
            .send()
            .await
            .expect("GetParameter");
        let ring = answer.parameter.and_then(|parameter| parameter.value).expect("a ring");

        Self(serde_json::from_str(&ring).expect("JSON"))
    }

    /// The token of a link, signed to end at this time (in seconds since 1970), or when it ends.
    fn ending(&self, address: &str, end: Option<&str>) -> String {
        let parts: Vec<&str> = address.split('/').collect();
        let words: Vec<&str> = token(address).split('.').collect();
        let ([_, _, _, asset, attempt, ..], [key_id, good_until, viewer, lease, _]) = (&parts[..], &words[..]) else {
            panic!("{address} is no link");
        };
        let end = end.unwrap_or(good_until);

        let message = format!("v1\n{key_id}\n/media/{asset}/{attempt}/\n{end}\n{viewer}\n{lease}");
        let key = self.0[*key_id].as_str().expect("a key");
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key of any length");
        mac.update(message.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());

        format!("{key_id}.{end}.{viewer}.{lease}.{signature}")
    }
}

/// Whether an answer holds anything of the content: what a playlist or a file of a film begins with.
fn holds_any(answer: &Answer, content: &[u8]) -> bool {
    let beginning = &content[..content.len().min(32)];

    answer.body.windows(beginning.len()).any(|part| part == beginning)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_method_but_get_and_head_gets_a_byte_of_a_film() {
    let marquee = Marquee::running();
    let owner = marquee.creator().await;
    let film = Film::publish(&owner, "Behind the door").await;
    film.change(&owner, json!({"visibility": "private"})).await;
    // Begun after the title became private: its owner may still watch it.
    let manifest = film.play_in_private(&owner).await;
    let (playlist, segments) = files(&owner, &manifest).await;
    let foreign = Film::publish(&owner, "Another door").await;
    let stranger = marquee.stranger();
    let keys = Keys::read(&marquee).await;

    for address in [&manifest, &playlist, &segments[0]] {
        let content = owner.get(address).await;
        content.done(200);
        stranger.send(Method::HEAD, address, None).await.done(200);
        assert_eq!(
            keys.ending(address, None),
            token(address),
            "this is how links are signed"
        );
        let expired = with_token(address, &keys.ending(address, Some("1700000000")));
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
                    !answer.status.is_success() && !holds_any(&answer, &content.body),
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

/// Who reads the state of an installation is everybody in it: passwords and signing keys are there.
#[test]
fn an_installation_is_its_owners_alone() {
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
async fn the_api_is_reached_through_the_distribution_only() {
    let marquee = Marquee::running();
    let outputs = marquee.outputs();
    let api = outputs["ApiId"].as_str().expect("the API");
    let direct = format!("{}/_aws/execute-api/{api}/$default/api/auth/sign-in", marquee.emulator);
    let body = json!({"email": "nobody@example.org", "password": "Wrong-password-1"});

    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let answer = client.post(direct).json(&body).send().await.expect("an answer");

    assert_eq!(answer.status(), 403);
    marquee.stranger().post("/api/auth/sign-in", &body).await.refused(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_security_headers() {
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
    // What a function of the edge answers itself has the headers that it writes.
    for path in ["/media/nothing", "/images/nothing.jpg"] {
        let answer = stranger.get(path).await;
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
    }
}

/// A viewer who has a link that is good for hours, and has seen the beginning of a film.
struct Watching {
    viewer: Actor,
    manifest: String,
    unseen: String,
}

impl Watching {
    async fn begin(marquee: &Marquee, film: &Film) -> Self {
        let viewer = marquee.viewer().await;
        let manifest = play(&viewer, &film.title_id).await;
        let (_, segments) = files(&viewer, &manifest).await;
        viewer.get(&film.poster).await.done(200);

        Self {
            viewer,
            manifest,
            unseen: segments.last().expect("a segment").clone(),
        }
    }

    /// Waits until nothing is to be had with the link any more, cached or not.
    async fn ends(&self, poster: &str) {
        wait::holds_within("the edge refuses the film and its poster", TAKE_DOWN, async || {
            for address in [&self.manifest, &self.unseen, &poster.to_owned()] {
                let status = self.viewer.get(address).await.status.as_u16();
                if ![403, 404].contains(&status) {
                    return false;
                }
            }
            true
        })
        .await;
    }

    /// Waits until the link is good again.
    async fn resumes(&self, poster: &str) {
        wait::until("the edge shows the film and its poster", SHOWN, async || {
            let playlist = self.viewer.get(&self.manifest).await.status.is_success();
            let poster = self.viewer.get(poster).await.status.is_success();

            (playlist && poster).then_some(())
        })
        .await;
        self.viewer.get(&self.unseen).await.done(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_private_is_refused_at_once_and_shown_again_when_it_is_public() {
    let marquee = Marquee::running();
    let owner = marquee.creator().await;
    let film = Film::publish(&owner, "Second thoughts").await;
    film.flip(&owner).await;
    let watching = Watching::begin(&marquee, &film).await;

    film.change(&owner, json!({"visibility": "private"})).await;
    watching.ends(&film.poster).await;
    // Its owner may go on, with a link of after the change.
    let link = film.play_in_private(&owner).await;
    owner.get(&link).await.done(200);

    film.change(&owner, json!({"visibility": "unlisted"})).await;
    watching.resumes(&film.poster).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_archived_is_refused_at_once() {
    let marquee = Marquee::running();
    let owner = marquee.creator().await;
    let film = Film::publish(&owner, "Not any more").await;
    film.flip(&owner).await;
    let watching = Watching::begin(&marquee, &film).await;

    owner.delete(&format!("/api/titles/{}", film.title_id)).await.done(204);

    watching.ends(&film.poster).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_links_of_a_disabled_account_are_refused_at_once() {
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

    wait::holds_within("the edge refuses their link", TAKE_DOWN, async || {
        marquee.stranger().get(&watching.unseen).await.status == 403
    })
    .await;
    marquee.stranger().get(&other.unseen).await.done(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_links_of_an_admin_end_with_the_role() {
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
    // A function that asked a moment ago takes them for an admin still.
    let late = admin.post(&playback, &json!({"renewable": false})).await;
    if late.status.is_success() {
        links.push(late.json()["manifest_url"].as_str().expect("an address").to_owned());
    } else {
        late.refused(404);
    }

    for link in &links {
        wait::holds_within("the edge refuses their link", TAKE_DOWN, async || {
            marquee.stranger().get(link).await.status == 403
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poster_does_not_tell_where_the_film_is() {
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

/// The two buckets of films, as an operator sees them, and the clock of what is in them.
struct Storage {
    s3: aws_sdk_s3::Client,
    table: aws_sdk_dynamodb::Client,
    outputs: Value,
}

impl Storage {
    async fn of(marquee: &Marquee) -> Self {
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

    /// How many objects there are of an upload: its source, its output, its title's posters.
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

    /// What happens when the grace period of an archived title is over.
    async fn grace_ends(&self, film: &Uploaded) {
        let past = "2026-01-01T00:00:00Z";
        self.set(film, "TITLE".to_owned(), "SET restorable_until = :value", past)
            .await;
        self.look_is_due(film).await;
    }

    /// The film as it was written before storage was counted.
    async fn forget_counting(&self, film: &Uploaded, account: &str) {
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

    async fn look_is_due(&self, film: &Uploaded) {
        let look = format!("2026-01-01T00:00:00.000Z#{}", film.asset_id);
        let retention = format!("RETENTION#{}", film.asset_id);
        self.set(film, retention, "SET work_sk = :value", &look).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archived_title_is_restored_or_its_files_are_really_deleted() {
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
    // Looked at before its time, everything stays.
    storage.look_is_due(&film).await;
    marquee.invoke("DeleteFilesFunction", &json!({})).await;
    assert!(storage.objects(&film).await.iter().all(|count| *count > 0));
    assert_eq!(marquee.stored_bytes(&account).await, size);

    let restored = owner.post(&restore, &json!({})).await.json();
    assert_eq!(restored["state"], "published");
    assert!(restored["restorable_until"].is_null(), "{restored}");
    wait::until("it plays again", SHOWN, async || {
        let manifest = play(&viewer, &film.title_id).await;
        viewer.get(&manifest).await.status.is_success().then_some(())
    })
    .await;

    // What was there before anything was counted is counted when it is looked at, once.
    storage.forget_counting(&film, &account).await;
    for _ in 0..2 {
        storage.look_is_due(&film).await;
        marquee.invoke("DeleteFilesFunction", &json!({})).await;
        assert_eq!(marquee.stored_bytes(&account).await, size);
    }

    owner.delete(&path).await.done(204);
    assert_eq!(
        marquee.stored_bytes(&account).await,
        size,
        "an archived film takes its space"
    );
    storage.grace_ends(&film).await;
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
    // Nobody looks at it again, and if somebody does, nothing is given back twice.
    let another = owner.upload("Here to stay", &source).await;
    storage.look_is_due(&film).await;
    marquee.invoke("DeleteFilesFunction", &json!({})).await;
    assert_eq!(marquee.stored_bytes(&account).await, size);
    owner.title_in(&another.title_id, &["published"], PUBLISH_TIMEOUT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_published_is_deleted_for_good() {
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
async fn a_replaced_upload_is_deleted_and_the_one_that_took_its_place_stays() {
    let marquee = Marquee::running();
    let (storage, owner) = (Storage::new(&marquee).await, marquee.creator().await);
    let failed = owner.upload("Second try", &films::text()).await;
    owner.title_in(&failed.title_id, &["failed"], PUBLISH_TIMEOUT).await;
    let again = owner.upload_to(&failed.title_id, &films::film(320, 180, 4)).await;
    owner.title_in(&failed.title_id, &["published"], PUBLISH_TIMEOUT).await;

    for film in [&failed, &again] {
        storage.look_is_due(film).await;
    }
    marquee.invoke("DeleteFilesFunction", &json!({})).await;

    assert_eq!(storage.objects(&failed).await[..2], [0, 0]);
    assert!(storage.objects(&again).await.iter().all(|count| *count > 0));
    let manifest = play(&owner, &failed.title_id).await;
    let (_, segments) = files(&owner, &manifest).await;
    owner.get(segments.last().expect("a segment")).await.done(200);
}
