//! Resolves a playlist's URI to an object's key, never outside the title's prefix.

use super::Fault;

/// The base of relative URIs.
pub(super) struct Base<'a> {
    prefix: &'a str,
    folder: String,
}

impl<'a> Base<'a> {
    /// The base for URIs in the playlist at `prefix` + `path`.
    pub(super) fn new(prefix: &'a str, path: &str) -> Self {
        let folder = path.rsplit_once('/').map(|(folder, _)| folder).unwrap_or_default();
        Self {
            prefix,
            folder: folder.to_owned(),
        }
    }

    /// The base for URIs in the playlist with this key, which is below the prefix.
    pub(super) fn from_key(prefix: &'a str, key: &str) -> Self {
        Self::new(prefix, key.strip_prefix(prefix).unwrap_or(key))
    }

    /// The key of a URI. Only plain relative names are accepted. All others (schemes, hosts, queries, escapes, backslashes, absolute paths)
    /// are foreign, because players might resolve them differently.
    pub(super) fn resolve(&self, uri: &str) -> Result<String, Fault> {
        let foreign = || Fault::ForeignUri {
            uri: uri.chars().take(200).collect(),
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/');
        if uri.is_empty() || !uri.bytes().all(plain) {
            return Err(foreign());
        }
        let mut parts: Vec<&str> = self.folder.split('/').filter(|part| !part.is_empty()).collect();
        for part in uri.split('/') {
            match part {
                "" => return Err(foreign()),
                "." => {}
                ".." => {
                    parts.pop().ok_or_else(foreign)?;
                }
                part => parts.push(part),
            }
        }
        Ok(format!("{}{}", self.prefix, parts.join("/")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_stay_within_the_prefix() {
        let base = Base::new("media/a/1/", "hls/master.m3u8");
        assert_eq!(base.resolve("x.m3u8").unwrap(), "media/a/1/hls/x.m3u8");
        assert_eq!(base.resolve("./v/../x.m3u8").unwrap(), "media/a/1/hls/x.m3u8");
        assert_eq!(base.resolve("../x.m3u8").unwrap(), "media/a/1/x.m3u8");
        let foreign = [
            "",
            "/x",
            "../../x",
            "../../../media/b/1/x",
            "https://example.com/x",
            "//host/x",
            "x?y",
            "x%2e",
            "a\\b",
            "a//b",
            "data:x",
        ];
        for uri in foreign {
            assert!(base.resolve(uri).is_err(), "{uri}");
        }
    }
}
