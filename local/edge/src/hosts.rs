//! The host names of the edge: those of this machine. Otherwise a foreign page could resolve its own name to this machine's address
//! and send requests with the rights of our pages (DNS rebinding).

use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

/// Names that always mean this machine.
const OWN: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];
/// The suffix of names that always mean this machine.
const OWN_SUFFIX: &str = ".localhost";

/// The accepted names, and what a client that uses another one can do.
#[derive(Clone, Debug)]
pub(super) struct Hosts {
    names: Vec<String>,
    advice: &'static str,
}

impl Hosts {
    /// This machine's names, and those of the settings.
    pub(super) fn new(more: &[String]) -> Self {
        let own = OWN.iter().map(ToString::to_string);

        Self {
            names: own.chain(more.iter().cloned()).collect(),
            advice: "Marquee does not answer under this name. Use localhost, or set MARQUEE_HOSTS.\n",
        }
    }

    /// This machine's names, without those of the settings, for the mails: anyone who can read the codes for new passwords has every account.
    pub(super) fn for_mails() -> Self {
        Self {
            advice: "Mails are shown to this machine only: open this page as http://localhost.\n",
            ..Self::new(&[])
        }
    }

    fn has(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
            _ => &host,
        };

        name.ends_with(OWN_SUFFIX) || self.names.iter().any(|known| known == name)
    }

    fn admits(&self, headers: &HeaderMap) -> bool {
        let mut named = headers.get_all(header::HOST).iter();
        let only = (named.next(), named.next());

        matches!(only, (Some(host), None) if host.to_str().is_ok_and(|host| self.has(host)))
    }
}

/// Refuses requests for other names.
pub(super) async fn require_own(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    if hosts.admits(request.headers()) {
        return next.run(request).await;
    }

    (StatusCode::MISDIRECTED_REQUEST, hosts.advice).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        let hosts = Hosts::new(&["laptop.lan".into()]);
        for host in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1:8080",
            "[::1]:8080",
            "[::1]",
            "d1.cloudfront.localhost:4600",
            "laptop.lan:8080",
        ] {
            assert!(hosts.has(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "evillocalhost",
            "127.0.0.1.evil.example",
            "localhost:8080@evil.example",
        ] {
            assert!(!hosts.has(host), "{host}");
        }
    }

    #[test]
    fn a_request_names_one_host() {
        let hosts = Hosts::new(&[]);
        let headers = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::HOST, value.parse().unwrap());
            }
            headers
        };

        assert!(hosts.admits(&headers(&["localhost"])));
        assert!(!hosts.admits(&headers(&[])));
        assert!(!hosts.admits(&headers(&["localhost", "evil.example"])));
    }
}
