//! `marquee` as people and scripts use it: its results, and the exit codes that they rely on.

#![expect(clippy::expect_used, reason = "tests fail by panicking")]

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

/// Somebody at a terminal, with settings of their own.
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

    /// Somebody new, signed up and in by the commands themselves.
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
        let mut command = Command::new(program());
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

    /// A command that succeeds; its standard output.
    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");

        String::from_utf8(output.stdout).expect("text")
    }

    /// A command that succeeds, and its last line of JSON.
    fn json(&self, arguments: &[&str]) -> Value {
        let text = self.done(&[&["--json"], arguments].concat());
        let last = text.lines().last().expect("a line");

        serde_json::from_str(last).expect("JSON")
    }

    /// A command that fails with an exit code; what it says about it.
    fn refused(&self, arguments: &[&str], code: i32) -> Value {
        let output = self.run(&[&["--json"], arguments].concat());
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
        let text = String::from_utf8(output.stderr).expect("text");
        let said: Value = serde_json::from_str(text.lines().last().expect("a line")).expect("JSON");
        assert_eq!(said["error"]["exit_code"], code);
        assert_ne!(said["error"]["advice"], "", "{said}");

        said["error"].clone()
    }

    /// What is remembered of an upload that was begun.
    fn begun(&self) -> Option<Value> {
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

/// `marquee`, as `make test` builds it.
fn program() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"),
        PathBuf::from,
    );
    let program = target.join("debug/marquee");
    assert!(program.exists(), "build it first: make build");

    program
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

fn word<'a>(document: &'a Value, name: &str) -> &'a str {
    document[name].as_str().expect(name)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_goes_from_the_shell_to_the_screen() {
    let marquee = Marquee::running();
    let creator = Terminal::signed_in(&marquee, "creator").await;
    assert_eq!(creator.json(&["whoami"])["roles"][0], "creator");

    let film = films::film(320, 180, 4);
    let title = ["--title", "From the shell", "--genre", "drama", "--watch"];
    let ingested = creator.json(&[&["ingest", text(&film)], title.as_slice()].concat());
    assert_eq!(ingested["state"], "published", "{ingested}");
    let id = word(&ingested, "title_id");

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
async fn exit_codes_tell_what_happened() {
    let marquee = Marquee::running();
    let viewer = Terminal::signed_in(&marquee, "viewer").await;
    let creator = Terminal::signed_in(&marquee, "creator").await;
    let unknown = "01900000-0000-7000-8000-000000000000";
    let words = films::text();

    let refused = creator.refused(&["ingest", text(&words), "--title", "Words", "--watch"], 1);
    assert!(word(&refused, "message").ends_with("(NotAVideo)"), "{refused}");
    let empty = creator.file("empty.mp4", b"");
    creator.refused(&["ingest", text(&empty), "--title", "Nothing"], 2);
    // Whatever a file system takes for a name.
    let odd = creator.file("line\nbreak\t\u{7}.mp4", b"not a film");
    let page = ["--title", "Page", "--content-type", "text/html"];
    let refused = creator.refused(&[&["ingest", text(&odd)], page.as_slice()].concat(), 1);
    assert_eq!(refused["problem"]["errors"][0]["pointer"], "/content_type", "{refused}");
    let refused = creator.refused(&["ingest", text(&odd), "--title", "Odd", "--watch"], 1);
    assert!(word(&refused, "message").ends_with("(NotAVideo)"), "{refused}");
    let drafts = creator.done(&["titles", "--mine", "--state", "draft"]);
    assert_eq!(
        drafts.lines().filter(|line| line.contains("draft")).count(),
        0,
        "{drafts}"
    );

    creator.refused(&["ingest", "missing.mp4", "--title", "Nothing"], 2);
    assert_eq!(creator.run(&["titles", "--limit", "none"]).status.code(), Some(2));
    viewer.refused(&["ingest", text(&words), "--title", "Words"], 3);
    creator.refused(&["redrive", unknown], 3);
    creator.refused(&["title", unknown], 4);

    let somebody = Terminal::new(&marquee);
    somebody.refused(&["titles"], 3);
    let wrong = somebody.command(&["sign-in", "--email", "nobody@example.org", "--password-stdin"]);
    assert_eq!(typed(wrong, "wrong password 7\n").status.code(), Some(3));
    let nowhere = somebody
        .command(&["sign-in", "--email", "nobody@example.org"])
        .env("MARQUEE_URL", "http://127.0.0.1:9")
        .output()
        .expect("it starts");
    assert_eq!(nowhere.status.code(), Some(5));
}

fn typed(mut command: Command, words: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut input = child.stdin.take().expect("its input");
    input.write_all(words.as_bytes()).expect("it reads");
    drop(input);

    child.wait_with_output().expect("it ends")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_upload_goes_on() {
    let marquee = Marquee::running();
    let creator = Terminal::signed_in(&marquee, "creator").await;
    // Larger than what a machine sends before it is stopped.
    let file = creator.file("large.mp4", &vec![7; 160 << 20]);
    let arguments = ["--json", "ingest", text(&file), "--title", "Large", "--parallel", "1"];

    let mut first = creator
        .command(&arguments)
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let begun = wait::until("the upload has begun", Duration::from_secs(30), async || {
        creator.begun().filter(|begun| begun["upload_id"].is_string())
    })
    .await;
    stop(&mut first);
    assert_eq!(
        creator.begun().as_ref(),
        Some(&begun),
        "it was interrupted before its end"
    );

    let ingested = creator.json(&arguments[1..]);
    assert_eq!(ingested["upload_id"], begun["upload_id"]);
    assert_eq!(ingested["title_id"], begun["title_id"]);
    assert_eq!(creator.begun(), None, "nothing is left to go on with");
}

fn stop(child: &mut Child) {
    child.kill().expect("it runs");
    child.wait().expect("it ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_whose_film_was_refused_takes_another() {
    let marquee = Marquee::running();
    let creator = Terminal::signed_in(&marquee, "creator").await;
    let stranger = Terminal::signed_in(&marquee, "creator").await;
    let film = films::film(320, 180, 4);
    creator.refused(&["ingest", text(&films::text()), "--title", "Words", "--watch"], 1);
    let failed = creator.json(&["titles", "--mine", "--state", "failed"]);
    let id = word(&failed, "title_id");

    let empty = creator.file("empty.mp4", b"");
    creator.refused(&["upload", id, text(&empty)], 2);
    creator.refused(&["upload", id, "missing.mp4"], 2);
    stranger.refused(&["upload", id, text(&film)], 4);
    assert_eq!(creator.json(&["title", id])["state"], "failed", "nothing was begun");

    let uploaded = creator.json(&["upload", id, text(&film), "--watch"]);
    assert_eq!(uploaded["state"], "published", "{uploaded}");
    assert_eq!(uploaded["title_id"], id);
    assert_eq!(creator.json(&["title", id])["name"], "Words");
    let refused = creator.refused(&["upload", id, text(&film)], 1);
    assert!(word(&refused, "advice").contains("marquee ingest"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_continues_on_another_machine() {
    let marquee = Marquee::running();
    let here = Terminal::signed_in(&marquee, "creator").await;
    let there = Terminal::new(&marquee);
    there.done(&["sign-in", "--email", word(&here.json(&["whoami"]), "email")]);
    let file = here.file("large.mp4", &vec![7; 160 << 20]);

    let mut first = here
        .command(&["ingest", text(&file), "--title", "Large", "--parallel", "1"])
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let begun = wait::until("the upload has begun", Duration::from_secs(30), async || {
        here.begun().filter(|begun| begun["upload_id"].is_string())
    })
    .await;
    stop(&mut first);

    let id = word(&begun, "title_id");
    let other = there.file("other.mp4", &[7; 5]);
    let refused = there.refused(&["upload", id, text(&other)], 1);
    assert!(word(&refused, "advice").contains("--restart"), "{refused}");
    let uploaded = there.json(&["upload", id, text(&file)]);
    assert_eq!(uploaded["upload_id"], begun["upload_id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn processing_is_canceled_and_another_film_follows() {
    let marquee = Marquee::running();
    let creator = Terminal::signed_in(&marquee, "creator").await;
    let stranger = Terminal::signed_in(&marquee, "creator").await;
    let long = films::film(1280, 720, 60);
    let ingested = creator.json(&["ingest", text(&long), "--title", "Stopped", "--visibility", "private"]);
    let id = word(&ingested, "title_id");
    wait::until("the title is processing", Duration::from_mins(1), async || {
        (creator.json(&["title", id])["state"] == "processing").then_some(())
    })
    .await;

    stranger.refused(&["cancel", id], 4);
    let refused = creator.refused(&["upload", id, text(&long)], 1);
    assert!(word(&refused, "advice").contains("marquee cancel"), "{refused}");
    let canceled = creator.json(&["cancel", id]);
    assert_eq!(canceled["state"], "failed", "{canceled}");
    assert_eq!(canceled["failure"]["error"], "Canceled", "{canceled}");
    assert!(creator.done(&["cancel", id]).contains("canceled"), "twice is harmless");

    let short = films::film(320, 180, 4);
    let uploaded = creator.json(&["upload", id, text(&short), "--watch"]);
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
    let output = creator.done(&["media-check", text(folder.path())]);
    assert!(output.ends_with("3 files, 0 unexpected\n"), "{output}");

    // A refusal that is not true of the file is noticed.
    manifest("h264 320x180 yuv420p | aac 1ch");
    let output = creator.run(&["media-check", text(folder.path()), "--only", "sound"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("UNEXPECTED: NoVideoStream is not true of it"), "{said}");
}
