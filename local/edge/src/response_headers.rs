//! Response headers policies: the headers that CloudFront adds and removes. They are applied to each response and not cached: the
//! next viewer's page may have another origin, and a changed policy takes effect at once.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::cloudfront::{CorsConfig, ResponseHeadersPolicyConfig, SecurityHeadersConfig};

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

impl From<ResponseHeadersPolicyConfig> for ResponseHeaders {
    /// Converts a policy. Invalid headers, which CloudFront would not accept, are omitted.
    fn from(config: ResponseHeadersPolicyConfig) -> Self {
        let custom = config.custom_headers_config.iter();
        let custom = custom.filter_map(|custom| set(&custom.header, &custom.value, custom.r#override));
        let removed = config.remove_headers_config.iter();

        Self {
            set: custom.chain(security(&config.security_headers_config)).collect(),
            remove: removed.filter_map(|removed| removed.header.parse().ok()).collect(),
            cors: config.cors_config.map(cors),
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

fn security(config: &SecurityHeadersConfig) -> Vec<Set> {
    let content = config.content_security_policy.as_ref();
    let types = config.content_type_options.as_ref();
    let frame = config.frame_options.as_ref();
    let referrer = config.referrer_policy.as_ref();
    let transport = config.strict_transport_security.as_ref();

    [
        content.and_then(|policy| {
            set(
                "content-security-policy",
                &policy.content_security_policy,
                policy.r#override,
            )
        }),
        types.and_then(|options| set("x-content-type-options", "nosniff", options.r#override)),
        frame.and_then(|frame| set("x-frame-options", &frame.frame_option, frame.r#override)),
        referrer.and_then(|policy| set("referrer-policy", &policy.referrer_policy, policy.r#override)),
        transport.and_then(|transport| {
            let mut value = format!("max-age={}", transport.access_control_max_age_sec);
            if transport.include_subdomains {
                value.push_str("; includeSubDomains");
            }
            if transport.preload {
                value.push_str("; preload");
            }
            set("strict-transport-security", &value, transport.r#override)
        }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn cors(config: CorsConfig) -> Cors {
    let always = |name: &str, value: Option<String>| value.and_then(|value| set(name, &value, true));
    let listed = |name: &str, items: &[String]| always(name, (!items.is_empty()).then(|| items.join(", ")));
    let age = config.access_control_max_age_sec.map(|age| age.to_string());
    let (credentials, allowed) = if config.access_control_allow_credentials {
        (Credentials::Allowed, Some("true".to_owned()))
    } else {
        (Credentials::Omitted, None)
    };

    Cors {
        headers: [
            listed("access-control-allow-methods", &config.access_control_allow_methods),
            listed("access-control-allow-headers", &config.access_control_allow_headers),
            listed("access-control-expose-headers", &config.access_control_expose_headers),
            always("access-control-max-age", age),
            always("access-control-allow-credentials", allowed),
        ]
        .into_iter()
        .flatten()
        .collect(),
        origins: config.access_control_allow_origins,
        credentials,
        when: Override::from(config.origin_override).0,
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
