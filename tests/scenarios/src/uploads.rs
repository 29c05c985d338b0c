//! Uploading a file as a client does: title, upload, signed parts, completion.

use std::{fs, path::Path, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{people::Actor, wait};

/// An upload: its ids, and the body of its last request.
#[derive(Clone, Debug)]
pub struct Uploaded {
    /// The title.
    pub title_id: String,
    /// The asset of the file.
    pub asset_id: String,
    /// The upload.
    pub upload_id: String,
    /// The body of the complete request.
    pub completion: Value,
}

impl Actor {
    /// Creates a title.
    pub async fn create_title(&self, name: &str) -> String {
        let title = self
            .post("/api/titles", &json!({"name": name, "genres": ["animation"]}))
            .await
            .json();

        title["title_id"].as_str().expect("an id").to_owned()
    }

    /// Creates a title and uploads a file for it, without completing the upload.
    pub async fn send_parts(&self, name: &str, file: &Path) -> Uploaded {
        let title_id = self.create_title(name).await;

        self.send_parts_to(&title_id, file).await
    }

    /// Uploads a file for a title, without completing the upload.
    pub async fn send_parts_to(&self, title_id: &str, file: &Path) -> Uploaded {
        let bytes = fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let request = json!({
            "file_name": file.file_name().expect("a name").to_string_lossy(),
            "size_bytes": bytes.len(),
            "content_type": "video/mp4",
        });
        let upload = self
            .post(&format!("/api/titles/{title_id}/uploads"), &request)
            .await
            .json();
        let upload_id = upload["upload_id"].as_str().expect("an id").to_owned();
        let part_size = usize::try_from(upload["part_size"].as_u64().expect("a size")).expect("a size");
        let sums: Vec<String> = bytes
            .chunks(part_size)
            .map(|part| STANDARD.encode(Sha256::digest(part)))
            .collect();

        let requested: Vec<Value> = sums
            .iter()
            .zip(1..)
            .map(|(sum, n)| json!({"part_number": n, "checksum_sha256": sum}))
            .collect();
        let signed = self
            .post(&format!("/api/uploads/{upload_id}/parts"), &json!({"parts": requested}))
            .await
            .json();
        let mut parts = Vec::new();
        for (index, (part, sum)) in bytes.chunks(part_size).zip(&sums).enumerate() {
            let etag = self.put_part(&signed["parts"][index], part).await;
            parts.push(json!({"part_number": index + 1, "etag": etag, "checksum_sha256": sum}));
        }

        Uploaded {
            title_id: title_id.to_owned(),
            asset_id: upload["asset_id"].as_str().expect("an id").to_owned(),
            upload_id,
            completion: json!({"parts": parts}),
        }
    }

    /// Creates a title, uploads a file for it and completes the upload.
    pub async fn upload(&self, name: &str, file: &Path) -> Uploaded {
        let uploaded = self.send_parts(name, file).await;
        self.complete(&uploaded).await.done(202);

        uploaded
    }

    /// Uploads a file for an existing title and completes the upload.
    pub async fn upload_to(&self, title_id: &str, file: &Path) -> Uploaded {
        let uploaded = self.send_parts_to(title_id, file).await;
        self.complete(&uploaded).await.done(202);

        uploaded
    }

    /// Completes an upload.
    pub async fn complete(&self, uploaded: &Uploaded) -> crate::answer::Answer {
        self.post(
            &format!("/api/uploads/{}/complete", uploaded.upload_id),
            &uploaded.completion,
        )
        .await
    }

    /// Waits until a title is in one of these states, and returns it.
    pub async fn title_in(&self, title_id: &str, states: &[&str], deadline: Duration) -> Value {
        let path = format!("/api/titles/{title_id}");

        wait::until(
            &format!("title {title_id} is one of {states:?}"),
            deadline,
            async || {
                let title = self.get(&path).await.json();

                states.contains(&title["state"].as_str()?).then_some(title)
            },
        )
        .await
    }

    /// Waits until a title is being transcoded.
    pub async fn wait_for_transcoding(&self, title_id: &str) {
        let path = format!("/api/titles/{title_id}/timeline");
        wait::until("the transcode step runs", Duration::from_mins(1), async || {
            let timeline = self.get(&path).await.json();
            let step = timeline["steps"]
                .as_array()?
                .iter()
                .find(|step| step["step"] == "transcode")?
                .clone();

            (step["state"] == "running").then_some(())
        })
        .await;
    }

    async fn put_part(&self, signed: &Value, part: &[u8]) -> String {
        let mut request = self
            .marquee()
            .http
            .put(signed["url"].as_str().expect("a URL"))
            .body(part.to_vec());
        for (name, value) in signed["headers"].as_object().into_iter().flatten() {
            request = request.header(name, value.as_str().expect("a header"));
        }
        let answer = request.send().await.expect("the bucket answers");
        let (status, headers) = (answer.status(), answer.headers().clone());
        assert!(
            status.is_success(),
            "{status}: {}",
            answer.text().await.unwrap_or_default()
        );

        headers["etag"].to_str().expect("an ETag").to_owned()
    }
}
