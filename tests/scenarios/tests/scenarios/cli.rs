//! The CLI `marquee` as people and scripts use it: its output and its exit codes.

use std::{
    env, fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use marquee_scenario_tests::{Marquee, films, people::PASSWORD, wait};
use serde_json::Value;
use tempfile::TempDir;

/// A user of the CLI, with a settings folder of their own.
struct Terminal {
    marquee: Marquee,
    folder: TempDir,
}

impl Terminal {
    fn new(marquee: &Marquee) -> Self {
        Self {
            marquee: marquee.clone(),
            folder: TempDir::new().expect("a folder"),
        }
    }

    /// A new user, who signs up and in by the CLI's own commands.
    async fn signed_in(marquee: &Marquee, role: &str) -> Self {
        let terminal = Self::new(marquee);
        let email = marquee.new_email();
        terminal.done(&["sign-up", "--email", &email]);
        let code = marquee.mailed_code(&email).await;
        let account = ["--name", "Ada", "--role", role];
        terminal.done(&[&["confirm", "--email", &email, "--code", &code], account.as_slice()].concat());

        terminal
    }

    fn command(&self, arguments: &[&str]) -> Command {
        self.command_of("marquee", arguments)
    }

    fn command_of(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program(name));
        command
            .args(arguments)
            .env("MARQUEE_URL", &self.marquee.edge)
            .env("MARQUEE_CONFIG_DIR", self.folder.path())
            .env("MARQUEE_PASSWORD", PASSWORD)
            .stdin(Stdio::null());

        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("it starts")
    }

    fn media_check(&self, arguments: &[&str]) -> Output {
        self.command_of("marquee-xtask", &[&["media-check"], arguments].concat())
            .output()
            .expect("it starts")
    }

    /// Runs a command that succeeds, and returns its standard output.
    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");

        String::from_utf8(output.stdout).expect("text")
    }

    /// Runs a command that succeeds, and returns its last line of JSON.
    fn json(&self, arguments: &[&str]) -> Value {
        let text = self.done(&[&["--json"], arguments].concat());
        let last = text.lines().last().expect("a line");

        serde_json::from_str(last).expect("JSON")
    }

    /// Runs a command that fails with an exit code, and returns its error.
    fn refused(&self, arguments: &[&str], code: i32) -> Value {
        let output = self.run(&[&["--json"], arguments].concat());
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
        let text = String::from_utf8(output.stderr).expect("text");
        let document: Value = serde_json::from_str(text.lines().last().expect("a line")).expect("JSON");
        assert_eq!(document["error"]["exit_code"], code);
        assert_ne!(document["error"]["advice"], "", "{document}");

        document["error"].clone()
    }

    /// The stored state of an upload that was begun.
    fn stored_upload(&self) -> Option<Value> {
        let entry = fs::read_dir(self.folder.path().join("uploads"))
            .ok()?
            .flatten()
            .next()?;

        serde_json::from_slice(&fs::read(entry.path()).ok()?).ok()
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).expect("a file");

        path
    }
}

/// A program, as `make test` builds it.
fn program(name: &str) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"),
        PathBuf::from,
    );
    let program = target.join("debug").join(name);
    assert!(program.exists(), "build it first: make build");

    program
}

fn path_text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

fn text_of<'a>(document: &'a Value, name: &str) -> &'a str {
    document[name].as_str().expect(name)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_is_uploaded_played_and_archived_by_commands() {
    let marquee = Marquee::running();
    let creator = Terminal::signed_in(&marquee, "creator").await;
    assert_eq!(creator.json(&["whoami"])["roles"][0], "creator");

    let film = films::film(320, 180, 4);
    let title = ["--title", "From the shell", "--genre", "drama", "--watch"];
    let ingested = creator.json(&[&["ingest", path_text(&film)], title.as_slice()].concat());
    assert_eq!(ingested["state"], "published", "{ingested}");
    let id = text_of(&ingested, "title_id");

    let timeline = creator.json(&["timeline", id]);
    assert!(timeline["quote"]["amount_micros"].is_u64(), "{timeline}");
    let played = creator.json(&["play", id, "--check"]);
    assert!(played["check"]["segments"].as_u64() >= Some(2), "{played}");
    let lines = creator.done(&["play", id]);
    let kinds: Vec<&str> = lines
        .lines()
        .filter_map(|line| line.split_once(": http"))
        .map(|(kind, _)| kind)
        .collect();
    assert_eq!(kinds, ["watch", "playback"]);

    assert!(creator.done(&["titles", "--mine"]).contains(id));
    creator.done(&["similar", id]);
    assert_eq!(creator.json(&["edit", id, "--title", "Renamed"])["name"], "Renamed");
    creator.done(&["archive", id]);
    assert_eq!(creator.json(&["title", id])["state"], "archived");

    creator.done(&["sign-out"]);
    creator.refused(&["whoami"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn exit_codes_distinguish_kinds_of_failures() {
    let marquee = Marquee::running();
    let viewer = Terminal::signed_in(&marquee, "viewer").await;
    let creator = Terminal::signed_in(&marquee, "creator").await;
    let unknown = "01900000-0000-7000-8000-000000000000";
    let words = films::text();

    let refused = creator.refused(&["ingest", path_text(&words), "--title", "Words", "--watch"], 1);
    assert!(text_of(&refused, "message").ends_with("(NotAVideo)"), "{refused}");
    let empty = creator.file("empty.mp4", b"");
    creator.refused(&["ingest", path_text(&empty), "--title", "Nothing"], 2);
    // A file name that only the file system accepts.
    let odd = creator.file("line\nbreak\t\u{7}.mp4", b"not a film");
    let page = ["--title", "Page", "--content-type", "text/html"];
    let refused = creator.refused(&[&["ingest", path_text(&odd)], page.as_slice()].concat(), 2);
    assert!(
        text_of(&refused, "message").starts_with("`--content-type`"),
        "{refused}"
    );
    let refused = creator.refused(&["ingest", path_text(&odd), "--title", "Odd", "--watch"], 1);
    assert!(text_of(&refused, "message").ends_with("(NotAVideo)"), "{refused}");
    let drafts = creator.done(&["titles", "--mine", "--state", "draft"]);
    assert_eq!(
        drafts.lines().filter(|line| line.contains("draft")).count(),
        0,
        "{drafts}"
    );

    creator.refused(&["ingest", "missing.mp4", "--title", "Nothing"], 2);
    assert_eq!(creator.run(&["titles", "--limit", "none"]).status.code(), Some(2));
    viewer.refused(&["ingest", path_text(&words), "--title", "Words"], 3);
    creator.refused(&["redrive", unknown], 3);
    creator.refused(&["title", unknown], 4);

    let signed_out = Terminal::new(&marquee);
    signed_out.refused(&["titles"], 3);
    let wrong_password = signed_out.command(&["sign-in", "--email", "unknown@example.org", "--password-stdin"]);
    assert_eq!(with_input(wrong_password, "wrong password 7\n").status.code(), Some(3));
    let unreachable = signed_out
        .command(&["sign-in", "--email", "unknown@example.org"])
        .env("MARQUEE_URL", "http://127.0.0.1:9")
        .output()
        .expect("it starts");
    assert_eq!(unreachable.status.code(), Some(5));
}

fn with_input(mut command: Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("its input");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);

    child.wait_with_output().expect("it ends")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_upload_is_resumed() {
    let marquee = Marquee::running();
    let creator = Terminal::signed_in(&marquee, "creator").await;
    // Too large to be sent completely before the process is killed.
    let file = creator.file("large.mp4", &vec![7; 160 << 20]);
    let arguments = [
        "--json",
        "ingest",
        path_text(&file),
        "--title",
        "Large",
        "--parallel",
        "1",
    ];

    let mut first = creator
        .command(&arguments)
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let begun = wait::until("the upload has begun", Duration::from_secs(30), async || {
        creator.stored_upload().filter(|begun| begun["upload_id"].is_string())
    })
    .await;
    stop(&mut first);
    assert_eq!(
        creator.stored_upload().as_ref(),
        Some(&begun),
        "it was interrupted before its end"
    );

    let ingested = creator.json(&arguments[1..]);
    assert_eq!(ingested["upload_id"], begun["upload_id"]);
    assert_eq!(ingested["title_id"], begun["title_id"]);
    assert_eq!(creator.stored_upload(), None, "no upload is left to resume");
}

fn stop(child: &mut Child) {
    child.kill().expect("it runs");
    child.wait().expect("it ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_whose_file_was_refused_takes_another() {
    let marquee = Marquee::running();
    let creator = Terminal::signed_in(&marquee, "creator").await;
    let stranger = Terminal::signed_in(&marquee, "creator").await;
    let film = films::film(320, 180, 4);
    creator.refused(&["ingest", path_text(&films::text()), "--title", "Words", "--watch"], 1);
    let failed = creator.json(&["titles", "--mine", "--state", "failed"]);
    let id = text_of(&failed, "title_id");

    let empty = creator.file("empty.mp4", b"");
    creator.refused(&["upload", id, path_text(&empty)], 2);
    creator.refused(&["upload", id, "missing.mp4"], 2);
    stranger.refused(&["upload", id, path_text(&film)], 4);
    assert_eq!(creator.json(&["title", id])["state"], "failed", "no upload was begun");

    let uploaded = creator.json(&["upload", id, path_text(&film), "--watch"]);
    assert_eq!(uploaded["state"], "published", "{uploaded}");
    assert_eq!(uploaded["title_id"], id);
    assert_eq!(creator.json(&["title", id])["name"], "Words");
    let refused = creator.refused(&["upload", id, path_text(&film)], 1);
    assert!(text_of(&refused, "advice").contains("marquee ingest"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_continues_on_another_machine() {
    let marquee = Marquee::running();
    let here = Terminal::signed_in(&marquee, "creator").await;
    let there = Terminal::new(&marquee);
    there.done(&["sign-in", "--email", text_of(&here.json(&["whoami"]), "email")]);
    let file = here.file("large.mp4", &vec![7; 160 << 20]);

    let mut first = here
        .command(&["ingest", path_text(&file), "--title", "Large", "--parallel", "1"])
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let begun = wait::until("the upload has begun", Duration::from_secs(30), async || {
        here.stored_upload().filter(|begun| begun["upload_id"].is_string())
    })
    .await;
    stop(&mut first);

    let id = text_of(&begun, "title_id");
    let other = there.file("other.mp4", &[7; 5]);
    let refused = there.refused(&["upload", id, path_text(&other)], 1);
    assert!(text_of(&refused, "advice").contains("--restart"), "{refused}");
    let uploaded = there.json(&["upload", id, path_text(&file)]);
    assert_eq!(uploaded["upload_id"], begun["upload_id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canceled_title_takes_another_film() {
    let marquee = Marquee::running();
    let creator = Terminal::signed_in(&marquee, "creator").await;
    let stranger = Terminal::signed_in(&marquee, "creator").await;
    let long = films::film(1280, 720, 60);
    let ingested = creator.json(&[
        "ingest",
        path_text(&long),
        "--title",
        "Stopped",
        "--visibility",
        "private",
    ]);
    let id = text_of(&ingested, "title_id");
    wait::until("the title is processing", Duration::from_mins(1), async || {
        (creator.json(&["title", id])["state"] == "processing").then_some(())
    })
    .await;

    stranger.refused(&["cancel", id], 4);
    let refused = creator.refused(&["upload", id, path_text(&long)], 1);
    assert!(text_of(&refused, "advice").contains("marquee cancel"), "{refused}");
    let canceled = creator.json(&["cancel", id]);
    assert_eq!(canceled["state"], "failed", "{canceled}");
    assert_eq!(canceled["failure"]["error"], "Canceled", "{canceled}");
    assert!(
        creator.done(&["cancel", id]).contains("canceled"),
        "a repeated cancel succeeds"
    );

    let short = films::film(320, 180, 4);
    let uploaded = creator.json(&["upload", id, path_text(&short), "--watch"]);
    assert_eq!(uploaded["state"], "published", "{uploaded}");
    creator.refused(&["cancel", id], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_media_is_compared_with_its_manifest() {
    let marquee = Marquee::running();
    let creator = Terminal::signed_in(&marquee, "creator").await;
    let folder = TempDir::new().expect("a folder");
    let add = |name: &str, from: PathBuf| fs::copy(from, folder.path().join(name)).expect("a copy");
    add("film.mp4", films::film(320, 180, 4));
    add("sound.m4a", films::sound(2));
    add("words.mp4", films::text());
    let manifest = |sound: &str| {
        let rows = [
            "path\tkind\tformat\tduration\tsummary\texpect",
            "film.mp4\tok\tmov,mp4\t4\th264 320x180 yuv420p | aac 1ch\taccept",
            &format!("sound.m4a\tok\tmov,mp4\t2\t{sound}\taudio-only"),
            "words.mp4\thostile\t-\t-\t\treject",
            "words.vtt\tcaptions\t-\t-\t\tcaption",
        ];
        fs::write(folder.path().join("MANIFEST.tsv"), rows.join("\n")).expect("a manifest");
    };

    manifest(" | aac 1ch");
    let output = creator.media_check(&[path_text(folder.path())]);
    assert!(output.status.success(), "{output:?}");
    let report = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(report.ends_with("3 files, 0 unexpected\n"), "{report}");

    // The check reports a refusal that is not true of the file.
    manifest("h264 320x180 yuv420p | aac 1ch");
    let output = creator.media_check(&[path_text(folder.path()), "--only", "sound"]);
    assert_eq!(output.status.code(), Some(1));
    let report = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        report.contains("UNEXPECTED: NoVideoStream is not true of it"),
        "{report}"
    );
}
