//! Watching films without a player, and the resulting home page.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::{films, people::Actor, wait};

/// Publishing a short film on a busy machine.
pub const PUBLISH_TIMEOUT: Duration = Duration::from_mins(3);
/// Watching a short film.
const WATCH_TIMEOUT: Duration = Duration::from_secs(30);
/// How long an access token is used; it is valid for some minutes more.
pub const TOKEN_MAX_AGE: Duration = Duration::from_mins(5);
/// The length of the films of [`Actor::publish`].
pub const FILM_MS: u64 = 4_000;

impl Actor {
    /// Publishes a short film of one genre and returns its title. An admin sets the genre, because only admins may coin one.
    pub async fn publish(&self, name: &str, genre: &str) -> String {
        let uploaded = self.upload(name, &films::film(320, 180, 4)).await;
        let title = self.title_in(&uploaded.title_id, &["published"], PUBLISH_TIMEOUT).await;
        let change = json!({"version": title["version"], "genres": [genre]});
        self.as_admin()
            .await
            .patch(&format!("/api/titles/{}", uploaded.title_id), &change)
            .await
            .done(200);

        uploaded.title_id
    }

    /// The installation's first admin, signed in once for many calls, because sign-ins are limited.
    async fn as_admin(&self) -> Self {
        static TOKEN: Mutex<Option<(Instant, String)>> = Mutex::const_new(None);
        let mut cached = TOKEN.lock().await;
        if let Some((_, token)) = cached.as_ref().filter(|(since, _)| since.elapsed() < TOKEN_MAX_AGE) {
            return self.with_token(token);
        }
        let admin = self.marquee().admin().await;
        *cached = admin.token().map(|token| (Instant::now(), token.to_owned()));

        admin
    }

    /// Begins a playback session and returns its id.
    pub async fn begin_playback(&self, title_id: &str) -> String {
        let path = format!("/api/titles/{title_id}/playback");
        let playback = self.post(&path, &json!({"renewable": true})).await.json();

        playback["playback_id"].as_str().expect("an id").to_owned()
    }

    /// Sends a heartbeat of a playback session, as soon as that much can have been watched in it.
    pub async fn heartbeat_when_due(&self, title_id: &str, session: &str, ms: u64) {
        wait::until("enough time has passed", WATCH_TIMEOUT, async || {
            let answer = self.heartbeat(title_id, session, ms).await;
            (answer.status.as_u16() != 422).then_some(answer)
        })
        .await
        .done(204);
    }

    /// Sends a heartbeat of a playback session.
    pub async fn heartbeat(&self, title_id: &str, session: &str, ms: u64) -> crate::answer::Answer {
        let beat = json!({"playback_id": session, "position_ms": ms, "watched_ms": ms});

        self.put(&format!("/api/titles/{title_id}/progress"), &beat).await
    }

    /// Watches a film of [`Actor::publish`] from its beginning until `ms`.
    pub async fn watch_until(&self, title_id: &str, ms: u64) {
        let session = self.begin_playback(title_id).await;
        // Two heartbeats, since one counts for no popularity.
        self.heartbeat_when_due(title_id, &session, ms / 2 + 1).await;
        self.heartbeat_when_due(title_id, &session, ms).await;
    }

    /// This person's engagement with a title.
    pub async fn engagement(&self, title_id: &str) -> Value {
        self.get(&format!("/api/titles/{title_id}/engagement")).await.json()
    }

    /// This person's home page.
    pub async fn home(&self) -> HomePage {
        HomePage(self.get("/api/me/home").await.json())
    }

    /// Gives feedback on a recommended title, or takes it back.
    pub async fn give_feedback(&self, title_id: &str, feedback: Value) {
        let body = json!({"title_id": title_id, "feedback": feedback});
        self.post("/api/me/recommendations/feedback", &body).await.done(204);
    }
}

/// A home page.
#[derive(Debug)]
pub struct HomePage(pub Value);

impl HomePage {
    /// The source of its rows.
    #[must_use]
    pub fn source(&self) -> &str {
        self.0["source"].as_str().expect("a source")
    }

    /// The rows of a kind.
    #[must_use]
    pub fn rows(&self, kind: &str) -> Vec<&Value> {
        let rows = self.0["rows"].as_array().expect("rows").iter();

        rows.filter(|row| row["kind"] == kind).collect()
    }

    /// All items in the rows of a kind.
    #[must_use]
    pub fn items(&self, kind: &str) -> Vec<&Value> {
        let rows = self.rows(kind);

        rows.iter()
            .flat_map(|row| row["items"].as_array().expect("items"))
            .collect()
    }

    /// Whether a title is in any row.
    #[must_use]
    pub fn shows(&self, title_id: &str) -> bool {
        self.0["rows"].to_string().contains(title_id)
    }

    /// Asserts that no row is empty, every item has a reason, and no title is in two rows.
    pub fn assert_well_formed(&self) {
        let mut seen = std::collections::HashSet::new();
        for row in self.0["rows"].as_array().expect("rows") {
            let items = row["items"].as_array().expect("items");
            assert!(!items.is_empty(), "{row}");
            assert!(row["heading"].as_str().is_some_and(|text| !text.is_empty()), "{row}");
            for item in items {
                assert!(
                    item["reason"].as_str().is_some_and(|text| !text.trim().is_empty()),
                    "{item}"
                );
                assert_eq!(item["title"]["state"], "published", "{item}");
                let title = item["title"]["title_id"].as_str().expect("an id");
                assert!(seen.insert(title.to_owned()), "{title} is there twice: {}", self.0);
            }
        }
    }
}

/// A genre that no other test uses.
#[must_use]
pub fn new_genre(word: &str) -> String {
    let moment = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .expect("a clock")
        .as_millis();

    format!("{word}-{moment}")
}
