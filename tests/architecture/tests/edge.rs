//! The requests that the distribution and its buckets accept.

#![expect(clippy::expect_used, reason = "tests fail by panicking")]

use marquee_architecture_tests::{resources, template, texts};
use serde_yaml_ng::Value;

/// AWS's origin request policy `AllViewerExceptHostHeader`. It forwards viewers' headers and adds no `CloudFront-…` header.
const MANAGED_EXCEPT_HOST: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";

fn distribution() -> Value {
    let (_, distribution) = resources(&template(), "AWS::CloudFront::Distribution")
        .into_iter()
        .next()
        .expect("a distribution");

    distribution["DistributionConfig"].clone()
}

/// All behaviours with their path patterns; the default behaviour's is `*`.
fn behaviours() -> Vec<(String, Value)> {
    let distribution = distribution();
    let listed = distribution["CacheBehaviors"].as_sequence().expect("behaviours");
    let listed = listed.iter().map(|behaviour| {
        let pattern = behaviour["PathPattern"].as_str().expect("a pattern");
        (pattern.to_owned(), behaviour.clone())
    });

    listed
        .chain([("*".to_owned(), distribution["DefaultCacheBehavior"].clone())])
        .collect()
}

#[test]
fn files_can_only_be_read() {
    for (pattern, behaviour) in behaviours() {
        let methods = texts(&behaviour["AllowedMethods"]);
        if pattern.starts_with("/api/") {
            continue;
        }
        // Without a list, CloudFront accepts GET and HEAD.
        assert!(
            methods.iter().all(|method| ["GET", "HEAD"].contains(&method.as_str())),
            "{pattern} accepts {methods:?}"
        );
    }
}

#[test]
fn every_answer_has_security_headers() {
    for (pattern, behaviour) in behaviours() {
        assert!(
            !behaviour["ResponseHeadersPolicyId"].is_null(),
            "{pattern} has no response headers policy"
        );
    }
    for (id, policy) in resources(&template(), "AWS::CloudFront::ResponseHeadersPolicy") {
        let security = &policy["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"];
        for header in [
            "ContentSecurityPolicy",
            "ContentTypeOptions",
            "FrameOptions",
            "ReferrerPolicy",
            "StrictTransportSecurity",
        ] {
            assert!(!security[header].is_null(), "{id} lacks {header}");
        }
    }
}

#[test]
fn functions_get_a_viewers_address_and_country() {
    let apis: Vec<_> = behaviours()
        .into_iter()
        .filter(|(pattern, _)| pattern.starts_with("/api/"))
        .collect();
    assert!(!apis.is_empty());
    for (pattern, api) in apis {
        assert_ne!(
            api["OriginRequestPolicyId"].as_str(),
            Some(MANAGED_EXCEPT_HOST),
            "{pattern}"
        );
    }

    let (_, policy) = resources(&template(), "AWS::CloudFront::OriginRequestPolicy")
        .into_iter()
        .next()
        .expect("a policy");
    let config = &policy["OriginRequestPolicyConfig"];
    let headers = texts(&config["HeadersConfig"]["Headers"]);

    // Only a list of headers adds CloudFront's own and leaves Host out, which has to be API Gateway's own.
    assert_eq!(config["HeadersConfig"]["HeaderBehavior"].as_str(), Some("whitelist"));
    for header in [
        "CloudFront-Viewer-Address",
        "CloudFront-Viewer-Country",
        "Content-Type",
        "Origin",
    ] {
        assert!(headers.iter().any(|named| named == header), "{header} is not forwarded");
    }
    assert!(headers.len() <= 10, "CloudFront accepts ten names");
    assert!(
        !headers
            .iter()
            .any(|named| ["Host", "Authorization"].contains(&named.as_str())),
        "Host breaks API Gateway, and CloudFront refuses Authorization here"
    );
    assert_eq!(config["CookiesConfig"]["CookieBehavior"].as_str(), Some("all"));
}

#[test]
fn answers_of_the_api_are_not_cached_or_shared() {
    let (_, policy) = resources(&template(), "AWS::CloudFront::CachePolicy")
        .into_iter()
        .next()
        .expect("a policy");
    let config = &policy["CachePolicyConfig"];
    let key = &config["ParametersInCacheKeyAndForwardedToOrigin"];

    assert_eq!(
        (config["MinTTL"].as_u64(), config["DefaultTTL"].as_u64()),
        (Some(0), Some(0))
    );
    // CloudFront refuses names in the cache key of a policy with a maximum TTL of 0.
    assert_eq!(config["MaxTTL"].as_u64(), Some(1));
    assert_eq!(texts(&key["HeadersConfig"]["Headers"]), ["Authorization"]);
    assert_eq!(key["CookiesConfig"]["CookieBehavior"].as_str(), Some("all"));
    assert_eq!(key["QueryStringsConfig"]["QueryStringBehavior"].as_str(), Some("all"));
}

#[test]
fn an_error_is_not_cached() {
    let distribution = distribution();
    let errors = distribution["CustomErrorResponses"].as_sequence().expect("a list");
    for status in [403, 404, 500, 502, 503, 504] {
        let ttl = errors
            .iter()
            .find(|error| error["ErrorCode"].as_u64() == Some(status))
            .and_then(|error| error["ErrorCachingMinTTL"].as_u64());
        assert_eq!(ttl, Some(0), "{status}");
    }
}

#[test]
fn every_bucket_refuses_plain_http() {
    let policies = resources(&template(), "AWS::S3::BucketPolicy");
    for (bucket, _) in resources(&template(), "AWS::S3::Bucket") {
        let named =
            |policy: &Value| matches!(&policy["Bucket"], Value::Tagged(name) if name.value.as_str() == Some(&bucket));
        let (_, policy) = policies
            .iter()
            .find(|(_, policy)| named(policy))
            .unwrap_or_else(|| panic!("{bucket} has no policy"));
        let statements = policy["PolicyDocument"]["Statement"].as_sequence().expect("statements");
        let denies = statements.iter().any(|statement| {
            statement["Effect"].as_str() == Some("Deny")
                && statement["Principal"].as_str() == Some("*")
                && statement["Condition"]["Bool"]["aws:SecureTransport"].as_str() == Some("false")
        });
        assert!(denies, "{bucket} accepts plain HTTP");
    }
}

/// Names of the variables in a function's environment.
fn variables(properties: &Value) -> Vec<String> {
    let variables = properties["Environment"]["Variables"].as_mapping();
    let names = variables.into_iter().flat_map(serde_yaml_ng::Mapping::keys);

    names.filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}

#[test]
fn only_functions_with_routes_have_the_origin_secret() {
    let global = template()["Globals"]["Function"].clone();
    assert!(!variables(&global).contains(&"ORIGIN_SECRET".to_owned()));

    for (id, properties) in resources(&template(), "AWS::Serverless::Function") {
        let events = properties["Events"].as_mapping();
        let has_route = events
            .into_iter()
            .flat_map(serde_yaml_ng::Mapping::values)
            .any(|event| event["Type"].as_str() == Some("HttpApi"));
        let has_secret = variables(&properties).contains(&"ORIGIN_SECRET".to_owned());

        assert_eq!(has_secret, has_route, "{id}");
    }
}
