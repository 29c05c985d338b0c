//! The emulator as an operator uses it, for state that no user of the API can read.

use std::{collections::HashMap, fs, time::Duration};

use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::{operation::update_item::builders::UpdateItemFluentBuilder, types::AttributeValue};
use aws_sdk_lambda::{primitives::Blob, types::FunctionConfiguration};
use aws_sdk_mediaconvert::types::{Job, JobStatus};
use aws_smithy_http_client::Builder;
use jiff::Timestamp;
use reqwest::RequestBuilder;
use serde_json::Value;

use crate::{Marquee, uploads::Uploaded, wait};

impl Marquee {
    /// Settings of a client that acts as the account's root. Tests inspect and break things with it; users and roles act as themselves.
    pub async fn operator(&self) -> SdkConfig {
        let key = self.root_key();

        self.acting_as(Credentials::from_keys(&key, &key, None)).await
    }

    fn root_key(&self) -> String {
        let key = fs::read_to_string(self.home.join("root-key")).expect("the root's key");

        key.trim().to_owned()
    }

    /// Calls an action of IAM as the account's root; the answer is XML.
    pub async fn call_iam(&self, action: &str, parameters: &[(&str, &str)]) -> String {
        let request = self
            .as_root("iam")
            .query(&[("Action", action), ("Version", "2010-05-08")]);

        text_of(request.query(parameters)).await
    }

    /// Calls an action of a JSON protocol as the account's root, for services of which the workspace has no SDK.
    pub async fn call(&self, service: &str, target: &str, input: &Value) -> Value {
        let request = self
            .as_root(service)
            .header("x-amz-target", target)
            .header("content-type", "application/x-amz-json-1.1")
            .body(input.to_string());

        serde_json::from_str(&text_of(request).await).expect("JSON")
    }

    /// A request of the account's root, whose signature the emulator does not check.
    fn as_root(&self, service: &str) -> RequestBuilder {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0",
            self.root_key()
        );

        self.http.post(&self.emulator).header("authorization", authorization)
    }

    /// Settings of a client that acts with these credentials.
    pub async fn acting_as(&self, credentials: Credentials) -> SdkConfig {
        aws_config::from_env()
            .region(Region::from_static("us-east-1"))
            .endpoint_url(&self.emulator)
            .credentials_provider(credentials)
            .http_client(Builder::new().build_http())
            .load()
            .await
    }

    /// All deployed functions.
    pub async fn functions(&self) -> Vec<FunctionConfiguration> {
        let lambda = aws_sdk_lambda::Client::new(&self.operator().await);
        let mut pages = lambda.list_functions().into_paginator().items().send();
        let mut functions = Vec::new();
        while let Some(function) = pages.next().await {
            functions.push(function.expect("ListFunctions"));
        }

        functions
    }

    /// The function with a logical id of the template.
    pub async fn function(&self, id: &str) -> FunctionConfiguration {
        let mut functions = self.functions().await.into_iter();
        let named = format!("-{id}-");

        functions
            .find(|function| function.function_name().is_some_and(|name| name.contains(&named)))
            .unwrap_or_else(|| panic!("no function {id} is deployed"))
    }

    /// Invokes a function with an event, as a service would, and returns its answer.
    pub async fn invoke(&self, id: &str, event: &Value) -> Value {
        let name = self.function(id).await.function_name.expect("a name");
        let answer = aws_sdk_lambda::Client::new(&self.operator().await)
            .invoke()
            .function_name(name)
            .payload(Blob::new(event.to_string()))
            .send()
            .await
            .expect("Invoke");
        assert!(
            answer.function_error.is_none(),
            "{id} fails on {event}: {:?}",
            answer.payload
        );

        serde_json::from_slice(answer.payload().map(Blob::as_ref).unwrap_or_default()).unwrap_or_default()
    }

    /// An item of the table.
    async fn item(&self, pk: String, sk: String) -> Option<HashMap<String, AttributeValue>> {
        let answer = aws_sdk_dynamodb::Client::new(&self.operator().await)
            .get_item()
            .table_name(self.table())
            .key("pk", AttributeValue::S(pk))
            .key("sk", AttributeValue::S(sk))
            .consistent_read(true)
            .send();

        answer.await.expect("GetItem").item
    }

    /// An update of an item of the table.
    async fn update(&self, pk: String, sk: String, expression: impl Into<String>) -> UpdateItemFluentBuilder {
        aws_sdk_dynamodb::Client::new(&self.operator().await)
            .update_item()
            .table_name(self.table())
            .key("pk", AttributeValue::S(pk))
            .key("sk", AttributeValue::S(sk))
            .update_expression(expression)
    }

    fn table(&self) -> String {
        self.outputs()["TableName"].as_str().expect("a name").to_owned()
    }

    /// The number of bytes that count as stored by an account.
    pub async fn stored_bytes(&self, account_id: &str) -> u64 {
        let item = self.item(format!("QUOTA#{account_id}"), "STORAGE".to_owned()).await;
        let Some(item) = item else { return 0 };
        let storage = item["storage"].as_m().expect("a map");

        storage["bytes"].as_n().expect("a number").parse().expect("bytes")
    }

    /// The time of the next check whether the files of an asset are needed.
    pub async fn next_retention_check(&self, uploaded: &Uploaded) -> Timestamp {
        let key = format!("RETENTION#{}", uploaded.asset_id);
        let item = self
            .item(format!("TITLE#{}", uploaded.title_id), key)
            .await
            .expect("an item");
        let sort_key = item["work_sk"].as_s().expect("a sort key");
        let (time, _id) = sort_key.split_once('#').expect("a time and an id");

        time.parse().expect("a time")
    }

    /// Removes the id of a run's job from the table, as if `transcode` had died between creating the job and writing the id.
    pub async fn forget_job(&self, uploaded: &Uploaded) {
        let title = format!("TITLE#{}", uploaded.title_id);
        let transcode = format!("TRANSCODE#{}#{:010}", uploaded.asset_id, 1);
        let forget = self
            .update(title, transcode, "REMOVE job_id")
            .await
            .condition_expression("attribute_exists(job_id)");

        wait::until("the job's id is written", Duration::from_mins(1), async || {
            forget.clone().send().await.is_ok().then_some(())
        })
        .await;
    }

    /// Makes an upload expired, as if it had begun long ago.
    pub async fn expire_upload(&self, uploaded: &Uploaded) {
        for (pk, sk, attribute) in [
            (format!("UPLOAD#{}", uploaded.upload_id), "UPLOAD", "expires_at"),
            (format!("TITLE#{}", uploaded.title_id), "TITLE", "updated_at"),
        ] {
            self.update(pk, sk.to_owned(), format!("SET {attribute} = :past"))
                .await
                .expression_attribute_values(":past", AttributeValue::S("2026-01-01T00:00:00Z".to_owned()))
                .condition_expression(format!("attribute_exists({attribute})"))
                .send()
                .await
                .expect("UpdateItem");
        }
    }

    /// Sets how much of a quota an account has used today: `spent` micro-dollars, `title_changes` or `uploads`.
    pub async fn set_used_quota(&self, account_id: &str, quota: &str, used: u64) {
        let account = format!("QUOTA#{account_id}");
        self.update(account, "USAGE".to_owned(), "SET #usage.#quota = :used")
            .await
            .expression_attribute_names("#usage", "usage")
            .expression_attribute_names("#quota", quota)
            .expression_attribute_values(":used", AttributeValue::N(used.to_string()))
            .send()
            .await
            .expect("UpdateItem");
    }

    /// Gives a title a genre that is in no list, as titles of earlier releases may have.
    pub async fn set_unlisted_genre(&self, title_id: &str, genre: &str) {
        let genres = AttributeValue::L(vec![AttributeValue::S(genre.to_owned())]);
        self.update(format!("TITLE#{title_id}"), "TITLE".to_owned(), "SET genres = :genres")
            .await
            .expression_attribute_values(":genres", genres)
            .send()
            .await
            .expect("UpdateItem");
    }

    /// The MediaConvert jobs of an asset.
    pub async fn jobs(&self, asset_id: &str) -> Vec<Job> {
        let config = self
            .operator()
            .await
            .into_builder()
            .endpoint_url(&self.mediaconvert)
            .build();
        let client = aws_sdk_mediaconvert::Client::new(&config);
        let mut pages = client.list_jobs().into_paginator().items().send();
        let mut jobs = Vec::new();
        while let Some(job) = pages.next().await {
            let job = job.expect("ListJobs");
            let asset = job.user_metadata().and_then(|metadata| metadata.get("asset_id"));
            if asset.is_some_and(|asset| asset == asset_id) {
                jobs.push(job);
            }
        }

        jobs
    }

    /// Waits until an asset's MediaConvert jobs have ended.
    pub async fn job_ended(&self, asset_id: &str) {
        wait::until("the job ends", Duration::from_mins(3), async || {
            let jobs = self.jobs(asset_id).await;

            (!jobs.is_empty() && jobs.iter().all(has_ended)).then_some(())
        })
        .await;
    }
}

async fn text_of(request: RequestBuilder) -> String {
    let answer = request.send().await.expect("an answer of the emulator");
    let status = answer.status();
    let text = answer.text().await.expect("the whole answer");
    assert!(status.is_success(), "{status} {text}");

    text
}

/// The texts of all elements called `name`.
#[must_use]
pub fn elements<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let rests = xml.split(&start).skip(1);

    rests.filter_map(|rest| Some(rest.split_once(&end)?.0)).collect()
}

/// Whether a MediaConvert job has ended.
#[must_use]
pub fn has_ended(job: &Job) -> bool {
    let active = [JobStatus::Submitted, JobStatus::Progressing];

    job.status().is_some_and(|status| !active.contains(status))
}
