//! Conversion of cache policies, origin request policies and error settings.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    behaviours::{CachePolicy, Forwarding, Selection},
    cloudfront::{CachePolicyConfig, DistributionConfig, OriginRequestPolicyConfig},
};

/// The prefix of CloudFront's own headers.
const OWN_HEADERS: &str = "cloudfront-";

/// The default maximum is a year, the default lifetime a day.
pub(super) fn cache_policy(config: CachePolicyConfig) -> CachePolicy {
    let parameters = config.parameters;
    let headers = parameters.headers_config.headers.iter();
    let (cookies, queries) = (parameters.cookies_config, parameters.query_strings_config);

    CachePolicy {
        min_ttl: Duration::from_secs(config.min_ttl),
        default_ttl: Duration::from_secs(config.default_ttl.unwrap_or(86_400)),
        max_ttl: Duration::from_secs(config.max_ttl.unwrap_or(31_536_000)),
        gzip: parameters.enable_accept_encoding_gzip,
        headers: headers.map(|name| name.to_ascii_lowercase()).collect(),
        cookies: selection(&cookies.cookie_behavior, cookies.cookies),
        queries: selection(&queries.query_string_behavior, queries.query_strings),
    }
}

fn selection(behaviour: &str, names: Vec<String>) -> Selection {
    match behaviour {
        "all" => Selection::All,
        "whitelist" => Selection::Only(names),
        "allExcept" => Selection::Except(names),
        _ => Selection::None,
    }
}

/// The forwarding of a cache policy and an optional origin request policy.
pub(super) fn forwarding(policy: &CachePolicy, origin: Option<&OriginRequestPolicyConfig>) -> Forwarding {
    let headers = origin.map(|origin| &origin.headers_config);
    // Only these two add headers; the others are about the viewer's headers.
    let adding = headers.filter(|headers| {
        matches!(
            headers.header_behavior.as_str(),
            "whitelist" | "allViewerAndWhitelistCloudFront"
        )
    });
    let named = adding.map(|headers| headers.headers.as_slice()).unwrap_or_default();
    let added = policy.headers.iter().cloned();
    let added = added
        .chain(named.iter().map(|name| name.to_ascii_lowercase()))
        .filter(|name| name.starts_with(OWN_HEADERS))
        .collect();

    let cookies = origin.map(|origin| &origin.cookies_config);
    let chosen = cookies.map(|config| selection(&config.cookie_behavior, config.cookies.clone()));
    let cookies = chosen
        .filter(|chosen| *chosen != Selection::None)
        .unwrap_or_else(|| policy.cookies.clone());

    Forwarding { added, cookies }
}

/// `ErrorCachingMinTTL` of the distribution, by status.
pub(super) fn error_ttls(config: &DistributionConfig) -> BTreeMap<u16, Duration> {
    let responses = config.custom_error_responses.iter();
    responses
        .filter_map(|response| {
            let ttl = Duration::from_secs(response.error_caching_min_ttl?);
            Some((response.error_code, ttl))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudfront::{CookiesConfig, HeadersConfig};

    fn origin_request_policy(headers: &str, names: &[&str], cookies: &str) -> OriginRequestPolicyConfig {
        OriginRequestPolicyConfig {
            headers_config: HeadersConfig {
                header_behavior: headers.to_owned(),
                headers: names.iter().map(ToString::to_string).collect(),
            },
            cookies_config: CookiesConfig {
                cookie_behavior: cookies.to_owned(),
                ..CookiesConfig::default()
            },
        }
    }

    #[test]
    fn headers_of_cloudfront_are_added_only_where_a_policy_names_them() {
        let country = ["CloudFront-Viewer-Country", "Accept"];
        let added = |behaviour, names: &[&str]| {
            let policy = origin_request_policy(behaviour, names, "none");
            forwarding(&CachePolicy::default(), Some(&policy)).added
        };

        assert_eq!(added("whitelist", &country), ["cloudfront-viewer-country"]);
        assert_eq!(
            added("allViewerAndWhitelistCloudFront", &country),
            ["cloudfront-viewer-country"]
        );
        assert_eq!(added("allViewer", &[]), Vec::<String>::new());
        assert_eq!(added("allExcept", &["Host"]), Vec::<String>::new());
        assert_eq!(forwarding(&CachePolicy::default(), None), Forwarding::default());
        let keyed = CachePolicy {
            headers: vec!["cloudfront-viewer-country".into(), "origin".into()],
            ..CachePolicy::default()
        };
        assert_eq!(forwarding(&keyed, None).added, ["cloudfront-viewer-country"]);
    }

    #[test]
    fn cookies_are_forwarded_where_either_policy_says_so() {
        let policy = |cookies| origin_request_policy("none", &[], cookies);
        let keyed = CachePolicy {
            cookies: Selection::All,
            ..CachePolicy::default()
        };

        let bare = CachePolicy::default();
        assert_eq!(forwarding(&bare, Some(&policy("all"))).cookies, Selection::All);
        assert_eq!(forwarding(&bare, Some(&policy("none"))).cookies, Selection::None);
        assert_eq!(forwarding(&keyed, Some(&policy("none"))).cookies, Selection::All);
    }

    #[test]
    fn a_policy_is_converted() {
        let config = "<CachePolicyConfig>
              <Name>p</Name><MaxTTL>60</MaxTTL><MinTTL>1</MinTTL>
              <ParametersInCacheKeyAndForwardedToOrigin>
                <EnableAcceptEncodingGzip>true</EnableAcceptEncodingGzip>
                <HeadersConfig>
                  <HeaderBehavior>whitelist</HeaderBehavior>
                  <Headers><Quantity>1</Quantity><Items><Name>Origin</Name></Items></Headers>
                </HeadersConfig>
                <CookiesConfig><CookieBehavior>none</CookieBehavior><Cookies><Quantity>0</Quantity></Cookies></CookiesConfig>
                <QueryStringsConfig>
                  <QueryStringBehavior>allExcept</QueryStringBehavior>
                  <QueryStrings><Quantity>1</Quantity><Items><Name>utm</Name></Items></QueryStrings>
                </QueryStringsConfig>
              </ParametersInCacheKeyAndForwardedToOrigin>
            </CachePolicyConfig>";
        let config: CachePolicyConfig = quick_xml::de::from_str(config).unwrap();

        let expected = CachePolicy {
            min_ttl: Duration::from_secs(1),
            default_ttl: Duration::from_hours(24),
            max_ttl: Duration::from_mins(1),
            gzip: true,
            headers: vec!["origin".into()],
            cookies: Selection::None,
            queries: Selection::Except(vec!["utm".into()]),
        };
        assert_eq!(cache_policy(config), expected);
    }
}
