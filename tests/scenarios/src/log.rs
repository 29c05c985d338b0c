//! The bucket of training data and models: lines of the log, and objects.

use serde_json::Value;

use crate::Marquee;

/// The bucket.
#[derive(Clone, Debug)]
pub struct Log {
    s3: aws_sdk_s3::Client,
    bucket: String,
}

impl Log {
    /// The bucket of an installation.
    pub async fn new(marquee: &Marquee) -> Self {
        let config = aws_sdk_s3::config::Builder::from(&marquee.operator().await)
            .force_path_style(true)
            .build();
        let outputs = marquee.outputs();

        Self {
            s3: aws_sdk_s3::Client::from_conf(config),
            bucket: outputs["RecommendationsBucketName"]
                .as_str()
                .expect("a name")
                .to_owned(),
        }
    }

    /// All lines of a channel.
    pub async fn lines(&self, channel: &str) -> Vec<Value> {
        let mut pages = self
            .s3
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(format!("{channel}/dt="))
            .into_paginator()
            .send();
        let mut lines = Vec::new();
        while let Some(page) = pages.next().await {
            for object in page.expect("ListObjectsV2").contents.unwrap_or_default() {
                let content = self.get(&object.key.expect("a key")).await.expect("an object");
                let text = String::from_utf8(content).expect("UTF-8");
                let parse = |line| serde_json::from_str::<Value>(line).expect("JSON");
                lines.extend(text.lines().map(parse));
            }
        }

        lines
    }

    /// Writes lines as an object.
    pub async fn put_lines(&self, key: &str, documents: impl Iterator<Item = Value>) {
        let lines = documents.flat_map(|line| format!("{line}\n").into_bytes());

        self.put(key, lines.collect()).await;
    }

    /// Writes an object.
    pub async fn put(&self, key: &str, body: Vec<u8>) {
        let put = self.s3.put_object().bucket(&self.bucket).key(key).body(body.into());

        put.send().await.expect("PutObject");
    }

    /// An object's content, if there is one.
    pub async fn get(&self, key: &str) -> Option<Vec<u8>> {
        let got = self.s3.get_object().bucket(&self.bucket).key(key).send().await;

        Some(got.ok()?.body.collect().await.expect("a body").to_vec())
    }

    /// Deletes an object.
    pub async fn delete(&self, key: &str) {
        let deleted = self.s3.delete_object().bucket(&self.bucket).key(key).send().await;

        deleted.expect("DeleteObject");
    }
}
