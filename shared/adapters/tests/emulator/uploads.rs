//! Uploads in parts: a client sends what was signed, and nothing else.

use adapters::s3::{CompleteError, Part, StoredPart, UploadBucket};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::upload::Upload;
use reqwest::StatusCode;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::{
    emulator::Emulator,
    fixtures::{begun_upload, draft, new_account, now},
    objects::create_bucket,
};

const PARTS: [&str; 3] = ["the first part, ", "the second part, ", "the last part"];

/// An upload that has begun in S3, as a role whose signatures are checked.
struct Begun {
    emulator: Emulator,
    bucket: UploadBucket,
    upload: Upload,
}

impl Begun {
    async fn create() -> Option<Self> {
        let emulator = Emulator::running().await?;
        let name = create_bucket(&emulator).await;
        let resources = [format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/*")];
        let role = emulator.role(json!([{ "Effect": "Allow", "Action": "s3:*", "Resource": resources }]));
        let bucket = UploadBucket::new(&role.await, name);
        let size = PARTS.concat().len().try_into().expect("a small number");
        let (_, mut upload) = begun_upload(&mut draft(new_account(), "Film", now()), size, now());
        upload.multipart_id = bucket.begin(upload.id, &upload.content_type).await.expect("an upload");

        Some(Self {
            emulator,
            bucket,
            upload,
        })
    }

    /// Sends `sent` to the URL that is signed for `announced`.
    async fn send(&self, number: u32, announced: &str, sent: &str) -> StatusCode {
        let size = announced.len().try_into().expect("a small number");
        let signed = self.bucket.sign(&self.upload, number, size, &checksum(announced)).await;
        let signed = signed.expect("a signed request");
        let mut request = self.emulator.http.put(signed.url).body(sent.to_owned());
        for (name, value) in signed.headers {
            request = request.header(name, value);
        }

        request.send().await.expect("an answer").status()
    }

    async fn send_all(&self) -> Vec<Part> {
        for (number, part) in (1..).zip(PARTS) {
            assert_eq!(self.send(number, part, part).await, StatusCode::OK);
        }

        self.stored().await.into_iter().map(|stored| stored.part).collect()
    }

    async fn stored(&self) -> Vec<StoredPart> {
        self.bucket.parts(&self.upload).await.expect("a list")
    }

    async fn exists(&self) -> bool {
        self.bucket.exists(&self.upload).await.expect("an answer")
    }
}

fn checksum(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text))
}

#[tokio::test]
async fn parts_that_have_arrived_are_listed_and_completed_to_an_object() {
    let Some(begun) = Begun::create().await else { return };
    assert_eq!(begun.stored().await, []);

    let parts = begun.send_all().await;

    let stored = begun.stored().await;
    assert_eq!(
        stored.iter().map(|stored| stored.part.number).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    for (stored, sent) in stored.iter().zip(PARTS) {
        assert_eq!(
            (stored.size_bytes, &stored.part.checksum_sha256),
            (sent.len() as u64, &checksum(sent))
        );
    }
    assert!(!begun.exists().await);
    begun
        .bucket
        .complete(&begun.upload, &parts)
        .await
        .expect("a completed upload");
    assert!(begun.exists().await);
    assert_eq!(begun.stored().await, [], "the upload is over");
}

#[tokio::test]
async fn an_upload_is_completed_as_often_as_it_is_asked_for() {
    let Some(begun) = Begun::create().await else { return };
    let parts = begun.send_all().await;

    for _ in 0..2 {
        begun
            .bucket
            .complete(&begun.upload, &parts)
            .await
            .expect("a completed upload");
    }

    assert!(begun.exists().await);
}

#[tokio::test]
async fn a_part_with_other_bytes_than_were_announced_is_refused() {
    let Some(begun) = Begun::create().await else { return };

    assert!(
        begun.send(1, "announced", "different").await.is_client_error(),
        "another checksum"
    );
    assert!(
        begun
            .send(1, "announced", "announced, and more")
            .await
            .is_client_error(),
        "another size"
    );
    assert_eq!(begun.stored().await, []);
    assert_eq!(begun.send(1, "announced", "announced").await, StatusCode::OK);
}

#[tokio::test]
async fn a_signed_url_is_good_for_its_own_part_only() {
    let Some(begun) = Begun::create().await else { return };
    let signed = begun
        .bucket
        .sign(&begun.upload, 1, 4, &checksum("part"))
        .await
        .expect("a signed request");
    let altered = signed.url.replace("partNumber=1", "partNumber=2");
    assert_ne!(altered, signed.url);

    let mut request = begun.emulator.http.put(altered).body("part");
    for (name, value) in signed.headers {
        request = request.header(name, value);
    }

    assert_eq!(request.send().await.expect("an answer").status(), StatusCode::FORBIDDEN);
    assert_eq!(begun.stored().await, []);
}

#[tokio::test]
async fn a_part_that_is_sent_again_replaces_the_first_one() {
    let Some(begun) = Begun::create().await else { return };
    begun.send(1, "first", "first").await;
    begun.send(1, "second", "second").await;

    let stored = begun.stored().await;

    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0].part.checksum_sha256, checksum("second"));
}

#[tokio::test]
async fn parts_that_s3_does_not_have_complete_no_upload() {
    let Some(begun) = Begun::create().await else { return };
    let parts = begun.send_all().await;
    let other_etag = Part {
        etag: "\"d41d8cd98f00b204e9800998ecf8427e\"".to_owned(),
        ..parts[2].clone()
    };
    let never_sent = Part {
        number: 4,
        ..parts[2].clone()
    };

    for other in [other_etag, never_sent] {
        let declared = [parts[0].clone(), parts[1].clone(), other];
        let refused = begun.bucket.complete(&begun.upload, &declared).await;
        assert!(matches!(refused, Err(CompleteError::PartsMismatch(_))), "{refused:?}");
    }

    assert!(!begun.exists().await);
    assert_eq!(
        begun.stored().await.len(),
        PARTS.len(),
        "the upload may still be completed"
    );
}

#[tokio::test]
async fn an_aborted_upload_loses_its_parts_and_is_gone() {
    let Some(begun) = Begun::create().await else { return };
    let parts = begun.send_all().await;

    for _ in 0..2 {
        begun.bucket.abort(&begun.upload).await.expect("an answer");
    }

    assert_eq!(begun.stored().await, []);
    let refused = begun.bucket.complete(&begun.upload, &parts).await;
    assert!(matches!(refused, Err(CompleteError::Gone)), "{refused:?}");
    assert!(begun.send(1, PARTS[0], PARTS[0]).await.is_client_error());
    assert!(!begun.exists().await);
}
