//! The distribution's cache behaviours.

use std::{collections::BTreeMap, time::Duration};

use http::Method;
use wildmatch::WildMatch;

use super::{
    functions::{Function, percent_decode},
    response_headers::ResponseHeaders,
};

/// A distribution, with the settings that the edge needs.
#[derive(Debug)]
pub(crate) struct Distribution {
    pub(crate) id: String,
    /// Its domain name in the emulator, `dXXXX.cloudfront.net`.
    pub(crate) domain: String,
    /// The version of the configuration.
    pub(crate) etag: String,
    /// In order; the last one is the default, which matches everything.
    pub(crate) behaviours: Vec<Behaviour>,
    /// `ErrorCachingMinTTL` by status.
    pub(crate) error_ttls: BTreeMap<u16, Duration>,
}

/// A cache behaviour: the treatment of requests that match a path pattern.
#[derive(Debug)]
pub(crate) struct Behaviour {
    pub(crate) pattern: Pattern,
    pub(crate) methods: Vec<String>,
    pub(crate) policy: CachePolicy,
    pub(crate) forwarding: Forwarding,
    pub(crate) response_headers: Option<ResponseHeaders>,
    pub(crate) compress: bool,
    pub(crate) viewer_request: Option<Function>,
}

/// A cache policy: lifetimes, and the parts of the cache key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CachePolicy {
    pub(crate) min_ttl: Duration,
    pub(crate) default_ttl: Duration,
    pub(crate) max_ttl: Duration,
    /// Whether gzip variants are cached.
    pub(crate) gzip: bool,
    /// Lower-case names of headers in the cache key.
    pub(crate) headers: Vec<String>,
    pub(crate) cookies: Selection,
    pub(crate) queries: Selection,
}

/// The part of origin request policies that the edge applies; the emulator applies the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Forwarding {
    /// Lower-case names of headers that CloudFront adds (`cloudfront-viewer-country`).
    pub(crate) added: Vec<String>,
    /// The viewer's cookies. If none is forwarded, the origin's `Set-Cookie` is removed, too.
    pub(crate) cookies: Selection,
}

/// A selection of names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Selection {
    #[default]
    None,
    All,
    Only(Vec<String>),
    Except(Vec<String>),
}

/// A path pattern with `*` (any number of characters) and `?` (one character).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pattern(WildMatch);

impl Distribution {
    /// The first behaviour whose pattern matches the path.
    pub(crate) fn behaviour(&self, path: &str) -> Option<&Behaviour> {
        let decoded = percent_decode(path);
        let decoded = String::from_utf8_lossy(&decoded);
        self.behaviours
            .iter()
            .find(|behaviour| behaviour.pattern.matches(&decoded))
    }
}

impl Behaviour {
    pub(crate) fn allows(&self, method: &Method) -> bool {
        self.methods.iter().any(|allowed| allowed == method.as_str())
    }
}

impl CachePolicy {
    /// Whether it caches at all: `CachingDisabled` is a policy without lifetimes.
    pub(crate) fn caches(&self) -> bool {
        !self.max_ttl.is_zero()
    }
}

impl Selection {
    pub(crate) fn has(&self, name: &str) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Only(names) => names.iter().any(|known| known == name),
            Self::Except(names) => names.iter().all(|known| known != name),
        }
    }
}

impl Pattern {
    /// A pattern; its leading slash is optional.
    pub(crate) fn new(pattern: &str) -> Self {
        if pattern.starts_with(['/', '*']) {
            Self(WildMatch::new(pattern))
        } else {
            Self(WildMatch::new(&format!("/{pattern}")))
        }
    }

    /// Case matters, and `*` matches slashes too, as on CloudFront.
    pub(crate) fn matches(&self, path: &str) -> bool {
        self.0.matches(path)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn behaviour(pattern: &str) -> Behaviour {
        Behaviour {
            pattern: Pattern::new(pattern),
            methods: vec!["GET".into()],
            policy: CachePolicy::default(),
            forwarding: Forwarding::default(),
            response_headers: None,
            compress: false,
            viewer_request: None,
        }
    }

    #[test]
    fn patterns_match_as_documented() {
        for (pattern, path, expected) in [
            ("/api/*", "/api/titles", true),
            ("/api/*", "/api/", true),
            ("/api/*", "/api", false),
            ("api/*", "/api/titles", true),
            ("/api/*", "/API/titles", false),
            ("*", "/", true),
            ("*.jpg", "/images/a.jpg", true),
            ("*.jpg", "/images/a.jpeg", false),
            ("/a??.jpg", "/abc.jpg", true),
            ("/a??.jpg", "/ab.jpg", false),
            ("/media/*/hls/*.ts", "/media/x/y/hls/z.ts", true),
            ("/media/*", "/media/%2e%2e/x", true),
            ("/exact", "/exact", true),
            ("/exact", "/exact/", false),
        ] {
            assert_eq!(Pattern::new(pattern).matches(path), expected, "{pattern} on {path}");
        }
    }

    #[test]
    fn the_first_match_wins_and_the_default_is_last() {
        let distribution = Distribution {
            id: String::new(),
            domain: String::new(),
            etag: String::new(),
            behaviours: vec![behaviour("/api/auth/*"), behaviour("/api/*"), behaviour("*")],
            error_ttls: BTreeMap::new(),
        };
        let found = |path| {
            distribution
                .behaviour(path)
                .map(|found| found.pattern.0.to_string())
                .unwrap()
        };

        assert_eq!(found("/api/auth/sign-in"), "/api/auth/*");
        assert_eq!(found("/api/titles"), "/api/*");
        assert_eq!(found("/anything"), "*");
        assert_eq!(found("/%61pi/auth/sign-in"), "/api/auth/*");
        assert_eq!(found("/%61pi/titles"), "/api/*");
    }

    proptest! {
        #[test]
        fn a_literal_pattern_matches_itself_only(path in "/[a-z/]{0,20}", other in "/[a-z/]{0,20}") {
            prop_assert!(Pattern::new(&path).matches(&path));
            prop_assert_eq!(Pattern::new(&path).matches(&other), path == other);
        }

        #[test]
        fn a_star_in_the_middle_takes_anything(before in "/[a-z]{0,5}", taken in "[a-z/]{0,9}", after in "[a-z]{0,5}") {
            let pattern = Pattern::new(&format!("{before}*{after}"));
            let path = format!("{before}{taken}{after}");
            prop_assert!(pattern.matches(&path), "{:?}", pattern);
        }
    }
}
