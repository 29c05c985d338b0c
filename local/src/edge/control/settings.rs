//! Cache policies and error settings in the edge's own words.

use std::{collections::BTreeMap, time::Duration};

use aws_sdk_cloudfront::types::{
    CachePolicyConfig, CachePolicyCookieBehavior, CachePolicyQueryStringBehavior, DistributionConfig,
};

use crate::edge::behaviours::{CachePolicy, Selection};

/// A policy without a maximum keeps things for a year, without a default for a day.
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
        ParametersInCacheKeyAndForwardedToOrigin, QueryStringNames,
    };

    use super::*;

    #[test]
    fn a_policy_is_taken_over_whole() {
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
