//! Watching films without a player, and the home page that comes of it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::{films, people::Actor, wait};

/// How long a short film takes to be published on a busy machine.
pub const PUBLISHING: Duration = Duration::from_mins(3);
/// How long watching a short film takes.
const WATCHING: Duration = Duration::from_secs(30);
/// For how long an access token is used: it is good for some minutes more.
const GOOD_FOR: Duration = Duration::from_mins(5);
/// How long the films of [`Actor::publish`] play.
pub const FILM_MS: u64 = 4_000;

impl Actor {
    /// Publishes a short film of one genre, which an admin gives it: only they may coin one. Returns its title.
    pub async fn publish(&self, name: &str, genre: &str) -> String {
        let uploaded = self.upload(name, &films::film(320, 180, 4)).await;
        let title = self.title_in(&uploaded.title_id, &["published"], PUBLISHING).await;
        let change = json!({"version": title["version"], "genres": [genre]});
        self.as_admin()
            .await
            .patch(&format!("/api/titles/{}", uploaded.title_id), &change)
            .await
            .done(200);

        uploaded.title_id
    }

    /// The installation's first admin, signed in once for many calls: a password may be tried a few times only.
    async fn as_admin(&self) -> Self {
        static TOKEN: Mutex<Option<(Instant, String)>> = Mutex::const_new(None);
        let mut kept = TOKEN.lock().await;
        if let Some((_, token)) = kept.as_ref().filter(|(since, _)| since.elapsed() < GOOD_FOR) {
            return self.with_token(token);
        }
        let admin = self.marquee().admin().await;
        *kept = admin.token().map(|token| (Instant::now(), token.to_owned()));

        admin
    }

    /// Begins a sitting; returns its name.
    pub async fn sit_down(&self, title_id: &str) -> String {
        let path = format!("/api/titles/{title_id}/playback");
        let playback = self.post(&path, &json!({"renewable": true})).await.json();

        playback["playback_id"].as_str().expect("an id").to_owned()
    }

    /// Says how far a playback session has come, as soon as so much can have been watched in it.
    pub async fn watched(&self, title_id: &str, session: &str, ms: u64) {
        wait::until("so much time has passed", WATCHING, async || {
            let answer = self.beat(title_id, session, ms).await;
            (answer.status.as_u16() != 422).then_some(answer)
        })
        .await
        .done(204);
    }

    /// Says how far a playback session has come.
    pub async fn beat(&self, title_id: &str, sitting: &str, ms: u64) -> crate::answer::Answer {
        let beat = json!({"playback_id": sitting, "position_ms": ms, "watched_ms": ms});

        self.put(&format!("/api/titles/{title_id}/progress"), &beat).await
    }

    /// Watches a film of [`Actor::publish`] from its beginning until `ms`.
    pub async fn watch_until(&self, title_id: &str, ms: u64) {
        let session = self.sit_down(title_id).await;
        // Twice: one heartbeat makes nothing popular.
        self.watched(title_id, &session, ms / 2 + 1).await;
        self.watched(title_id, &session, ms).await;
    }

    /// What this person has to do with a title.
    pub async fn engagement(&self, title_id: &str) -> Value {
        self.get(&format!("/api/titles/{title_id}/engagement")).await.json()
    }

    /// This person's home page.
    pub async fn home(&self) -> Home {
        Home(self.get("/api/me/home").await.json())
    }

    /// Says something against a title that was recommended, or takes it back.
    pub async fn give_feedback(&self, title_id: &str, feedback: Value) {
        let body = json!({"title_id": title_id, "feedback": feedback});
        self.post("/api/me/recommendations/feedback", &body).await.done(204);
    }
}

/// A home page.
#[derive(Debug)]
pub struct Home(pub Value);

impl Home {
    /// Who made it.
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

    /// Everything in the rows of a kind.
    #[must_use]
    pub fn items(&self, kind: &str) -> Vec<&Value> {
        let rows = self.rows(kind);

        rows.iter()
            .flat_map(|row| row["items"].as_array().expect("items"))
            .collect()
    }

    /// Whether a title stands in any row.
    #[must_use]
    pub fn shows(&self, title_id: &str) -> bool {
        self.0["rows"].to_string().contains(title_id)
    }

    /// What is always true of a home page: no row is empty, everything has a reason, nothing stands in two rows.
    pub fn is_well_formed(&self) {
        let mut seen = std::collections::HashSet::new();
        for row in self.0["rows"].as_array().expect("rows") {
            let items = row["items"].as_array().expect("items");
            assert!(!items.is_empty(), "{row}");
            assert!(row["heading"].as_str().is_some_and(|words| !words.is_empty()), "{row}");
            for item in items {
                assert!(
                    item["reason"].as_str().is_some_and(|words| !words.trim().is_empty()),
                    "{item}"
                );
                assert_eq!(item["title"]["state"], "published", "{item}");
                let title = item["title"]["title_id"].as_str().expect("an id");
                assert!(seen.insert(title.to_owned()), "{title} stands twice: {}", self.0);
            }
        }
    }
}

/// A word that no other test uses.
#[must_use]
pub fn new_genre(word: &str) -> String {
    let moment = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .expect("a clock")
        .as_millis();

    format!("{word}-{moment}")
}
