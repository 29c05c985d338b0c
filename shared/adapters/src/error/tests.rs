//! All adapters classify the same error of AWS alike.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use aws_smithy_types::retry::RetryConfig;
use domain::ingest::{Run, RunInput};
use kernel::{
    Timestamp,
    error_kind::ErrorKind::{self, Conflict, Denied, Internal, Throttled, Unavailable},
    id::{AccountId, AssetId, Attempt, TitleId},
};
use serde_json::{Value, json};

use super::*;
use crate::{
    aws::{self, SdkConfig},
    cognito::UserPool,
    dynamodb::Table,
    functions::AsyncFunction,
    mediaconvert::MediaConvert,
    playback_keys::SigningKeys,
    revocations::Revocations,
    s3::Bucket,
    sagemaker::{Endpoint, Hosting},
    sfn::IngestMachine,
    sns::{Message, Topic},
    sqs::Queue,
};

/// The services; [`call`] makes one call of each.
const ADAPTERS: [&str; 13] = [
    "the table",
    "Cognito",
    "Lambda",
    "MediaConvert",
    "Step Functions",
    "SQS",
    "SageMaker",
    "SageMaker Runtime",
    "the key value store",
    "S3",
    "S3 without a body",
    "SNS",
    "Parameter Store",
];

async fn call(adapter: &str, aws: &SdkConfig) -> Result<(), ServiceError> {
    let now = Timestamp::UNIX_EPOCH;
    let run = Run {
        title_id: TitleId::mint(now),
        asset_id: AssetId::mint(now),
        attempt: Attempt::FIRST,
    };
    let input = RunInput { run, resume_from: None };

    match adapter {
        "the table" => Ok(Table::new(aws, "marquee").titles().find(run.title_id).await.map(drop)?),
        "Cognito" => {
            let pool = UserPool::new(aws, "us-east-1_EXAMPLE01");
            Ok(pool.find(AccountId::mint(now)).await.map(drop)?)
        }
        "Lambda" => Ok(AsyncFunction::new(aws, "finish-upload").call(&json!({})).await?),
        "MediaConvert" => {
            let queue = "arn:aws:mediaconvert:us-east-1:123456789012:queues/marquee".to_owned();
            let transcoder = MediaConvert::new(aws, queue, "role".to_owned());
            Ok(transcoder.get_job("1234567890123-abc123").await.map(drop)?)
        }
        "Step Functions" => {
            let machine = "arn:aws:states:us-east-1:123456789012:stateMachine:marquee-ingest";
            Ok(IngestMachine::new(aws, machine).start(&input).await?)
        }
        "SQS" => {
            let url = "https://sqs.us-east-1.amazonaws.com/123456789012/marquee";
            Ok(Queue::new(aws, url).send("{}").await?)
        }
        "SageMaker" => Ok(Hosting::new(aws, "marquee").find().await.map(drop)?),
        "SageMaker Runtime" => {
            let endpoint = Endpoint::new(aws, "marquee", std::time::Duration::from_secs(1));
            Ok(endpoint.invoke::<_, Value>(&json!({})).await.map(drop)?)
        }
        "the key value store" => {
            let arn = "arn:aws:cloudfront::123456789012:key-value-store/0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11";
            Ok(Revocations::new(aws, arn).revoke(run.title_id, None, now).await?)
        }
        "S3" => Ok(Bucket::new(aws, "uploads").read("film", 0, 1).await.map(drop)?),
        "S3 without a body" => Ok(Bucket::new(aws, "uploads").head("film").await.map(drop)?),
        "SNS" => {
            let topic = Topic::new(aws, "arn:aws:sns:us-east-1:123456789012:marquee");
            Ok(topic.publish(&Message::json(&"hello", Vec::new())?).await?)
        }
        "Parameter Store" => Ok(SigningKeys::new(aws, "/marquee/playback-keys").find().await.map(drop)?),
        other => panic!("there is no adapter {other}"),
    }
}

/// The body of an error response, in the format of the service.
fn error_body(adapter: &str, code: &str) -> String {
    match adapter {
        // The response to HEAD has no body.
        "S3 without a body" => String::new(),
        "S3" => format!("<Error><Code>{code}</Code><Message>no</Message></Error>"),
        "SNS" => format!("<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"),
        _ => json!({ "__type": format!("com.amazonaws#{code}"), "message": "no" }).to_string(),
    }
}

async fn kind(adapter: &str, status: u16, body: String) -> ErrorKind {
    let once = aws::answered(move |_| (status, body.clone()))
        .into_builder()
        .retry_config(RetryConfig::disabled())
        .build();

    call(adapter, &once)
        .await
        .expect_err("every response is an error")
        .kind()
}

#[tokio::test]
async fn an_error_code_means_the_same_for_all_services() {
    for (code, status, expected) in [
        ("AccessDenied", 403, Denied),
        ("AccessDeniedException", 400, Denied),
        ("UnauthorizedOperation", 403, Denied),
        ("ExpiredToken", 400, Denied),
        ("ExpiredTokenException", 403, Denied),
        ("UnrecognizedClientException", 400, Denied),
        ("InvalidSignatureException", 403, Denied),
        ("SignatureDoesNotMatch", 403, Denied),
        ("SomethingNew", 403, Denied),
        ("Throttling", 400, Throttled),
        ("ThrottlingException", 400, Throttled),
        ("ThrottledException", 400, Throttled),
        ("RequestThrottled", 400, Throttled),
        ("TooManyRequestsException", 429, Throttled),
        ("ProvisionedThroughputExceededException", 400, Throttled),
        ("SlowDown", 503, Throttled),
        ("SomethingNew", 429, Throttled),
        ("ValidationException", 400, Internal),
        ("ResourceNotFoundException", 400, Internal),
        ("SomethingNew", 400, Internal),
        ("RequestTimeout", 400, Unavailable),
        ("InternalServerError", 500, Unavailable),
        ("ServiceUnavailable", 503, Unavailable),
        ("SomethingNew", 500, Unavailable),
        ("SomethingNew", 504, Unavailable),
    ] {
        for adapter in ADAPTERS {
            // Without a body there is no code, and the status decides.
            let by_status = match status {
                403 => Denied,
                429 => Throttled,
                500.. => Unavailable,
                _ => Internal,
            };
            let expected = if adapter == "S3 without a body" {
                by_status
            } else {
                expected
            };

            assert_eq!(
                kind(adapter, status, error_body(adapter, code)).await,
                expected,
                "{code} with {status}, of {adapter}"
            );
        }
    }
}

#[tokio::test]
async fn a_response_that_cannot_be_parsed_is_internal_unless_its_status_says_unavailable() {
    for adapter in ADAPTERS {
        assert_eq!(kind(adapter, 502, "<html>".to_owned()).await, Unavailable, "{adapter}");
        assert_eq!(kind(adapter, 404, "<html>".to_owned()).await, Internal, "{adapter}");
    }
    for adapter in [
        "the table",
        "Cognito",
        "SageMaker",
        "SageMaker Runtime",
        "Parameter Store",
    ] {
        assert_eq!(kind(adapter, 200, "<html>".to_owned()).await, Internal, "{adapter}");
    }
}

#[tokio::test]
async fn a_call_without_a_response_is_unavailable() {
    for adapter in ADAPTERS {
        // No program listens there.
        let offline = aws::at("http://127.0.0.1:1");

        assert_eq!(
            call(adapter, &offline).await.unwrap_err().kind(),
            Unavailable,
            "{adapter}"
        );
    }
}

#[tokio::test]
async fn a_write_after_another_writer_is_a_conflict() {
    for (adapter, status, code) in [
        ("the table", 400, "ConditionalCheckFailedException"),
        ("the table", 400, "TransactionConflictException"),
        ("MediaConvert", 409, "ConflictException"),
        ("S3", 409, "OperationAborted"),
        ("S3", 412, "PreconditionFailed"),
    ] {
        assert_eq!(
            kind(adapter, status, error_body(adapter, code)).await,
            Conflict,
            "{adapter}: {code}"
        );
    }
}

/// The SDK retries what it classifies as transient. It must not retry more than Marquee classifies so.
#[tokio::test]
async fn the_sdk_does_not_retry_errors_that_an_operator_has_to_correct() {
    for adapter in ADAPTERS {
        for (code, status) in [
            ("AccessDenied", 403),
            ("AccessDeniedException", 400),
            ("ExpiredTokenException", 400),
            ("ValidationException", 400),
            ("ResourceNotFoundException", 404),
        ] {
            let calls = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&calls);
            let text = error_body(adapter, code);
            let aws = aws::answered(move |_| {
                counted.fetch_add(1, Ordering::Relaxed);
                (status, text.clone())
            });

            // It is no error for S3 and SageMaker if an object or endpoint is missing.
            let _ = call(adapter, &aws).await;
            assert_eq!(calls.load(Ordering::Relaxed), 1, "{adapter}: {code}");
        }
    }
}
