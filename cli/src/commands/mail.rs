//! `mail`: the mailbox of a local installation, which does not send mails over the network.

use reqwest::{StatusCode, header};
use serde::Deserialize;
use serde_json::Value;

use crate::api::{Api, Retry, unreachable, with_retries};
use crate::arguments::Mail as Options;
use crate::failure::{Exit, Failure};
use crate::output::{Output, note, parsed, print};

/// A mail as the local edge shows it.
#[derive(Debug, Deserialize)]
struct Mail {
    to: Vec<String>,
    subject: String,
    text: String,
    code: Option<String>,
    sent_at: jiff::Timestamp,
}

pub(super) async fn run(api: &Api, options: &Options, output: Output) -> Result<(), Failure> {
    let document = with_retries(Retry::Always, || mailbox(api, options.to.as_deref())).await?;
    if options.code {
        let mails: Vec<Mail> = parsed(&document)?;
        return print(&newest_code(&mails, options.to.as_deref())?);
    }

    output.document(&document, |mails: Vec<Mail>| {
        if mails.is_empty() {
            note("no mail yet");
        }
        let texts: Vec<_> = mails.iter().map(Mail::rendered).collect();
        texts.join("\n\n")
    })
}

async fn mailbox(api: &Api, to: Option<&str>) -> Result<Value, Failure> {
    let mut url = api.config().absolute("_edge/mail")?;
    if let Some(to) = to {
        url.query_pairs_mut().append_pair("to", to);
    }
    let unreachable = |error: &reqwest::Error| unreachable(api.config().url.as_str(), error);
    let request = api.http().get(url).header(header::ACCEPT, "application/json");
    let response = request.send().await.map_err(|error| unreachable(&error))?;
    let status = response.status();
    let is_json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value == "application/json");
    if status.is_server_error() {
        return Err(Failure::new(
            Exit::Unavailable,
            format!("the mailbox answered {status}"),
            "see `make status`",
        ));
    }
    // The local edge also answers to names of other machines, but not with the codes for all accounts.
    if status == StatusCode::MISDIRECTED_REQUEST {
        return Err(Failure::new(
            Exit::Forbidden,
            format!("{} shows its mails to its own machine only", api.config().url),
            "run `marquee mail` on that machine, with --url http://localhost:PORT",
        ));
    }
    // On AWS, this path answers with the web app.
    if !status.is_success() || !is_json {
        return Err(Failure::new(
            Exit::NotFound,
            format!("{} has no mailbox, because it sends its mails", api.config().url),
            "check the mailbox of the address",
        ));
    }

    response.json().await.map_err(|error| unreachable(&error))
}

fn newest_code(mails: &[Mail], to: Option<&str>) -> Result<String, Failure> {
    let code = mails.iter().find_map(|mail| mail.code.clone());
    code.ok_or_else(|| {
        let to = to.map(|to| format!(" to {to}")).unwrap_or_default();
        Failure::new(
            Exit::NotFound,
            format!("no mail{to} has a code"),
            "request a code first, with `marquee sign-up`",
        )
    })
}

impl Mail {
    fn rendered(&self) -> String {
        format!(
            "{}  to {}\n{}\n{}",
            self.sent_at.strftime("%Y-%m-%d %H:%M:%S UTC"),
            self.to.join(", "),
            self.subject,
            self.text
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(code: Option<&str>) -> Mail {
        Mail {
            to: vec!["ada@example.org".to_owned()],
            subject: "Your code".to_owned(),
            text: "It is here.".to_owned(),
            code: code.map(ToOwned::to_owned),
            sent_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_newest_code_is_the_first() {
        let mails = [mail(None), mail(Some("222222")), mail(Some("111111"))];

        assert_eq!(newest_code(&mails, None).unwrap(), "222222");
    }

    #[test]
    fn without_a_code_the_command_says_what_to_do() {
        let failure = newest_code(&[mail(None)], Some("ada@example.org")).unwrap_err();

        assert_eq!(failure.exit, Exit::NotFound);
        assert_eq!(failure.message, "no mail to ada@example.org has a code");
    }
}
