//! The emulator that all tests share: the first test starts it on a free port, and the kernel ends it with this program.

use std::{
    env, fs,
    io::{self, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
    sync::{
        Arc, Once, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::sync::OnceCell;

/// Python and MiniStack need two seconds to start, on a busy machine a multiple of that.
const START_TIMEOUT: Duration = Duration::from_mins(1);
/// Another program may take the free port first.
const MAX_STARTS: u8 = 3;
/// The start of the names of this program's folders; the process id follows.
const FOLDER: &str = "adapters-emulator-";

/// The access key of the account's root, whose signature the emulator does not check.
pub(crate) const ROOT_KEY: &str = "test";
pub(crate) const REGION: &str = "us-east-1";
pub(crate) const ACCOUNT: &str = "000000000000";

/// A running emulator.
#[derive(Clone, Debug)]
pub(crate) struct Emulator {
    pub(crate) url: String,
    pub(crate) http: reqwest::Client,
}

/// Its URL, none if it is not installed, or why it does not run.
static STARTED: OnceCell<Result<Option<String>, String>> = OnceCell::const_new();

impl Emulator {
    /// The emulator; none if it is not installed: then this test is reported as skipped, and has to end.
    pub(crate) async fn running() -> Option<Self> {
        match STARTED.get_or_init(start).await {
            // Each test has a runtime, and connections end with it: no two tests can share a client.
            Ok(Some(url)) => Some(Self {
                url: url.clone(),
                http: http_client(),
            }),
            Ok(None) => {
                report_skipped_test();
                None
            }
            Err(failure) => panic!("the emulator does not run: {failure}"),
        }
    }

    /// Calls an action of a JSON protocol as the account's root, for actions of which the workspace has no SDK.
    pub(crate) async fn call(&self, service: &str, target: &str, input: &Value) -> Value {
        let request = self
            .http
            .post(&self.url)
            .header("x-amz-target", target)
            .header("content-type", "application/x-amz-json-1.0")
            .header("authorization", root_authorization(service))
            .body(input.to_string());

        serde_json::from_str(&text_of(request).await).expect("JSON")
    }

    /// Calls an action of IAM as the account's root; the answer is XML.
    pub(crate) async fn call_iam(&self, action: &str, parameters: &[(&str, &str)]) -> String {
        let request = self
            .http
            .post(&self.url)
            .query(&[("Action", action), ("Version", "2010-05-08")])
            .query(parameters)
            .header("authorization", root_authorization("iam"));

        text_of(request).await
    }
}

async fn text_of(request: reqwest::RequestBuilder) -> String {
    let answer = request.send().await.expect("an answer of the emulator");
    let status = answer.status();
    let text = answer.text().await.expect("the whole answer");
    assert!(status.is_success(), "{status} {text}");

    text
}

/// The text of the first element called `name`.
pub(crate) fn element<'a>(xml: &'a str, name: &str) -> &'a str {
    let (_, rest) = xml.split_once(&format!("<{name}>")).expect(name);

    rest.split_once(&format!("</{name}>")).expect(name).0
}

/// A header of a request of the account's root.
pub(crate) fn root_authorization(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={ROOT_KEY}/20260101/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

/// A name that no other resource has.
pub(crate) fn unique(prefix: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);

    format!("{prefix}-{}", NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// The project's folder.
pub(crate) fn project() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");

    folder.canonicalize().expect("the project's folder")
}

/// Not by `eprintln!`: the test runner shows what a test prints only if the test fails.
fn report_skipped_test() {
    let thread = thread::current();
    let test = thread.name().unwrap_or("a test");
    let _ = writeln!(
        io::stderr(),
        "{test} is skipped: the emulator is not installed (run `make setup`)"
    );
}

fn http_client() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });

    reqwest::Client::builder().no_proxy().build().expect("an HTTP client")
}

async fn start() -> Result<Option<String>, String> {
    let python = project().join(".venv/bin/python");
    if !python.exists() {
        return if env::var_os("MARQUEE_REQUIRE_EMULATOR").is_some_and(|value| value == "1") {
            Err("it is not installed, and MARQUEE_REQUIRE_EMULATOR=1 requires it (run `make setup`)".to_owned())
        } else {
            Ok(None)
        };
    }

    let folder = new_folder().map_err(|error| error.to_string())?;
    let mut failure = String::new();
    for _ in 0..MAX_STARTS {
        let port = free_port().map_err(|error| error.to_string())?;
        match start_on(port, &python, &folder).await {
            Ok(url) => return Ok(Some(url)),
            Err(error) => failure = error,
        }
    }

    Err(failure)
}

/// A folder for the emulator's files. Those of earlier runs are deleted: nothing runs any more when the emulator has ended.
fn new_folder() -> io::Result<PathBuf> {
    let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for entry in fs::read_dir(parent)?.flatten() {
        let name = entry.file_name();
        let process = name.to_str().and_then(|name| name.strip_prefix(FOLDER));
        if process.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
            // Another test program may delete it at the same time.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    let folder = parent.join(format!("{FOLDER}{}", process::id()));
    for part in ["state", "s3", "tmp"] {
        fs::create_dir_all(folder.join(part))?;
    }

    Ok(folder)
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Starts the emulator and waits until it is healthy. Answers with its URL, or with the end of its log.
async fn start_on(port: u16, python: &Path, folder: &Path) -> Result<String, String> {
    let log = folder.join("log");
    let url = format!("http://127.0.0.1:{port}");
    let output = fs::File::create(&log).map_err(|error| error.to_string())?;
    let mut command = command(python, &url, port, folder);
    command
        .stdin(Stdio::null())
        .stdout(output.try_clone().map_err(|error| error.to_string())?)
        .stderr(output);
    let ended = run(command);

    let http = http_client();
    let deadline = Instant::now() + START_TIMEOUT;
    let failure = loop {
        if let Some(end) = ended.get() {
            break format!("it has ended ({end})");
        }
        if is_healthy(&http, &url).await {
            return Ok(url);
        }
        if Instant::now() > deadline {
            break format!("it is not healthy after {START_TIMEOUT:?}");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let log = fs::read_to_string(log).unwrap_or_default();
    let start = log.floor_char_boundary(log.len().saturating_sub(2_000));

    Err(format!("{failure}: {}", &log[start..]))
}

async fn is_healthy(http: &reqwest::Client, url: &str) -> bool {
    let health = http
        .get(format!("{url}/_ministack/ready"))
        .timeout(Duration::from_secs(2));

    health.send().await.is_ok_and(|answer| answer.status().is_success())
}

/// The command of the emulator, with the environment that `local/supervisor` gives it, without the ports of other services.
fn command(python: &Path, url: &str, port: u16, folder: &Path) -> Command {
    let mut command = Command::new(python);
    command
        .current_dir(project())
        .arg("local/emulator")
        .arg("--parent")
        .arg(process::id().to_string())
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .env("AUTH", "true")
        .env("AWS_ENDPOINT_URL", url)
        .env("AWS_REGION", REGION)
        .env("GATEWAY_PORT", port.to_string())
        .env("BIND_HOST", "127.0.0.1")
        .env("STATE_DIR", folder.join("state"))
        .env("S3_PERSIST", "1")
        .env("S3_DATA_DIR", folder.join("s3"))
        .env("TMPDIR", folder.join("tmp"))
        .env("IOT_MTLS_ENABLED", "0")
        .env("SFTP_ENABLED", "0")
        .env("DOCKER_HOST", "unix:///nonexistent")
        .env("PYTHONDONTWRITEBYTECODE", "1");

    command
}

/// Runs a command in a thread of its own; the result is set when it ends. With `--parent` the kernel ends the emulator when
/// the thread that started it ends, even by SIGKILL or a panic. The thread of a test ends too early.
fn run(mut command: Command) -> Arc<OnceLock<String>> {
    let ended = Arc::new(OnceLock::new());
    let end = Arc::clone(&ended);
    thread::spawn(move || {
        let status = command.spawn().and_then(|mut child| child.wait());
        let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
        let _ = end.set(status);
    });

    ended
}
