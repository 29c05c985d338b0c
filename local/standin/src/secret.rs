//! Random secrets of an installation.

use std::{
    fs::{self, File},
    io::{ErrorKind, Read as _},
    path::Path,
};

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::files;

/// The secret in a file that only its owner may read. If there is no file, `create` makes the secret.
pub fn read_or_create(path: &Path, create: impl FnOnce() -> anyhow::Result<String>) -> anyhow::Result<String> {
    match fs::read_to_string(path) {
        Ok(saved) => Ok(saved.trim().to_owned()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let secret = create()?;
            files::replace(path, secret.as_bytes())?;
            Ok(secret)
        }
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

/// 20 random bytes as text of letters, digits, `-` and `_`.
pub fn random() -> anyhow::Result<String> {
    let mut bytes = [0; 20];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_and_never_the_same() {
        let one = random().unwrap();

        assert_eq!(one.len(), 27);
        assert_ne!(one, random().unwrap());
    }

    #[test]
    fn a_secret_is_created_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");

        let first = read_or_create(&path, random).unwrap();

        assert_eq!(first.len(), 27);
        assert_eq!(read_or_create(&path, random).unwrap(), first);
        assert!(read_or_create(folder.path(), random).is_err(), "a folder is no secret");
    }
}
