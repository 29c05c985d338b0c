//! Films that FFmpeg makes when a test first needs them. They are kept for later runs.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

/// A film of `seconds` with moving pictures and a tone.
#[must_use]
pub fn film(width: u32, height: u32, seconds: u32) -> PathBuf {
    make(
        &format!("film-{width}x{height}-{seconds}s.mp4"),
        &[
            "-f",
            "lavfi",
            "-i",
            &format!("testsrc2=size={width}x{height}:rate=24:duration={seconds}"),
            "-f",
            "lavfi",
            "-i",
            &format!("sine=frequency=330:duration={seconds}"),
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "aac",
            "-shortest",
        ],
    )
}

/// A tone without any picture.
#[must_use]
pub fn sound(seconds: u32) -> PathBuf {
    make(
        &format!("sound-{seconds}s.m4a"),
        &[
            "-f",
            "lavfi",
            "-i",
            &format!("sine=frequency=330:duration={seconds}"),
            "-c:a",
            "aac",
        ],
    )
}

/// A text file, which is not a film.
#[must_use]
pub fn text() -> PathBuf {
    let path = folder().join("text.mp4");
    fs::write(
        &path,
        "Once upon a time there was a file that was not a film. ".repeat(200),
    )
    .expect("a text");

    path
}

fn make(name: &str, arguments: &[&str]) -> PathBuf {
    let path = folder().join(name);
    if !path.exists() {
        // Another test, in this process or another one, may make the same film, so each draft has a name of its own.
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let draft = folder().join(format!("{}-{count}-{name}", std::process::id()));
        let made = Command::new(root().join(".venv/bin/ffmpeg"))
            .args(["-nostdin", "-v", "error", "-y"])
            .args(arguments)
            .arg(&draft)
            .status()
            .expect("FFmpeg is installed: run `make setup`");
        assert!(made.success(), "FFmpeg makes {name}");
        fs::rename(draft, &path).expect("a name");
    }

    path
}

fn folder() -> PathBuf {
    let folder = env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), PathBuf::from)
        .join("films");
    fs::create_dir_all(&folder).expect("a folder for films");

    folder
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
