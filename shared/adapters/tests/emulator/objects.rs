//! Objects of a bucket: written, read in part, listed over several pages, copied, deleted.

use adapters::s3::{Bucket, ObjectInfo};
use aws_sdk_s3::Client;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use kernel::error_kind::ErrorKind;
use serde_json::json;

use crate::{
    emulator::{Emulator, unique},
    fixtures::kind,
};

/// An empty bucket; its name.
pub(crate) async fn create_bucket(emulator: &Emulator) -> String {
    let name = unique("bucket");
    let create = Client::new(&emulator.root().await).create_bucket().bucket(&name);
    create.send().await.expect("CreateBucket");

    name
}

async fn new_bucket() -> Option<(Emulator, Bucket, String)> {
    let emulator = Emulator::running().await?;
    let name = create_bucket(&emulator).await;
    let bucket = Bucket::new(&emulator.root().await, &name);

    Some((emulator, bucket, name))
}

async fn write(bucket: &Bucket, key: &str, text: &str) {
    let written = bucket.write(key, "text/plain", text.into()).await;

    written.expect("a written object");
}

async fn keys(bucket: &Bucket, prefix: &str) -> Vec<String> {
    let objects = bucket.list(prefix).await.expect("a list").into_iter();

    objects.map(|object| object.key).collect()
}

#[tokio::test]
async fn an_object_is_read_in_part_and_up_to_its_end() {
    let Some((_, bucket, _)) = new_bucket().await else {
        return;
    };
    write(&bucket, "film", "0123456789").await;
    let read = async |start, length| {
        let bytes = bucket.read("film", start, length).await.expect("an answer")?;
        Some(String::from_utf8(bytes).expect("a text"))
    };

    assert_eq!(read(0, 10).await.as_deref(), Some("0123456789"));
    assert_eq!(read(3, 4).await.as_deref(), Some("3456"));
    assert_eq!(read(8, 100).await.as_deref(), Some("89"));
    assert_eq!(read(10, 1).await.as_deref(), Some(""), "it begins after the end");
    assert_eq!(
        bucket.read_text("film", 3).await.expect("an answer").as_deref(),
        Some("012")
    );
}

#[tokio::test]
async fn an_object_that_does_not_exist_is_none() {
    let Some((_, bucket, _)) = new_bucket().await else {
        return;
    };

    assert_eq!(bucket.head("film").await.expect("an answer"), None);
    assert_eq!(bucket.read("film", 0, 1).await.expect("an answer"), None);
    assert_eq!(bucket.read_text("film", 1).await.expect("an answer"), None);
    assert!(bucket.chunks("film").await.expect("an answer").is_none());
    assert_eq!(bucket.list("").await.expect("a list"), []);
}

#[tokio::test]
async fn an_object_is_replaced_whole() {
    let Some((_, bucket, _)) = new_bucket().await else {
        return;
    };
    write(&bucket, "film", "a long text").await;
    write(&bucket, "film", "short").await;

    let facts = ObjectInfo {
        key: "film".to_owned(),
        size_bytes: 5,
    };
    assert_eq!(bucket.head("film").await.expect("an answer"), Some(facts.clone()));
    assert_eq!(bucket.list("").await.expect("a list"), [facts]);
    assert_eq!(
        bucket.read_text("film", 100).await.expect("an answer").as_deref(),
        Some("short")
    );
}

#[tokio::test]
async fn an_object_is_streamed_from_its_beginning_to_its_end() {
    let Some((_, bucket, _)) = new_bucket().await else {
        return;
    };
    let film: Vec<u8> = (0..3_000_000_u32).map(|byte| byte.to_le_bytes()[0]).collect();
    bucket
        .write("film", "video/mp4", film.clone())
        .await
        .expect("a written object");

    let mut chunks = bucket.chunks("film").await.expect("an answer").expect("an object");
    let mut read = Vec::new();
    while let Some(chunk) = chunks.next().await.expect("the next bytes") {
        read.extend(chunk);
    }

    assert!(read == film, "{} of {} bytes", read.len(), film.len());
}

/// A page of a list has a thousand objects, and so has one request that deletes.
#[tokio::test]
async fn objects_of_more_than_one_page_are_listed_and_deleted_by_their_prefix() {
    const OBJECTS: usize = 1_005;
    let Some((_, bucket, _)) = new_bucket().await else {
        return;
    };
    let segments: Vec<String> = (0..OBJECTS).map(|number| format!("media/a/{number:04}.ts")).collect();
    let others = ["media/ab", "media/b/0000.ts"];
    let all = segments.iter().map(String::as_str).chain(others);
    let written = stream::iter(all.map(|key| bucket.write(key, "video/mp2t", vec![0]))).buffer_unordered(16);
    written.try_collect::<()>().await.expect("written objects");

    assert_eq!(keys(&bucket, "media/a/").await, segments);
    bucket.delete(&segments).await.expect("deleted objects");
    assert_eq!(keys(&bucket, "").await, others);
}

#[tokio::test]
async fn objects_that_do_not_exist_are_deleted_without_an_error() {
    let Some((_, bucket, _)) = new_bucket().await else {
        return;
    };
    write(&bucket, "film", "text").await;

    bucket
        .delete(&["film".to_owned(), "missing".to_owned()])
        .await
        .expect("an answer");
    bucket.delete(&["film".to_owned()]).await.expect("an answer");
    bucket.delete(&[]).await.expect("nothing to do");

    assert_eq!(keys(&bucket, "").await, Vec::<String>::new());
}

/// S3 answers such a request with 200 and an error for each object.
#[tokio::test]
async fn an_object_that_a_role_may_not_delete_stays_and_the_call_is_denied() {
    let Some((emulator, bucket, name)) = new_bucket().await else {
        return;
    };
    write(&bucket, "mine/film", "text").await;
    write(&bucket, "other/film", "text").await;
    let role = emulator.role(json!([{
        "Effect": "Allow", "Action": "s3:DeleteObject", "Resource": format!("arn:aws:s3:::{name}/mine/*"),
    }]));
    let as_role = Bucket::new(&role.await, &name);

    let denied = as_role.delete(&["mine/film".to_owned(), "other/film".to_owned()]).await;

    assert_eq!(kind(denied), ErrorKind::Denied);
    assert!(keys(&bucket, "other/").await.len() == 1);
}

#[tokio::test]
async fn a_copy_has_its_own_content_type_and_may_be_cached_for_ever() {
    let Some((emulator, bucket, name)) = new_bucket().await else {
        return;
    };
    write(&bucket, "frames/poster.0000001.jpg", "a picture").await;

    bucket
        .copy_immutable("frames/poster.0000001.jpg", "images/poster.jpg", "image/jpeg")
        .await
        .expect("a copy");

    assert_eq!(
        bucket
            .read_text("images/poster.jpg", 100)
            .await
            .expect("an answer")
            .as_deref(),
        Some("a picture")
    );
    let head = Client::new(&emulator.root().await)
        .head_object()
        .bucket(name)
        .key("images/poster.jpg");
    let head = head.send().await.expect("HeadObject");
    assert_eq!(head.content_type(), Some("image/jpeg"));
    assert_eq!(head.cache_control(), Some("public, max-age=31536000, immutable"));
}

#[tokio::test]
async fn a_key_with_other_characters_than_letters_is_the_same_in_every_call() {
    let Some((_, bucket, _)) = new_bucket().await else {
        return;
    };
    let key = "media/a film's+100%/übung #1.ts";
    write(&bucket, key, "text").await;

    assert_eq!(keys(&bucket, "media/a film's+100%/").await, [key]);
    assert_eq!(
        bucket.read_text(key, 10).await.expect("an answer").as_deref(),
        Some("text")
    );
    bucket.delete(&[key.to_owned()]).await.expect("a deleted object");
    assert_eq!(keys(&bucket, "").await, Vec::<String>::new());
}
