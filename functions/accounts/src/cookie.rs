//! The cookie that keeps a browser's session: no script can read it, and no other site can make the browser send it.

use adapters::cognito::RefreshToken;
use axum::{extract::FromRequestParts, http::request::Parts};
use runtime::http::Problem;

const NAME: &str = "marquee-session";
/// `Path` covers the routes that refresh and end sessions. Browsers accept `Secure` from `http://localhost` too.
const ATTRIBUTES: &str = "Path=/api/auth; HttpOnly; Secure; SameSite=Strict";
/// As long as the refresh token is valid.
const MAX_AGE_SECONDS: u32 = 30 * 24 * 60 * 60;

/// A request of a page of this site, as the browser's `Sec-Fetch-Site` says. No other may use the cookie: `SameSite` alone
/// admits other hosts of the same domain.
#[derive(Clone, Debug)]
pub(crate) struct OwnPage {
    cookie: Option<RefreshToken>,
}

/// Whether a page of this site made the request.
#[derive(Clone, Debug)]
pub(crate) struct Caller(Option<OwnPage>);

impl Caller {
    /// Refuses requests that no page of this site made.
    pub(crate) fn own_page(self) -> Result<OwnPage, Problem> {
        self.0.ok_or_else(|| {
            Problem::forbidden("only pages of this site may keep a session in a cookie: send the token in the body")
        })
    }
}

impl OwnPage {
    /// The refresh token in the cookie, if there is one and it has the form of a token.
    pub(crate) fn session(self) -> Option<RefreshToken> {
        self.cookie
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _context: &S) -> Result<Self, Problem> {
        let is_own = parts
            .headers
            .get("sec-fetch-site")
            .is_some_and(|site| site == "same-origin");
        let cookie = parts
            .headers
            .get_all("cookie")
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == NAME)
            .and_then(|(_, value)| value.parse().ok());

        Ok(Self(is_own.then_some(OwnPage { cookie })))
    }
}

/// The `Set-Cookie` that keeps a session.
pub(crate) fn keep(token: RefreshToken) -> String {
    format!(
        "{NAME}={}; Max-Age={MAX_AGE_SECONDS}; {ATTRIBUTES}",
        String::from(token)
    )
}

/// The `Set-Cookie` that deletes the cookie.
pub(crate) fn forget() -> String {
    format!("{NAME}=; Max-Age=0; {ATTRIBUTES}")
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    async fn caller(site: &str, cookies: &[&str]) -> Caller {
        let request = cookies
            .iter()
            .fold(Request::builder(), |request, cookie| request.header("Cookie", *cookie));
        let (mut parts, ()) = request.header("Sec-Fetch-Site", site).body(()).unwrap().into_parts();

        Caller::from_request_parts(&mut parts, &()).await.unwrap()
    }

    #[tokio::test]
    async fn a_page_of_this_site_has_its_cookie() {
        let cookies = ["theme=dark; marquee-session=s.p.a.b.c", "other=1"];
        let page = caller("same-origin", &cookies).await.own_page().unwrap();

        assert_eq!(page.session().map(String::from).as_deref(), Some("s.p.a.b.c"));
        let nothing = caller("same-origin", &["marquee-session=;x"]).await.own_page().unwrap();
        assert!(nothing.session().is_none());
    }

    #[tokio::test]
    async fn another_site_cannot_use_it() {
        for site in ["cross-site", "same-site", "none", ""] {
            assert!(
                caller(site, &["marquee-session=s.p.a.b.c"]).await.own_page().is_err(),
                "{site}"
            );
        }
    }

    #[test]
    fn a_kept_session_is_out_of_reach_for_scripts_and_other_sites() {
        let kept = keep("s.p.a.b.c".parse().unwrap());

        assert!(kept.starts_with("marquee-session=s.p.a.b.c; "));
        for attribute in [
            "HttpOnly",
            "Secure",
            "SameSite=Strict",
            "Path=/api/auth",
            "Max-Age=2592000",
        ] {
            assert!(kept.contains(attribute), "{attribute}");
        }
        assert!(forget().contains("marquee-session=; Max-Age=0; Path=/api/auth"));
    }
}
