//! Cache keys.

use http::{HeaderMap, header};

use crate::{
    behaviours::{Behaviour, Selection},
    functions::ViewerRequest,
};

/// A cache key. HEAD shares it with GET.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) path: String,
    /// The parts that the policy adds: queries, headers, cookies.
    rest: Vec<String>,
    /// Whether it is the gzip variant.
    pub(crate) gzip: bool,
}

impl Key {
    pub(crate) fn new(request: &ViewerRequest, behaviour: &Behaviour) -> Self {
        let policy = &behaviour.policy;
        let mut rest = vec![selected(request.query.split('&'), &policy.queries).join("&")];
        for name in &policy.headers {
            rest.extend(
                request
                    .headers
                    .get_all(name)
                    .iter()
                    .map(|value| format!("{name}: {value:?}")),
            );
        }
        if policy.cookies != Selection::None {
            let lines = request
                .headers
                .get_all(header::COOKIE)
                .iter()
                .filter_map(|line| line.to_str().ok());
            rest.push(selected(lines.flat_map(|line| line.split(';')).map(str::trim), &policy.cookies).join("; "));
        }
        let gzip = behaviour.compress && policy.gzip && accepts_gzip(&request.headers);
        Self {
            path: request.path.clone(),
            rest,
            gzip,
        }
    }

    /// Whether an invalidation of `pattern` (a path, possibly with `*` at the end) is for this object.
    pub(crate) fn matches_invalidation(&self, pattern: &str) -> bool {
        match pattern.strip_suffix('*') {
            Some(beginning) => self.path.starts_with(beginning),
            None => self.path == pattern,
        }
    }
}

fn selected<'a>(pairs: impl Iterator<Item = &'a str>, selection: &Selection) -> Vec<&'a str> {
    pairs
        .filter(|pair| !pair.is_empty() && selection.has(pair.split('=').next().unwrap_or_default()))
        .collect()
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let lines = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim().eq_ignore_ascii_case("gzip") && !matches!(weight.trim(), "q=0" | "q=0.0")
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, Method};

    use super::*;
    use crate::behaviours::{CachePolicy, Forwarding, Pattern};

    fn behaviour(policy: CachePolicy) -> Behaviour {
        Behaviour {
            pattern: Pattern::new("*"),
            methods: Vec::new(),
            policy,
            forwarding: Forwarding::default(),
            response_headers: None,
            compress: true,
            viewer_request: None,
        }
    }

    fn request(query: &str, headers: &[(&'static str, &'static str)]) -> ViewerRequest {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
        ViewerRequest {
            method: Method::GET,
            path: "/a".into(),
            query: query.into(),
            headers: headers.collect(),
        }
    }

    #[test]
    fn keys_differ_only_in_what_the_policy_names() {
        let bare = behaviour(CachePolicy::default());
        let noisy = request(
            "a=1&b=2",
            &[("cookie", "c=1"), ("origin", "x"), ("accept-encoding", "gzip")],
        );
        assert_eq!(Key::new(&noisy, &bare), Key::new(&request("", &[]), &bare));

        let picky = behaviour(CachePolicy {
            gzip: true,
            headers: vec!["origin".into()],
            cookies: Selection::Only(vec!["c".into()]),
            queries: Selection::Except(vec!["utm".into()]),
            ..CachePolicy::default()
        });
        let key = |query, headers: &[_]| Key::new(&request(query, headers), &picky);
        assert_eq!(key("a=1&utm=x", &[]), key("a=1", &[]));
        assert_ne!(key("a=1", &[]), key("a=2", &[]));
        assert_ne!(key("", &[("origin", "x")]), key("", &[("origin", "y")]));
        assert_eq!(key("", &[("cookie", "c=1; d=2")]), key("", &[("cookie", "d=3; c=1")]));
        assert_ne!(key("", &[("cookie", "c=1")]), key("", &[("cookie", "c=2")]));
        assert_ne!(key("", &[("accept-encoding", "br, GZIP;q=0.5")]), key("", &[]));
        assert_eq!(key("", &[("accept-encoding", "gzip;q=0")]), key("", &[]));
    }

    #[test]
    fn an_invalidation_names_a_path_or_a_prefix() {
        let key = Key::new(&request("", &[]), &behaviour(CachePolicy::default()));
        for (pattern, matches) in [
            ("/a", true),
            ("/*", true),
            ("*", true),
            ("/a*", true),
            ("/", false),
            ("/b*", false),
        ] {
            assert_eq!(key.matches_invalidation(pattern), matches, "{pattern}");
        }
    }
}
