//! CloudFront's API (2020-05-31), as far as the edge reads it. The types have the names of the API; what the edge does not apply is left out.

use serde::{Deserialize, Deserializer};

/// `GET /distribution/<id>`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Distribution {
    pub(crate) domain_name: String,
    pub(crate) distribution_config: DistributionConfig,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DistributionConfig {
    pub(crate) default_cache_behavior: CacheBehavior,
    #[serde(default, deserialize_with = "list")]
    pub(crate) cache_behaviors: Vec<CacheBehavior>,
    #[serde(default, deserialize_with = "list")]
    pub(crate) custom_error_responses: Vec<CustomErrorResponse>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CacheBehavior {
    /// The default behaviour has none.
    pub(crate) path_pattern: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub(crate) allowed_methods: Vec<String>,
    pub(crate) cache_policy_id: Option<String>,
    pub(crate) origin_request_policy_id: Option<String>,
    pub(crate) response_headers_policy_id: Option<String>,
    #[serde(default)]
    pub(crate) compress: bool,
    #[serde(default, deserialize_with = "list")]
    pub(crate) function_associations: Vec<FunctionAssociation>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FunctionAssociation {
    #[serde(rename = "FunctionARN")]
    pub(crate) function_arn: String,
    pub(crate) event_type: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CustomErrorResponse {
    pub(crate) error_code: u16,
    #[serde(rename = "ErrorCachingMinTTL")]
    pub(crate) error_caching_min_ttl: Option<u64>,
}

/// `GET /cache-policy/<id>`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CachePolicy {
    pub(crate) cache_policy_config: CachePolicyConfig,
}

#[derive(Debug, Deserialize)]
pub(crate) struct CachePolicyConfig {
    #[serde(rename = "MinTTL")]
    pub(crate) min_ttl: u64,
    #[serde(rename = "DefaultTTL")]
    pub(crate) default_ttl: Option<u64>,
    #[serde(rename = "MaxTTL")]
    pub(crate) max_ttl: Option<u64>,
    #[serde(rename = "ParametersInCacheKeyAndForwardedToOrigin", default)]
    pub(crate) parameters: CacheKeyParameters,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct CacheKeyParameters {
    pub(crate) enable_accept_encoding_gzip: bool,
    pub(crate) headers_config: HeadersConfig,
    pub(crate) cookies_config: CookiesConfig,
    pub(crate) query_strings_config: QueryStringsConfig,
}

/// `GET /origin-request-policy/<id>`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OriginRequestPolicy {
    pub(crate) origin_request_policy_config: OriginRequestPolicyConfig,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct OriginRequestPolicyConfig {
    pub(crate) headers_config: HeadersConfig,
    pub(crate) cookies_config: CookiesConfig,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct HeadersConfig {
    pub(crate) header_behavior: String,
    #[serde(deserialize_with = "list")]
    pub(crate) headers: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct CookiesConfig {
    pub(crate) cookie_behavior: String,
    #[serde(deserialize_with = "list")]
    pub(crate) cookies: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct QueryStringsConfig {
    pub(crate) query_string_behavior: String,
    #[serde(deserialize_with = "list")]
    pub(crate) query_strings: Vec<String>,
}

/// `GET /response-headers-policy/<id>`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ResponseHeadersPolicy {
    pub(crate) response_headers_policy_config: ResponseHeadersPolicyConfig,
}

#[expect(clippy::struct_field_names, reason = "CloudFront names them")]
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ResponseHeadersPolicyConfig {
    pub(crate) cors_config: Option<CorsConfig>,
    #[serde(default)]
    pub(crate) security_headers_config: SecurityHeadersConfig,
    #[serde(default, deserialize_with = "list")]
    pub(crate) custom_headers_config: Vec<CustomHeader>,
    #[serde(default, deserialize_with = "list")]
    pub(crate) remove_headers_config: Vec<RemoveHeader>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CorsConfig {
    #[serde(default, deserialize_with = "list")]
    pub(crate) access_control_allow_origins: Vec<String>,
    #[serde(default, deserialize_with = "list")]
    pub(crate) access_control_allow_headers: Vec<String>,
    #[serde(default, deserialize_with = "list")]
    pub(crate) access_control_allow_methods: Vec<String>,
    #[serde(default, deserialize_with = "list")]
    pub(crate) access_control_expose_headers: Vec<String>,
    pub(crate) access_control_max_age_sec: Option<u64>,
    pub(crate) access_control_allow_credentials: bool,
    pub(crate) origin_override: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SecurityHeadersConfig {
    pub(crate) content_security_policy: Option<ContentSecurityPolicy>,
    pub(crate) content_type_options: Option<ContentTypeOptions>,
    pub(crate) frame_options: Option<FrameOptions>,
    pub(crate) referrer_policy: Option<ReferrerPolicy>,
    pub(crate) strict_transport_security: Option<StrictTransportSecurity>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ContentSecurityPolicy {
    pub(crate) content_security_policy: String,
    pub(crate) r#override: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ContentTypeOptions {
    pub(crate) r#override: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FrameOptions {
    pub(crate) frame_option: String,
    pub(crate) r#override: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ReferrerPolicy {
    pub(crate) referrer_policy: String,
    pub(crate) r#override: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StrictTransportSecurity {
    pub(crate) access_control_max_age_sec: u64,
    #[serde(default)]
    pub(crate) include_subdomains: bool,
    #[serde(default)]
    pub(crate) preload: bool,
    pub(crate) r#override: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CustomHeader {
    pub(crate) header: String,
    pub(crate) value: String,
    pub(crate) r#override: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RemoveHeader {
    pub(crate) header: String,
}

/// `GET /function/<name>/describe`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FunctionSummary {
    pub(crate) function_config: FunctionConfig,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FunctionConfig {
    #[serde(default, deserialize_with = "list")]
    pub(crate) key_value_store_associations: Vec<KeyValueStoreAssociation>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct KeyValueStoreAssociation {
    #[serde(rename = "KeyValueStoreARN")]
    pub(crate) key_value_store_arn: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InvalidationSummary {
    pub(crate) id: String,
}

/// `GET /distribution/<id>/invalidation/<id>`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Invalidation {
    pub(crate) invalidation_batch: InvalidationBatch,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InvalidationBatch {
    #[serde(default, deserialize_with = "list")]
    pub(crate) paths: Vec<String>,
}

/// A list, whose items are wrapped: `<Items><Name>Origin</Name></Items>`. An empty one has no items.
#[derive(Debug, Deserialize)]
pub(crate) struct List<T> {
    #[serde(rename = "Items")]
    items: Option<Items<T>>,
}

#[derive(Debug, Deserialize)]
struct Items<T> {
    /// Elements of any name.
    #[serde(rename = "$value", default = "Vec::new")]
    elements: Vec<T>,
}

impl<T> List<T> {
    pub(crate) fn into_vec(self) -> Vec<T> {
        self.items.map_or_else(Vec::new, |items| items.elements)
    }
}

fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    List::deserialize(deserializer).map(List::into_vec)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;
    use crate::response_headers::ResponseHeaders;

    #[test]
    fn a_distribution_is_read() {
        let xml = r#"<?xml version="1.0" encoding="UTF-8"?>
            <Distribution xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">
              <Id>E1</Id><DomainName>d1.cloudfront.net</DomainName>
              <DistributionConfig>
                <Origins><Quantity>1</Quantity><Items><Origin><Id>site</Id></Origin></Items></Origins>
                <DefaultCacheBehavior>
                  <CachePolicyId>default</CachePolicyId><Compress>true</Compress>
                </DefaultCacheBehavior>
                <CacheBehaviors><Quantity>2</Quantity><Items>
                  <CacheBehavior>
                    <PathPattern>/api/*</PathPattern>
                    <AllowedMethods>
                      <Quantity>2</Quantity><Items><Method>GET</Method><Method>PUT</Method></Items>
                      <CachedMethods><Quantity>1</Quantity><Items><Method>GET</Method></Items></CachedMethods>
                    </AllowedMethods>
                    <FunctionAssociations><Quantity>1</Quantity><Items><FunctionAssociation>
                      <FunctionARN>arn:aws:cloudfront::1:function/f</FunctionARN><EventType>viewer-request</EventType>
                    </FunctionAssociation></Items></FunctionAssociations>
                  </CacheBehavior>
                  <CacheBehavior><PathPattern>/media/*</PathPattern></CacheBehavior>
                </Items></CacheBehaviors>
                <CustomErrorResponses><Quantity>0</Quantity></CustomErrorResponses>
              </DistributionConfig>
            </Distribution>"#;

        let read: Distribution = quick_xml::de::from_str(xml).unwrap();

        assert_eq!(read.domain_name, "d1.cloudfront.net");
        let config = read.distribution_config;
        assert!(config.default_cache_behavior.compress && config.custom_error_responses.is_empty());
        assert_eq!(
            config.default_cache_behavior.cache_policy_id.as_deref(),
            Some("default")
        );
        let patterns = config
            .cache_behaviors
            .iter()
            .map(|behaviour| behaviour.path_pattern.as_deref());
        assert!(patterns.eq([Some("/api/*"), Some("/media/*")]));
        assert_eq!(config.cache_behaviors[0].allowed_methods, ["GET", "PUT"]);
        assert_eq!(
            config.cache_behaviors[0].function_associations[0].event_type,
            "viewer-request"
        );
    }

    #[test]
    fn a_response_headers_policy_is_read() {
        let xml = r#"<?xml version="1.0" encoding="UTF-8"?>
            <ResponseHeadersPolicy xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">
              <Id>H1</Id><LastModifiedTime>2026-01-02T03:04:05.000Z</LastModifiedTime>
              <ResponseHeadersPolicyConfig>
                <Comment/><Name>site</Name>
                <CorsConfig>
                  <AccessControlAllowOrigins>
                    <Quantity>1</Quantity><Items><Origin>https://app.example</Origin></Items>
                  </AccessControlAllowOrigins>
                  <AccessControlAllowHeaders>
                    <Quantity>2</Quantity><Items><Header>Authorization</Header><Header>Range</Header></Items>
                  </AccessControlAllowHeaders>
                  <AccessControlAllowMethods>
                    <Quantity>2</Quantity><Items><Method>GET</Method><Method>HEAD</Method></Items>
                  </AccessControlAllowMethods>
                  <AccessControlAllowCredentials>true</AccessControlAllowCredentials>
                  <AccessControlExposeHeaders>
                    <Quantity>1</Quantity><Items><Header>ETag</Header></Items>
                  </AccessControlExposeHeaders>
                  <AccessControlMaxAgeSec>600</AccessControlMaxAgeSec>
                  <OriginOverride>true</OriginOverride>
                </CorsConfig>
                <SecurityHeadersConfig>
                  <XSSProtection><Override>true</Override><Protection>false</Protection></XSSProtection>
                  <FrameOptions><Override>true</Override><FrameOption>DENY</FrameOption></FrameOptions>
                  <ReferrerPolicy>
                    <Override>false</Override><ReferrerPolicy>same-origin</ReferrerPolicy>
                  </ReferrerPolicy>
                  <ContentSecurityPolicy>
                    <Override>true</Override><ContentSecurityPolicy>default-src 'self'</ContentSecurityPolicy>
                  </ContentSecurityPolicy>
                  <ContentTypeOptions><Override>true</Override></ContentTypeOptions>
                  <StrictTransportSecurity>
                    <Override>true</Override><IncludeSubdomains>true</IncludeSubdomains><Preload>true</Preload>
                    <AccessControlMaxAgeSec>31536000</AccessControlMaxAgeSec>
                  </StrictTransportSecurity>
                </SecurityHeadersConfig>
                <ServerTimingHeadersConfig><Enabled>false</Enabled></ServerTimingHeadersConfig>
                <CustomHeadersConfig><Quantity>2</Quantity><Items>
                  <ResponseHeadersPolicyCustomHeader>
                    <Header>X-Replaced</Header><Value>new</Value><Override>true</Override>
                  </ResponseHeadersPolicyCustomHeader>
                  <ResponseHeadersPolicyCustomHeader>
                    <Header>X-Default</Header><Value>new</Value><Override>false</Override>
                  </ResponseHeadersPolicyCustomHeader>
                </Items></CustomHeadersConfig>
                <RemoveHeadersConfig><Quantity>1</Quantity><Items>
                  <ResponseHeadersPolicyRemoveHeader><Header>Server</Header></ResponseHeadersPolicyRemoveHeader>
                </Items></RemoveHeadersConfig>
              </ResponseHeadersPolicyConfig>
            </ResponseHeadersPolicy>"#;
        let mut headers = HeaderMap::new();
        for name in [
            "server",
            "x-replaced",
            "x-default",
            "x-frame-options",
            "referrer-policy",
        ] {
            headers.insert(name, HeaderValue::from_static("old"));
        }

        let read: ResponseHeadersPolicy = quick_xml::de::from_str(xml).unwrap();
        let policy = ResponseHeaders::from(read.response_headers_policy_config);
        policy.apply(&mut headers, Some(&HeaderValue::from_static("https://app.example")));

        let mut applied: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
            .collect();
        applied.sort_unstable();
        assert_eq!(
            applied,
            [
                ("access-control-allow-credentials", "true"),
                ("access-control-allow-headers", "Authorization, Range"),
                ("access-control-allow-methods", "GET, HEAD"),
                ("access-control-allow-origin", "https://app.example"),
                ("access-control-expose-headers", "ETag"),
                ("access-control-max-age", "600"),
                ("content-security-policy", "default-src 'self'"),
                ("referrer-policy", "old"),
                (
                    "strict-transport-security",
                    "max-age=31536000; includeSubDomains; preload"
                ),
                ("vary", "Origin"),
                ("x-content-type-options", "nosniff"),
                ("x-default", "old"),
                ("x-frame-options", "DENY"),
                ("x-replaced", "new"),
            ]
        );
    }

    #[test]
    fn an_origin_request_policy_is_read() {
        let xml = r#"<OriginRequestPolicy xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">
              <Id>O1</Id><LastModifiedTime>2026-01-02T03:04:05.000Z</LastModifiedTime>
              <OriginRequestPolicyConfig>
                <Comment/><Name>api</Name>
                <HeadersConfig>
                  <HeaderBehavior>allExcept</HeaderBehavior>
                  <Headers><Quantity>1</Quantity><Items><Name>host</Name></Items></Headers>
                </HeadersConfig>
                <CookiesConfig>
                  <CookieBehavior>whitelist</CookieBehavior>
                  <Cookies><Quantity>1</Quantity><Items><Name>session</Name></Items></Cookies>
                </CookiesConfig>
                <QueryStringsConfig><QueryStringBehavior>all</QueryStringBehavior></QueryStringsConfig>
              </OriginRequestPolicyConfig>
            </OriginRequestPolicy>"#;

        let read: OriginRequestPolicy = quick_xml::de::from_str(xml).unwrap();

        let config = read.origin_request_policy_config;
        assert_eq!(config.headers_config.header_behavior, "allExcept");
        assert_eq!(config.headers_config.headers, ["host"]);
        assert_eq!(config.cookies_config.cookie_behavior, "whitelist");
        assert_eq!(config.cookies_config.cookies, ["session"]);
    }

    #[test]
    fn the_stores_of_a_function_are_read() {
        let xml = r#"<FunctionSummary xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">
              <Name>f</Name><Status>DEPLOYED</Status>
              <FunctionConfig>
                <Comment/><Runtime>cloudfront-js-2.0</Runtime>
                <KeyValueStoreAssociations><Quantity>1</Quantity><Items><KeyValueStoreAssociation>
                  <KeyValueStoreARN>arn:aws:cloudfront::1:key-value-store/k</KeyValueStoreARN>
                </KeyValueStoreAssociation></Items></KeyValueStoreAssociations>
              </FunctionConfig>
              <FunctionMetadata><FunctionARN>arn:aws:cloudfront::1:function/f</FunctionARN></FunctionMetadata>
            </FunctionSummary>"#;

        let read: FunctionSummary = quick_xml::de::from_str(xml).unwrap();

        let stores = read.function_config.key_value_store_associations;
        assert_eq!(stores.len(), 1);
        assert_eq!(stores[0].key_value_store_arn, "arn:aws:cloudfront::1:key-value-store/k");
    }

    #[test]
    fn the_paths_of_an_invalidation_are_read() {
        let xml = r#"<Invalidation xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">
              <Id>I1</Id><Status>Completed</Status><CreateTime>2026-01-02T03:04:05.000Z</CreateTime>
              <InvalidationBatch>
                <Paths><Quantity>2</Quantity><Items><Path>/index.html</Path><Path>/media/*</Path></Items></Paths>
                <CallerReference>c</CallerReference>
              </InvalidationBatch>
            </Invalidation>"#;

        let read: Invalidation = quick_xml::de::from_str(xml).unwrap();

        assert_eq!(read.invalidation_batch.paths, ["/index.html", "/media/*"]);
    }

    #[test]
    fn a_list_is_read_with_and_without_items() {
        let read = |xml| {
            quick_xml::de::from_str::<List<InvalidationSummary>>(xml)
                .unwrap()
                .into_vec()
        };

        assert!(read("<InvalidationList><Marker/><Quantity>0</Quantity></InvalidationList>").is_empty());
        assert!(read("<InvalidationList><Items/></InvalidationList>").is_empty());
        let one = "<InvalidationSummary><Id>I1</Id></InvalidationSummary>";
        let two = read(&format!(
            "<InvalidationList><Items>{one}{one}</Items></InvalidationList>"
        ));
        assert_eq!(two.len(), 2);
        assert_eq!(two[0].id, "I1");
    }
}
