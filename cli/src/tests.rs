//! Commands against a service that gives prepared answers: what a person reads, and how often the service is called.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use clap::Parser as _;
use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::clock;
use crate::commands;
use crate::credentials::Credentials;
use crate::failure::{Exit, Failure};

const ID: &str = "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11";

/// A status, more headers, and a body.
type Answer = (u16, &'static str, String);

/// A service on this machine, with the requests that arrived: `GET /api/genres`.
struct Service {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Service {
    fn answering(answer: impl Fn(&str) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let arrived = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = BufReader::new(stream.unwrap());
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") && stream.read_line(&mut head).unwrap() > 0 {}
                let length = head.lines().find_map(|line| {
                    let (name, value) = line.split_once(": ")?;
                    name.eq_ignore_ascii_case("content-length")
                        .then(|| value.parse().unwrap())
                });
                stream.read_exact(&mut vec![0; length.unwrap_or(0)]).unwrap();
                let (request, _) = head.split_once(" HTTP/").unwrap();
                let (status, headers, body) = answer(request);
                arrived.lock().unwrap().push(request.to_owned());
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status} Answer\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
                );
                stream.get_mut().write_all(answer.as_bytes()).unwrap();
            }
        });

        Self { url, requests }
    }

    /// Runs a command of a person who is signed in.
    fn run(&self, command: &[&str]) -> Result<Exit, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let name = self.url.trim_start_matches("http://").replace(':', "-");
        let credentials = Credentials {
            email: "ada@example.org".into(),
            access_token: "access".into(),
            refresh_token: "refresh".into(),
            expires_at: clock::now() + jiff::SignedDuration::from_hours(1),
        };
        let file = folder.path().join(format!("{name}.json"));
        std::fs::write(file, serde_json::to_vec(&credentials).unwrap()).unwrap();

        let config = ["--url", &self.url, "--config-dir", folder.path().to_str().unwrap()];
        let arguments = Arguments::parse_from([&["marquee"], config.as_slice(), command].concat());
        let output = arguments.global.output();
        crate::block_on(commands::run(arguments, output))
    }

    fn refused(&self, command: &[&str]) -> Failure {
        self.run(command).unwrap_err()
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn problem(status: u16, kind: &str, detail: &str, errors: &[(&str, &str)]) -> Answer {
    let errors: Vec<_> = errors
        .iter()
        .map(|(pointer, detail)| json!({ "pointer": pointer, "detail": detail }))
        .collect();
    let body = json!({ "type": format!("/problems/{kind}"), "detail": detail, "errors": errors });

    (status, "", body.to_string())
}

fn title(state: &str, upload_id: Option<&str>) -> Value {
    json!({
        "title_id": ID, "name": "Film", "visibility": "public", "state": state, "version": 1,
        "owner": { "creator_id": "a", "display_name": "Ada" }, "upload_id": upload_id,
    })
}

#[test]
fn no_command_gives_a_password_or_a_code_twice() {
    let service = Service::answering(|_| {
        let (status, _, body) = problem(
            429,
            "too-many-requests",
            "too many attempts: try again in 60 seconds",
            &[],
        );
        (status, "retry-after: 1\r\n", body)
    });
    let email = ["--email", "ada@example.org", "--password", "correct horse"];
    let code = ["--code", "123456"];
    let commands = [
        [&["sign-in"], email.as_slice()].concat(),
        [&["confirm", "--name", "Ada"], email.as_slice(), &code].concat(),
        [&["reset"], email.as_slice(), &code].concat(),
        vec![
            "password",
            "--password",
            "correct horse",
            "--new-password",
            "battery staple",
        ],
    ];
    for (number, command) in (1..).zip(commands) {
        let refused = service.refused(&command);

        assert_eq!(service.requests().len(), number, "{command:?}");
        assert_eq!(refused.exit, Exit::Unavailable);
        assert_eq!(refused.advice, "try again in 1 s");
    }
}

#[test]
fn a_refused_value_is_named_by_its_option() {
    let service = Service::answering(|request| match request {
        "POST /api/titles" => problem(
            422,
            "invalid-fields",
            "`/name` must not be empty",
            &[("/name", "must not be empty")],
        ),
        "PATCH /api/titles/0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11" => problem(
            422,
            "invalid-fields",
            "2 fields are not valid: see `errors`",
            &[
                ("/language", "is not a language tag"),
                ("/genres/0", "must be lower case"),
            ],
        ),
        "POST /api/auth/sign-up" => problem(
            422,
            "invalid-fields",
            "`/email` is no address",
            &[("/email", "is no address")],
        ),
        "POST /api/auth/confirm" => problem(422, "invalid-fields", "`/code` is wrong", &[("/code", "is wrong")]),
        "POST /api/auth/reset-password" => problem(
            422,
            "invalid-fields",
            "`/password` is too short",
            &[("/password", "is too short")],
        ),
        _ => (200, "", title("draft", None).to_string()),
    });
    let film = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&film, "film").unwrap();
    let account = ["--email", "ada@example.org", "--code", "1", "--password", "p"];
    let commands: [(&str, Vec<&str>); 5] = [
        ("ingest", vec!["ingest", film.path().to_str().unwrap(), "--title", ""]),
        (
            "edit",
            vec!["edit", ID, "--language", "english", "--genre", "Science Fiction"],
        ),
        ("sign-up", vec!["sign-up", "--email", "ada"]),
        ("confirm", [&["confirm", "--name", "Ada"], account.as_slice()].concat()),
        ("reset", [&["reset"], account.as_slice()].concat()),
    ];
    let texts = commands.map(|(name, command)| crate::failure::tests::entry(name, &service.refused(&command)));
    insta::assert_snapshot!("refused_values", texts.join("\n"));
}

#[test]
fn an_unknown_genre_or_account_says_where_they_are_listed() {
    let service = Service::answering(|request| match request.split('?').next() {
        Some("POST /api/titles") => {
            let detail =
                "`nonsense` is not a genre of this installation: GET /api/genres lists them, and an admin can add one";
            problem(
                422,
                "invalid-fields",
                &format!("`/genres` {detail}"),
                &[("/genres", detail)],
            )
        }
        Some("GET /api/titles") => problem(
            400,
            "invalid-request",
            "the query is not valid: `genre` must be lower case",
            &[],
        ),
        _ => problem(404, "not-found", "there is no such account", &[]),
    });
    let film = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&film, "film").unwrap();
    let commands = [
        (
            "ingest",
            vec![
                "ingest",
                film.path().to_str().unwrap(),
                "--title",
                "Film",
                "--genre",
                "nonsense",
            ],
        ),
        ("titles", vec!["titles", "--genre", "Nonsense"]),
        ("admin grant", vec!["admin", "grant", ID, "creator"]),
        ("admin decide", vec!["admin", "decide", ID, "approve"]),
    ];
    let texts = commands.map(|(name, command)| crate::failure::tests::entry(name, &service.refused(&command)));
    insta::assert_snapshot!("unknown_names", texts.join("\n"));
}

#[test]
fn mails_are_shown_on_their_own_machine() {
    let service = Service::answering(|_| (421, "", "Mails are shown to this machine only.".into()));
    let refused = service.refused(&["mail"]);

    assert_eq!(refused.exit, Exit::Forbidden);
    assert!(refused.advice.contains("http://localhost"), "{}", refused.advice);
}

#[test]
fn an_open_upload_is_aborted() {
    let service = Service::answering(|request| match request {
        "DELETE /api/uploads/u" => (204, "", String::new()),
        _ => (200, "", title("uploading", Some("u")).to_string()),
    });
    service.run(&["abort-upload", ID]).unwrap();

    let path = format!("GET /api/titles/{ID}");
    assert_eq!(service.requests(), [&path, "DELETE /api/uploads/u", &path]);
}

#[test]
fn without_an_open_upload_none_is_aborted() {
    let service = Service::answering(|_| (200, "", title("processing", None).to_string()));
    let refused = service.refused(&["abort-upload", ID]);

    assert_eq!(service.requests().len(), 1);
    assert_eq!(refused.exit, Exit::Refused);
    assert_eq!(refused.message, format!("{ID} is processing and has no open upload"));
}

#[test]
fn a_title_in_another_state_is_refused_as_the_service_would() {
    let service = Service::answering(|_| (200, "", title("draft", None).to_string()));

    assert_eq!(service.refused(&["archive", ID]).exit, Exit::Refused);
}
