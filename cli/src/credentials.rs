//! Stored sign-ins: one file for each service, readable by its owner only.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::failure::Failure;

/// Tokens are renewed this long before they expire, so that none expires during a request.
const MARGIN: SignedDuration = SignedDuration::from_secs(30);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Credentials {
    pub(crate) email: String,
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
    pub(crate) expires_at: Timestamp,
}

impl Credentials {
    pub(crate) fn is_stale(&self, now: Timestamp) -> bool {
        now + MARGIN >= self.expires_at
    }
}

/// The file with the credentials for one service.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    path: PathBuf,
}

impl Store {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            path: config.folder.join(format!("{}.json", config.host())),
        }
    }

    /// `None` if there is no sign-in.
    pub(crate) fn load(&self) -> Result<Option<Credentials>, Failure> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.unusable(&error)),
        };
        serde_json::from_slice(&text)
            .map(Some)
            .map_err(|error| self.unusable(&error))
    }

    pub(crate) fn save(&self, credentials: &Credentials) -> Result<(), Failure> {
        write_private(&self.path, &serde_json::to_vec_pretty(credentials).unwrap_or_default())
            .map_err(|error| self.unusable(&error))
    }

    /// The hosts of other services with a sign-in, sorted. Unreadable files are left out.
    pub(crate) fn elsewhere(&self) -> Vec<String> {
        let files = self.path.parent().and_then(|folder| fs::read_dir(folder).ok());
        let mut hosts: Vec<_> = files
            .into_iter()
            .flatten()
            .filter_map(|file| Some(file.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|kind| kind == "json") && *path != self.path)
            .filter(|path| matches!(Self { path: path.clone() }.load(), Ok(Some(_))))
            .filter_map(|path| Some(address(path.file_stem()?.to_str()?)))
            .collect();
        hosts.sort();

        hosts
    }

    pub(crate) fn forget(&self) -> Result<(), Failure> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.unusable(&error)),
            _ => Ok(()),
        }
    }

    fn unusable(&self, error: &dyn std::error::Error) -> Failure {
        Failure::usage(
            format!("the sign-in file {} cannot be used: {error}", self.path.display()),
            "make it writable or delete it, then run `marquee sign-in`",
        )
    }
}

/// The address in a file's name: `localhost:8080` from `localhost-8080`.
fn address(name: &str) -> String {
    match name.rsplit_once('-') {
        Some((host, port)) if port.parse::<u16>().is_ok() => format!("{host}:{port}"),
        _ => name.to_owned(),
    }
}

/// Writes a file that only its owner may read, atomically.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let draft = path.with_extension(format!("{}.draft", std::process::id()));
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        _ = fs::remove_file(&draft);
    }
    written
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn credentials() -> Credentials {
        Credentials {
            email: "a@example.org".into(),
            access_token: "access".into(),
            refresh_token: "refresh".into(),
            expires_at: "2026-01-01T00:15:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn only_the_owner_can_read_credentials() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store {
            path: folder.path().join("deep/localhost-8080.json"),
        };
        assert_eq!(store.load().unwrap(), None);

        store.save(&credentials()).unwrap();
        assert_eq!(store.load().unwrap(), Some(credentials()));
        assert_eq!(fs::metadata(&store.path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(
            fs::read_dir(store.path.parent().unwrap()).unwrap().count(),
            1,
            "no draft is left"
        );

        store.forget().unwrap();
        store.forget().unwrap();
        assert_eq!(store.load().unwrap(), None);
    }

    #[test]
    fn other_services_are_known() {
        let folder = tempfile::tempdir().unwrap();
        let store = |host: &str| Store {
            path: folder.path().join(format!("{host}.json")),
        };
        assert_eq!(store("localhost-9999").elsewhere(), [""; 0]);

        store("localhost-8080").save(&credentials()).unwrap();
        store("films.example").save(&credentials()).unwrap();
        fs::create_dir(folder.path().join("uploads")).unwrap();
        fs::write(folder.path().join("package.json"), "{}").unwrap();

        assert_eq!(store("localhost-9999").elsewhere(), ["films.example", "localhost:8080"]);
        assert_eq!(store("films.example").elsewhere(), ["localhost:8080"]);
    }

    #[test]
    fn a_broken_file_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store {
            path: folder.path().join("x.json"),
        };
        fs::write(&store.path, "{").unwrap();
        assert!(store.load().unwrap_err().advice.contains("sign-in"));
    }

    #[test]
    fn tokens_are_renewed_before_they_expire() {
        let at = |text: &str| text.parse().unwrap();
        assert!(!credentials().is_stale(at("2026-01-01T00:14:00Z")));
        assert!(credentials().is_stale(at("2026-01-01T00:14:45Z")));
    }
}
