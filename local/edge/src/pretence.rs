//! Who a request comes from, as CloudFront would say it in its own headers, and how a test pretends to be elsewhere.
//!
//! CloudFront knows a viewer's address and takes the country from it; here everybody is at home. So the country is a
//! setting (`MARQUEE_VIEWER_COUNTRY`), and who can read the installation's folder may say otherwise in a request:
//! `x-marquee-edge-viewer: <secret of edge.json>; country=IS; address=203.0.113.7:4711`. No other word of a viewer counts.

use std::{fs, net::SocketAddr, path::Path};

use http::{HeaderMap, HeaderName, HeaderValue};
use marquee_standin::{files, secret};
use serde::{Deserialize, Serialize};

const PRETENCE: HeaderName = HeaderName::from_static("x-marquee-edge-viewer");
/// What CloudFront's own headers begin with.
const OWN: &str = "cloudfront-";

const ADDRESS: &str = "cloudfront-viewer-address";
const COUNTRY: &str = "cloudfront-viewer-country";
const PROTOCOL: &str = "cloudfront-forwarded-proto";

/// Who may pretend, and where everybody else is.
#[derive(Debug)]
pub(super) struct Pretence {
    secret: String,
    country: Option<String>,
}

/// `edge.json` in the installation's folder.
#[derive(Deserialize, Serialize)]
struct Note {
    secret: String,
}

/// Where a request comes from.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Viewer {
    pub(super) address: SocketAddr,
    country: Option<String>,
}

impl Pretence {
    /// Reads the secret of this installation, or makes one.
    pub(super) fn new(home: &Path, country: Option<String>) -> anyhow::Result<Self> {
        Ok(Self {
            secret: known_or_new(home)?,
            country,
        })
    }

    /// Where a request comes from. Takes out what only CloudFront may say.
    pub(super) fn viewer(&self, headers: &mut HeaderMap, peer: SocketAddr) -> Viewer {
        let said: Vec<HeaderName> = headers
            .keys()
            .filter(|name| name.as_str().starts_with(OWN))
            .cloned()
            .collect();
        for name in said {
            headers.remove(name);
        }
        let mut viewer = Viewer {
            address: peer,
            country: self.country.clone(),
        };
        let pretence = headers.remove(PRETENCE);
        let mut words = pretence
            .as_ref()
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .split(';')
            .map(str::trim);
        if words.next() != Some(&self.secret) {
            return viewer;
        }
        for (name, value) in words.filter_map(|word| word.split_once('=')) {
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
    /// Adds those of CloudFront's headers that a policy names, as far as they are known here.
    pub(super) fn tell(&self, headers: &mut HeaderMap, named: &[String]) {
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

fn known_or_new(home: &Path) -> anyhow::Result<String> {
    let path = home.join("edge.json");
    if let Some(note) = fs::read(&path)
        .ok()
        .and_then(|text| serde_json::from_slice::<Note>(&text).ok())
    {
        return Ok(note.secret);
    }
    let note = Note {
        secret: secret::random()?,
    };
    fs::create_dir_all(home)?;
    files::replace(&path, &serde_json::to_vec(&note)?)?;
    Ok(note.secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer() -> SocketAddr {
        "127.0.0.1:5000".parse().unwrap()
    }

    fn pretence() -> Pretence {
        Pretence {
            secret: "s3cret".into(),
            country: Some("NO".into()),
        }
    }

    fn asked(headers: &[(&'static str, &'static str)]) -> (Viewer, HeaderMap) {
        let mut headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        let viewer = pretence().viewer(&mut headers, peer());
        (viewer, headers)
    }

    fn at_home() -> Viewer {
        Viewer {
            address: peer(),
            country: Some("NO".into()),
        }
    }

    #[test]
    fn a_viewer_says_nothing_in_the_name_of_cloudfront() {
        let (viewer, left) = asked(&[
            ("cloudfront-viewer-country", "KP"),
            ("cloudfront-viewer-address", "1.2.3.4:5"),
            ("x-marquee-edge-viewer", "guessed; country=KP"),
            ("accept", "*/*"),
        ]);

        assert_eq!(viewer, at_home());
        assert_eq!(left.keys().collect::<Vec<_>>(), ["accept"]);
    }

    #[test]
    fn who_knows_the_secret_is_where_they_say() {
        let (viewer, left) = asked(&[("x-marquee-edge-viewer", "s3cret; country=IS; address=203.0.113.7:4711")]);

        assert_eq!(viewer.address, "203.0.113.7:4711".parse().unwrap());
        assert_eq!(viewer.country.as_deref(), Some("IS"));
        assert!(left.is_empty());
    }

    #[test]
    fn only_named_headers_are_added() {
        let mut headers = HeaderMap::new();
        at_home().tell(&mut headers, &[]);
        assert!(headers.is_empty());

        at_home().tell(
            &mut headers,
            &[ADDRESS.into(), COUNTRY.into(), "cloudfront-viewer-asn".into()],
        );
        assert_eq!(headers[ADDRESS], "127.0.0.1:5000");
        assert_eq!(headers[COUNTRY], "NO");
        assert_eq!(headers.len(), 2);
    }

    #[test]
    fn the_secret_is_made_once() {
        let home = tempfile::tempdir().unwrap();

        let first = known_or_new(home.path()).unwrap();

        assert_eq!(known_or_new(home.path()).unwrap(), first);
    }
}
