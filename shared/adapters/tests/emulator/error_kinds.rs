//! What an error of a real call means, and how often the SDK repeats the call.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use adapters::{
    ServiceError,
    aws::SdkConfig,
    cognito::UserPool,
    dynamodb::Table,
    functions::AsyncFunction,
    playback_keys::SigningKeys,
    s3::Bucket,
    sfn::IngestMachine,
    sns::{Message, Topic},
    sqs::Queue,
};
use domain::ingest::RunInput;
use kernel::{
    error_kind::{ErrorKind, HasKind as _},
    id::TitleId,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

use crate::{
    aws::{counted, credentials, settings},
    emulator::{ACCOUNT, Emulator, REGION, unique},
    fixtures::{begun_upload, draft, kind, new_account, new_run, next_run, now, rename},
    table::TestTable,
};

/// The SDK's first request and its repetitions of a call that may succeed later.
const ATTEMPTS: usize = 3;
/// Every service of which the emulator knows the permissions.
const SERVICES: [&str; 8] = [
    "DynamoDB",
    "S3",
    "SQS",
    "SNS",
    "Step Functions",
    "Lambda",
    "Parameter Store",
    "Cognito",
];

/// A call of a service, about a resource that does not exist.
async fn call(service: &str, settings: &SdkConfig, url: &str) -> Result<(), ServiceError> {
    let name = "missing-resource";
    let (run, arn) = (new_run(), |service: &str, name: &str| {
        format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{name}")
    });

    match service {
        "DynamoDB" => Ok(Table::new(settings, name).titles().find(run.title_id).await.map(drop)?),
        "S3" => Ok(Bucket::new(settings, name).list("").await.map(drop)?),
        "SQS" => Ok(Queue::new(settings, format!("{url}/{ACCOUNT}/{name}"))
            .send("{}")
            .await?),
        "SNS" => {
            let message = Message::json(&"hello", vec![])?;
            Ok(Topic::new(settings, arn("sns", name)).publish(&message).await?)
        }
        "Step Functions" => {
            let machine = IngestMachine::new(settings, arn("states", &format!("stateMachine:{name}")));
            Ok(machine.start(&RunInput { run, resume_from: None }).await?)
        }
        "Lambda" => Ok(AsyncFunction::new(settings, name).call(&json!({})).await?),
        "Parameter Store" => Ok(SigningKeys::new(settings, "/missing").find().await.map(drop)?),
        "Cognito" => {
            let pool = UserPool::new(settings, format!("{REGION}_missing01"));
            Ok(pool.find(new_account()).await.map(drop)?)
        }
        other => panic!("{other} is not in this list"),
    }
}

#[tokio::test]
async fn a_call_that_its_role_may_not_make_is_denied_after_one_request() {
    let Some(emulator) = Emulator::running().await else {
        return;
    };
    let role = emulator.role_without_permissions().await;

    for service in SERVICES {
        let (settings, requests) = counted(&role);
        let denied = call(service, &settings, &emulator.url).await;

        assert_eq!(kind(denied), ErrorKind::Denied, "{service}");
        assert_eq!(requests.load(Ordering::Relaxed), 1, "{service}");
    }
}

#[tokio::test]
async fn a_signature_by_another_secret_or_an_unknown_key_is_denied_after_one_request() {
    let Some(emulator) = Emulator::running().await else {
        return;
    };
    let unknown = settings(&emulator.url, credentials("AKIAIOSFODNN7EXAMPLE", "secret", None)).await;

    for service in SERVICES {
        let (settings, requests) = counted(&unknown);
        let denied = call(service, &settings, &emulator.url).await;

        assert_eq!(kind(denied), ErrorKind::Denied, "{service}");
        assert_eq!(requests.load(Ordering::Relaxed), 1, "{service}");
    }
}

#[tokio::test]
async fn a_resource_that_does_not_exist_is_a_defect_after_one_request() {
    let Some(emulator) = Emulator::running().await else {
        return;
    };
    let root = emulator.root().await;

    // A parameter that does not exist is no error: there are no keys yet.
    for service in SERVICES.into_iter().filter(|service| *service != "Parameter Store") {
        let (settings, requests) = counted(&root);
        let failed = call(service, &settings, &emulator.url).await;

        assert_eq!(kind(failed), ErrorKind::Internal, "{service}");
        assert_eq!(requests.load(Ordering::Relaxed), 1, "{service}");
    }
}

fn statement(table: &TestTable, actions: &[&str]) -> Value {
    let arn = format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{}", table.name);

    json!([{ "Effect": "Allow", "Action": actions, "Resource": arn }])
}

#[tokio::test]
async fn a_role_that_may_read_a_table_reads_and_its_write_is_denied() {
    let Some(table) = TestTable::create().await else { return };
    let mut title = draft(new_account(), "Film", now());
    table.titles().create(&title).await.expect("a new title");
    let role = table.emulator.role(statement(&table, &["dynamodb:GetItem"])).await;
    let read_only = Table::new(&role, &table.name).titles();

    assert_eq!(read_only.find(title.id).await.expect("an answer"), Some(title.clone()));
    rename(&mut title, "Renamed");
    assert_eq!(kind(read_only.save(&mut title).await), ErrorKind::Denied);
    assert_eq!(title.version, 1);
}

#[tokio::test]
async fn a_transaction_with_one_write_that_its_role_may_not_make_is_denied_and_writes_nothing() {
    let Some(table) = TestTable::create().await else { return };
    let mut title = draft(new_account(), "Film", now());
    table.titles().create(&title).await.expect("a new title");
    let (mut asset, upload) = begun_upload(&mut title, 1_000, now());
    let begun = table
        .titles()
        .begin_upload(&mut title, &asset, &upload, None, 1_000)
        .await;
    begun.expect("a new upload");
    let before = table.contents().await;
    // The asset is updated.
    let role = table.emulator.role(statement(&table, &["dynamodb:PutItem"])).await;

    title.start_processing(now()).expect("an upload");
    next_run(&mut asset, now());
    let denied = Table::new(&role, &table.name)
        .titles()
        .begin_run(&mut title, &mut asset)
        .await;

    assert_eq!(kind(denied), ErrorKind::Denied);
    assert_eq!(table.contents().await, before);
}

/// A service that answers every request by the same text, or breaks the connection in the middle of it.
struct Responder {
    url: String,
    requests: Arc<AtomicUsize>,
}

impl Responder {
    /// A service whose answers are `answer` of the number of the request, from 0.
    async fn start(answer: impl Fn(usize) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                if read_request(&mut connection).await.is_ok() {
                    let number = counter.fetch_add(1, Ordering::Relaxed);
                    let _ = connection.write_all(answer(number).as_bytes()).await;
                    let _ = connection.shutdown().await;
                }
            }
        });

        Self { url, requests }
    }

    async fn settings(&self) -> SdkConfig {
        settings(&self.url, credentials("key", "secret", None)).await
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

async fn read_request(connection: &mut TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(connection);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).await?;
        match line.trim().to_ascii_lowercase().split_once(':') {
            Some(("content-length", value)) => length = value.trim().parse().unwrap_or(0),
            None if line.trim().is_empty() => break,
            _ => {}
        }
    }

    reader.read_exact(&mut vec![0; length]).await.map(drop)
}

fn answer(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// How a service asks its callers to slow down.
fn throttle(service: &str) -> String {
    match service {
        "S3" => answer(
            "503 Slow Down",
            "<Error><Code>SlowDown</Code><Message>wait</Message></Error>",
        ),
        "SNS" => answer(
            "400 Bad Request",
            "<ErrorResponse><Error><Code>Throttling</Code><Message>wait</Message></Error></ErrorResponse>",
        ),
        _ => answer(
            "400 Bad Request",
            &json!({ "__type": "ThrottlingException", "message": "wait" }).to_string(),
        ),
    }
}

#[tokio::test]
async fn a_throttled_call_is_throttled_after_the_attempts_of_the_sdk() {
    let calls = SERVICES.map(async |service| {
        let responder = Responder::start(move |_| throttle(service)).await;

        let throttled = call(service, &responder.settings().await, &responder.url).await;
        (service, throttled.expect_err("an error").kind(), responder.requests())
    });

    let seen = futures::future::join_all(calls).await;

    assert_eq!(seen, SERVICES.map(|service| (service, ErrorKind::Throttled, ATTEMPTS)));
}

#[tokio::test]
async fn a_call_that_is_throttled_once_succeeds() {
    let responder = Responder::start(|number| match number {
        0 => throttle("DynamoDB"),
        _ => answer("200 OK", "{}"),
    });
    let responder = responder.await;
    let titles = Table::new(&responder.settings().await, "table").titles();

    assert_eq!(titles.find(TitleId::mint(now())).await.expect("an answer"), None);
    assert_eq!(responder.requests(), 2);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_a_failure_of_the_service() {
    let broken =
        Responder::start(|_| "HTTP/1.1 200 OK\r\ncontent-length: 100\r\nconnection: close\r\n\r\n{".to_owned());
    let broken = broken.await;

    let failed = call("DynamoDB", &broken.settings().await, &broken.url).await;

    assert_eq!(kind(failed), ErrorKind::Unavailable);
    assert_eq!(broken.requests(), ATTEMPTS);
}

#[tokio::test]
async fn a_service_that_nothing_listens_for_is_unavailable() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let (settings, requests) = counted(&settings(&url, credentials("key", "secret", None)).await);

    let failed = tokio::time::timeout(Duration::from_secs(30), call("DynamoDB", &settings, &url)).await;

    assert_eq!(kind(failed.expect("an end in time")), ErrorKind::Unavailable);
    assert_eq!(requests.load(Ordering::Relaxed), ATTEMPTS);
}

/// An update waits until a writer that has been faster every time has ended.
#[tokio::test]
async fn a_title_that_changes_at_every_attempt_is_a_throttled_call() {
    use adapters::dynamodb::{Decision, StoreError};

    let Some(table) = TestTable::create().await else { return };
    let title = draft(new_account(), &unique("film"), now());
    table.titles().create(&title).await.expect("a new title");
    let attempts = AtomicUsize::new(0);

    let titles = table.titles();
    let contended = titles.update_with(title.id, async |title| {
        attempts.fetch_add(1, Ordering::Relaxed);
        let mut other = title.clone();
        titles.save(&mut other).await?;
        Ok::<_, StoreError>(Decision::Write(()))
    });

    assert_eq!(kind(contended.await), ErrorKind::Throttled);
    assert_eq!(attempts.load(Ordering::Relaxed), 12);
}
