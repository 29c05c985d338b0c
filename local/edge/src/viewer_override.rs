//! The address and country of viewers, which CloudFront puts into its own headers, and how tests override them.
//!
//! CloudFront derives the country from the viewer's address. Here it is a setting (`MARQUEE_VIEWER_COUNTRY`). Tests, which can read
//! the installation's folder, override both in a request:
//! `x-marquee-edge-viewer: <secret of edge.json>; country=IS; address=203.0.113.7:4711`. Other such headers are removed.

use std::{fs, net::SocketAddr, path::Path};

use http::{HeaderMap, HeaderName, HeaderValue};
use marquee_standin::{files, secret};
use serde::{Deserialize, Serialize};

const OVERRIDE: HeaderName = HeaderName::from_static("x-marquee-edge-viewer");
/// The prefix of CloudFront's own headers.
const CLOUDFRONT_PREFIX: &str = "cloudfront-";

const ADDRESS: &str = "cloudfront-viewer-address";
const COUNTRY: &str = "cloudfront-viewer-country";
const PROTOCOL: &str = "cloudfront-forwarded-proto";

/// The secret of overrides, and the default country.
#[derive(Debug)]
pub(super) struct ViewerOverrides {
    secret: String,
    country: Option<String>,
}

/// `edge.json` in the installation's folder.
#[derive(Deserialize, Serialize)]
struct SecretFile {
    secret: String,
}

/// The viewer of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Viewer {
    pub(super) address: SocketAddr,
    country: Option<String>,
}

impl ViewerOverrides {
    /// Reads the secret of the installation, or creates one.
    pub(super) fn new(home: &Path, country: Option<String>) -> anyhow::Result<Self> {
        Ok(Self {
            secret: read_or_create_secret(home)?,
            country,
        })
    }

    /// The viewer of a request. Removes the headers that only CloudFront may set.
    pub(super) fn viewer(&self, headers: &mut HeaderMap, peer: SocketAddr) -> Viewer {
        let reserved: Vec<HeaderName> = headers
            .keys()
            .filter(|name| name.as_str().starts_with(CLOUDFRONT_PREFIX))
            .cloned()
            .collect();
        for name in reserved {
            headers.remove(name);
        }
        let mut viewer = Viewer {
            address: peer,
            country: self.country.clone(),
        };
        let value = headers.remove(OVERRIDE);
        let mut parts = value
            .as_ref()
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .split(';')
            .map(str::trim);
        if parts.next() != Some(&self.secret) {
            return viewer;
        }
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            match name {
                "country" => viewer.country = Some(value.to_owned()),
                "address" => viewer.address = value.parse().unwrap_or(peer),
                _ => {}
            }
        }
        viewer
    }
}

impl Viewer {
    /// Adds the CloudFront headers that a policy names, if they are known here.
    pub(super) fn add_headers(&self, headers: &mut HeaderMap, named: &[String]) {
        for name in named {
            let value = match name.as_str() {
                ADDRESS => Some(self.address.to_string()),
                COUNTRY => self.country.clone(),
                PROTOCOL => Some("https".to_owned()),
                _ => None,
            };
            let value = value.and_then(|value| HeaderValue::try_from(value).ok());
            if let (Ok(name), Some(value)) = (HeaderName::try_from(name), value) {
                headers.insert(name, value);
            }
        }
    }
}

fn read_or_create_secret(home: &Path) -> anyhow::Result<String> {
    let path = home.join("edge.json");
    if let Some(file) = fs::read(&path)
        .ok()
        .and_then(|text| serde_json::from_slice::<SecretFile>(&text).ok())
    {
        return Ok(file.secret);
    }
    let file = SecretFile {
        secret: secret::random()?,
    };
    fs::create_dir_all(home)?;
    files::replace(&path, &serde_json::to_vec(&file)?)?;
    Ok(file.secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer() -> SocketAddr {
        "127.0.0.1:5000".parse().unwrap()
    }

    fn overrides() -> ViewerOverrides {
        ViewerOverrides {
            secret: "s3cret".into(),
            country: Some("NO".into()),
        }
    }

    fn viewer_of(headers: &[(&'static str, &'static str)]) -> (Viewer, HeaderMap) {
        let mut headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        let viewer = overrides().viewer(&mut headers, peer());
        (viewer, headers)
    }

    fn default_viewer() -> Viewer {
        Viewer {
            address: peer(),
            country: Some("NO".into()),
        }
    }

    #[test]
    fn headers_of_cloudfront_are_removed_from_requests() {
        let (viewer, left) = viewer_of(&[
            ("cloudfront-viewer-country", "KP"),
            ("cloudfront-viewer-address", "1.2.3.4:5"),
            ("x-marquee-edge-viewer", "guessed; country=KP"),
            ("accept", "*/*"),
        ]);

        assert_eq!(viewer, default_viewer());
        assert_eq!(left.keys().collect::<Vec<_>>(), ["accept"]);
    }

    #[test]
    fn the_secret_allows_an_override() {
        let (viewer, left) = viewer_of(&[("x-marquee-edge-viewer", "s3cret; country=IS; address=203.0.113.7:4711")]);

        assert_eq!(viewer.address, "203.0.113.7:4711".parse().unwrap());
        assert_eq!(viewer.country.as_deref(), Some("IS"));
        assert!(left.is_empty());
    }

    #[test]
    fn only_named_headers_are_added() {
        let mut headers = HeaderMap::new();
        default_viewer().add_headers(&mut headers, &[]);
        assert!(headers.is_empty());

        default_viewer().add_headers(
            &mut headers,
            &[ADDRESS.into(), COUNTRY.into(), "cloudfront-viewer-asn".into()],
        );
        assert_eq!(headers[ADDRESS], "127.0.0.1:5000");
        assert_eq!(headers[COUNTRY], "NO");
        assert_eq!(headers.len(), 2);
    }

    #[test]
    fn the_secret_is_created_once() {
        let home = tempfile::tempdir().unwrap();

        let first = read_or_create_secret(home.path()).unwrap();

        assert_eq!(read_or_create_secret(home.path()).unwrap(), first);
    }
}
