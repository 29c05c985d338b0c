//! `/_edge/mail`: the mails that Cognito and SES would send, with sign-up codes among them.
//!
//! No mail leaves the machine; the emulator stores them. Browsers get a page, other clients JSON.

mod page;

use std::{cmp::Reverse, sync::Arc};

use axum::{
    Json,
    extract::{Query, State},
    response::{Html, IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tracing::warn;

use super::Edge;

/// The emulator's list of sent mails.
const SENT_PATH: &str = "/_ministack/ses/messages";
/// The limit on mails in a response.
const MAX_MAILS: usize = 200;
/// The page has no script, no picture and no form.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

/// The query parameters.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    /// Only those to this address.
    to: Option<String>,
}

/// One mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Mail {
    to: Vec<String>,
    subject: String,
    text: String,
    /// The last number of six digits in the text.
    code: Option<String>,
    sent_at: Timestamp,
}

/// Answers `GET /_edge/mail`.
pub(super) async fn mailbox(
    State(edge): State<Arc<Edge>>,
    Query(filter): Query<Filter>,
    headers: HeaderMap,
) -> Response {
    let sent = match edge.emulator.get("ses", SENT_PATH).await {
        Ok(sent) => sent,
        Err(error) => {
            warn!("the mails cannot be read: {error:#}");
            let text = "The emulator, which stores the mails, does not answer. Run `make up`, then try again.\n";
            return (StatusCode::BAD_GATEWAY, text).into_response();
        }
    };
    let mails = filter.select(&sent);
    let mut response = if accepts_html(&headers) {
        Html(page::page(&mails, filter.to.as_deref())).into_response()
    } else {
        Json(mails).into_response()
    };

    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    response
}

fn accepts_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

impl Filter {
    /// The matching mails, newest first.
    fn select(&self, sent: &Value) -> Vec<Mail> {
        let accounts = sent["messages"]
            .as_object()
            .into_iter()
            .flat_map(|accounts| accounts.values());
        let all = accounts.filter_map(Value::as_array).flatten().filter_map(Mail::parse);
        let mut mails: Vec<_> = all.filter(|mail| self.matches(mail)).collect();
        // The sort is stable: of two mails with the same time, the later one is first.
        mails.reverse();
        mails.sort_by_key(|mail| Reverse(mail.sent_at));
        mails.truncate(MAX_MAILS);

        mails
    }

    fn matches(&self, mail: &Mail) -> bool {
        let Some(address) = self.to.as_deref().map(str::trim).filter(|address| !address.is_empty()) else {
            return true;
        };
        mail.to.iter().any(|to| to.eq_ignore_ascii_case(address))
    }
}

impl Mail {
    /// Parses a mail of the emulator. Members of templated mails have other names.
    fn parse(sent: &Value) -> Option<Self> {
        let text = |names: [&str; 2]| {
            let found = names.into_iter().filter_map(|name| sent[name].as_str());
            found.map(ToOwned::to_owned).find(|text| !text.is_empty())
        };
        let body = text(["BodyText", "RenderedBodyText"]).or_else(|| text(["BodyHtml", "RenderedBodyHtml"]));
        let body = body.unwrap_or_default();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "milliseconds since 1970 fit for a long time"
        )]
        let milliseconds = (sent["Timestamp"].as_f64()? * 1000.0) as i64;

        Some(Self {
            to: sent["To"]
                .as_array()?
                .iter()
                .filter_map(|to| to.as_str().map(ToOwned::to_owned))
                .collect(),
            subject: text(["Subject", "RenderedSubject"]).unwrap_or_default(),
            code: code(&body),
            text: body,
            sent_at: Timestamp::from_millisecond(milliseconds).ok()?,
        })
    }
}

fn code(text: &str) -> Option<String> {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit());
    numbers.rfind(|number| number.len() == 6).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sent() -> Value {
        json!({"messages": {"000000000000": [
            {"To": ["ada@example.org"], "Subject": "Code", "BodyText": "Your code is 111111.", "Timestamp": 10.0},
            {"To": ["bob@example.org"], "RenderedSubject": "Hello", "RenderedBodyText": "Hi", "Timestamp": 12.0},
            {"To": ["ada@example.org"], "Subject": "Code", "BodyText": "Your code is 222222.", "Timestamp": 12.0},
            {"To": ["ada@example.org"], "Subject": "No time", "BodyText": ""},
        ]}})
    }

    #[test]
    fn the_newest_mail_is_the_first() {
        let mails = Filter::default().select(&sent());

        let codes: Vec<_> = mails.iter().map(|mail| mail.code.as_deref()).collect();
        assert_eq!(codes, [Some("222222"), None, Some("111111")]);
        assert_eq!(mails[1].subject, "Hello");
    }

    #[test]
    fn one_address_sees_its_own_mails() {
        let to = Some(" ADA@example.org ".to_owned());
        let mails = Filter { to }.select(&sent());

        assert_eq!(mails.len(), 2);
        assert!(mails.iter().all(|mail| mail.to == ["ada@example.org"]));
    }

    #[test]
    fn codes_have_six_digits() {
        assert_eq!(
            code("Your code is 042137. It is good for 24 hours."),
            Some("042137".to_owned())
        );
        assert_eq!(code("Order 1234567 of 2026"), None);
    }
}
