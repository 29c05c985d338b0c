//! Response headers policies: the headers that CloudFront adds and removes. They are applied to each response and not cached: the
//! next viewer's page may have another origin, and a changed policy takes effect at once.

use aws_sdk_cloudfront::types::{
    ResponseHeadersPolicyAccessControlAllowMethodsValues, ResponseHeadersPolicyConfig, ResponseHeadersPolicyCorsConfig,
    ResponseHeadersPolicySecurityHeadersConfig,
};
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// A response headers policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ResponseHeaders {
    cors: Option<Cors>,
    set: Vec<Set>,
    remove: Vec<HeaderName>,
}

/// A header to add.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Set {
    name: HeaderName,
    value: HeaderValue,
    when: When,
}

/// `Override`: whether a header replaces the origin's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Always,
    IfAbsent,
}

/// Whether pages may send credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Credentials {
    Allowed,
    Omitted,
}

/// The origins whose pages may read responses.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cors {
    /// Origins, possibly with a `*` as the first label of the host, or `*` for all.
    origins: Vec<String>,
    /// Headers for these pages.
    headers: Vec<Set>,
    when: When,
    credentials: Credentials,
}

impl From<&ResponseHeadersPolicyConfig> for ResponseHeaders {
    /// Converts a policy. Invalid headers, which CloudFront would not accept, are omitted.
    fn from(config: &ResponseHeadersPolicyConfig) -> Self {
        let custom = config.custom_headers_config().map(|config| config.items().to_vec());
        let custom = custom.unwrap_or_default();
        let custom = custom
            .iter()
            .filter_map(|custom| set(custom.header(), custom.value(), custom.r#override()));
        let security = config.security_headers_config().map(security).unwrap_or_default();
        let removed = config.remove_headers_config().map(|config| config.items().to_vec());

        Self {
            cors: config.cors_config().map(cors),
            set: custom.chain(security).collect(),
            remove: removed
                .unwrap_or_default()
                .iter()
                .filter_map(|removed| removed.header().parse().ok())
                .collect(),
        }
    }
}

impl ResponseHeaders {
    /// Applies the policy to the headers of a response, for a page of `origin`.
    pub(crate) fn apply(&self, headers: &mut HeaderMap, origin: Option<&HeaderValue>) {
        for name in &self.remove {
            headers.remove(name);
        }
        if let Some(cors) = &self.cors {
            cors.apply(headers, origin);
        }
        for set in &self.set {
            set.apply(headers);
        }
    }
}

impl Set {
    fn apply(&self, headers: &mut HeaderMap) {
        if self.when == When::Always || !headers.contains_key(&self.name) {
            headers.insert(self.name.clone(), self.value.clone());
        }
    }
}

impl Cors {
    fn apply(&self, headers: &mut HeaderMap, origin: Option<&HeaderValue>) {
        let is_set = headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN);
        let Some(origin) = origin.filter(|origin| origin.to_str().is_ok_and(|origin| self.allows(origin))) else {
            return;
        };
        if is_set && self.when == When::IfAbsent {
            return;
        }
        let any_origin = self.origins.iter().any(|allowed| allowed == "*") && self.credentials == Credentials::Omitted;
        let allowed = if any_origin {
            &HeaderValue::from_static("*")
        } else {
            origin
        };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed.clone());
        if !any_origin {
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
        }
        for set in &self.headers {
            set.apply(headers);
        }
    }

    fn allows(&self, origin: &str) -> bool {
        self.origins.iter().any(|allowed| match allowed.split_once("*.") {
            _ if allowed == "*" || allowed == origin => true,
            Some((scheme, domain)) => origin
                .strip_prefix(scheme)
                .is_some_and(|host| host.ends_with(&format!(".{domain}"))),
            None => false,
        })
    }
}

fn set(name: &str, value: &str, overrides: impl Into<Override>) -> Option<Set> {
    Some(Set {
        name: name.parse().ok()?,
        value: value.parse().ok()?,
        when: overrides.into().0,
    })
}

/// `Override` of a policy's item.
struct Override(When);

impl From<bool> for Override {
    fn from(overrides: bool) -> Self {
        Self(if overrides { When::Always } else { When::IfAbsent })
    }
}

fn security(config: &ResponseHeadersPolicySecurityHeadersConfig) -> Vec<Set> {
    let frame = config.frame_options();
    let transport = config.strict_transport_security();
    let transport_value = transport.map(|transport| {
        let mut value = format!("max-age={}", transport.access_control_max_age_sec());
        if transport.include_subdomains() == Some(true) {
            value.push_str("; includeSubDomains");
        }
        if transport.preload() == Some(true) {
            value.push_str("; preload");
        }
        value
    });

    [
        config.content_security_policy().and_then(|policy| {
            set(
                "content-security-policy",
                policy.content_security_policy(),
                policy.r#override(),
            )
        }),
        config
            .content_type_options()
            .and_then(|options| set("x-content-type-options", "nosniff", options.r#override())),
        frame.and_then(|frame| set("x-frame-options", frame.frame_option().as_str(), frame.r#override())),
        config.referrer_policy().and_then(|policy| {
            set(
                "referrer-policy",
                policy.referrer_policy().as_str(),
                policy.r#override(),
            )
        }),
        transport
            .zip(transport_value)
            .and_then(|(transport, value)| set("strict-transport-security", &value, transport.r#override())),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn cors(config: &ResponseHeadersPolicyCorsConfig) -> Cors {
    let listed = |name: &str, items: Option<String>| items.and_then(|items| set(name, &items, true));
    let methods = config.access_control_allow_methods().map(|methods| {
        let names: Vec<&str> = methods
            .items()
            .iter()
            .map(ResponseHeadersPolicyAccessControlAllowMethodsValues::as_str)
            .collect();
        names.join(", ")
    });
    let headers = config
        .access_control_allow_headers()
        .map(|headers| headers.items().join(", "));
    let exposed = config
        .access_control_expose_headers()
        .map(|headers| headers.items().join(", "));
    let age = config.access_control_max_age_sec().map(|age| age.to_string());
    let credentials = config.access_control_allow_credentials().then(|| "true".to_owned());

    Cors {
        origins: config
            .access_control_allow_origins()
            .map(|origins| origins.items().to_vec())
            .unwrap_or_default(),
        credentials: if credentials.is_some() {
            Credentials::Allowed
        } else {
            Credentials::Omitted
        },
        headers: [
            listed("access-control-allow-methods", methods),
            listed("access-control-allow-headers", headers),
            listed("access-control-expose-headers", exposed),
            listed("access-control-max-age", age),
            listed("access-control-allow-credentials", credentials),
        ]
        .into_iter()
        .flatten()
        .collect(),
        when: Override::from(config.origin_override()).0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> ResponseHeaders {
        ResponseHeaders {
            cors: Some(Cors {
                origins: vec!["https://a.example".into(), "https://*.b.example".into()],
                headers: Vec::new(),
                when: When::Always,
                credentials: Credentials::Omitted,
            }),
            set: vec![
                set("x-frame-options", "DENY", true).unwrap(),
                set("referrer-policy", "no-referrer", false).unwrap(),
            ],
            remove: vec!["server".parse().unwrap()],
        }
    }

    fn applied(origin: Option<&'static str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-frame-options", HeaderValue::from_static("SAMEORIGIN"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("origin"));
        headers.insert(header::SERVER, HeaderValue::from_static("S3"));
        policy().apply(&mut headers, origin.map(HeaderValue::from_static).as_ref());
        headers
    }

    #[test]
    fn a_policy_adds_replaces_and_removes() {
        let headers = applied(None);

        assert_eq!(headers["x-frame-options"], "DENY");
        assert_eq!(headers[header::REFERRER_POLICY], "origin", "the origin's header stays");
        assert!(!headers.contains_key(header::SERVER));
    }

    #[test]
    fn only_pages_of_listed_origins_are_allowed() {
        let allowed = |origin| {
            let headers = applied(origin);
            headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).cloned()
        };

        for origin in ["https://a.example", "https://x.b.example"] {
            assert_eq!(allowed(Some(origin)), Some(HeaderValue::from_static(origin)));
        }
        for origin in ["https://evil.example", "https://b.example", "http://x.b.example"] {
            assert_eq!(allowed(Some(origin)), None, "{origin}");
        }
        assert_eq!(allowed(None), None);
    }
}
