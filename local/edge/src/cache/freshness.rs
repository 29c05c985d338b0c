//! The lifetime of responses: the origin's, within the limits of the cache policy.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html> and `HTTPStatusCodes.html` there.

use std::{collections::BTreeMap, time::Duration};

use http::{HeaderMap, StatusCode, header};
use jiff::{Timestamp, fmt::rfc2822};

use crate::behaviours::CachePolicy;

/// CloudFront's default lifetime of errors.
const ERROR_TTL: Duration = Duration::from_secs(10);

/// The lifetime of a response; `None` if it is not cached. Zero means that it is cached and revalidated on each request.
pub(crate) fn lifetime(
    status: StatusCode,
    headers: &HeaderMap,
    policy: &CachePolicy,
    error_ttls: &BTreeMap<u16, Duration>,
    now: Timestamp,
) -> Option<Duration> {
    let directives = Directives::read(headers);
    let stated = directives.max_age.or_else(|| expires(headers, now));
    if status.is_client_error() || status.is_server_error() {
        let floor = error_ttls.get(&status.as_u16()).copied().unwrap_or(ERROR_TTL);
        return match status.as_u16() {
            404 | 405 | 414 | 500..=504 => Some(floor.max(directives.max_age.unwrap_or_default())),
            400 | 403 | 412 | 415 => directives.max_age.map(|stated| floor.max(stated)),
            _ => None,
        };
    }
    if !matches!(status.as_u16(), 200 | 203 | 204 | 300 | 301 | 302 | 307 | 308) {
        return None;
    }
    if directives.forbids {
        return (!policy.min_ttl.is_zero()).then_some(policy.min_ttl);
    }
    match stated {
        Some(stated) => Some(stated.clamp(policy.min_ttl, policy.max_ttl.max(policy.min_ttl))),
        None => Some(policy.default_ttl.max(policy.min_ttl)),
    }
}

struct Directives {
    /// `s-maxage`, else `max-age`.
    max_age: Option<Duration>,
    /// `no-cache`, `no-store` or `private`.
    forbids: bool,
}

impl Directives {
    fn read(headers: &HeaderMap) -> Self {
        let lines = headers
            .get_all(header::CACHE_CONTROL)
            .iter()
            .filter_map(|line| line.to_str().ok());
        let all: Vec<String> = lines
            .flat_map(|line| line.split(','))
            .map(|one| one.trim().to_ascii_lowercase())
            .collect();
        let directive = |name: &str| {
            let value = all
                .iter()
                .find_map(|one| one.strip_prefix(name)?.trim_start().strip_prefix('='));
            value
                .and_then(|value| value.trim().trim_matches('"').parse().ok())
                .map(Duration::from_secs)
        };
        Self {
            max_age: directive("s-maxage").or_else(|| directive("max-age")),
            forbids: all
                .iter()
                .any(|one| matches!(one.as_str(), "no-cache" | "no-store" | "private")),
        }
    }
}

fn expires(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(header::EXPIRES)?.to_str().ok()?;
    let at = rfc2822::DateTimeParser::new().parse_timestamp(value);
    // An invalid date (such as `0`) has expired.
    Some(at.map_or(Duration::ZERO, |at| Duration::try_from(at - now).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const OPTIMIZED: CachePolicy = CachePolicy {
        min_ttl: Duration::from_secs(1),
        default_ttl: Duration::from_hours(24),
        max_ttl: Duration::from_hours(8760),
        gzip: true,
        headers: Vec::new(),
        cookies: crate::behaviours::Selection::None,
        queries: crate::behaviours::Selection::None,
    };

    fn seconds(status: u16, policy: &CachePolicy, lines: &[(&'static str, &'static str)]) -> Option<u64> {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let headers = lines
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect();
        let errors = [(502, Duration::ZERO)].into();
        lifetime(StatusCode::from_u16(status).unwrap(), &headers, policy, &errors, now)
            .map(|lifetime| lifetime.as_secs())
    }

    #[test]
    fn the_origin_decides_within_the_policy() {
        let cache_control = |value| [("cache-control", value)];
        assert_eq!(seconds(200, &OPTIMIZED, &[]), Some(86_400));
        assert_eq!(seconds(200, &OPTIMIZED, &cache_control("public, max-age=60")), Some(60));
        assert_eq!(
            seconds(200, &OPTIMIZED, &cache_control("max-age=60, s-maxage=\"5\"")),
            Some(5)
        );
        assert_eq!(seconds(200, &OPTIMIZED, &cache_control("max-age=0")), Some(1));
        assert_eq!(
            seconds(200, &OPTIMIZED, &cache_control("max-age=99999999999")),
            Some(31_536_000)
        );
        assert_eq!(seconds(200, &OPTIMIZED, &cache_control("no-cache")), Some(1));
        assert_eq!(
            seconds(200, &OPTIMIZED, &cache_control("no-store, max-age=60")),
            Some(1)
        );
        assert_eq!(
            seconds(200, &OPTIMIZED, &[("expires", "Thu, 01 Jan 2026 00:01:00 GMT")]),
            Some(60)
        );
        assert_eq!(seconds(200, &OPTIMIZED, &[("expires", "0")]), Some(1));

        let without_floor = CachePolicy {
            min_ttl: Duration::ZERO,
            ..OPTIMIZED
        };
        assert_eq!(seconds(200, &without_floor, &cache_control("no-store")), None);
        assert_eq!(
            seconds(200, &without_floor, &cache_control("private, max-age=60")),
            None
        );
        assert_eq!(seconds(200, &without_floor, &cache_control("max-age=0")), Some(0));
    }

    #[test]
    fn some_errors_are_cached_briefly() {
        assert_eq!(seconds(404, &OPTIMIZED, &[]), Some(10));
        assert_eq!(seconds(404, &OPTIMIZED, &[("cache-control", "max-age=60")]), Some(60));
        assert_eq!(seconds(503, &OPTIMIZED, &[("cache-control", "no-store")]), Some(10));
        assert_eq!(
            seconds(502, &OPTIMIZED, &[]),
            Some(0),
            "the distribution's setting is zero"
        );
        assert_eq!(seconds(403, &OPTIMIZED, &[]), None);
        assert_eq!(seconds(403, &OPTIMIZED, &[("cache-control", "max-age=5")]), Some(10));
        assert_eq!(seconds(401, &OPTIMIZED, &[("cache-control", "max-age=5")]), None);
        assert_eq!(seconds(206, &OPTIMIZED, &[]), None);
    }
}
