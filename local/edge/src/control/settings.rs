//! Conversion of cache policies, origin request policies and error settings.

use std::{collections::BTreeMap, time::Duration};

use aws_sdk_cloudfront::types::{
    CachePolicyConfig, CachePolicyCookieBehavior, CachePolicyQueryStringBehavior, DistributionConfig,
    OriginRequestPolicyConfig, OriginRequestPolicyCookieBehavior, OriginRequestPolicyCookiesConfig,
    OriginRequestPolicyHeaderBehavior,
};

use crate::behaviours::{CachePolicy, Forwarding, Selection};

/// The prefix of CloudFront's own headers.
const OWN_HEADERS: &str = "cloudfront-";

/// The default maximum is a year, the default lifetime a day.
pub(super) fn cache_policy(config: &CachePolicyConfig) -> CachePolicy {
    let seconds = |value: i64| Duration::from_secs(u64::try_from(value).unwrap_or_default());
    let mut policy = CachePolicy {
        min_ttl: seconds(config.min_ttl()),
        default_ttl: seconds(config.default_ttl().unwrap_or(86_400)),
        max_ttl: seconds(config.max_ttl().unwrap_or(31_536_000)),
        ..CachePolicy::default()
    };
    let Some(parameters) = config.parameters_in_cache_key_and_forwarded_to_origin() else {
        return policy;
    };
    policy.gzip = parameters.enable_accept_encoding_gzip();
    if let Some(headers) = parameters.headers_config().and_then(|config| config.headers()) {
        policy.headers = headers.items().iter().map(|name| name.to_ascii_lowercase()).collect();
    }
    if let Some(cookies) = parameters.cookies_config() {
        let names = cookies
            .cookies()
            .map(|names| names.items().to_vec())
            .unwrap_or_default();
        policy.cookies = match cookies.cookie_behavior() {
            CachePolicyCookieBehavior::All => Selection::All,
            CachePolicyCookieBehavior::Whitelist => Selection::Only(names),
            CachePolicyCookieBehavior::AllExcept => Selection::Except(names),
            _ => Selection::None,
        };
    }
    if let Some(queries) = parameters.query_strings_config() {
        let names = queries
            .query_strings()
            .map(|names| names.items().to_vec())
            .unwrap_or_default();
        policy.queries = match queries.query_string_behavior() {
            CachePolicyQueryStringBehavior::All => Selection::All,
            CachePolicyQueryStringBehavior::Whitelist => Selection::Only(names),
            CachePolicyQueryStringBehavior::AllExcept => Selection::Except(names),
            _ => Selection::None,
        };
    }
    policy
}

/// The forwarding of a cache policy and an optional origin request policy.
pub(super) fn forwarding(policy: &CachePolicy, origin: Option<&OriginRequestPolicyConfig>) -> Forwarding {
    let headers = origin.and_then(OriginRequestPolicyConfig::headers_config);
    // Only these two add headers; the others are about the viewer's headers.
    let adding = headers.filter(|headers| {
        matches!(
            headers.header_behavior(),
            OriginRequestPolicyHeaderBehavior::Whitelist
                | OriginRequestPolicyHeaderBehavior::AllViewerAndWhitelistCloudFront
        )
    });
    let named = adding
        .and_then(|headers| headers.headers())
        .map(|names| names.items().to_vec())
        .unwrap_or_default();
    let added = policy.headers.iter().cloned();
    let added = added
        .chain(named.iter().map(|name| name.to_ascii_lowercase()))
        .filter(|name| name.starts_with(OWN_HEADERS))
        .collect();

    let config = origin.and_then(OriginRequestPolicyConfig::cookies_config);
    let chosen = config
        .and_then(|config| config.cookies())
        .map(|names| names.items().to_vec())
        .unwrap_or_default();
    let cookies = match config.map(OriginRequestPolicyCookiesConfig::cookie_behavior) {
        Some(OriginRequestPolicyCookieBehavior::All) => Selection::All,
        Some(OriginRequestPolicyCookieBehavior::Whitelist) => Selection::Only(chosen),
        Some(OriginRequestPolicyCookieBehavior::AllExcept) => Selection::Except(chosen),
        _ => policy.cookies.clone(),
    };

    Forwarding { added, cookies }
}

/// `ErrorCachingMinTTL` of the distribution, by status.
pub(super) fn error_ttls(config: &DistributionConfig) -> BTreeMap<u16, Duration> {
    let responses = config
        .custom_error_responses()
        .map(aws_sdk_cloudfront::types::CustomErrorResponses::items)
        .unwrap_or_default();
    responses
        .iter()
        .filter_map(|response| {
            let ttl = u64::try_from(response.error_caching_min_ttl()?).ok()?;
            Some((u16::try_from(response.error_code()).ok()?, Duration::from_secs(ttl)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudfront::types::{
        CachePolicyHeaderBehavior, CachePolicyHeadersConfig, CachePolicyQueryStringsConfig, Headers,
        OriginRequestPolicyHeadersConfig, OriginRequestPolicyQueryStringBehavior,
        OriginRequestPolicyQueryStringsConfig, ParametersInCacheKeyAndForwardedToOrigin, QueryStringNames,
    };

    use super::*;

    fn origin_request_policy(
        headers: OriginRequestPolicyHeaderBehavior,
        names: &[&str],
        cookies: OriginRequestPolicyCookieBehavior,
    ) -> OriginRequestPolicyConfig {
        let items = Headers::builder()
            .quantity(i32::try_from(names.len()).unwrap())
            .set_items(Some(names.iter().map(ToString::to_string).collect()));
        let headers = OriginRequestPolicyHeadersConfig::builder()
            .header_behavior(headers)
            .headers(items.build().unwrap())
            .build();
        let cookies = OriginRequestPolicyCookiesConfig::builder()
            .cookie_behavior(cookies)
            .build();
        let queries = OriginRequestPolicyQueryStringsConfig::builder()
            .query_string_behavior(OriginRequestPolicyQueryStringBehavior::All)
            .build();
        OriginRequestPolicyConfig::builder()
            .name("p")
            .headers_config(headers.unwrap())
            .cookies_config(cookies.unwrap())
            .query_strings_config(queries.unwrap())
            .build()
            .unwrap()
    }

    #[test]
    fn headers_of_cloudfront_are_added_only_where_a_policy_names_them() {
        use OriginRequestPolicyHeaderBehavior as Headers;
        let country = ["CloudFront-Viewer-Country", "Accept"];
        let added = |behaviour, names: &[&str]| {
            let policy = origin_request_policy(behaviour, names, OriginRequestPolicyCookieBehavior::None);
            forwarding(&CachePolicy::default(), Some(&policy)).added
        };

        assert_eq!(added(Headers::Whitelist, &country), ["cloudfront-viewer-country"]);
        assert_eq!(
            added(Headers::AllViewerAndWhitelistCloudFront, &country),
            ["cloudfront-viewer-country"]
        );
        assert_eq!(added(Headers::AllViewer, &[]), Vec::<String>::new());
        assert_eq!(added(Headers::AllExcept, &["Host"]), Vec::<String>::new());
        assert_eq!(forwarding(&CachePolicy::default(), None), Forwarding::default());
        let keyed = CachePolicy {
            headers: vec!["cloudfront-viewer-country".into(), "origin".into()],
            ..CachePolicy::default()
        };
        assert_eq!(forwarding(&keyed, None).added, ["cloudfront-viewer-country"]);
    }

    #[test]
    fn cookies_are_forwarded_where_either_policy_says_so() {
        use OriginRequestPolicyCookieBehavior as Cookies;
        let policy = |cookies| origin_request_policy(OriginRequestPolicyHeaderBehavior::None, &[], cookies);
        let keyed = CachePolicy {
            cookies: Selection::All,
            ..CachePolicy::default()
        };

        let bare = CachePolicy::default();
        assert_eq!(forwarding(&bare, Some(&policy(Cookies::All))).cookies, Selection::All);
        assert_eq!(forwarding(&bare, Some(&policy(Cookies::None))).cookies, Selection::None);
        assert_eq!(forwarding(&keyed, Some(&policy(Cookies::None))).cookies, Selection::All);
    }

    #[test]
    fn a_policy_is_converted() {
        let headers = CachePolicyHeadersConfig::builder()
            .header_behavior(CachePolicyHeaderBehavior::Whitelist)
            .headers(Headers::builder().quantity(1).items("Origin").build().unwrap())
            .build()
            .unwrap();
        let queries = CachePolicyQueryStringsConfig::builder()
            .query_string_behavior(CachePolicyQueryStringBehavior::AllExcept)
            .query_strings(QueryStringNames::builder().quantity(1).items("utm").build().unwrap())
            .build()
            .unwrap();
        let parameters = ParametersInCacheKeyAndForwardedToOrigin::builder()
            .enable_accept_encoding_gzip(true)
            .headers_config(headers)
            .query_strings_config(queries)
            .build();
        let config = CachePolicyConfig::builder()
            .name("p")
            .min_ttl(1)
            .max_ttl(60)
            .parameters_in_cache_key_and_forwarded_to_origin(parameters.unwrap())
            .build()
            .unwrap();

        let expected = CachePolicy {
            min_ttl: Duration::from_secs(1),
            default_ttl: Duration::from_hours(24),
            max_ttl: Duration::from_mins(1),
            gzip: true,
            headers: vec!["origin".into()],
            cookies: Selection::None,
            queries: Selection::Except(vec!["utm".into()]),
        };
        assert_eq!(cache_policy(&config), expected);
    }
}
