//! Random secrets of an installation.

use std::{fs::File, io::Read as _};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Saves a secret in a file that only its owner may read.
pub use crate::files::replace as save;

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
}
